"""What an archive cannot do without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from packflow.project.config import ProjectConfig
from packflow.project.files.required import Outside, paths_outside, required_files


def config(target: str = "inference:Backend", loader: str = "local", **backend_config: Any) -> ProjectConfig:
    return ProjectConfig(
        name="p",
        version="1",
        inference_backend=target,
        loader=loader,
        backend_config=backend_config,  # type: ignore[arg-type]
    )


def needed(settings: ProjectConfig, folder: Path, *files: str) -> set[str]:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    found = {required.path for required in required_files(settings, folder, ["requirements.txt"])}
    return found - {"packflow.yaml", "samples.jsonl", "requirements.txt"}


def test_every_project_needs_its_own_files(tmp_path: Path) -> None:
    found = {required.path for required in required_files(config(), tmp_path, ["./reqs/base.txt"])}

    assert found == {"packflow.yaml", "samples.jsonl", "reqs/base.txt"}


@pytest.mark.parametrize(
    ("target", "files"),
    [
        ("inference:Backend", ["inference.py"]),
        ("inference:Backend", ["inference/__init__.py"]),
        ("pkg.deep.module:Backend", ["pkg/__init__.py", "pkg/deep/__init__.py", "pkg/deep/module.py"]),
        ("src/inference.py:Backend", ["src/inference.py"]),
    ],
)
def test_the_backends_module(tmp_path: Path, target: str, files: list[str]) -> None:
    assert needed(config(target), tmp_path, "other.py", *files) == set(files)


def test_an_installed_backend_needs_no_file(tmp_path: Path) -> None:
    assert needed(config("inference:Backend", "module"), tmp_path, "inference.py") == set()


@pytest.mark.parametrize("module", ["m" * 300, f"{'p' * 300}.module"])
def test_a_module_whose_name_is_too_long_for_a_file_is_not_there(tmp_path: Path, module: str) -> None:
    assert needed(config(f"{module}:Backend"), tmp_path) == set()


def test_the_paths_of_the_settings_that_are_there(tmp_path: Path) -> None:
    settings = config(
        model="models/a.onnx", more=["b.txt", {"c": "./d/../c.txt"}], folder="data", mode="fast", no="", root=".",
        number=1, long="x" * 5000, odd="a\0b", out="../e.txt",
    )  # fmt: skip
    (tmp_path / "project").mkdir()
    (tmp_path / "e.txt").touch()

    found = needed(settings, tmp_path / "project", "models/a.onnx", "b.txt", "c.txt", "data/x", "unused.txt")

    assert found == {"models/a.onnx", "b.txt", "c.txt", "data"}


def test_the_paths_that_lead_out(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "e.txt").touch()
    settings = config(up="../e.txt", absolute=str(tmp_path / "e.txt"), gone="../f.txt", inside="x.txt")

    assert list(paths_outside(settings, tmp_path / "project")) == [
        Outside("../e.txt", "backend_config.up", relative=True),
        Outside(str(tmp_path / "e.txt"), "backend_config.absolute", relative=False),
    ]
