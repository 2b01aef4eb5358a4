"""What stands between a process and its terminal: control codes, closed streams, and signals that end the program."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from packflow.utils.printable import printable as printable


def fill_closed_streams() -> None:
    """Let closed standard streams lead nowhere, so that no file opened later is taken for one of them.

    ``sys.stdin`` and ``sys.stdout`` stay None, which tells that they were closed.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  # stays open for the program's life


class Ended(KeyboardInterrupt):
    """A signal asks the program to end; it passes wherever an interrupt passes.

    Attributes:
        signal: which one.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = signal.Signals(number)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let the signals that end a program raise :class:`Ended` in the block, so that it can clean up.

    A signal that is ignored, as SIGHUP is under ``nohup``, stays ignored; and only a program's main thread gets any.
    """
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    try:
        for number in numbers:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, _end)
    except ValueError:  # not in the main thread
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signature of a handler
    raise Ended(number)
