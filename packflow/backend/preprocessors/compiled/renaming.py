"""Renames whole records: a function is generated for each order of keys that comes up more than once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from packflow.backend.preprocessors.base import Record
from packflow.backend.preprocessors.compiled.building import Compiled, Slow, load, may_hold_dicts
from packflow.backend.preprocessors.compiled.reading import own_values
from packflow.backend.preprocessors.plan import Plan

#: How many orders of keys are told apart, and after how many records a function is generated for one.
LAYOUTS = 64
SEEN = 3

Layout = tuple[Any, ...]


def compile_renaming(plan: Plan, slow: Slow) -> Compiled | None:
    """Give the function that renames a batch; None where a name is a path, or more than renaming is asked for.

    Args:
        plan: the plan.
        slow: does the same for one record, whatever it is.
    """
    if plan.flatten or plan.features or any(path.nested for move in plan.moves for path in move):
        return None
    targets = {move.source.name: move.target.name for move in plan.moves}
    readers: dict[Layout, Callable[[Record], Record]] = {}
    seen: dict[Layout, int] = {}
    source: str | None = None
    find, may = readers.get, may_hold_dicts()

    def run(records: list[Any]) -> list[Record]:
        rows: list[Record] = []
        for record in records:
            if type(record) is dict:
                reader = find((*record,))
                if reader is not None:
                    row = reader(record)
                    if may(row):
                        own_values(row)
                    rows.append(row)
                    continue
                note((*record,))
            rows.append(slow(record))
        return rows

    def note(layout: Layout) -> None:
        """Count a layout, until it is worth a function; the first ones get one."""
        nonlocal source
        if len(seen) < LAYOUTS or layout in seen:
            times = seen[layout] = seen.get(layout, 0) + 1
            if times == SEEN and all(type(key) is str for key in layout):
                written = layout_source(layout, targets)
                readers[layout] = load(written, {})["read"]
                source = written  # to be shown, and no more: another thread may make a function meanwhile

    return Compiled(run, lambda: source)


def layout_source(layout: Layout, targets: dict[str, str]) -> str:
    """Write the function for records with these keys, in this order.

    Example:
        >>> print(layout_source(("a", "b", "x"), {"a": "x"}), end="")
        def read(record):
            return {'x': record['a'], 'b': record['b']}
    """
    taken = {target for source, target in targets.items() if source in layout}
    items = [f"{targets.get(key, key)!r}: record[{key!r}]" for key in layout if key in targets or key not in taken]
    return f"def read(record):\n    return {{{', '.join(items)}}}\n"
