"""Whether a process still runs, and starting one that hears of signals."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from packflow.cli.terminal import Ended, ending_in_order
from tests.support.scripts import clean_environment


def runs(process: int) -> bool:
    """Whether a process runs; one that has ended and that nobody asked for its status does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile, or this system has no such files
        return not Path("/proc/self/status").exists()


def ends(process: int, within: float = 60.0) -> bool:
    """Whether a process that was killed ends: it takes the processor for that, as for anything else."""
    limit = monotonic() + within
    while runs(process):
        if monotonic() > limit:
            return False
        sleep(0.01)
    return True


def _hear_signals() -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def hearing_signals(**variables: str) -> dict[str, Any]:
    """Give what lets a child take signals as a program does that a user starts, with these variables besides.

    Where the tests run in the background, or under ``nohup``, some signals are ignored, and their children would ignore
    them too, for ever. And coverage is not measured there: a signal that raises while coverage holds its lock leaves it
    held, and the child would wait for it when it ends.
    """
    environment = clean_environment(**variables)
    unmeasured = {name: value for name, value in environment.items() if not name.startswith("COVERAGE")}
    return {"env": unmeasured, **({"preexec_fn": _hear_signals} if os.name == "posix" else {})}


@contextmanager
def signal_at_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Send SIGTERM here when the block starts a process: it has to end the block, and the process with it."""
    started: list[subprocess.Popen[bytes]] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    try:
        with pytest.raises(Ended), ending_in_order():
            yield
        (process,) = started
        assert process.poll() is not None
    finally:
        for each in started:
            each.kill()
            each.wait()
