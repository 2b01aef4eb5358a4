"""What stands between a process and its terminal: control codes, closed streams, and signals that end the program."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

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


@contextmanager
def telling_end(told: str | Callable[[], str]) -> Iterator[None]:
    """Let a signal end the program in order: what the block holds is cleaned up, and the user is told, in one line.

    Args:
        told: what stands behind "Ended by SIGTERM"; a function is asked when it is known.

    Raises:
        SystemExit: a signal has arrived; the status is 128 and its number, as shells have it.
    """
    try:
        with ending_in_order():
            yield
    except KeyboardInterrupt as error:
        ended = error.signal if isinstance(error, Ended) else signal.SIGINT
        click.echo(printable(f"Ended by {ended.name}{told if isinstance(told, str) else told()}"), err=True)
        raise SystemExit(128 + ended) from None


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signature of a handler
    raise Ended(number)
