"""``sys.path`` is as it was when scripts have been loaded in several threads, and is nobody's to take away before."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from packflow.loaders import LocalLoader
from packflow.loaders.search_path import unchanged_sys_path

BACKEND = "from packflow import InferenceBackend\nclass Backend(InferenceBackend):\n    def execute(self, x): ...\n"


class Loading(threading.Thread):
    """Loads a script that adds a folder to ``sys.path``, waits, and goes on."""

    def __init__(self, folder: Path, monkeypatch: Any, then: str = "") -> None:
        super().__init__(daemon=True)
        folder.mkdir()
        (folder / "more").mkdir()
        (folder / "more" / f"acme_{folder.name}.py").write_text("")
        script = f"import sys\nsys.path.append({str(folder / 'more')!r})\nsys.{folder.name}()\n{then}\n{BACKEND}"
        (folder / "inference.py").write_text(script)
        self.folder, self.error = folder, None
        self.begun, self.over = threading.Event(), threading.Event()
        monkeypatch.setattr(f"sys.{folder.name}", self.wait, raising=False)
        self.start()
        assert self.begun.wait(30)

    def wait(self) -> None:
        self.begun.set()
        self.over.wait(30)

    def run(self) -> None:
        try:
            LocalLoader("inference:Backend", self.folder).resolve()
        except Exception as error:
            self.error: Any = error

    def end(self) -> None:
        self.over.set()
        self.join(30)
        sys.modules.pop(f"acme_{self.folder.name}", None)


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_nothing_is_left_of_scripts_that_are_loaded_at_once(
    tmp_path: Path, monkeypatch: Any, first_ends_first: bool
) -> None:
    path, before = sys.path, list(sys.path)
    threads = [Loading(tmp_path / name, monkeypatch) for name in ("one", "two")]
    for thread in threads if first_ends_first else reversed(threads):
        thread.end()
        assert thread.error is None
    assert sys.path is path
    assert sys.path == before


@pytest.mark.parametrize("kind", [list, tuple])
def test_another_path_of_a_script_is_not_the_one_that_is_brought_back(
    tmp_path: Path, monkeypatch: Any, kind: Any
) -> None:
    path, before = sys.path, list(sys.path)
    one = Loading(tmp_path / "one", monkeypatch)
    sys.path = kind([*path, "/elsewhere"])  # as if it had done so
    two = threading.Thread(target=_load_while, args=[one.end])
    two.start()
    two.join(30)
    assert sys.path is path
    assert sys.path == before


def _load_while(end_the_other: Any) -> None:
    with unchanged_sys_path():
        end_the_other()


def test_what_a_script_has_added_stays_as_long_as_it_runs(tmp_path: Path, monkeypatch: Any) -> None:
    quick = Loading(tmp_path / "quick", monkeypatch)
    slow = Loading(tmp_path / "slow", monkeypatch, then="import acme_slow")
    quick.end()
    slow.end()
    assert slow.error is None


def test_a_script_that_loads_another_has_its_own_back_when_that_is_done() -> None:
    before = list(sys.path)
    with unchanged_sys_path() as outer:
        sys.path.append("/outer")
        with unchanged_sys_path() as inner:
            sys.path.append("/inner")
        assert sys.path == [*before, "/outer"]
    assert (outer, inner) == (["/outer"], ["/inner"])
