"""Processes that somebody's code has started and left behind, found by a variable that all of them inherit.

A process that leaves its group, as a daemon does, is found by it too. Where there is no ``/proc``, none is found.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

#: The variable that marks a process and all that it starts.
MARK: Final = "PACKFLOW_PROCESS_MARK"

_PROC = Path("/proc")


def find_marked(mark: str) -> list[int]:
    """Give the processes that carry a mark.

    Example:
        >>> find_marked("a mark that nobody has")
        []
    """
    wanted = f"{MARK}={mark}".encode()
    found = []
    with suppress(OSError):
        for entry in _PROC.iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):  # it has ended meanwhile, or is another user's
                    if wanted in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
    return found


def end_marked(mark: str) -> bool:
    """End the processes that carry a mark; say whether there was one."""
    ended = False
    for process in find_marked(mark):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)
            ended = True
    return ended
