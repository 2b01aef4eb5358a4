"""The files of a project, as they should be and as they are found."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packflow.project import PackflowProject, ProjectConfig
from packflow.project.creation import plan_project
from packflow.project.validation.files import check_about, check_code, check_recommended, read_samples
from packflow.project.validation.report import Check
from tests.project.validation.projects import write_project


def code(folder: Path, target: str, file: str = "inference.py", loader: str = "local") -> Check | None:
    config = f"name: x\nversion: 1\nloader: {loader}\ninference_backend: {target}\n"
    project = PackflowProject(write_project(folder, files={"inference.py": None, file: "", "packflow.yaml": config}))
    return check_code(project.config, project.path)


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("inference:Model", "inference.py"),
        ("inference.py:Model", "inference.py"),
        ("model.net:Model", "model/net.py"),
        ("model:Model", "model/__init__.py"),
        ("src/net.py:Model", "src/net.py"),
    ],
)
def test_the_file_that_the_backend_is_in(tmp_path: Path, target: str, file: str) -> None:
    assert code(tmp_path, target, file) == Check("code", "passed", f"{file} is there")


def test_a_file_that_is_not_there_is_named_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    found = code(tmp_path, "infrence:Model")
    assert found is not None
    assert (found.status, found.detail, found.where) == ("failed", "there is no infrence.py", "packflow.yaml:4")
    assert "'inference.py'" in found.remedy


@pytest.mark.parametrize("module", ["m" * 300, f"{'p' * 300}.module"])
def test_a_name_that_is_too_long_for_a_file_is_not_there(tmp_path: Path, module: str) -> None:
    found = code(tmp_path, f"{module}:Model")
    assert found is not None
    assert found.status == "failed"


def test_an_installed_backend_has_no_file_here(tmp_path: Path) -> None:
    assert code(tmp_path, "acme.models:Fast", loader="module") is None


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"description": "It doubles.", "maintainers": ["Ada"]}, "passed", "description and maintainers are there"),
        ({"description": "It doubles."}, "warning", "maintainers is empty"),
        ({}, "warning", "description and maintainers are empty"),
    ],
)
def test_what_the_project_is_and_whose(fields: dict[str, Any], status: str, said: str) -> None:
    found = check_about(ProjectConfig(name="x", version="1", inference_backend="inference:X", **fields))
    assert (found.status, found.detail) == (status, said)


@pytest.mark.parametrize(
    ("raw", "status", "detail", "records"),
    [
        (b'{"n": 1}\n{"n": 2}\n', "passed", "2 records", 2),
        (b'\xef\xbb\xbf{"n": 1}\r\n\r\n', "passed", "1 record", 1),
        (b"", "failed", "samples.jsonl holds no record", 0),
        (b"\n\n", "failed", "samples.jsonl holds no record", 0),
        (b'{"n": 1}\n{"n": \n[1]\n', "failed", "2 lines are no records", 0),
        (b'{"n": NaN}\n', "failed", "1 line is no record", 0),
    ],
)
def test_samples_are_read(tmp_path: Path, raw: bytes, status: str, detail: str, records: int) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_bytes(raw)
    found = read_samples(file)
    assert (found.check.status, found.check.detail, found.records) == (status, detail, records)
    assert bool(found.check.remedy) == (status == "failed")


def test_each_line_that_is_no_record_is_told(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_bytes(b'{"n": 1}\n\n{"n": \n[1]\n\xff\n')
    check = read_samples(file).check
    assert check.where == "samples.jsonl:3"
    assert [line.partition(":")[0] for line in check.lines] == [f"samples.jsonl, line {line}" for line in (3, 4, 5)]


def test_samples_cannot_be_csv(tmp_path: Path) -> None:
    file = tmp_path / "samples.jsonl"
    file.write_bytes(b"a,b\n1,2\n")
    (said, _) = read_samples(file).check.lines
    assert said.endswith("expected one JSON object in each line")


def test_a_project_without_samples_is_told_how_to_write_one(tmp_path: Path) -> None:
    found = read_samples(tmp_path / "samples.jsonl")
    assert (found.check.status, found.records) == ("failed", 0)
    assert '{"age": 42' in found.check.remedy


@pytest.mark.parametrize("make", [Path.mkdir, getattr(os, "mkfifo", Path.mkdir)])
def test_samples_that_are_no_file_are_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "samples.jsonl")
    check = read_samples(tmp_path / "samples.jsonl").check
    assert (check.status, check.detail) == ("failed", "samples.jsonl cannot be read: it is no file")


def recommended(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).write_text("text")
    return [check.status for check in check_recommended(folder)]


@pytest.mark.parametrize(
    "names",
    [
        ("README.md", "MODEL_CARD.md", "LICENSE.txt"),
        ("readme", "model-card.rst", "LICENCE"),
        ("Readme.rst", "ModelCard.md", "COPYING"),
        ("README.txt", "model_card.MD", "LICENSE-MIT"),
    ],
)
def test_recommended_files_however_they_are_called(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert recommended(tmp_path, *names) == ["passed"] * 3


def test_what_is_recommended_and_lacks_is_a_warning(tmp_path: Path) -> None:
    assert recommended(tmp_path, "READMEFIRST", "MODEL.md", "licensing.md") == ["warning"] * 3
    (tmp_path / "README.md").touch()
    (tmp_path / "LICENSE").mkdir()
    checks = {check.name: check for check in check_recommended(tmp_path)}
    assert checks["readme"].detail == "README.md is empty"
    assert checks["license"].detail == "there is no LICENSE.txt"


def test_a_model_card_as_it_was_made_is_still_to_be_filled_in(tmp_path: Path) -> None:
    card = tmp_path / "MODEL_CARD.md"
    card.write_text(plan_project("prices").files["MODEL_CARD.md"])
    (found,) = (check for check in check_recommended(tmp_path) if check.name == "model-card")
    assert found.status == "warning"
    assert found.detail.startswith("MODEL_CARD.md is still to be filled in, at ")
    assert "*" in card.read_text().splitlines()[int(found.where.rpartition(":")[2]) - 1]
    card.write_text("*It is filled in.*\n")
    assert [check.status for check in check_recommended(tmp_path) if check.name == "model-card"] == ["passed"]
