"""Records whose cells a source has read already, so that no dict is made of any of them.

A source of JSON decodes a record to an object with an attribute for each field that is read, which costs less than a
dict, has the preprocessor's own code read the cells of it, and forgets it. Here is what both sides need to know of each
other: how the attributes are named, and what goes in where a list of dicts would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from packflow.backend.preprocessors.base import Fields, Record

#: The fields of a record by their keys, in order; those of an object in it, or None for a value that is read whole.
Tree = dict[str, Any]
#: Paths of more steps are left to dicts: Python's own compiler has an end.
MOST_STEPS = 50
#: Gives the cells of all rows in one list, given cut records and what makes a dict of one of them.
CellsOfCut = Callable[[Iterable[Any], Callable[[Any], Record]], list[Any]]


class ReadRecords(list[Any]):
    """A batch of records as they were encoded, with the cells that were read of them.

    Args:
        encoded: the records.
        cells: those of all rows, row by row.
        decode: gives the dicts, for whoever needs more than the cells.
    """

    def __init__(self, encoded: list[bytes], cells: list[Any], decode: Callable[[], list[Record]]) -> None:
        super().__init__(encoded)
        self.cells = cells
        self.records = decode


def tree_of(fields: Fields) -> Tree:
    """Join paths into nested dicts, with None for a field that is read whole.

    Example:
        >>> tree_of((("x",), ("pos", "lat"), ("pos", "lon"), ("x", "y")))
        {'pos': {'lat': None, 'lon': None}, 'x': None}
    """
    tree: Tree = {}
    for path in sorted(fields):  # a field comes before those within it
        _plant(tree, path)
    return tree


def _plant(tree: Tree, path: tuple[str, ...]) -> None:
    node = tree
    for step in path[:-1]:
        below = node.setdefault(step, {})
        if below is None:  # read whole already
            return
        node = below
    node[path[-1]] = None


def attributes(tree: Tree) -> dict[str, str]:
    """Name the attributes that stand for the keys, which may be no names themselves.

    Example:
        >>> attributes({"pos": None, "pos.lat": None})
        {'pos': 'f0', 'pos.lat': 'f1'}
    """
    return {key: f"f{number}" for number, key in enumerate(tree)}
