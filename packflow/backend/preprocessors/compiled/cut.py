"""Generates the function that reads the cells of records that were cut to objects with attributes."""

from __future__ import annotations

from collections import Counter

from packflow.backend.preprocessors.base import Fields
from packflow.backend.preprocessors.compiled.building import Compiled, Slow, build
from packflow.backend.preprocessors.cut import Tree, attributes, tree_of
from packflow.backend.preprocessors.nested import MISSING
from packflow.backend.preprocessors.plan import Plan


def compile_cut_cells(plan: Plan, fields: Fields, slow: Slow) -> Compiled:
    """Generate the function that gives the cells of cut records in one list, row by row.

    A record is left to the interpreter where a value on the way of a path is no object, and where it has a key that is
    spelt like a path.

    Args:
        plan: reads fields as they are, neither renamed nor flattened, none of them within another.
        fields: what it reads, as the records are cut. An attribute that a record lacks is ``MISSING``.
        slow: the interpreter for one record: gives the row's cells, or raises.
    """
    return build(write_cut_cells(plan, fields), slow=slow, missing=MISSING)


def write_cut_cells(plan: Plan, fields: Fields) -> str:
    """Write the source of that function.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors.plan import compile_plan
        >>> plan = compile_plan(BackendConfig(feature_names=["x", "pos.lat"]))
        >>> print(write_cut_cells(plan, (("x",), ("pos", "lat"), ("pos.lat",))), end="")
        # The same where each record is cut to an object with attributes while it is decoded from JSON.
        def run(records, whole, missing=missing):
            cells = []
            for record in records:
                try:
                    if record.f1 is not missing: raise AttributeError
                    cells += (
                        record.f2,  # 'x'
                        record.f0.f0,  # 'pos.lat'
                    )
                except AttributeError:
                    cells += slow(whole(record))
            return cells
    """
    ways = Counter(path.steps[:depth] for path in plan.features for depth in range(1, len(path.steps)))
    nodes: dict[tuple[str, ...], _Node] = {(): _Node("record", tree_of(fields))}
    body: list[str] = []
    for way, times in ways.items():
        above = nodes[way[:-1]]
        nodes[way] = node = _Node(above.item(way[-1]), above.tree[way[-1]])
        if times > 1:
            body.append(f"node_{len(nodes)} = {node.name}")
            node.name = f"node_{len(nodes)}"
    spelt = [nodes[()].item(path.name) for path in plan.features if path.nested]
    if spelt:
        body.append(f"if {' or '.join(f'{name} is not missing' for name in spelt)}: raise AttributeError")
    cells = [f"{nodes[path.steps[:-1]].item(path.steps[-1])},  # {path.name!r}" for path in plan.features]
    body += ["cells += (", *(f"    {cell}" for cell in cells), ")"]
    return "\n".join(
        (
            "# The same where each record is cut to an object with attributes while it is decoded from JSON.",
            "def run(records, whole, missing=missing):",
            "    cells = []",
            "    for record in records:",
            "        try:",
            *(f"            {line}" for line in body),
            "        except AttributeError:",
            "            cells += slow(whole(record))",
            "    return cells",
            "",
        )
    )


class _Node:
    """An object on the way to cells: how the code calls it, and what is read of it."""

    def __init__(self, name: str, tree: Tree) -> None:
        self.name = name
        self.tree = tree
        self._attributes = attributes(tree)

    def item(self, key: str) -> str:
        """Write how to read what stands under a key."""
        return f"{self.name}.{self._attributes[key]}"
