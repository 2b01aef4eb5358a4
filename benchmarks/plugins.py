"""Listing and loading plugins, beside two other hosts of plugins in the same environment: llm and datasette.

Run it with ``python benchmarks/plugins.py``. It makes one environment of 200 distributions: the three hosts with what
they need, 20 toy plugins for each host, and empty distributions up to that number; all are wheels, installed by pip.
What importing a toy costs is set by a variable, so the same files serve for light plugins and for heavy ones. Each case
runs in fresh processes, all cases in turn; the tables have medians, and their ratio to packflow's own.
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
import zipfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from environments import REPOSITORY, environment

DISTRIBUTIONS = 200
TOYS = 20

COST = """
import os, time
end = time.perf_counter() + float(os.environ.get("TOY_MS_{number}", os.environ.get("TOY_MS", "0"))) / 1000
while time.perf_counter() < end: pass
"""

SOURCES = {
    "packflow.backends": """
from packflow import InferenceBackend

class Toy(InferenceBackend):
    def execute(self, inputs):
        return inputs
""",
    "llm": """
import llm

class Toy(llm.Model):
    model_id = "toy{number}"
    def execute(self, prompt, stream, response, conversation):
        return [prompt.prompt]

@llm.hookimpl
def register_models(register):
    register(Toy())
""",
    "datasette": """
from datasette import hookimpl

@hookimpl
def prepare_connection(conn):
    conn.create_function("toy{number}", 1, str)
""",
}

LIST = {
    "python -c pass": ["python", "-c", "pass"],
    "packflow --version": ["packflow", "--version"],
    "packflow plugins list": ["packflow", "plugins", "list"],
    "packflow plugins list --json": ["packflow", "plugins", "list", "--json"],
    "llm --version": ["llm", "--version"],
    "llm plugins": ["llm", "plugins"],
    "datasette --version": ["datasette", "--version"],
    "datasette plugins": ["datasette", "plugins"],
}
LOAD = {
    "packflow: none (import InferenceBackend)": "from packflow import InferenceBackend",
    "packflow: one of 20 by name": "from packflow import plugin; plugin.load('backend', 'toy7')",
    "packflow: all 20": "from packflow import plugin; [plugin.load('backend', f'toy{n}') for n in range(20)]",
    "llm: one of 20 by name": "import llm; llm.get_model('toy7')",
    "datasette: what every start loads": "import datasette.plugins",
}
#: What importing the toys costs, in milliseconds.
LIGHT = {"TOY_MS": "0"}
HEAVY = {"TOY_MS": "50"}
ONE_HUGE = {"TOY_MS": "0", "TOY_MS_13": "3000"}


def write_wheel(folder: Path, name: str, entry_points: str = "", source: str | None = None) -> Path:
    """Write a wheel of at most one module, as small as pip takes it."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-1.0.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: benchmarks\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry_points:
        files[f"{info}/entry_points.txt"] = entry_points
    if source is not None:
        files[f"{module}.py"] = source
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    wheel = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def toys(folder: Path) -> Iterator[Path]:
    for group, source in SOURCES.items():
        for number in range(TOYS):
            name = f"toy-{group.partition('.')[0]}-{number}"
            module = name.replace("-", "_")
            value = f"{module}:Toy" if group == "packflow.backends" else module
            text = (COST + source).replace("{number}", str(number))
            yield write_wheel(folder, name, f"[{group}]\ntoy{number} = {value}\n", text)


def count(python: str, what: str = "True") -> int:
    code = f"from importlib.metadata import distributions; print(sum(bool({what}) for found in distributions()))"
    return int(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)


def build(folder: Path) -> Path:
    """Make the environment; give the folder of its commands."""
    python = environment(folder / "env", str(REPOSITORY), "llm", "datasette")
    wheels = folder / "wheels"
    wheels.mkdir()
    pip = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, *map(str, toys(wheels))], check=True)
    missing = DISTRIBUTIONS - count(python)
    subprocess.run([*pip, *(str(write_wheel(wheels, f"empty-{number}")) for number in range(missing))], check=True)
    with_entry_points = count(python, "found.entry_points")
    print(f"{count(python)} distributions, {with_entry_points} with entry points, {TOYS} plugins a host")
    return Path(python).parent


def seconds(home: Path, command: list[str], extra: dict[str, str]) -> float:
    ours = ("PACKFLOW_", "PYTHON", "LLM_", "DATASETTE_", "XDG_")
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    quiet |= {"HOME": str(home), "LLM_USER_PATH": str(home / "llm"), **extra}
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=home, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure(home: Path, cases: dict[str, list[str]], costs: list[dict[str, str]], runs: int) -> list[dict[str, object]]:
    """Run every case with every cost, in turn, and give the medians in milliseconds."""
    places = [(case, cost) for case in range(len(cases)) for cost in range(len(costs))]
    times: dict[tuple[int, int], list[float]] = {place: [] for place in places}
    commands = list(cases.values())
    for turn in range(runs + 1):  # the first warms the page cache
        for case, cost in places:
            spent = seconds(home, commands[case], costs[cost])
            if turn:
                times[case, cost].append(1000 * spent)
    return [
        {"case": name, "ms": [median(times[case, cost]) for cost in range(len(costs))]}
        for case, name in enumerate(cases)
    ]


def show(title: str, headings: list[str], table: list[dict[str, object]], reference: str) -> None:
    print(f"\n{title}\n{'case':42}" + "".join(f"{heading:>12} {'ratio':>6}" for heading in headings))
    (base,) = [row["ms"] for row in table if row["case"] == reference]
    for row in table:
        pairs = zip(row["ms"], base, strict=True)  # type: ignore[call-overload]
        print(f"{row['case']:42}" + "".join(f"{own:12.0f} {own / other:6.2f}" for own, other in pairs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11, help="processes of each case")
    parser.add_argument("--json", type=Path, help="write the tables to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        commands = build(Path(folder))
        home = Path(folder, "home")
        home.mkdir()
        listing = {name: [str(commands / first), *rest] for name, (first, *rest) in LIST.items()}
        loading = {name: [str(commands / "python"), "-c", code] for name, code in LOAD.items()}
        lists = measure(home, listing, [LIGHT, HEAVY], options.runs)
        loads = measure(home, loading, [LIGHT, HEAVY, ONE_HUGE], options.runs)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs} processes each, in ms"
    )
    show("listing", ["0 ms each", "50 ms each"], lists, "packflow plugins list")
    show("loading", ["0 ms each", "50 ms each", "one of 3 s"], loads, "packflow: one of 20 by name")
    if options.json:
        document = {
            "python": sys.version,
            "machine": platform.machine(),
            "runs": options.runs,
            "listing": lists,
            "loading": loads,
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
