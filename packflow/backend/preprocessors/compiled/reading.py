"""Generates functions that read the features of a plan that does not flatten, into new records or a list of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from packflow.backend.preprocessors.base import Record
from packflow.backend.preprocessors.compiled.building import Compiled, Slow, build, may_hold_dicts
from packflow.backend.preprocessors.nested import own
from packflow.backend.preprocessors.plan import Path, Plan

#: A path's steps to the name of the local variable that holds what it leads to.
Names = dict[tuple[str, ...], str]


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
    if plan.flatten or not plan.features or any(path.nested for move in plan.moves for path in move):
        return None
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
    nested = any(feature.source.nested for feature in features)
    body, names = _read(features, plan, watched=plan.guarded)
    made = _display(features, names)
    if nested:
        values = " or ".join(f"isinstance({names[feature.source.steps]}, dict)" for feature in features)
        body += [f"if {values}: raise KeyError", f"row = {made}"]
    else:
        body = [f"row = {made}"]
    after = [] if nested else ["if may_hold_dicts(row): own_values(row)"]
    end = ["if doubtful(keys): raise KeyError"] if plan.guarded else []
    source = _batch(body, [*after, "rows.append(row)"], "rows.append(slow(record))", end, watched=plan.guarded)
    delimiter = plan.delimiter

    def doubtful(keys: set[Any]) -> bool:
        try:
            return delimiter in "\0".join(keys) and any(delimiter in key for key in keys)
        except TypeError:
            return any(isinstance(key, str) and delimiter in key for key in keys)

    return build(
        source, slow=slow, doubtful=doubtful, may_hold_dicts=may_hold_dicts(), own_values=own_values, type=type
    )


def compile_cells(plan: Plan, features: list[Feature], slow: Slow) -> Compiled:
    """Generate the function that gives, for a batch of records, the cells of all rows in one list.

    A cell that is a dict is the record's own. The arguments are those of :func:`compile_selection`.
    """
    body, names = _read(features, plan, watched=False)
    cells = "".join(f"{names.get(feature.source.steps) or _item(feature.source)}, " for feature in features)
    return build(_batch(body, [], "rows += slow(record)", [], watched=False, last=f"rows += ({cells})"), slow=slow)


def own_values(row: Record) -> None:
    """Replace the dicts among the values of one of our rows by copies."""
    for name, value in row.items():
        if isinstance(value, dict):
            row[name] = own(value)


def _item(path: Path, node: str = "record") -> str:
    return f"{node}[{path.steps[-1]!r}]"


def _read(features: list[Feature], plan: Plan, watched: bool) -> tuple[list[str], Names]:
    """Give the lines that read what is nested into variables, and the variables' names."""
    names: Names = {(): "record"}
    lines: list[str] = []
    literal = [feature.source.name for feature in features if feature.source.nested]
    if literal and not watched:
        lines.append(f"if {' or '.join(f'{name!r} in record' for name in literal)}: raise KeyError")
    for feature in features:
        steps = feature.source.steps
        for depth in range(1, len(steps)):
            if steps[:depth] not in names:
                node = names[steps[:depth]] = f"node_{len(names)}"
                lines.append(f"{node} = {names[steps[: depth - 1]]}[{steps[depth - 1]!r}]")
                lines.append(f"if type({node}) is not dict: raise KeyError")
    if watched:
        lines.append(f"watch({', '.join(names.values())})")
    for feature in features:
        steps = feature.source.steps
        if len(steps) > 1 or any(other.source.nested for other in features):
            parent = names[steps[:-1]]
            cell = names[steps] = f"cell_{len(names)}"
            lines.append(f"{cell} = {_item(feature.source, parent)}")
    return lines, names


def _display(features: list[Feature], names: Names, depth: int = 0) -> str:
    """Write the dict that holds the features at their targets."""
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        groups.setdefault(feature.target.steps[depth], []).append(feature)
    items = []
    for step, group in groups.items():
        if len(group[0].target.steps) > depth + 1:
            value = _display(group, names, depth + 1)
        else:
            value = names.get(group[0].source.steps) or _item(group[0].source)
        items.append(f"{step!r}: {value}")
    return f"{{{', '.join(items)}}}"


def _batch(body: list[str], after: list[str], otherwise: str, end: list[str], watched: bool, last: str = "") -> str:
    """Write the loop over a batch: a record that the body raises KeyError for is left to the interpreter."""
    lines = ["def run(records, type=type, dict=dict):", "    rows = []"]
    if watched:
        lines += ["    keys = set()", "    watch = keys.update"]
    lines += ["    for record in records:", "        if type(record) is dict:", "            try:"]
    lines += [f"                {line}" for line in [*body, last] if line]
    lines += ["            except KeyError:", "                pass", "            else:"]
    lines += [f"                {line}" for line in after]
    lines += ["                continue", f"        {otherwise}"]
    lines += [f"    {line}" for line in [*end, "return rows"]]
    return "\n".join(lines) + "\n"
