"""Measure everything, and write down what was found: ``python benchmarks/run_all.py``, about a quarter of an hour.

packflow is that of the Python that runs this; the peer has an environment of its own, as have start-up and flights.
A full run writes its tables, its figures and a plot to ``results``; ``--quick`` is a look at a few turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import report
from cases import CASES
from elsewhere import Elsewhere
from environments import FLIGHTS, PEER, environment, install
from harness import QUICK, Pace, measure
from processes import measure_processes

RESULTS = Path(__file__).resolve().parent / "results"
GROUPS = [*dict.fromkeys(case.group for case in CASES), "start-up", "flights"]


def lines(options: argparse.Namespace, ours: str, peer: str) -> Iterator[dict[str, Any]]:
    """Measure what is asked for, one line after the other."""
    pace, rounds = (QUICK, 3) if options.quick else (Pace(), 11)
    if "start-up" in options.only:
        yield from measure_processes("start-up", ours, peer, str(rounds))
    wanted = [case for case in CASES if case.group in options.only and fnmatch(case.name, options.case)]
    if not options.peer and any("torch" in case.name for case in wanted):
        install(peer, f"torch=={report.installed('torch')}")  # not before: with it, the peer's start-up takes seconds
    process = Elsewhere(peer)
    for case in wanted:
        for size in case.sizes:
            if not (options.quick and size == 10_000):
                yield measure(case, size, pace, process)
    process.close()
    if "flights" in options.only:
        yield from measure_processes("flights", ours, "1" if options.quick else "3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few turns, and at most 100 records a batch")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="these groups alone")
    parser.add_argument("--case", default="*", help="the cases whose names are like this alone, such as 'NumPy*'")
    parser.add_argument("--peer", metavar="PYTHON", help="the Python of an environment of the peer's, taken as it is")
    parser.add_argument(
        "--ours", metavar="PYTHON", help="the Python of an environment for start-up and flights, as it is"
    )
    parser.add_argument(
        "--results", type=Path, help=f"where to write; if all is measured, and not quickly, {RESULTS.name}"
    )
    options = parser.parse_args()
    started, document = time.monotonic(), {"peer": PEER, "machine": report.machine(), "lines": []}
    with tempfile.TemporaryDirectory() as folder:
        peer = options.peer or environment(Path(folder, "peer"), PEER)
        processes = {"start-up", "flights"} & {*options.only}
        ours = options.ours or (environment(Path(folder, "ours"), *FLIGHTS) if processes else sys.executable)
        for line in lines(options, ours, peer):
            document["lines"].append(line)
            found = ", ".join(f"{figure['to']} {report.cell(figure)}" for figure in line["compared"])
            print(f"{line['group']}, {line['case']}, {line['records'] or 1:,}: {found}", file=sys.stderr, flush=True)
    document["minutes"] = round((time.monotonic() - started) / 60, 1)
    print(report.text(document))
    whole = options.only == GROUPS and options.case == "*" and not options.quick
    if results := options.results or (RESULTS if whole else None):
        write(document, results)


def write(document: report.Document, folder: Path) -> None:
    """Write the figures, the tables and the plot."""
    from plot import plot

    folder.mkdir(exist_ok=True)
    (folder / "last.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (folder / "last.md").write_text(report.text(document), encoding="utf-8")
    plot(document, folder / "last.svg")


if __name__ == "__main__":
    main()
