"""The files of requirements of a project, as they are written and as they are garbled."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from packflow.project.requirements import Requirements, read_requirements


def read(folder: Path, files: dict[str, str | bytes]) -> Requirements:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_requirements(folder)


def test_files_that_are_included_are_read_where_they_are_named(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "requirements.txt": "first\n-r deps/base.txt\n-c limits.txt\nlast\n",
            "deps/base.txt": "# base\nmiddle\n-r more.txt\n",
            "deps/more.txt": "inner\n-r ../requirements.txt\n",  # a circle ends
            "limits.txt": "inner<2\n",
        },
    )
    assert [(entry.name, entry.where, entry.constraint) for entry in found.entries] == [
        ("first", "requirements.txt:1", False),
        ("middle", "deps/base.txt:2", False),
        ("inner", "deps/more.txt:1", False),
        ("inner", "limits.txt:1", True),
        ("last", "requirements.txt:4", False),
    ]
    assert found.texts() == ["first", "middle", "inner", "last"]
    assert found.problems == ()


def test_every_problem_has_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, {"requirements.txt": "numpy=>2\n-r gone.txt\n-r https://example.org/r.txt\ntorch\n"})
    assert [entry.name for entry in found.entries] == ["torch"]
    assert [problem.where for problem in found.problems] == [f"requirements.txt:{line}" for line in (1, 2, 3)]
    assert "gone.txt cannot be read: No such file" in found.problems[1].text


@pytest.mark.parametrize(
    "content",
    [
        "numpy>=2\r\n",
        codecs.BOM_UTF8 + b"numpy>=2",
        codecs.BOM_UTF16_LE + "numpy>=2".encode("utf-16-le"),  # what PowerShell's > writes
        codecs.BOM_UTF32_LE + "numpy>=2".encode("utf-32-le"),
    ],
)
def test_encodings_of_editors(tmp_path: Path, content: str | bytes) -> None:
    assert read(tmp_path, {"requirements.txt": content}).texts() == ["numpy>=2"]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, {"requirements.txt": b"\xff\x00\x80"}).problems
    assert "requirements.txt cannot be read" in problem.text


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name) if hasattr(os, "mkfifo") else (tmp_path / name).mkdir()
    (problem,) = read_requirements(tmp_path).problems
    assert "it is no file" in problem.text


def test_a_folder_is_named_by_its_own_project(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "-e ./lib\n./other\n",
        "lib/pyproject.toml": '[project]\nname = "acme-lib"\n',
        "other/pyproject.toml": "project = 3",
    }
    assert [entry.name for entry in read(tmp_path, files).entries] == ["acme-lib", None]


def test_pyproject_counts_where_there_is_no_requirements_file(tmp_path: Path) -> None:
    pyproject = (
        '[project]\nname = "x"\nrequires-python = ">=3.10"\ndependencies = ["numpy>=2", "acme; os_name==\'x\'"]\n'
    )
    found = read(tmp_path, {"pyproject.toml": pyproject})
    assert (found.file, found.texts(), found.requires_python) == (
        "pyproject.toml",
        ["numpy>=2", "acme; os_name=='x'"],
        ">=3.10",
    )
    assert read(tmp_path, {"requirements.txt": ""}) == Requirements("requirements.txt")


@pytest.mark.parametrize(
    ("pyproject", "said"),
    [
        ("[project", "cannot be read as TOML"),
        ("project = 3", "'project' is 3"),
        ("[project]\ndependencies = 'numpy'", "'dependencies' is 'numpy', where a list of texts"),
        ("[project]\ndependencies = [3, 'numpy']", "3 in 'dependencies' is no text"),
        ("[project]\ndependencies = ['numpy=>2', 'numpy']", "is no requirement"),
        ("[project]\ndynamic = ['dependencies']", "dynamic"),
        ("[project]\nrequires-python = 3.10", "'requires-python' is 3.1"),
    ],
)
def test_a_pyproject_that_is_wrong_is_told(tmp_path: Path, pyproject: str, said: str) -> None:
    found = read(tmp_path, {"pyproject.toml": pyproject})
    (problem,) = found.problems
    assert said in problem.text
    assert len(found.entries) == pyproject.count("'numpy'") * ("[3" in pyproject or "=>" in pyproject)


def test_nothing_is_required_where_no_file_says_so(tmp_path: Path) -> None:
    assert read_requirements(tmp_path) == Requirements(None)
    assert read(tmp_path, {"pyproject.toml": "[tool.ruff]\n"}) == Requirements(None)
