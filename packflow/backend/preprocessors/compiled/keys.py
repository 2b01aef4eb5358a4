"""The look at keys that put a name in doubt: once for each different key, not once for each record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from packflow.backend.preprocessors.plan import Plan

#: From how many on no more keys are remembered as being beyond doubt.
KEYS = 10_000


def splits_in_one_way(key: Any, delimiter: str) -> bool:
    """Tell whether a key within a joined name can be told from what is beside it.

    Example:
        >>> [splits_in_one_way(key, "__") for key in ("a", "a__b", "a_", 1)]
        [True, False, False, False]
    """
    return isinstance(key, str) and f"{delimiter}{key}{delimiter}".find(delimiter, 1) == len(delimiter) + len(key)


def compile_look(plan: Plan) -> tuple[set[Any], Callable[[set[Any]], None]]:
    """Give the keys that were found to be clear, which grow, and the function that looks at others.

    The function raises ``KeyError`` where a key puts the plan's names in doubt; then the interpreter has to judge.
    """
    clear: set[Any] = set()
    delimiter = plan.delimiter

    def in_doubt(key: Any) -> bool:
        if plan.flatten:
            return not splits_in_one_way(key, delimiter)
        return isinstance(key, str) and delimiter in key

    def look_at(keys: set[Any]) -> None:
        if any(map(in_doubt, keys)):
            raise KeyError
        if len(clear) < KEYS:
            clear.update(keys)

    return clear, look_at
