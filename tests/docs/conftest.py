"""Where the documentation's source is. A source archive comes without it, and then there is nothing to test here."""

from __future__ import annotations

from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"

if not DOCS.is_dir():
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def read_page():
    """Give a function that reads a page by its path."""

    def read(path: str) -> str:
        return (DOCS / path).read_text(encoding="utf-8")

    return read
