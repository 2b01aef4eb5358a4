"""Records that stay nested: reach a path by walking dicts, rename in place, select what is named.

Every function gives new dicts and leaves its argument alone; values that are no dicts are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from packflow.backend.preprocessors.base import Record, RecordError
from packflow.backend.preprocessors.plan import MAX_DEPTH, Move, Path, Plan
from packflow.backend.validation import type_name

#: What a path gives that leads nowhere (``None`` is a value).
MISSING: Any = type("Missing", (), {"__repr__": lambda _: "<missing>", "__slots__": ()})()

Step = Callable[[Record], Record]


def reach(record: Record, path: Path, literal_first: bool) -> Any:
    """Give what a path leads to, or ``MISSING``."""
    if literal_first and path.name in record:
        return record[path.name]
    node: Any = record
    for step in path.steps:
        if not isinstance(node, dict) or step not in node:
            return MISSING
        node = node[step]
    return node


def copy_dicts(node: Record, depth: int = 1) -> Record:
    """Copy a dict and the dicts in it; other values are shared."""
    if depth > MAX_DEPTH:
        raise RecordError(f"The record is nested more than {MAX_DEPTH} levels deep, or contains itself")
    copied: Record = {}
    for key, value in node.items():  # a comprehension would cost a second stack frame a level
        copied[key] = copy_dicts(value, depth + 1) if isinstance(value, dict) else value
    return copied


def own(value: Any) -> Any:
    """Give a value that the caller's record does not share a dict with."""
    return copy_dicts(value) if isinstance(value, dict) else value


def place(record: Record, path: Path, value: Any, literal_first: bool) -> None:
    """Put a value where a path leads, making the dicts on the way. ``record`` is one of ours."""
    if literal_first and path.name in record:
        record[path.name] = value
        return
    node = record
    for step in path.steps[:-1]:
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise RecordError(
                f"{path.name!r} cannot be placed: {step!r} on its way holds {type_name(node)}, not a dict -- "
                "Rename that field too, or flatten (flatten_nested_inputs=True)."
            )
    node[path.steps[-1]] = value


def remove(record: Record, path: Path, literal_first: bool) -> None:
    """Take a path's value away, and each parent that this leaves empty."""
    if literal_first and path.name in record:
        del record[path.name]
        return
    parents: list[Record] = []
    node: Any = record
    for step in path.steps[:-1]:
        if not isinstance(node, dict) or step not in node:
            return  # it went with a parent that was moved as a whole
        parents.append(node)
        node = node[step]
    if not isinstance(node, dict) or path.steps[-1] not in node:
        return
    del node[path.steps[-1]]
    for parent, step in zip(reversed(parents), reversed(path.steps[:-1]), strict=True):
        if parent[step]:
            break
        del parent[step]


def rename_keys(moves: tuple[Move, ...]) -> Step:
    """Compile renames whose names are plain keys: a renamed field takes the place of its old name."""
    targets = {move.source.name: move.target.name for move in moves}

    def rename(record: Record) -> Record:
        taken = {target for source, target in targets.items() if source in record}
        renamed: Record = {}
        for key, value in record.items():
            if key in targets:
                renamed[targets[key]] = own(value)
            elif key not in taken:
                renamed[key] = own(value)
        return renamed

    return rename


def rename_paths(moves: tuple[Move, ...], literal_first: bool) -> Step:
    """Compile renames of which some walk through nested dicts: all are read, then removed, then placed."""
    by_depth = sorted(moves, key=lambda move: len(move.target.steps))  # a deeper target lies within a shallower one

    def rename(record: Record) -> Record:
        found = [(move, reach(record, move.source, literal_first)) for move in by_depth]
        found = [(move, value) for move, value in found if value is not MISSING]
        renamed = copy_dicts(record)
        for move, _ in found:
            remove(renamed, move.source, literal_first)
        for move, value in found:
            place(renamed, move.target, own(value), literal_first)
        return renamed

    return rename


def compile_rename(plan: Plan) -> Step | None:
    """Give the renaming of a plan that does not flatten; None where nothing is renamed."""
    if not plan.moves:
        return None
    if any(path.nested for move in plan.moves for path in move):
        return rename_paths(plan.moves, plan.literal_first)
    return rename_keys(plan.moves)


def compile_select(plan: Plan) -> Step:
    """Give the selection of a plan that does not flatten: what is named, in that order, its structure kept."""
    if not any(path.nested for path in plan.features):
        names = tuple(path.name for path in plan.features)
        return lambda record: {name: own(record[name]) for name in names if name in record}

    def select(record: Record) -> Record:
        selected: Record = {}
        for path in plan.features:
            value = reach(record, path, plan.literal_first)
            if value is MISSING:
                continue
            if plan.literal_first and path.name in record:
                selected[path.name] = own(value)
            else:
                place(selected, path, own(value), literal_first=False)
        return selected

    return select


def guard_walked_dicts(delimiter: str, paths: Iterable[Path]) -> Callable[[Record], None]:
    """Compile the check that no dict on the way of a configured path has a key with the delimiter in it."""
    routes = sorted({path.steps[:depth] for path in paths for depth in range(len(path.steps))})

    def guard(record: Record) -> None:
        found: list[str] = []
        for route in routes:
            node: Any = record
            for step in route:
                node = node.get(step) if isinstance(node, dict) else None
            if isinstance(node, dict):
                found.extend(key for key in node if isinstance(key, str) and delimiter in key)
        if found:
            raise collision(delimiter, found)

    return guard


def guard_literal_names(delimiter: str, paths: Iterable[Path]) -> Callable[[Record], None]:
    """Compile the narrower check of arrays: no key of the record is spelt like a configured path."""
    names = tuple(dict.fromkeys(path.name for path in paths if path.nested))

    def guard(record: Record) -> None:
        found = [name for name in names if name in record]
        if found:
            raise collision(delimiter, found)

    return guard


def collision(delimiter: str, keys: list[str]) -> RecordError:
    """Say which keys put a path in doubt."""
    return RecordError(
        f"Keys containing the delimiter {delimiter!r} were found: {keys} -- Choose another nested_field_delimiter, "
        "flatten the records (flatten_nested_inputs=True), or accept such keys (ignore_delimiter_collisions=True)."
    )
