"""A folder with a script of backends, and the command to run in it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.cli.processes import BACKENDS, Packflow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a script of backends in it."""
    (tmp_path / "inference.py").write_text(dedent(BACKENDS), encoding="utf-8")
    return tmp_path


@pytest.fixture
def packflow(folder: Path) -> Packflow:
    return Packflow(folder)
