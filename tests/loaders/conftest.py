"""Local projects on disk, and what is logged while they are loaded."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import loguru
import pytest

Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Write files given as {path: source} into a fresh directory, or into the one named."""
    numbers = itertools.count(1)

    def write(files: dict[str, str], directory: Path | None = None) -> Path:
        home = directory or tmp_path / f"project{next(numbers)}"
        for name, source in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source), encoding="utf-8")
        return home

    return write


@pytest.fixture
def warned() -> Iterator[list[str]]:
    """The texts of the warnings logged during the test."""
    texts: list[str] = []
    sink = loguru.logger.add(
        lambda message: texts.append(message.record["message"]), level="WARNING", format="{message}"
    )
    yield texts
    loguru.logger.remove(sink)


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    """Every test of a loader is a test of this: ``sys.path`` stays as it was, as an object and in content."""
    path, content = sys.path, list(sys.path)
    yield
    assert sys.path is path
    assert sys.path == content
