"""What the plugins that run model formats cost beside the libraries that they call, for 1, 100 and 10,000 records.

Run it with ``python benchmarks/backends.py``. Each library has an environment of its own; one that cannot be installed
is left out. Three ways of calling a model are timed in turn, in one process: the library's own call with a batch that
is laid out for it; what one writes by hand around that call to go from a list of dicts to a list of dicts; and the
plugin, given the same dicts, whose results are compared with those by hand first. The table has medians of the rounds,
and of the processes; the models stand in ``backend_models``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from environments import REPOSITORY, environment

#: What each library's environment has, beside packflow and the plugin.
NEEDS = {
    "onnx": ["onnx", "magika"],
    "torch": ["torch==2.13.0"],
    "tensorflow": ["tensorflow-cpu>=2.20"],
    "sklearn": [],
    "mlflow": ["scikit-learn", "skops"],
}
MODELS = Path(__file__).resolve().parent / "backend_models"

Times = dict[str, dict[str, dict[str, float]]]


def prepare(folder: Path, library: str) -> str | None:
    """Make a library's environment; give its Python, or None where something of it cannot be installed."""
    python = folder / library / "bin" / "python"
    plugin = REPOSITORY / "plugins" / f"packflow-{library}"
    try:
        if not python.exists():
            environment(folder / library, str(REPOSITORY), str(plugin), *NEEDS[library])
        packages = [str(REPOSITORY), str(plugin)]
        pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall"]
        subprocess.run([*pip, *packages], check=True)  # of one made earlier, what is measured is from today
    except subprocess.CalledProcessError:
        print(f"{library}: left out, for it cannot be installed here", file=sys.stderr)
        return None
    return str(python)


def times(python: str, library: str, rounds: int) -> Times | None:
    """Run a library's models in a fresh process; None where they failed."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("PACKFLOW_", "PYTHON"))}
    script = MODELS / f"{library}_models.py"
    done = subprocess.run([python, str(script), str(rounds)], env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{library}: left out, for its models failed:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    found: Times = json.loads(done.stdout.splitlines()[-1])
    return found


def summary(library: str, runs: list[Times]) -> list[dict[str, Any]]:
    """Give a row for each model, each size and each way that a plugin is called."""
    table = []
    for model, sizes in runs[0].items():
        for size, ways in sizes.items():
            us = {way: median(run[model][size][way] for run in runs) for way in ways}
            table += [
                {
                    "library": library, "model": model, "records": int(size), "way": way,
                    "library_us": us["library"], "by_hand_us": us["by hand"], "packflow_us": spent,
                    "to_library": spent / us["library"], "to_by_hand": spent / us["by hand"],
                }
                for way, spent in us.items() if way not in ("library", "by hand")
            ]  # fmt: skip
    return table


def show(table: list[dict[str, Any]]) -> None:
    print("| library | model | records | library | by hand | packflow | to library | to by hand |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for row in table:
        name = row["model"] + row["way"].removeprefix("packflow")
        print(
            f"| {row['library']} | {name} | {row['records']:,} | {row['library_us']:,.0f} | {row['by_hand_us']:,.0f} "
            f"| {row['packflow_us']:,.0f} | {row['to_library']:.2f} | {row['to_by_hand']:.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(NEEDS), default=list(NEEDS), help="these libraries alone")
    parser.add_argument("--runs", type=int, default=3, help="processes of each library")
    parser.add_argument("--rounds", type=int, default=7, help="rounds in each process")
    parser.add_argument("--environments", type=Path, help="keep the environments here, and use those that are there")
    parser.add_argument("--json", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.environments or Path(temporary)
        pythons = {library: prepare(folder, library) for library in options.only}
        runs: dict[str, list[Times]] = {library: [] for library in options.only}
        for _ in range(options.runs):
            for library, python in pythons.items():
                spent = None if python is None else times(python, library, options.rounds)
                if spent is None:
                    pythons[library] = None
                else:
                    runs[library].append(spent)
    table = [row for library, found in runs.items() if found for row in summary(library, found)]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs} processes, in µs")
    show(table)
    if options.json:
        document = {"python": sys.version, "machine": platform.machine(), "runs": options.runs, "table": table}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
