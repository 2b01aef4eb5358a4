"""Whether a process still runs, and starting one that hears of signals."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from time import monotonic, sleep
from typing import Any


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


#: What lets a child take signals as a program does that a user starts. Where the tests run in the background, or under
#: ``nohup``, some are ignored, and their children would ignore them too, for ever.
HEARING_SIGNALS: dict[str, Any] = {"preexec_fn": _hear_signals} if os.name == "posix" else {}
