"""The project that the template makes runs as it is made, once its model is trained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from packflow import PackflowProject
from packflow.project.creation import NewProject, plan_project
from packflow.project.plugins.making import make_plugin
from packflow.scaffold.writing import write_tree


@pytest.fixture(scope="module")
def new() -> NewProject:
    return plan_project("flowers", "sklearn")


@pytest.fixture(scope="module")
def project(new: NewProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with its model."""
    folder = tmp_path_factory.mktemp("projects") / "flowers"
    write_tree(new.files, folder)
    for step in new.steps:
        run(folder, *step.removeprefix("python ").split())
    return folder


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_it_has_what_every_project_has(new: NewProject) -> None:
    assert {"packflow.yaml", "train.py", "MODEL_CARD.md", "LICENSE.txt", ".gitignore"} <= set(new.files)
    assert "    python train.py\n" in new.files["README.md"]
    assert "packflow-sklearn" in new.files["requirements.txt"]


def test_its_tests_pass(project: Path) -> None:
    assert "3 passed" in run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")


def test_it_is_valid(project: Path) -> None:
    assert "is valid" in run(project, "-m", "packflow", "validate")


def test_without_its_model_it_says_what_is_missing(project: Path, tmp_path: Path, new: NewProject) -> None:
    write_tree(new.files, tmp_path / "untrained")
    assert "model.skops" in run(tmp_path / "untrained", "-m", "pytest", "-q", "-p", "no:cacheprovider", status=1)


def test_as_a_plugin_its_own_tests_pass(project: Path, tmp_path: Path) -> None:
    """Made a package, found by its name, and judged there by the conformance suite that comes with it."""
    made = make_plugin(PackflowProject(project), tmp_path / "made", name="flowers-to-share")
    installed = tmp_path / "made" / "src"  # where an editable installation finds it
    metadata = installed / "flowers_to_share-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: flowers-to-share\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text(f"[packflow.backends]\nflowers-to-share = {made.plan.target}\n")
    outcome = run(made.path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--override-ini", "pythonpath=src")
    assert "passed" in outcome
    assert "skipped" not in outcome
