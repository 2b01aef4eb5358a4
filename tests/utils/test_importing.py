"""What an import that fails leaves behind, also where another thread's fails with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from packflow.utils import importing
from packflow.utils.importing import import_whole


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name of a package that imports one of its modules, and fails then."""
    folder = tmp_path / "acme_broken"
    folder.mkdir()
    (folder / "__init__.py").write_text("from acme_broken import part\nraise ValueError('no weights')\n")
    (folder / "part.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


def test_nothing_of_a_package_is_left(broken: str) -> None:
    with pytest.raises(ValueError, match="no weights"):
        import_whole(broken)
    assert not [name for name in sys.modules if name.startswith(broken)]


def test_what_another_thread_has_taken_out_is_not_missed(broken: str, monkeypatch: Any) -> None:
    class Meanwhile(type):
        def __instancecheck__(cls, loader: Any) -> bool:
            sys.modules.pop(f"{broken}.part", None)
            return False

    monkeypatch.setattr(importing, "ExtensionFileLoader", Meanwhile("Loader", (), {}))
    with pytest.raises(ValueError, match="no weights"):
        import_whole(broken)
