"""The records that are measured with: a function for each layout, given a number, and the names that are asked for."""

from __future__ import annotations

import random
from typing import Any

SWAP = {"a": "x", "b": "y"}
TEN_FLAT = [f"f{field}" for field in range(0, 200, 20)]
TEN_DEEP = [f"g{group}.s{group % 4}.k{group % 5}" for group in range(10)]
PATHS = ["a.x", "a.z.q", "d.k"]


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


_KEYS = [f"{one}{two}" for one in "klmnopqrst" for two in range(60)]


def unlike(number: int) -> dict[str, Any]:
    """No two of one layout; eight leaves each."""
    a, b, c, d, e, f, g = random.Random(number).sample(_KEYS, 7)
    return {a: number, b: {c: number * 0.5, d: 2}, e: {f: {a: number, b: 4}}, g: None, d: number, c: 7}


def _layout(luck: random.Random, number: int, levels: int) -> dict[str, Any]:
    keys = luck.sample("abcdefghij", luck.randint(2, 4))
    return {key: _layout(luck, number, levels - 1) if levels and luck.random() < 0.4 else number * 1.5 for key in keys}


def flattened(record: dict[str, Any], prefix: str = "", row: dict[str, Any] | None = None) -> dict[str, Any]:
    """Flatten a record as one would by hand: whatever its layout, by recursion."""
    row = {} if row is None else row
    for key, value in record.items():
        if isinstance(value, dict):
            flattened(value, f"{prefix}{key}.", row)
        else:
            row[prefix + key] = value
    return row


def flat_names(record: dict[str, Any]) -> list[str]:
    return list(flattened(record))
