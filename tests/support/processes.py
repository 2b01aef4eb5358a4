"""Whether a process still runs."""

from __future__ import annotations

import os
from pathlib import Path


def runs(process: int) -> bool:
    """Whether a process runs; one that has ended and that nobody asked for its status does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())
