"""``sys.path`` stays as it was, whatever the scripts do to it that are loaded, in any number of threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, get_ident
from typing import Any

_lock = RLock()
#: The threads in which blocks are running, once for each block.
_running: list[int] = []
#: What was there when the first of them began, and the list itself: a script may put another one in its place.
_first: list[Any] = []
_lists: list[Any] = []


@contextmanager
def unchanged_sys_path() -> Iterator[list[Any]]:
    """Take back what a block does to ``sys.path``; give a list that then has what it added.

    Example:
        >>> with unchanged_sys_path() as added:
        ...     sys.path.append("/elsewhere")
        >>> added, "/elsewhere" in sys.path
        (['/elsewhere'], False)

    Where other threads are in such a block, too, it is the last to end that takes back what all of them did: nobody
    misses what it has just added.
    """
    added: list[Any] = []
    with _lock:
        before = list(sys.path)
        if not _running:
            _first[:], _lists[:] = before, [sys.path]
        path = _lists[0]
        _running.append(get_ident())
    try:
        yield added
    finally:
        with _lock:
            found: Any = sys.path
            left = list(found) if isinstance(found, list) else []
            _running.remove(get_ident())
            if not _running:
                path[:] = _first
            elif set(_running) == {get_ident()}:  # a script that loads another one
                path[:] = before
            else:
                path[:] = [*left, *(entry for entry in _first if entry not in left)]
            sys.path = path  # a script may have put anything there
        added += [entry for entry in left if isinstance(entry, str) and "\0" not in entry and entry not in before]
