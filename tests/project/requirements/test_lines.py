"""A line of a requirements file means what it means to pip."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.project.requirements.lines import Include, Requirement, logical_lines, parse_line


def parsed(line: str) -> Requirement:
    found = parse_line(line, "requirements.txt", 1)
    assert isinstance(found, Requirement), found
    return found


def test_lines_are_joined_and_comments_left_out() -> None:
    text = "\n# all\nnumpy>=2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb  # arrays\n\ntorch#cpu\nlast \\"
    assert [(number, line.split()) for number, line in logical_lines(text)] == [
        (3, ["numpy>=2", "--hash=sha256:aa", "--hash=sha256:bb"]),
        (7, ["torch#cpu"]),  # pip wants a space before a comment
        (8, ["last"]),
    ]


@given(st.text(alphabet="ab# \\\n-"))
def test_no_line_is_lost_or_made_up(text: str) -> None:
    lines = list(logical_lines(text))
    assert all(line.strip() and not line.startswith("#") for _, line in lines)
    assert [number for number, _ in lines] == sorted({number for number, _ in lines})


@pytest.mark.parametrize(
    ("line", "name", "specifier", "extras", "marker"),
    [
        ("numpy", "numpy", "", (), ""),
        ("numpy >= 2, < 3", "numpy", "<3,>=2", (), ""),
        ("acme[gpu, Fast]==1.0", "acme", "==1.0", ("Fast", "gpu"), ""),
        ("tomli; python_version < '3.11'", "tomli", "", (), 'python_version < "3.11"'),
        ("numpy==2.0 --hash=sha256:aa --hash=sha256:bb", "numpy", "==2.0", (), ""),
        ("acme @ https://example.org/acme-1.0.zip", "acme", "", (), ""),
        ("https://example.org/w/Acme_Fast-1.2-py3-none-any.whl#sha256=00", "acme-fast", "==1.2", (), ""),
        ("./wheels/acme-1.2.tar.gz ; python_version>'3'", "acme", "==1.2", (), "python_version>'3'"),
        ("git+https://example.org/acme.git@main#egg=acme[gpu]", "acme", "", ("gpu",), ""),
        ("-e git+ssh://git@example.org/acme#egg=acme", "acme", "", (), ""),
        ("--editable=./lib[dev]", None, "", ("dev",), ""),
        ("../shared", None, "", (), ""),
    ],
)
def test_a_requirement_is_taken_apart(
    line: str, name: str | None, specifier: str, extras: tuple[str, ...], marker: str
) -> None:
    found = parsed(line)
    assert (found.name, found.specifier, found.extras, found.marker) == (name, specifier, extras, marker)


@pytest.mark.parametrize("line", ["-e .", "--editable .", "--editable=.", "-e."])
def test_editable_however_it_is_spelt(line: str) -> None:
    assert (parsed(line).editable, parsed(line).source) == (True, ".")


@pytest.mark.parametrize("line", ["-r base.txt", "-rbase.txt", "--requirement base.txt", "--requirement=base.txt"])
def test_includes_however_they_are_spelt(line: str) -> None:
    assert parse_line(line, "requirements.txt", 1) == Include("base.txt", constraints=False)
    constraint = line.replace("--requirement", "--constraint").replace("-r", "-c")
    assert parse_line(constraint, "requirements.txt", 1) == Include("base.txt", constraints=True)


def test_what_constraints_include_are_constraints() -> None:
    assert parse_line("-r more.txt", "limits.txt", 1, constraint=True) == Include("more.txt", constraints=True)


@pytest.mark.parametrize(
    "line", ["-i https://example.org", "--extra-index-url=https://x.example", "--pre", "-fwheels", "--no-binary :all:"]
)
def test_options_of_the_file_require_nothing(line: str) -> None:
    assert parse_line(line, "requirements.txt", 1) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("numpy=>2", "'numpy=>2' is no requirement"),
        ("import numpy", "'import numpy' is no requirement"),
        ("--indexurl x", "did you mean '--index-url'?"),
        ("-r", "-r names no file"),
        ("-e", "-e names neither"),
    ],
)
def test_what_pip_would_not_understand_is_told(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"(?i){re.escape(said)}"):
        parse_line(line, "requirements.txt", 1)


@pytest.mark.parametrize(
    "line", ["acme @ https://me:hush@example.org/acme.zip", "https://me:hush@example.org/acme-1.0.zip"]
)
def test_passwords_are_not_kept(line: str) -> None:
    assert "example.org" in repr(parsed(line))
    assert "hush" not in repr(parsed(line))


def test_passwords_are_not_told() -> None:
    with pytest.raises(ValueError, match="is no requirement") as caught:
        parse_line("acme= https://me:hush@example.org", "requirements.txt", 1)
    assert "hush" not in str(caught.value)
