"""Letting signals wait while something is begun that has to be known before it can be cleaned up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, "FrameType | None"], Any]

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def signals_held() -> Iterator[None]:
    """Let the signals that end a program take effect at the end of the block, however it ends.

    Example:
        >>> with signals_held():
        ...     process = "started, and now known"

    A process that was started, and is in no variable yet, would be left behind by a signal that raises just then. What
    has no handler of Python's stays as it is; and only a program's main thread gets any.
    """
    held: list[tuple[int, FrameType | None]] = []
    handlers = {}
    try:
        with ExitStack() as restored:
            if threading.current_thread() is threading.main_thread():
                for number in _ENDING:
                    handler = signal.getsignal(number)
                    if callable(handler):
                        handlers[number] = handler
                        restored.callback(signal.signal, number, handler)
                        signal.signal(number, lambda number, frame: held.append((number, frame)))
            yield
    finally:
        _tell([(handlers[number], number, frame) for number, frame in held])


def _tell(held: list[tuple[Handler, int, FrameType | None]]) -> None:
    """Call handlers one after another, all of them though one raises."""
    if held:
        handler, number, frame = held[0]
        try:
            handler(number, frame)
        finally:
            _tell(held[1:])
