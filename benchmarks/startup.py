"""Start-up time against the public package of the same name, each in an environment of its own, with one Python.

Run it with ``python benchmarks/startup.py``. Each case is run in fresh processes, the two packages in turn, so that
what the machine does meanwhile hits both; the table has medians and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from statistics import median

PEER = "packflow==0.4.1"
HERE = Path(__file__).resolve().parent.parent

BACKEND = """
from packflow import InferenceBackend
class Backend(InferenceBackend):
    def execute(self, inputs):
        return inputs
Backend(verbose=False)({"n": 1})
"""

CASES = {
    "python -c pass": ["-c", "pass"],
    "import packflow": ["-c", "import packflow"],
    "from packflow import InferenceBackend": ["-c", "from packflow import InferenceBackend"],
    "construct a backend and call it": ["-c", BACKEND],
    "packflow --version": ["-c", "import sys; sys.argv = ['packflow', '--version']; "
                           "from importlib.metadata import entry_points; "
                           "entry_points(group='console_scripts', name='packflow')['packflow'].load()()"],
}  # fmt: skip


def environment(folder: Path, *requirements: str) -> str:
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
    return python


def seconds(python: str, arguments: list[str]) -> float:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("PACKFLOW_", "PYTHON"))}
    with tempfile.TemporaryDirectory() as elsewhere:
        started = time.perf_counter()
        subprocess.run(
            [python, *arguments], check=True, cwd=elsewhere, env=quiet,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return time.perf_counter() - started


def measure(ours: str, peer: str, runs: int) -> list[dict[str, float | str]]:
    table: list[dict[str, float | str]] = []
    for case, arguments in CASES.items():
        for python in (ours, peer):  # warms the page cache
            seconds(python, arguments)
        pairs = [(seconds(ours, arguments), seconds(peer, arguments)) for _ in range(runs)]
        own, other = (1000 * median(times) for times in zip(*pairs, strict=True))
        table.append({"case": case, "ours_ms": own, "peer_ms": other, "ratio": own / other})
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="processes of each package in each case")
    parser.add_argument("--json", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = environment(Path(folder, "ours"), str(HERE))
        peer = environment(Path(folder, "peer"), PEER)
        table = measure(ours, peer, options.runs)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs} processes each")
    print(f"{'case':40} {'ours ms':>9} {'peer ms':>9} {'ratio':>6}")
    for row in table:
        print(f"{row['case']:40} {row['ours_ms']:9.1f} {row['peer_ms']:9.1f} {row['ratio']:6.2f}")
    if options.json:
        document = {"python": sys.version, "machine": platform.machine(), "runs": options.runs, "table": table}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
