"""The project that the template makes runs as it is made, once its model is exported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from packflow.project.creation import NewProject, plan_project
from packflow.scaffold.writing import write_tree


@pytest.fixture(scope="module")
def new() -> NewProject:
    return plan_project("weather", "onnx")


@pytest.fixture(scope="module")
def project(new: NewProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with its model."""
    folder = tmp_path_factory.mktemp("projects") / "weather"
    write_tree(new.files, folder)
    install, export = new.steps
    assert install == "python -m pip install onnx"  # it is here already
    run(folder, *export.removeprefix("python ").split())
    return folder


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_it_has_what_every_project_has(new: NewProject) -> None:
    assert {"packflow.yaml", "export_model.py", "MODEL_CARD.md", "LICENSE.txt", ".gitignore"} <= set(new.files)
    assert "    python export_model.py\n" in new.files["README.md"]
    assert "packflow-onnx" in new.files["requirements.txt"]


def test_its_tests_pass(project: Path) -> None:
    assert "3 passed" in run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")


def test_it_is_valid(project: Path) -> None:
    assert "is valid" in run(project, "-m", "packflow", "validate")


def test_without_its_model_it_says_what_is_missing(project: Path, tmp_path: Path, new: NewProject) -> None:
    write_tree(new.files, tmp_path / "unexported")
    assert "model.onnx" in run(tmp_path / "unexported", "-m", "pytest", "-q", "-p", "no:cacheprovider", status=1)
