"""Generates functions that read the features of a plan that does not flatten, into new records or a list of cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from packflow.backend.preprocessors.base import Record
from packflow.backend.preprocessors.compiled.building import Compiled, Slow, build, may_hold_dicts
from packflow.backend.preprocessors.compiled.flattening import walking, walking_lists
from packflow.backend.preprocessors.compiled.keys import compile_look, splits_in_one_way
from packflow.backend.preprocessors.nested import own
from packflow.backend.preprocessors.plan import Path, Plan

#: A path's steps to the name of the local variable that holds what it leads to.
Names = dict[tuple[str, ...], str]


#: What joins names where records are flattened; None where they are not.
Delimiter = str | None


@dataclass(frozen=True)
class Feature:
    """Where a feature's value is read, and where it goes."""

    source: Path
    target: Path


def readable(plan: Plan) -> list[Feature] | None:
    """Give what is to be read from each record as it came, or None where that cannot be said beforehand.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors.plan import compile_plan
        >>> [feature] = readable(compile_plan(BackendConfig(rename_fields={"a": "x"}, feature_names=["x"])))
        >>> feature.source.name, feature.target.name
        ('a', 'x')
    """
    if not plan.features or any(path.nested for move in plan.moves for path in move):
        return None
    if plan.flatten:
        return _readable_flat(plan)
    sources = {move.target.name: move.source for move in plan.moves}
    moved = {move.source.name for move in plan.moves}
    found: list[Feature] = []
    for path in plan.features:
        if path.nested and path.steps[0] in sources.keys() | moved:
            return None
        if path.name in sources:
            found.append(Feature(sources[path.name], path))
        elif path.name in moved:
            return None
        else:
            found.append(Feature(path, path))
    return None if _overlap([feature.target for feature in found]) else found


def _readable_flat(plan: Plan) -> list[Feature] | None:
    steps = {step for path in plan.features for step in path.steps}
    if (
        plan.moves
        or _overlap(list(plan.features))
        or not all(splits_in_one_way(step, plan.delimiter) for step in steps)
    ):
        return None
    return [Feature(path, Path(path.name, (path.name,))) for path in plan.features]


def _overlap(paths: list[Path]) -> bool:
    """Tell whether one path leads through what another one leads to."""
    whole = [path.steps for path in paths]
    ways = {steps[:depth] for steps in whole for depth in range(1, len(steps))}
    return len(set(whole)) < len(whole) or not ways.isdisjoint(whole)


def compile_selection(plan: Plan, features: list[Feature], slow: Slow) -> Compiled:
    """Generate the function that gives, for a batch of records, new ones with the features alone.

    Args:
        plan: the plan.
        features: what :func:`readable` gave for it.
        slow: does the same for one record, whatever it is.
    """
    watched = plan.guarded or plan.flatten
    body, names = _walk(features, watched=watched)
    body += _make([(feature.target.steps, _item(feature.source, names)) for feature in features], "row")
    source = _batch(body, "rows.append(row)", "rows.append(slow(record))", watched=watched)
    clear, look_at = compile_look(plan)
    return build(
        source,
        slow=slow,
        clear=clear,
        look_at=look_at,
        may_hold_dicts=may_hold_dicts(),
        own_values=compile_spreading(plan) if plan.flatten else own_values,
        own=own,
    )


def compile_cells(plan: Plan, features: list[Feature], slow: Slow) -> Compiled:
    """Generate the function that gives, for a batch of records, the cells of all rows in one list.

    A cell that is a dict is the record's own. The arguments are as in :func:`compile_selection`.
    """
    body, names = _walk(features, watched=False, flat=plan.delimiter if plan.flatten else None)
    cells = "".join(f"{_item(feature.source, names)}, " for feature in features)
    source = _batch(body, f"rows += ({cells})", "rows += slow(record)", watched=False)
    return build(source, slow=slow)


def own_values(row: Record) -> None:
    """Replace the dicts among the values of one of our rows by copies."""
    for name, value in row.items():
        if isinstance(value, dict):
            row[name] = own(value)


def compile_spreading(plan: Plan) -> Callable[[Record], None]:
    """Give what flattens the values of a row that were found under the features' names."""
    walk = (walking_lists if plan.flatten_lists else walking)(plan.delimiter)
    nodes = (dict, list) if plan.flatten_lists else (dict,)
    depths = {path.name: len(path.steps) + 1 for path in plan.features}

    def spread(row: Record) -> None:
        found = [*row.items()]
        row.clear()
        leaves = 0
        try:
            for name, value in found:
                if type(value) in nodes and value:
                    leaves += walk(value, name + plan.delimiter, row, depths[name])
                elif isinstance(value, nodes) and value:
                    raise KeyError
                else:
                    row[name] = {} if isinstance(value, dict) else value
                    leaves += 1
        except (TypeError, ValueError) as error:
            raise KeyError from error
        if leaves != len(row) or any(isinstance(value, nodes) and value for value in row.values()):
            raise KeyError

    return spread


def _item(path: Path, names: Names) -> str:
    return f"{names[path.steps[:-1]]}[{path.steps[-1]!r}]"


def _walk(features: list[Feature], watched: bool, flat: Delimiter = None) -> tuple[list[str], Names]:
    """Write the way to the dicts that hold the features' values, and give the names of these dicts."""
    names: Names = {(): "record"}
    lines: list[str] = []
    doubts = {} if watched else _doubts(features, flat)
    lines += _refuse("record", doubts.get((), []))
    for feature in features:
        steps = feature.source.steps
        for depth in range(1, len(steps)):
            if steps[:depth] not in names:
                node = f"node_{len(names)}"
                lines.append(f"{node} = {names[steps[: depth - 1]]}[{steps[depth - 1]!r}]")
                lines.append(f"if type({node}) is not dict: raise KeyError")
                names[steps[:depth]] = node
                lines += _refuse(node, doubts.get(steps[:depth], []))
    if watched:
        lines.append(f"watch({', '.join(names.values())})")
    return lines, names


def _doubts(features: list[Feature], flat: Delimiter) -> dict[tuple[str, ...], list[str]]:
    """Give, for the dicts on the way, the keys that are spelt like several steps of a path: they may be meant too.

    Without flattening these are the keys of the record alone that are spelt like a whole path.
    """
    doubts: dict[tuple[str, ...], list[str]] = {}
    for feature in features:
        steps = feature.source.steps
        for start in range(len(steps) - 1 if flat else 1):
            for end in range(start + 2, len(steps) + 1) if flat else (len(steps),):
                spelt = flat.join(steps[start:end]) if flat else feature.source.name
                keys = doubts.setdefault(steps[:start], [])
                if feature.source.nested and spelt not in keys:
                    keys.append(spelt)
    return doubts


def _refuse(node: str, keys: list[str]) -> list[str]:
    return [f"if {' or '.join(f'{key!r} in {node}' for key in keys)}: raise KeyError"] if keys else []


def _make(values: list[tuple[tuple[str, ...], str]], name: str) -> list[str]:
    """Write the making of a dict, given the paths within it and what to put there; no dict of the record's gets in."""
    leading = list(takewhile(lambda value: len(value[0]) == 1, values))
    lines = [f"{name} = {{{', '.join(f'{steps[0]!r}: {item}' for steps, item in leading)}}}"]
    if leading:
        lines.append(f"if may_hold_dicts({name}): own_values({name})")
    inner: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for steps, item in values[len(leading) :]:
        inner.setdefault(steps[0], []).append((steps[1:], item))
    for number, (step, below) in enumerate(inner.items()):
        if below[0][0]:
            lines += [*_make(below, f"{name}_{number}"), f"{name}[{step!r}] = {name}_{number}"]
        else:
            lines.append(f"{name}[{step!r}] = own({below[0][1]})")
    return lines


def _batch(body: list[str], add: str, otherwise: str, watched: bool) -> str:
    """Write the loop over a batch: a record that the body raises KeyError for is left to the interpreter."""
    lines = ["def run(records, type=type, dict=dict):", "    rows = []"]
    if watched:
        lines += ["    keys = set()", "    watch = keys.update"]
    lines += ["    for record in records:", "        if type(record) is dict:", "            try:"]
    lines += [f"                {line}" for line in [*body, add]]
    lines += ["                continue", "            except KeyError:", "                pass"]
    lines.append(f"        {otherwise}")
    if watched:
        lines.append("    if not clear.issuperset(keys): look_at(keys)")
    lines.append("    return rows")
    return "\n".join(lines) + "\n"
