"""Scripts run as a user runs them: in a process of their own, with none of packflow's variables set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

OURS = ("PACKFLOW_", "BACKEND_", "LOGURU_")


def clean_environment(**extra: str) -> dict[str, str]:
    """Give this process's environment without what would configure packflow or loguru, and with ``extra``."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | extra


def run_script(
    folder: Path, source: str, *arguments: str, name: str = "inference.py", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Write a script into a folder and run it there, with this interpreter."""
    script = folder / name
    script.write_text(dedent(source), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-W", "error", script.name, *arguments],
        cwd=folder,
        env=clean_environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
