"""Records that are filtered, renamed, reached into, flattened and turned into arrays, in all ways that do the same.

*ours* is the preprocessor alone, *call* the whole call of a backend that does nothing with what it gets, as that of the
peer. *by hand* is the best Python that one would write for the one fixed schema, which fails on any other record; for
renames it is a dict comprehension, for flattening generic recursion, and then *strict* is what names each field.
*tolerant* puts up with missing keys. Values differ from record to record.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle
from typing import Any

import frames
import numpy as np
from harness import Case, Function, Goal
from layouts import (
    PATHS,
    SWAP,
    TEN_DEEP,
    TEN_FLAT,
    deep,
    flat_names,
    flattened,
    mixed,
    nested,
    numbers,
    small,
    unlike,
    wide,
)

from packflow import BackendConfig, InferenceBackend

Records = list[dict[str, Any]]
Make = Callable[[int], dict[str, Any]]
Settings = dict[str, Any]


def written(row: str) -> Function:
    """Give a function made of the source of what becomes of one record ``r``."""
    made: Function = eval(f"lambda records: [{row} for r in records]")
    return made


def to_array(*names: str) -> Function:
    rows = written(f"({', '.join(map(item, names))})")
    return lambda records: np.array(rows(records))


def item(name: str) -> str:
    return "r" + "".join(f"[{step!r}]" for step in name.split("."))


FLAT = {"flatten_nested_inputs": True}


def recursion(records: list[dict[str, Any]]) -> Any:
    return [flattened(record) for record in records]


def array_of(names: list[str], **more: Any) -> dict[str, Any]:
    return {"input_format": "numpy", "feature_names": names, **more}


def rows(batches: Callable[[int], int], make: Make) -> Callable[[int], list[Records]]:
    return lambda size: [[make(turn * size + number) for number in range(size)] for turn in range(batches(size))]


def few(size: int) -> int:
    return 20 if size == 1 else 2 if size <= 100 else 1


def many(size: int) -> int:
    """Where no layout may come twice, each run needs records of its own, as far as that goes."""
    return max(5, 20_000 // size)


class Nothing(InferenceBackend):
    """A model that costs nothing, so that what is round it shows."""

    results = [{} for _ in range(10_000)]  # noqa: RUF012  # nobody changes it

    def execute(self, inputs: Any) -> Any:  # noqa: D102  # a step of a benchmark's backend
        return self.results[: len(inputs)]


def preprocessor(settings: Settings) -> Function:
    from packflow.backend.preprocessors import get_preprocessor  # not a name of the peer

    return get_preprocessor(BackendConfig(**settings))


def peer_gives(settings: Settings) -> Function:
    """Give what a backend's own step gets to see."""
    seen: list[Any] = []

    class Looking(InferenceBackend):
        def execute(self, inputs: Any) -> Any:
            seen.append(inputs)
            return Nothing.results[: len(inputs)]

    def gives(batch: Records) -> Any:
        Looking(verbose=False, **settings)(batch)
        return seen.pop()

    return gives


def case(
    name: str, settings: Settings, make: Make, by_hand: Function, goal: float | None, *,
    count: Callable[[int], int] = few, beside: Make | None = None, peer_alike: bool = True, **others: Function,
) -> Case:  # fmt: skip
    """Make a case; what records of `beside` cost is to be no more, for they have fewer leaves that nobody asks for."""

    def here(size: int) -> dict[str, Function]:
        backend = Nothing(verbose=False, **settings)
        ways = {"ours": preprocessor(settings), "by hand": by_hand, **others, **frames.ways(name), "call": backend}
        if beside:
            smaller = cycle(rows(count, beside)(size))
            own = preprocessor(settings)
            ways |= {"ours, of 200": lambda _: own(next(smaller)), "by hand, of 200": lambda _: by_hand(next(smaller))}
        return ways

    goals = [Goal("ours", "by hand", goal), *(Goal("ours", other, None) for other in others)]
    goals += [Goal("call", other, 1.0, at_one=1.0) for other in ("peer", "pandas", "pyarrow")]
    if beside:
        goals += [Goal("ours", "ours, of 200", 1.25, at_one=1.25), Goal("by hand", "by hand, of 200", None)]
    return Case(
        "records", name, "ns a record", rows(count, make), here, tuple(goals),
        elsewhere=lambda: {"peer": Nothing(verbose=False, **settings)},
        peer_gives=peer_gives(settings) if peer_alike else None,
        unlike=frozenset({"call", "ours, of 200", "by hand, of 200"}),
    )  # fmt: skip


def fields_of(names: list[str]) -> str:
    return "{" + ", ".join(f"{name!r}: {item(name)}" for name in names) + "}"


def strict(make: Make) -> Function:
    """Give the code that names each leaf of records of one layout."""
    return written(fields_of(flat_names(make(1))))


TEN_FLATTENED = {**FLAT, "feature_names": TEN_DEEP}
DEEPER = partial(deep, groups=30)

CASES = [
    case("filter 3 of 5", {"feature_names": ["a", "b", "c"]}, small, written(fields_of(["a", "b", "c"])), 1.25,
         tolerant=written("{name: r[name] for name in ('a', 'b', 'c') if name in r}")),
    case("rename 2 of 5", {"rename_fields": SWAP}, small,
         lambda records: [{SWAP.get(key, key): value for key, value in record.items()} for record in records], 1.0,
         peer_alike=False,  # it keeps the fields under their old names too
         strict=written("{'x': r['a'], 'y': r['b'], 'c': r['c'], 'd': r['d'], 'e': r['e']}")),
    case("nested paths, 3", {"feature_names": PATHS}, nested,
         written("{'a': {'x': r['a']['x'], 'z': {'q': r['a']['z']['q']}}, 'd': {'k': r['d']['k']}}"), 2.0),
    case("flatten 7 leaves", FLAT, nested, recursion, 0.8, strict=strict(nested)),
    case("flatten 200 leaves", FLAT, deep, recursion, 0.8, strict=strict(deep)),
    case("flatten ten mixed layouts", FLAT, mixed, recursion, 0.8),
    case("flatten, no layout twice", FLAT, unlike, recursion, 1.3, count=many),
    case("flatten and filter 10 of 200", TEN_FLATTENED, deep, written(fields_of(TEN_DEEP)), None),
    case("flatten and filter 10 of 600", TEN_FLATTENED, DEEPER, written(fields_of(TEN_DEEP)), None, beside=deep),
    case("NumPy, 2 of 5", array_of(["a", "b"]), numbers, to_array("a", "b"), 1.25),
    case("NumPy, 10 of 200", array_of(TEN_FLAT), wide, to_array(*TEN_FLAT), 1.25),
    case("NumPy, 3 nested paths", array_of(PATHS), nested, to_array(*PATHS), 1.5),
    case("NumPy, 10 nested of 200", array_of(TEN_DEEP), deep, to_array(*TEN_DEEP), 1.5),
    case("NumPy, 10 of 200 flattened", array_of(TEN_DEEP, **FLAT), deep, to_array(*TEN_DEEP), 1.5),
    case("NumPy, 10 of 600 flattened", array_of(TEN_DEEP, **FLAT), DEEPER, to_array(*TEN_DEEP), None, beside=deep),
]  # fmt: skip
