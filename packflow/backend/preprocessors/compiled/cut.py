"""Generates the function that reads the cells of records that were cut to objects with attributes."""

from __future__ import annotations

from packflow.backend.preprocessors.base import Fields
from packflow.backend.preprocessors.compiled.building import Slow, load
from packflow.backend.preprocessors.cut import CellsOfCut, Tree, attribute, tree_of
from packflow.backend.preprocessors.nested import MISSING
from packflow.backend.preprocessors.plan import Plan

#: The steps of a path to the expression that gives what it leads to.
Names = dict[tuple[str, ...], str]


def compile_cut_cells(plan: Plan, fields: Fields, slow: Slow) -> CellsOfCut:
    """Generate the function that gives the cells of cut records in one list, row by row.

    A record is left to the interpreter where a value on the way of a path is no object, and where it has a key that is
    spelt like a path.

    Args:
        plan: reads fields as they are, neither renamed nor flattened, none of them within another.
        fields: what it reads, as the records are cut. An attribute that a record lacks is ``MISSING``.
        slow: the interpreter for one record: gives the row's cells, or raises.
    """
    run: CellsOfCut = load(write_cut_cells(plan, fields), {"slow": slow, "missing": MISSING})["run"]
    return run


def write_cut_cells(plan: Plan, fields: Fields) -> str:
    """Write the source of that function.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors.plan import compile_plan
        >>> plan = compile_plan(BackendConfig(feature_names=["x", "pos.lat"]))
        >>> print(write_cut_cells(plan, (("x",), ("pos", "lat"), ("pos.lat",))))
        def run(records, whole, missing=missing):
            cells = []
            for record in records:
                try:
                    if record.f1 is not missing: raise AttributeError
                    cells += (record.f2, record.f0.f0, )
                except AttributeError:
                    cells += slow(whole(record))
            return cells
    """
    tree = tree_of(fields)
    names: Names = {(): "record"}
    body: list[str] = []
    ways = [path.steps[:depth] for path in plan.features for depth in range(1, len(path.steps))]
    for way in dict.fromkeys(ways):
        names[way] = _item(tree, way, names)
        if ways.count(way) > 1:
            body.append(f"node_{len(names)} = {names[way]}")
            names[way] = f"node_{len(names)}"
    spelt = [_item(tree, (path.name,), names) for path in plan.features if path.nested]
    if spelt:
        body.append(f"if {' or '.join(f'{name} is not missing' for name in spelt)}: raise AttributeError")
    body.append(f"cells += ({''.join(f'{_item(tree, path.steps, names)}, ' for path in plan.features)})")
    return "\n".join(
        (
            "def run(records, whole, missing=missing):",
            "    cells = []",
            "    for record in records:",
            "        try:",
            *(f"            {line}" for line in body),
            "        except AttributeError:",
            "            cells += slow(whole(record))",
            "    return cells",
        )
    )


def _item(tree: Tree, steps: tuple[str, ...], names: Names) -> str:
    """Write how to read what a path leads to, from the node that it is in."""
    for step in steps[:-1]:
        tree = tree[step]
    return f"{names[steps[:-1]]}.{attribute(tree, steps[-1])}"
