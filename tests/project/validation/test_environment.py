"""Python and requirements, as they are judged for a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from packflow.project import ProjectConfig
from packflow.project.requirements import Requirements, read_requirements
from packflow.project.validation.environment import check_python, check_requirements


def config(python_version: str) -> ProjectConfig:
    return ProjectConfig(name="x", version="1", inference_backend="inference:X", python_version=python_version)


@pytest.mark.parametrize(
    ("asked", "requires", "status", "said"),
    [
        ("", "", "passed", "Python 3.11.7"),
        (">=3.10", "", "passed", "Python 3.11.7 suits >=3.10"),
        ("3.11", ">=3.10", "passed", "Python 3.11.7 suits ==3.11.* and >=3.10"),
        ("<3.11", "", "failed", "python_version asks for Python <3.11, and this is Python 3.11.7"),
        ("", ">=3.12", "failed", "requires-python asks for Python >=3.12, and this is Python 3.11.7"),
        ("", "three", "failed", "requires-python is 'three', which is no specifier"),
    ],
)
def test_python(asked: str, requires: str, status: str, said: str) -> None:
    found = check_python(config(asked), Requirements(None, requires_python=requires), "3.11.7")
    assert (found.status, found.detail) == (status, said)


def test_python_where_the_configuration_cannot_be_read() -> None:
    assert check_python(None, Requirements(None), "3.11.7").status == "passed"


def requirements(folder: Path, text: str, file: str = "requirements.txt") -> tuple[str, str, str, tuple[str, ...]]:
    (folder / file).write_text(text)
    found = check_requirements(read_requirements(folder), folder)
    return found.status, found.detail, found.remedy, found.lines


def test_requirements_that_are_met(tmp_path: Path) -> None:
    assert requirements(tmp_path, "packflow\nnumpy>=1\n")[:2] == ("passed", "requirements.txt: 2 requirements, all met")


def test_requirements_that_are_not_met_come_with_one_command(tmp_path: Path) -> None:
    status, detail, remedy, lines = requirements(tmp_path, "numpy>=99\nno-such-thing\nnumpy=>1\n")
    assert (status, detail) == ("failed", "1 line cannot be understood, and 2 requirements are not met")
    assert remedy == f"pip install -r {tmp_path / 'requirements.txt'}"
    assert lines[0].startswith("requirements.txt:3: 'numpy=>1' is no requirement")
    assert lines[3:] == (
        "requirements.txt:2: no-such-thing is required, and is not installed",
        "  pip install no-such-thing",
    )


def test_a_line_that_pip_would_not_understand_fails(tmp_path: Path) -> None:
    status, detail, remedy, lines = requirements(tmp_path, "packflow\nnumpy=>1\n./lib\n")
    assert (status, detail) == ("failed", "1 line cannot be understood")
    assert (remedy, len(lines)) == ("Correct requirements.txt.", 2)


def test_the_command_for_a_pyproject_names_what_is_not_met(tmp_path: Path) -> None:
    text = '[project]\ndependencies = ["numpy>=99", "packflow", "no-such-thing"]\n'
    remedy = requirements(tmp_path, text, "pyproject.toml")[2]
    assert remedy == "pip install 'numpy>=99' no-such-thing"


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("packflow\n./lib\n", "requirements.txt"),
        ("packflow\n-r https://example.org/more.txt\n", "requirements.txt"),
        ('[project]\ndynamic = ["dependencies"]\n', "pyproject.toml"),
    ],
)
def test_what_cannot_be_checked_is_a_warning(tmp_path: Path, text: str, file: str) -> None:
    status, detail, remedy, lines = requirements(tmp_path, text, file)
    assert (status, len(lines)) == ("warning", 1)
    assert "cannot be checked" in detail
    assert remedy


def test_a_project_that_says_nothing_of_requirements_is_warned(tmp_path: Path) -> None:
    assert check_requirements(read_requirements(tmp_path), tmp_path).status == "warning"
