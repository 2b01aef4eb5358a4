"""What of YAML is read, and how everything else is refused: with the line, the field and what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import ProjectError
from packflow.project.nodes import node_lines
from packflow.project.values import text, value
from packflow.project.yaml import MOST_LEVELS, MOST_NODES, read_yaml


def refusal(document):
    with pytest.raises(ProjectError) as caught:
        read_yaml(document, "packflow.yaml")
    return caught.value


REFUSED = {
    "a tab": ("a:\n\tb: 1", 2, "replace the tab by spaces"),
    "a tab behind spaces": ("a:\n  b: 1\n \tc: 2", 3, "spaces"),
    "a colon in a text": ("a: 1\nb: one: two", 2, "put the text into quotes"),
    "an indented line": ("a: 1\n b: 2", 2, "check the indentation"),
    "a line less indented": ("a:\n    b: 1\n  c: 2", 3, "Check the indentation"),
    "a line without a colon": ("a: 1\nb\n", 3, "`name: value`"),
    "a list in the same line": ("a: - 1", 1, "a list begins where none can"),
    "single quotes not closed": ("a: 1\nb: 'x\nc: 2\n", 2, "never closed"),
    "double quotes not closed": ('a: "x\n---\nb: 2\n', 1, "never closed"),
    "a bracket not closed": ("a: 1\nb: [x, y\n", 2, "never closed"),
    "a brace not closed": ("a: {x: 1\n", 1, "never closed"),
    "a bracket closed by a brace": ("a: [x, y}\n", 1, "brackets"),
    "a brace closed by a bracket": ("a: {x: y]\n", 1, "brackets"),
    "an escape that is none": ('a: "C:\\models"', 1, "single quotes"),
    "half an escape": ('a: "\\x1"', 1, "single quotes"),
    "an escape of no character": ('a: 1\nb: "\\UFFFFFFFF"', 2, "escapes"),
    "a version of many digits": (f"%YAML {'9' * 5000}.1\n---\na: 1", 1, "not valid YAML"),
    "an at sign": ("a: @b", 1, "single quotes"),
    "a backtick": ("a: `b`", 1, "single quotes"),
    "a per cent sign": ("a: %b", 1, "single quotes"),
    "a directive": ("%nonsense\na: 1", 2, "Remove it"),
    "a version to come": ("%YAML 2.0\n---\na: 1", 1, "%YAML"),
    "a comparison": ("a: >=3.10", 1, "as in '>=3.10'"),
    "a pipe before a text": ("a: | x", 1, "single quotes"),
    "a comparison without a sign more": ("a: >3", 1, "use quotes"),
    "a comparison with a space": ("a: > 3.10", 1, "single quotes"),
    "a comparison of two numbers": ("a: >3.10", 1, "single quotes"),
    "a block of nothing": ("a: |\nb: 1", 1, "use quotes"),
    "an asterisk": ("a: *", 1, "single quotes"),
    "a glob": ("a: *.csv", 1, "quotes"),
    "an ampersand": ("a: & b", 1, "single quotes"),
    "an alias of nothing": ("a: *b", 1, "use quotes"),
    "an alias of what comes later": ("a: *b\nc: &b 1", 1, "use quotes"),
    "a list within itself": ("a: &b [*b]", 1, "stands within what it refers to"),
    "a mapping within itself": ("a: &b\n  c: *b", 2, "stands within what it refers to"),
    "two documents": ("a: 1\n---\nb: 2", 2, "second document"),
    "something behind the end": ("a: 1\n...\nb: 2", 3, "behind the end"),
    "a Python object": ("a: !!python/object/apply:os.getcwd []", 1, "Leave the tag out"),
    "a Python name": ("a: !!python/name:os.getcwd", 1, "Leave the tag out"),
    "a Python object as a name": ("!!python/name:os.getcwd x: 1", 1, "Leave the tag out"),
    "a tag of one's own": ("a: !secret b", 1, "Leave the tag out"),
    "a tag on a list": ("a: !x [1]", 1, "Leave the tag out"),
    "a set": ("a: !!set {b, c}", 1, "Leave the tag out"),
    "binary": ("a: !!binary aGk=", 1, "Leave the tag out"),
    "a tag of an unknown handle": ("a: !x!y b", 1, "Leave the tag out"),
    "a merge": ("a: &b {c: 1}\nd:\n  <<: *b", 3, "merge keys"),
    "a name twice": ("a: 1\nb: 2\na: 3", 3, "'a' is given twice, first in line 1"),
    "a name twice, quoted": ("a: 1\n'a': 3", 2, "twice"),
    "a name twice, deep": ("a:\n  - b: 1\n    b: 2", 3, "'b' is given twice, first in line 2"),
    "a list as a name": ("? [a]\n: b", 1, "a name is expected"),
    "a mapping as a name": ("{a: b}: c", 1, "a name is expected"),
    "a list as a name, by alias": ("a: &b [1]\n*b : c", 2, "a name is expected"),
    "a control character": ("a: 1\nb: x\x07y", 2, "control character"),
    "an escaped NUL": ('a: "x\\0y"', 1, "NUL"),
    "half a character": ('a: "\\ud800"', 1, "surrogate"),
    "a question": ("{? ? }", 1, "not valid YAML"),
}


@pytest.mark.parametrize(("document", "line", "remedy"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_refused_says_where_and_what_to_do(document, line, remedy):
    error = refusal(document)

    assert error.line == line
    assert error.file == "packflow.yaml"
    assert remedy in str(error)
    assert str(error).startswith(f"packflow.yaml, line {line}: ")


@pytest.mark.parametrize("document", [case[0] for case in REFUSED.values()], ids=list(REFUSED))
def test_errors_chain_nothing_that_quotes_the_document(document):
    error = refusal(document)

    assert error.__cause__ is None
    assert error.__context__ is None


def test_the_field_that_is_being_read_is_named():
    assert refusal("a:\n  b: [1, 2, !x 3]").field == "a.b"
    assert refusal("a:\n  b: 1\n  b: 2").field == "a.b"
    assert refusal("!x a: 1").field is None


def test_nothing_is_built_of_a_python_tag(tmp_path):
    file = tmp_path / "made"

    refusal(f"a: !!python/object/apply:pathlib.Path.touch [{file}]")

    assert not file.exists()


def test_a_billion_laughs_are_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    error = refusal("\n".join(lines))

    assert f"more than {MOST_NODES:,} values" in str(error)
    assert error.line == 5


def test_too_many_values_are_refused():
    assert "values" in str(refusal("a: [" + "x," * (MOST_NODES + 1) + "]"))


@pytest.mark.parametrize("document", ["a: " + "[" * 5000, "a: " + "{a: " * 5000, "a:\n  " + "- " * 5000 + "x"])
def test_values_too_deep_are_refused(document):
    assert f"more than {MOST_LEVELS} levels" in str(refusal(document))


def test_aliases_cannot_go_deeper_than_what_is_written():
    nested = "[" * 40 + "]" * 40

    error = refusal(f"a: &a {nested}\nb: {'[' * 40}*a{']' * 40}")

    assert error.line == 2
    assert "levels" in str(error)


def test_the_deepest_allowed_is_read():
    levels = MOST_LEVELS - 1
    found = text(read_yaml("a: " + "[" * levels + "]" * levels, "packflow.yaml"))

    for _ in range(levels - 1):
        (found["a"],) = found["a"]
    assert found == {"a": []}


@pytest.mark.parametrize("document", ["", "\n\n", "# nothing\n", "---\n# nothing", "%YAML 1.2\n---\n# nothing"])
def test_a_document_of_nothing_is_none_or_empty(document):
    found = read_yaml(document, "packflow.yaml")

    assert found is None or text(found) is None


@pytest.mark.parametrize(
    "document",
    [
        "a: [1, 2]",
        "---\na: [1, 2]\n...\n",
        "a:\r\n- 1\r\n- 2\r\n",
        "a:\r- 1\r- 2\r",
        "{a: [1, 2]}",
        '{"a": [1, 2]}',
        "a: &x\n  - 1\n  - &y 2\n",
        "# first\na: # second\n  - 1\n\n  - 2",
        "? a\n: - 1\n  - 2\n",
        "%YAML 1.2\n---\na: [1, 2]",
    ],
)
def test_ways_to_write_the_same(document):
    assert value(read_yaml(document, "packflow.yaml"), "packflow.yaml") == {"a": [1, 2]}


def test_aliases_give_copies():
    found = value(read_yaml("a: &x {b: [1]}\nc: *x", "packflow.yaml"), "packflow.yaml")

    found["a"]["b"].append(2)

    assert found["c"] == {"b": [1]}


def test_lines_of_every_value():
    document = read_yaml("a:\n  b: 1\n\n  c:\n    - x\n    - y: 2\n", "packflow.yaml")

    assert dict(node_lines(document)) == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 4,
        ("a", "c", 0): 5,
        ("a", "c", 1): 6,
        ("a", "c", 1, "y"): 6,
    }


def assert_read_or_refused(document):
    line = None
    try:
        node = read_yaml(document, "packflow.yaml")
    except ProjectError as error:
        line = error.line
    else:
        assert node is None or isinstance(text(node), (str, list, dict, type(None)))
        return
    assert line is not None
    assert 1 <= line <= len(document.splitlines()) + 1


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(document):
    assert_read_or_refused(document)


@given(st.text(alphabet="ab:-[]{}'\"#&*!|>%@`?, \n\t\\0", max_size=60))
def test_any_mixture_of_signs_is_read_or_refused(document):
    assert_read_or_refused(document)
