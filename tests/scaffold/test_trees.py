"""Templates become files: placeholders in paths and texts, parts, and what a wrong template is told."""

from __future__ import annotations

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import ScaffoldError
from packflow.scaffold.trees import read_tree, render

NAMES = st.text(ascii_lowercase + "_", min_size=1).filter(lambda name: name.strip("_"))


def test_paths_and_texts_are_filled_in() -> None:
    templates = {"src/%package/%{kind}s.py.tmpl": "%package has %{kind}s, $HOME and ${{ matrix.python }}: 5 %% 3 {x}"}
    made = render(templates, {"package": "acme", "kind": "backend"})
    assert made == {"src/acme/backends.py": "acme has backends, $HOME and ${{ matrix.python }}: 5 % 3 {x}"}


def test_files_come_sorted_by_path() -> None:
    assert list(render({"b.tmpl": "", "a.tmpl": "", "B.tmpl": ""}, {})) == ["B", "a", "b"]


def test_a_part_stands_where_its_name_is_and_becomes_no_file() -> None:
    templates = {"README.md.tmpl": "# %name\n\n%usage\n\nThe end.\n", "usage.md.part": "Use %name.\n"}
    assert render(templates, {"name": "acme"}) == {"README.md": "# acme\n\nUse acme.\n\nThe end.\n"}


@given(st.text(), st.text())
def test_what_is_filled_in_is_not_filled_in_again(value: str, other: str) -> None:
    made = render({"a.tmpl": "<%value|%part>", "part.part": "%other"}, {"value": value, "other": other})
    assert made == {"a": f"<{value}|{other.removesuffix(chr(10))}>"}


@given(NAMES, st.sets(NAMES))
def test_an_unknown_placeholder_is_an_error_in_the_template(name: str, known: set[str]) -> None:
    values = dict.fromkeys(known - {name}, "x")
    with pytest.raises(ScaffoldError, match=rf"'docs/page\.md\.tmpl' has the unknown placeholder '{name}'"):
        render({"docs/page.md.tmpl": f"see %{{{name}}}"}, values)
    with pytest.raises(ScaffoldError, match=f"unknown placeholder '{name}'"):
        render({f"%{{{name}}}/page.md.tmpl": ""}, values)


@pytest.mark.parametrize(
    ("templates", "told"),
    [
        ({"a.txt.tmpl": "100% sure"}, "'a.txt.tmpl' has a '%' that begins no placeholder"),
        ({"a.txt": "text"}, "'a.txt' ends neither in"),
        ({"a%%b.tmpl": "", "a%{percent}b.tmpl": ""}, "both become 'a%b'"),
        ({"%up/a.tmpl": ""}, "no path inside the new folder"),
        ({"%root/a.tmpl": ""}, "no path inside the new folder"),
        ({"%back.tmpl": ""}, "no path inside the new folder"),
        ({"up.part": "x"}, "the placeholder 'up', which has a text already"),
        ({"a/x.part": "1", "b/x.md.part": "2"}, "the placeholder 'x', which has a text already"),
        ({"x.part": "%y", "y.part": ""}, "'x.part' has the unknown placeholder 'y'"),
        ({"y.part": "", "x.part": "%y"}, "'x.part' has the unknown placeholder 'y'"),
    ],
)
def test_a_wrong_template_is_named(templates: dict[str, str], told: str) -> None:
    with pytest.raises(ScaffoldError) as caught:
        render(templates, {"percent": "%", "up": "..", "root": "", "back": "..\\b"})
    assert told in str(caught.value)


def test_of_two_folders_the_last_one_counts() -> None:
    common, both = read_tree("plugin/common"), read_tree("plugin/common", "plugin/backend")
    assert set(common) < set(both)
    assert both["dependencies.toml.part"] != common["dependencies.toml.part"]
    assert "tests/test_readme.py.tmpl" in common
    assert ".github/workflows/ci.yml.tmpl" in common
