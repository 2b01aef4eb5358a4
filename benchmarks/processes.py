"""What is measured as whole processes: start-up, and a year of flights from file to file.

A script, too: a process inherits the peak of memory of the one that starts it, and that should be a small one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from environments import spend
from harness import Goal, Turn, line_of, take_rounds

HERE = Path(__file__).resolve().parent
FLIGHTS = 336_776
Command = list[str | Path]

ECHO = """
from packflow import InferenceBackend
class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""
#: What a user of the peer writes to run a file: it has no command for that.
SCRIPT = f"""
import json
{ECHO}
backend = Echo(verbose=False)
with open("one.jsonl") as lines, open("out.jsonl", "w") as sink:
    for line in lines:
        print(json.dumps(backend(json.loads(line))), file=sink)
"""
IMPORTS = "import pydantic, loguru, numpy"
CODES = {
    "import packflow": "import packflow",
    "import InferenceBackend": "from packflow import InferenceBackend",
    "make a backend and call it": f"{ECHO}\nEcho(verbose=False)({{'n': 1}})",
}


def measure_processes(group: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """Have a group measured from a fresh process."""
    command = [sys.executable, str(Path(__file__)), group, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield from map(json.loads, process.stdout)
    if process.returncode:
        raise SystemExit(f"{group} could not be measured")


def turn_of_process(command: Command, folder: Path) -> Turn:
    return lambda calls: sum(spend(command, folder).ns for _ in range(calls))


def startup(python: str, peer: str, rounds: int) -> Iterator[dict[str, Any]]:
    """Measure how long processes take that do next to nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "inference.py").write_text(ECHO)
        (folder / "one.jsonl").write_text('{"x": 1}\n')
        commands, theirs = Path(python).parent, Path(peer).parent
        others: dict[str, Command] = {"pass": [python, "-c", "pass"], "imports": [python, "-c", IMPORTS]}
        cases: dict[str, dict[str, Command]] = {
            "packflow --version": {
                "ours": [commands / "packflow", "--version"],
                "peer": [theirs / "packflow", "--version"],
            },
            "packflow run, one line": {
                "ours": [commands / "packflow", "run", "-q", "inference.py:Echo", "one.jsonl", "-o", "ours.jsonl"],
                "peer": [peer, "-c", SCRIPT],
            },
            **{case: {"ours": [python, "-c", code], "peer": [peer, "-c", code]} for case, code in CODES.items()},
        }  # fmt: skip
        goals = [Goal("ours", "peer", 1.0), Goal("ours", "imports", None), Goal("imports", "pass", None)]
        for case, ways in cases.items():
            turns = {way: turn_of_process(command, folder) for way, command in {**ways, **others}.items()}
            yield line_of(("start-up", case), None, "ms", take_rounds(turns, rounds), 1e6, goals)


def flights(python: str, rounds: int) -> Iterator[dict[str, Any]]:
    """Measure a year of flights end to end, and how much memory a tenth of it takes."""
    with tempfile.TemporaryDirectory() as name:
        folder, commands = Path(name), Path(python).parent
        spend([commands / "packflow-flights-data", "year.csv"], folder)
        with (folder / "year.csv").open("rb") as lines, (folder / "tenth.csv").open("wb") as tenth:
            tenth.writelines(islice(lines, 1 + FLIGHTS // 10))  # what this process holds is counted to the others'
        peaks: dict[str, list[float]] = {"year": [], "tenth": []}

        def ours(source: str, _: int) -> float:
            spent = spend(
                [commands / "packflow", "run", "-q", "flights", f"{source}.csv", "-o", f"{source}.jsonl"], folder
            )
            peaks[source].append(spent.peak)
            return spent.ns

        turns: dict[str, Turn] = {
            "ours": partial(ours, "year"),
            "by hand": turn_of_process([python, HERE / "flights_by_hand.py", "year.csv", "hand.jsonl"], folder),
            "ours, a tenth": partial(ours, "tenth"),
        }
        times = take_rounds(turns, rounds)
        same(folder / "year.jsonl", folder / "hand.jsonl")
    yield line_of(("flights", "a year of flights"), FLIGHTS, "s", times, 1e9, [Goal("ours", "by hand", 1.15)])
    peak = {"ours": {0: median(peaks["year"])}, "ours, a tenth": {0: median(peaks["tenth"])}}
    goals = [Goal("ours", "ours, a tenth", 1.05)]
    yield line_of(("flights", "peak memory"), FLIGHTS, "MB", peak, 1, goals)


def same(ours: Path, by_hand: Path) -> None:
    """Refuse to compare the times of two things that do not do the same."""
    with ours.open() as own_lines, by_hand.open() as lines:
        for own, other in zip(own_lines, lines, strict=True):
            if own != other and json.loads(own) != json.loads(other):
                raise SystemExit(f"the two do not agree: {own!r}, {other!r}")


def main() -> None:
    group, *arguments, rounds = sys.argv[1:]
    measured = {"start-up": startup, "flights": flights}[group](*arguments, rounds=int(rounds))
    for line in measured:
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
