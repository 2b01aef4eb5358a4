"""Signals wait for the end of the block, and none is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from packflow.utils.processes.holding import signals_held

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")


class Told(Exception):
    """A signal was."""


@pytest.fixture(autouse=True)
def _handled() -> Iterator[None]:
    def handler(number: int, frame: FrameType | None) -> None:
        raise Told(number)

    before = signal.signal(signal.SIGTERM, handler)
    yield
    signal.signal(signal.SIGTERM, before)


def start(steps: list[str], problem: Exception | None = None) -> None:
    with signals_held():
        signal.raise_signal(signal.SIGTERM)
        steps.append("the rest of the block")
        if problem:
            raise problem


def test_a_signal_waits_for_the_end_of_the_block() -> None:
    steps: list[str] = []
    with pytest.raises(Told):
        start(steps)
    assert steps


def test_a_signal_is_told_where_the_block_fails_too() -> None:
    problem = OSError("cannot be started")
    with pytest.raises(Told) as told:
        start([], problem)
    assert told.value.__context__ is problem


def test_each_signal_is_told_in_turn_though_their_handlers_raise() -> None:
    told = []

    def handler(number: int, frame: FrameType | None) -> None:
        told.append(number)
        raise Told(number)

    def start_and_be_told() -> None:
        with signals_held():
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP):
                signal.raise_signal(number)

    before = signal.signal(signal.SIGHUP, handler)
    try:
        with pytest.raises(Told):
            start_and_be_told()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert told == [signal.SIGHUP, signal.SIGHUP]


def test_after_the_block_a_signal_takes_effect_at_once() -> None:
    with signals_held():
        pass
    with pytest.raises(Told):
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_has_no_handler_in_python_keeps_none() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with signals_held():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_a_thread_that_gets_no_signals_holds_none() -> None:
    seen = []

    def work() -> None:
        before = signal.getsignal(signal.SIGTERM)
        with signals_held():
            seen.append(signal.getsignal(signal.SIGTERM) is before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True]
