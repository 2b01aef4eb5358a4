"""Projects on the disk, by the text of their ``packflow.yaml``."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from packflow import PackflowProject
from packflow.exceptions import ProjectError

BASE = "name: demo\nversion: 0.1.0\ninference_backend: inference:Backend\n"

ECHO = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""


def write_project(folder: Path, text: str = BASE, source: str = ECHO) -> Path:
    """Write a project's two files, and give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "packflow.yaml").write_text(text, encoding="utf-8", newline="")
    (folder / "inference.py").write_text(dedent(source), encoding="utf-8")
    return folder


def refused(folder: Path, text: str) -> ProjectError:
    """Give the error with which a ``packflow.yaml`` is refused; it names the file."""
    with pytest.raises(ProjectError) as caught:
        PackflowProject(write_project(folder, text))
    error = caught.value
    assert error.file == str(folder / "packflow.yaml")
    assert str(error).startswith(error.file)
    return error
