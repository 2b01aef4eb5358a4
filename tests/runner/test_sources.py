"""JSON Lines: one record a line, and a line's number for everything that is none."""

from __future__ import annotations

import doctest
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import PackflowError, RecordSourceError
from packflow.runner import sources
from packflow.runner.sources import batches, format_of, read_jsonl
from tests.runner.support import rule

BOM = b"\xef\xbb\xbf"


def read(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    """Read a file's content, cut into lines as a file is."""
    return list(read_jsonl(content.splitlines(keepends=True) if b"\r" not in content else split(content), "in.jsonl"))


def split(content: bytes) -> list[bytes]:
    """Cut at line feeds alone, as binary files do."""
    return [line + b"\n" for line in content.split(b"\n")]


def refusal(content: bytes) -> RecordSourceError:
    with pytest.raises(RecordSourceError) as caught:
        read(content)
    assert isinstance(caught.value, PackflowError)
    assert caught.value.source == "in.jsonl"
    assert str(caught.value).startswith(f"in.jsonl, line {caught.value.line}: ")
    return caught.value


def test_each_line_is_a_record_with_its_number():
    assert read(b'{"a": 1}\n{"b": [true, null, "x"]}\n{}\n') == [(1, {"a": 1}), (2, {"b": [True, None, "x"]}), (3, {})]


def test_the_last_line_need_not_end():
    assert read(b'{"a": 1}\n{"a": 2}') == [(1, {"a": 1}), (2, {"a": 2})]


def test_blank_lines_are_passed_over_and_counted():
    assert read(b'\n  \t\n{"a": 1}\n\n\n{"a": 2}\n\n') == [(3, {"a": 1}), (6, {"a": 2})]


@pytest.mark.parametrize("content", [b"", b"\n", b" \n\n", BOM, BOM + b"\n"])
def test_an_input_without_records_gives_none(content):
    assert read(content) == []


def test_windows_line_ends_are_line_ends():
    assert read(b'{"a": 1}\r\n\r\n{"a": 2}\r\n') == [(1, {"a": 1}), (3, {"a": 2})]


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert read(BOM + b'{"a": 1}\n{"a": 2}\n') == [(1, {"a": 1}), (2, {"a": 2})]
    assert refusal(b'{"a": 1}\n' + BOM + b'{"a": 2}\n').line == 2


def test_space_round_a_record_does_no_harm():
    assert read(b'  {"a" : 1 }\t \n') == [(1, {"a": 1})]


def test_keys_keep_their_order():
    ((_, record),) = read(b'{"z": 1, "a": 2, "m": {"y": 3, "b": 4}}')
    assert list(record) == ["z", "a", "m"]
    assert list(record["m"]) == ["y", "b"]


@pytest.mark.parametrize(
    "integer", [2**53 + 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**30, 12345678901234567890123456789]
)
def test_integers_are_exact(integer):
    ((_, record),) = read(f'{{"a": {integer}}}'.encode())
    assert record["a"] == integer
    assert type(record["a"]) is int


@pytest.mark.parametrize("text", ["0.1", "1.7976931348623157e308", "5e-324", "1e23", "-0.0", "1.0"])
def test_floats_are_the_nearest(text):
    ((_, record),) = read(f'{{"a": {text}}}'.encode())
    assert repr(record["a"]) == repr(float(text))


def test_text_is_unicode():
    assert read('{"é": "日本 🙂 \\u00e9\\ud83d\\ude42"}'.encode()) == [(1, {"é": "日本 🙂 é🙂"})]


@pytest.mark.parametrize(
    "line",
    [
        b'{"a": 1',
        b'{"a": 1} {"a": 2}',
        b'{"a": 1},',
        b"{a: 1}",
        b"{'a': 1}",
        b'{"a": }',
        b'{"a": 01}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1,}',
        b"nonsense",
        b'"unclosed',
        b"{",
        b'{"a": "line\tbreak"}',
        b"x,y,z",
    ],
)
def test_malformed_json_is_refused_by_its_line(line):
    error = refusal(b'{"a": 1}\n\n' + line + b'\n{"a": 2}\n')
    assert error.line == 3
    assert error.__cause__ is not None


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"[1, 2]", "an array"),
        (b'[{"a": 1}]', "an array"),
        (b'"text"', "a string"),
        (b"1", "a number"),
        (b"1.5", "a number"),
        (b"true", "a boolean"),
        (b"null", "null"),
    ],
)
def test_json_that_is_no_object_is_refused_by_what_it_is(line, found):
    error = refusal(b'{"a": 1}\n' + line + b"\n")
    assert error.line == 2
    assert f"found {found}" in str(error)
    assert "JSON object" in str(error)


@pytest.mark.parametrize("escaped", [r"\ud800", r"\uDFFF!", r"\udc00\ud800", r"é\ud83d\u00e9"])
def test_half_a_character_is_read_as_json_escapes_it(escaped):
    line = f'{{"a": "{escaped}", "b": 1}}'
    assert read(line.encode()) == [(1, json.loads(line))]


@pytest.mark.parametrize("rest", [", b: 1}", ', "b": NaN}', "", ', "b": "\xff"}'])
def test_half_a_character_excuses_nothing_else(rest):
    assert refusal(b'{"a": "\\ud800"' + rest.encode("latin-1")).line == 1


def test_the_last_of_two_equal_keys_holds():
    assert read(b'{"a": 1, "b": 2, "a": 3}') == [(1, {"a": 3, "b": 2})]


@pytest.mark.parametrize(
    "content", [b'[{"a": 1},\n{"a": 2}]\n', b'[{"a": 1}]\n', b'{\n  "a": 1\n}\n', b'{"a": 1}\n  {\n', b'{"a": 1}\n]\n']
)
def test_json_that_is_not_in_lines_is_told_what_lines_are(content):
    said = str(refusal(content))
    assert "one whole JSON object in each line" in said
    assert "csv" not in said


def test_what_may_be_csv_is_told_how_to_say_so():
    assert "--format csv" in str(refusal(b"\nx,y\n1,2\n"))
    assert "csv" not in str(refusal(b'{"a": 1}\nx,y\n'))


@pytest.mark.parametrize("line", [b'{"a": "\xff"}', b'{"\xe9": 1}', b'{"a": "\xed\xa0\x80"}', b'\xff\xfe{\x00"\x00'])
def test_bytes_that_are_no_utf8_are_refused_by_their_line(line):
    assert refusal(b'{"a": 1}\n' + line + b"\n").line == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"x": NaN}', "NaN is no JSON; write null for it."),
        (b'{"x": [1, -Infinity]}', "Infinity is no JSON; write null for it."),
        (b'{"NaN": "NaN", "x": nan}', "expected one JSON object in each line."),
        (b'{"x": NaNa}', "expected one JSON object in each line."),
        (b'{"x": 1', "expected one whole JSON object in each line, neither indented nor in an array."),
        (b"{bad}", "expected one JSON object in each line."),
        ('{"x": 1}'.encode("utf-16"), "not UTF-8 text: it begins as UTF-16 does."),
    ],
)
def test_what_is_wrong_with_json_is_told_by_what_it_is(line, said):
    assert str(refusal(line)).endswith(said)


def test_json_nested_too_deeply_is_refused():
    error = refusal(b'{"a": 1}\n{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")
    assert error.line == 2
    assert "deep" in str(error)


def test_what_comes_before_a_bad_line_is_there_already():
    reading = read_jsonl([b'{"a": 1}\n', b"bad\n"], "in.jsonl")
    assert next(reading) == (1, {"a": 1})
    with pytest.raises(RecordSourceError, match="line 2"):
        next(reading)


def test_lines_are_read_one_at_a_time():
    taken = 0

    def lines() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b'{"a": 1}\n'

    reading = batches(read_jsonl(lines(), "in.jsonl"), 10)
    assert taken == 0
    assert len(next(reading)) == 10
    assert taken == 10
    next(reading)
    assert taken == 20


def test_batches_have_the_size_asked_for_and_the_last_may_be_smaller():
    located = [(number, {"a": number}) for number in range(7)]
    assert list(batches(located, 3)) == [located[:3], located[3:6], located[6:]]
    assert list(batches(located, 7)) == [located]
    assert list(batches(located, 100)) == [located]
    assert list(batches([], 3)) == []


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("/some/where/A.B.JSONL", "jsonl"),
        ("a.csv", "csv"),
        ("a.CSV", "csv"),
        ("a.json", None),
        ("a.csv.gz", None),
        ("csv.d/a", None),
        ("a", None),
        ("<stdin>", None),
    ],
)
def test_the_name_tells_the_format(name, format_):
    assert format_of(name) == format_


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@rule
@given(
    st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=4), st.booleans(), st.sampled_from(["\n", "\r\n"])
)
def test_whatever_python_writes_is_read_as_it_was(rows, ascii_only, end):
    text = "".join(json.dumps(row, ensure_ascii=ascii_only) + end for row in rows)
    lines = text.encode("utf-8", "surrogatepass").split(b"\n")
    assert [record for _, record in read_jsonl(lines, "in.jsonl")] == rows


def test_docstrings():
    found = doctest.testmod(sources)
    assert found.attempted > 0
    assert found.failed == 0
