"""What is timed for a model, and the rounds in which it is: every way of calling it in turn, each as often as it needs.

It is run by the file of a library beside it, in an environment of that library. The result is one line of JSON.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from loguru import logger

Record = dict[str, Any]
#: How long one way is called in one round, at least, in seconds; one call is always made.
LONG_ENOUGH = 0.05
#: After so many seconds a case of one size is given no more rounds.
PATIENCE = 40


class Model(NamedTuple):
    """A model, and the ways to call it."""

    name: str
    #: Makes the values of one record.
    record: Callable[[random.Random], Record]
    #: Lays out records as the library takes them.
    lay_out: Callable[[list[Record]], Any]
    #: The library's own call, with what `lay_out` gave.
    call: Callable[[Any], Any]
    #: Makes records of what the call gave.
    read: Callable[[Any], list[Record]]
    #: Backends, by what is said of them in the table.
    backends: dict[str, Callable[[list[Record]], list[Record]]]
    sizes: tuple[int, ...] = (1, 100, 10_000)


def numbers(count: int) -> Callable[[random.Random], Record]:
    """Give what makes records of so many numbers, each with a name of its own."""
    names = fields(count)
    return lambda source: {name: source.gauss(0, 1) for name in names}


def fields(count: int) -> list[str]:
    return [f"feature_{number}" for number in range(count)]


def vector(count: int) -> Callable[[random.Random], Record]:
    """Give what makes records of one list of so many numbers."""
    return lambda source: {"x": [source.gauss(0, 1) for _ in range(count)]}


def microseconds(work: Callable[[], object]) -> float:
    calls = 0
    started = time.perf_counter()
    while True:
        work()
        calls += 1
        spent = time.perf_counter() - started
        if spent >= LONG_ENOUGH:
            return spent / calls * 1e6


def measure(model: Model, size: int, rounds: int) -> dict[str, float]:
    """Give the median time of each way, in microseconds a call."""
    source = random.Random(size)
    records = [model.record(source) for _ in range(size)]
    ready = model.lay_out(records)

    def by_hand() -> list[Record]:
        return model.read(model.call(model.lay_out(records)))

    ways: dict[str, Callable[[], object]] = {"library": lambda: model.call(ready), "by hand": by_hand}
    for name, backend in model.backends.items():
        ways[name] = lambda backend=backend: backend(records)
        if not alike(backend(records), by_hand()):
            raise AssertionError(f"{model.name}, {name}: not what the library gives")
    gc.collect()
    gc.freeze()  # else one call in a few, of any way, pays for a look through everything that the library has loaded
    times: dict[str, list[float]] = {name: [] for name in ways}
    started = time.perf_counter()
    for turn in range(rounds + 1):
        for name, work in ways.items():
            spent = microseconds(work)
            if turn:  # the first warms up
                times[name].append(spent)
        if turn and time.perf_counter() - started > PATIENCE:
            break
    return {name: median(spent) for name, spent in times.items()}


def alike(one: Any, other: Any) -> bool:
    """Tell whether two results are the same but for the last digits, which may depend on how values lie in memory."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other or (isinstance(one, float) and abs(one - other) <= 1e-5 * max(1, abs(one))))


def run(models: Callable[[Path], Iterable[Model]]) -> None:
    """Measure every model, and print the times."""
    logger.remove()
    rounds = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        found = {
            model.name: {str(size): measure(model, size, rounds) for size in model.sizes}
            for model in models(Path(folder))
        }
    print(json.dumps(found))
