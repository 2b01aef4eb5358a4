"""Work that several threads may ask for at once, and one does: importing a plugin.

A lock held during an import can deadlock with the import system's own locks, so none is held. A thread that finds the
work under way waits for it, unless it is itself in the middle of an import: then the other thread may be waiting
for *it*, and it goes on alone, under the import system's rules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from packflow.utils.importing import inside_import

if TYPE_CHECKING:
    from collections.abc import Iterator


class InFlight:
    """The pieces of work that are under way, each with the thread that does it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # what is collected meanwhile, and a signal's handler, may ask for work too
        self._events: dict[Hashable, threading.Event] = {}
        self._owners: dict[Hashable, int] = {}

    @contextmanager
    def turn(self, key: Hashable, done: Callable[[], bool]) -> Iterator[bool]:
        """Wait for the right to do a piece of work.

        Args:
            key: what the work is.
            done: says whether it is done, so that nothing is left to do.

        Yields:
            True if this thread holds the work alone, or if it is done. False if it is under way further up this
            thread's stack, or in a thread that may be waiting for this one: nothing is to be remembered then.
        """
        me = threading.get_ident()
        while True:
            with self._lock:
                event = self._events.get(key)
                if event is None:
                    if not done():
                        self._events[key], self._owners[key] = threading.Event(), me
                    break
                # Without an owner, this thread is in the middle of taking the work, or of giving it back.
                nested = self._owners.get(key, me) == me or inside_import()
            if nested:
                yield False
                return
            event.wait()
        try:
            yield True
        finally:
            with self._lock:
                if self._owners.get(key) == me:
                    del self._owners[key]
                    self._events.pop(key).set()
