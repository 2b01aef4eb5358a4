"""How a process ended and what it printed, put into words."""

from __future__ import annotations

import signal

from packflow.utils.errors import cut


def is_crash(status: int) -> bool:
    """Whether an exit status says that the process was ended from outside or by a fault, and did not end itself.

    Example:
        >>> is_crash(-11), is_crash(0xC0000005), is_crash(1)
        (True, True, False)
    """
    return status < 0 or status > 255  # on Windows, crashes have long numbers


def ending_text(status: int) -> str:
    """Say how a crash ended a process.

    Example:
        >>> ending_text(-9)
        'ends the process with SIGKILL; the system does that when memory runs out'
    """
    if status > 0:
        return f"ends the process with status {status:#x}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    by_whom = "; the system does that when memory runs out" if name == "SIGKILL" else ""
    return f"ends the process with {name}{by_whom}"


def first_line(output: str) -> str:
    r"""Quote the first line of what was printed, and count the others.

    Example:
        >>> first_line("loading\n1\n2\n")
        "'loading' and 2 more lines"
    """
    first, *others = output.strip().splitlines()
    return f"{cut(first, 200)!r}" + (f" and {len(others)} more line{'s' * (len(others) > 1)}" if others else "")
