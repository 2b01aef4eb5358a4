"""Filters of warnings hold for a block, and are gone afterwards, whatever other threads do."""

from __future__ import annotations

import threading
import warnings
from typing import Any

from packflow.utils import warned
from packflow.utils.warned import warnings_settled
from tests.support.threads import ends


def always() -> None:
    warnings.simplefilter("always")


def test_threads_that_overlap_leave_everything_as_it_was() -> None:
    """The first to begin is the first to end."""
    before, shown = list(warnings.filters), warnings.showwarning
    begun, over = threading.Event(), threading.Event()
    heard: list[str] = []

    def run() -> None:
        begun.wait(30)
        with warnings_settled(always, record=True) as caught:
            over.wait(30)
            warnings.warn("the second", stacklevel=1)
            heard.extend(str(each.message) for each in caught)

    other = threading.Thread(target=run)
    other.start()
    with warnings_settled(always, record=True) as caught:
        begun.set()
        other.join(0.3)
        warnings.warn("the first", stacklevel=1)
        assert [str(each.message) for each in caught] == ["the first"]
    over.set()
    other.join(30)
    assert heard == ["the second"]
    assert list(warnings.filters) == before
    assert warnings.showwarning is shown


def test_a_thread_that_imports_does_not_wait(monkeypatch: Any) -> None:
    monkeypatch.setattr(warned, "inside_import", lambda: True)
    before = list(warnings.filters)
    found: list[Any] = []

    def run() -> None:
        with warnings_settled(always, record=True) as caught:
            found.append(list(caught))

    with warnings_settled(lambda: None):
        assert ends(run)
    assert found == [[]]
    assert list(warnings.filters) == before
