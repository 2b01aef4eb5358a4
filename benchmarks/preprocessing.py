"""What records cost to filter, rename, reach into, flatten and turn into arrays, beside code written by hand.

Run it with ``python benchmarks/preprocessing.py [--json FILE]``. Each case has the best Python that one would write for
its one fixed schema, which fails on any other record. The two take turns; the table has the medians of nanoseconds a
record, and the median of the ratios of neighbouring turns, beside the goal. *tolerant* is code by hand too, but it puts
up with missing keys. Values differ from record to record.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any, NamedTuple

import numpy as np

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor

Records = list[dict[str, Any]]
Function = Callable[[Records], Any]

SIZES = (1, 100, 10_000)
#: How long one turn takes at least, and all turns of one function together, in nanoseconds: a machine that changes its
#: pace between turns does so for neighbours alike.
TURN = 500_000
TOGETHER = 400_000_000
FEWEST, MOST = 9, 301


class Case(NamedTuple):
    """What is done to which records, by a configuration and by hand."""

    name: str
    settings: dict[str, Any]
    records: Callable[[int], dict[str, Any]]
    by_hand: Function
    goal: float
    tolerant: Function | None = None


def small(number: int) -> dict[str, Any]:
    return {"a": number, "b": number * 1.5, "c": str(number), "d": number % 2 == 0, "e": number + 1}


def numbers(number: int) -> dict[str, Any]:
    return {"a": number, "b": number * 1.5, "c": number + 1, "d": number * 0.5, "e": -number}


def nested(number: int) -> dict[str, Any]:
    inner = {"q": number * 0.5, "r": number}
    return {"a": {"x": number, "y": number + 1, "z": inner}, "b": number, "c": str(number), "d": {"k": number * 2.5}}


def wide(number: int) -> dict[str, Any]:
    return {f"f{field}": number * field * 0.5 for field in range(200)}


def deep(number: int, groups: int = 10) -> dict[str, Any]:
    return {
        f"g{group}": {f"s{part}": {f"k{leaf}": number * group + leaf * 0.5 for leaf in range(5)} for part in range(4)}
        for group in range(groups)
    }


def mixed(number: int) -> dict[str, Any]:
    """Ten layouts, of about eight leaves each."""
    return _layout(random.Random(number % 10), number, 2)


def unlike(number: int) -> dict[str, Any]:
    """No two of one layout; eight leaves each."""
    a, b, c, d, e, f, g = random.Random(number).sample([f"{one}{two}" for one in "klmnopqrst" for two in range(60)], 7)
    return {a: number, b: {c: number * 0.5, d: 2}, e: {f: {a: number, b: 4}}, g: None, d: number, c: 7}


def _layout(luck: random.Random, number: int, levels: int) -> dict[str, Any]:
    keys = luck.sample("abcdefghij", luck.randint(2, 4))
    return {key: _layout(luck, number, levels - 1) if levels and luck.random() < 0.4 else number * 1.5 for key in keys}


def flattened(record: dict[str, Any], prefix: str = "", row: dict[str, Any] | None = None) -> dict[str, Any]:
    row = {} if row is None else row
    for key, value in record.items():
        if isinstance(value, dict):
            flattened(value, f"{prefix}{key}.", row)
        else:
            row[prefix + key] = value
    return row


def written(row: str) -> Function:
    """Give a function made of the source of what becomes of one record ``r``."""
    made: Function = eval(f"lambda records: [{row} for r in records]")
    return made


def to_array(*names: str) -> Function:
    rows = written(f"({', '.join(map(item, names))})")
    return lambda records: np.array(rows(records))


def item(name: str) -> str:
    return "r" + "".join(f"[{step!r}]" for step in name.split("."))


SWAP = {"a": "x", "b": "y"}
TEN_FLAT = [f"f{field}" for field in range(0, 200, 20)]
TEN_DEEP = [f"g{group}.s{group % 4}.k{group % 5}" for group in range(10)]
PATHS = ["a.x", "a.z.q", "d.k"]
FLAT = {"flatten_nested_inputs": True}
BY_RECURSION = "flatten, by recursion: "


def recursion(records: list[dict[str, Any]]) -> Any:
    return [flattened(record) for record in records]


def array_of(names: list[str], **more: Any) -> dict[str, Any]:
    return {"input_format": "numpy", "feature_names": names, **more}


CASES = [
    Case("filter 3 of 5", {"feature_names": ["a", "b", "c"]}, small,
         written("{'a': r['a'], 'b': r['b'], 'c': r['c']}"), 1.25,
         written("{name: r[name] for name in ('a', 'b', 'c') if name in r}")),
    Case("rename 2 of 5 (by dict comprehension)", {"rename_fields": SWAP}, small,
         lambda records: [{SWAP.get(key, key): value for key, value in record.items()} for record in records], 1.0),
    Case("nested paths, 3", {"feature_names": PATHS}, nested,
         written("{'a': {'x': r['a']['x'], 'z': {'q': r['a']['z']['q']}}, 'd': {'k': r['d']['k']}}"), 2.0),
    Case(f"{BY_RECURSION}7 leaves", FLAT, nested, recursion, 0.8),
    Case(f"{BY_RECURSION}200 leaves", FLAT, deep, recursion, 0.8),
    Case(f"{BY_RECURSION}ten layouts mixed", FLAT, mixed, recursion, 0.8),
    Case(f"{BY_RECURSION}no layout twice", FLAT, unlike, recursion, 1.3),
    Case("flatten and filter 10 of 200", {**FLAT, "feature_names": TEN_DEEP}, deep,
         written("{" + ", ".join(f"{name!r}: {item(name)}" for name in TEN_DEEP) + "}"), 2.0),
    Case("flatten and filter 10 of 600", {**FLAT, "feature_names": TEN_DEEP}, lambda number: deep(number, 30),
         written("{" + ", ".join(f"{name!r}: {item(name)}" for name in TEN_DEEP) + "}"), 2.0),
    Case("NumPy, 2 flat of 5", array_of(["a", "b"]), numbers, to_array("a", "b"), 1.25),
    Case("NumPy, 10 flat of 200", array_of(TEN_FLAT), wide, to_array(*TEN_FLAT), 1.25),
    Case("NumPy, 3 nested paths", array_of(PATHS), nested, to_array(*PATHS), 1.5),
    Case("NumPy, 10 nested of 200 leaves", array_of(TEN_DEEP), deep, to_array(*TEN_DEEP), 1.5),
    Case("NumPy, 10 of 200 leaves flattened", array_of(TEN_DEEP, **FLAT), deep, to_array(*TEN_DEEP), 1.5),
]  # fmt: skip
#: At one record, all goals are so much wider.
WIDER = 1.6


def measure(case: Case, size: int) -> dict[str, Any]:
    """Time a case's functions in turn."""
    batches = [[case.records(turn * size + number) for number in range(size)] for turn in range(batches_of(case, size))]
    ours = get_preprocessor(BackendConfig(**case.settings))
    functions: dict[str, Function] = {
        "ours": ours,
        "by_hand": case.by_hand,
        **({"tolerant": case.tolerant} if case.tolerant else {}),
    }
    for batch in batches[:1] * 20 if size < 1_000 else batches[:1]:
        assert np.array_equal(ours(batch), case.by_hand(batch)), case.name
    times: dict[str, list[float]] = {name: [] for name in functions}
    case.by_hand(batches[0])
    started = perf_counter_ns()
    case.by_hand(batches[0])
    once = max(1, perf_counter_ns() - started)
    calls = max(1, TURN // once)
    for turn in range(min(MOST, max(FEWEST, TOGETHER // (calls * once)))):
        for name, function in functions.items():
            batch = batches[turn % len(batches)]
            started = perf_counter_ns()
            for _ in range(calls):
                function(batch)
            times[name].append((perf_counter_ns() - started) / calls / size)
    ratio = median(mine / other for mine, other in zip(times["ours"], times["by_hand"], strict=True))
    goal = case.goal * WIDER if size == 1 else case.goal
    found = {name: round(median(taken), 1) for name, taken in times.items()}
    return {"case": case.name, "records": size, **found, "ratio": round(ratio, 2), "goal": round(goal, 2)}


def batches_of(case: Case, size: int) -> int:
    """Where no layout may come twice, each turn needs records of its own, as far as that goes."""
    return min(50, 50_000 // size) if case.records is unlike else 1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, metavar="FILE")
    file = options.parse_args().json
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, medians", file=sys.stderr)
    print(f"{'case':40} {'records':>7} {'ours ns':>9} {'hand ns':>9} {'tolerant':>9} {'ratio':>6} {'goal':>5}")
    lines = []
    for case in CASES:
        for size in SIZES:
            line = measure(case, size)
            lines.append(line)
            cells = f"{line['ours']:9} {line['by_hand']:9} {line.get('tolerant', ''):>9}"
            missed = "" if line["ratio"] <= line["goal"] else " missed"
            print(f"{case.name:40} {size:7} {cells} {line['ratio']:6.2f} {line['goal']:5.2f}{missed}", flush=True)
    if file:
        file.write_text(json.dumps(lines, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
