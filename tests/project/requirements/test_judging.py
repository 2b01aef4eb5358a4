"""What the environment lacks, and the command for it."""

from __future__ import annotations

import pytest

import packflow
from packflow.project.requirements.judging import Installed, Unmet, judge_requirements, look_up, unnamed
from packflow.project.requirements.lines import Requirement, parse_line

THERE = {
    "numpy": Installed("1.26.4"),
    "acme": Installed("2.0rc1", ("numpy>=2; extra == 'fast'", "tqdm; extra == 'bars'", "acme[fast,all]; extra=='all'")),
    "odd": Installed("unknown"),
    "loose": Installed("1.0", ("gone-for-all", "gone-for-x; extra == 'x'")),
}


def judged(*lines: str, constraints: tuple[str, ...] = ()) -> list[Unmet]:
    entries = [parse_line(line, "requirements.txt", number) for number, line in enumerate(lines, start=1)]
    entries += [parse_line(line, "limits.txt", 1, constraint=True) for line in constraints]
    return judge_requirements([entry for entry in entries if isinstance(entry, Requirement)], THERE.get)


@pytest.mark.parametrize(
    "line",
    [
        "numpy",
        "numpy>=1.20,<2",
        "acme>=1",  # a pre-release that is installed was wanted
        "numpy>=2; python_version < '3'",
        "odd",
        "./folder",
        "-e git+https://example.org/numpy#egg=numpy",
    ],
)
def test_what_is_met_is_not_told(line: str) -> None:
    assert judged(line) == []


@pytest.mark.parametrize(
    ("line", "installed", "what", "remedy"),
    [
        ("numpy>=2", "1.26.4", "numpy>=2 is required, and 1.26.4 is installed", "pip install 'numpy>=2'"),
        ("torch", None, "torch is required, and is not installed", "pip install torch"),
        ("odd>=1", "unknown", "odd>=1 is required, and unknown is installed", "pip install 'odd>=1'"),
        ("gone[x]==1", None, "gone==1 is required, and is not installed", "pip install 'gone[x]==1'"),
        (
            "-e git+https://example.org/g#egg=gone",
            None,
            "gone is required, and is not installed",
            "pip install -e 'git+https://example.org/g#egg=gone'",
        ),
        (
            "./wheels/numpy-2.0-py3-none-any.whl",
            "1.26.4",
            "numpy==2.0 is required, and 1.26.4 is installed",
            "pip install ./wheels/numpy-2.0-py3-none-any.whl",
        ),
    ],
)
def test_what_is_not_met_is_told_with_the_command(line: str, installed: str | None, what: str, remedy: str) -> None:
    (found,) = judged(line)
    assert (found.installed, found.what, found.remedy, found.requirement.line) == (installed, what, remedy, 1)


def test_what_an_extra_brings_is_required() -> None:
    fast, bars = judged("acme[all,bars]")
    assert fast.what == "numpy>=2 is required by acme[fast], and 1.26.4 is installed"
    assert bars.what == "tqdm is required by acme[bars], and is not installed"
    assert bars.remedy == "pip install 'acme[all,bars]'"


def test_what_a_requirement_requires_without_an_extra_is_its_own_affair() -> None:
    (found,) = judged("loose[x]")
    assert found.what == "gone-for-x is required by loose[x], and is not installed"


def test_a_constraint_counts_for_what_is_required_only() -> None:
    assert judged("acme", constraints=("numpy>=2",)) == []
    (found,) = judged("numpy", constraints=("numpy>=2",))
    assert found.requirement.where == "limits.txt:1"


def test_one_mistake_is_told_once() -> None:
    assert len(judged("torch", "torch", "torch>=2")) == 2


def test_what_tells_no_name_is_given_apart() -> None:
    entries = [parse_line(line, "requirements.txt", 1) for line in ("./folder", "numpy", "./x; os_name == 'no'")]
    assert [entry.text for entry in unnamed(e for e in entries if isinstance(e, Requirement))] == ["./folder"]


def test_what_is_installed_is_looked_up() -> None:
    assert look_up("packflow") is not None
    assert look_up("PackFlow").version == packflow.__version__  # type: ignore[union-attr]
    assert look_up("numpy") is not None
    assert look_up("no-such-distribution") is None
    assert look_up("") is None
