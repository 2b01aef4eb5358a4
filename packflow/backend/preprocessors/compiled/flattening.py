"""Flattens whole records: functions are generated for the layouts that come up again and again.

A layout is the order of a dict's keys. A :func:`place` is where a dict may be in the records; it knows the layouts that
were seen there, and has a function for those that were seen often. The function also has the layouts of the dicts below
in it, as they were in the record that it was made from; where they differ, it asks the place below. So records of many
mixed layouts need as many functions as their dicts have layouts, not as the whole has.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

from packflow.backend.preprocessors.base import Record
from packflow.backend.preprocessors.compiled.building import Compiled, Slow, load, may_hold_dicts
from packflow.backend.preprocessors.compiled.layouts import MOST_LEAVES, LayoutWriter
from packflow.backend.preprocessors.plan import MAX_DEPTH, Plan

#: How many layouts are told apart at one place, how many records of one layout are read before a function is made
#: for it, and how many functions one preprocessor may make.
LAYOUTS = 64
OFTEN = 8
FUNCTIONS = 500

#: Puts the leaves of a dict into a row and tells how many there were: fewer are in the row if two had one name.
Reader = Callable[[Record, Record], int]
#: Does the same for any dict, given what the names begin with and how deep the dict is.
Walker = Callable[[Any, str, Record, int], int]


def walking(delimiter: str) -> Walker:
    """Give what reads dicts of any layout, leaf by leaf."""

    def walk(node: Record, prefix: str, row: Record, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise ValueError("too deep")
        leaves = len(node)
        for key, value in node.items():
            if type(key) is not str:
                raise TypeError("no plain text")
            if type(value) is not dict:
                row[prefix + key] = value
            elif value:
                leaves += walk(value, prefix + key + delimiter, row, depth + 1) - 1
            else:
                row[prefix + key] = {}
        return leaves

    return walk


def walking_lists(delimiter: str) -> Walker:
    """Give what reads dicts and lists, leaf by leaf."""

    def walk(node: Any, prefix: str, row: Record, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise ValueError("too deep")
        leaves = len(node)
        for key, value in node.items() if type(node) is dict else zip(map(str, range(leaves)), node, strict=True):
            if type(key) is not str:
                raise TypeError("no plain text")
            kind = type(value)
            if (kind is dict or kind is list) and value:
                leaves += walk(value, prefix + key + delimiter, row, depth + 1) - 1
            else:
                row[prefix + key] = {} if kind is dict else value
        return leaves

    return walk


class Flattening:
    """What the places of one preprocessor share: the plan, and how many functions they may still make."""

    def __init__(self, plan: Plan, *, careful: bool = False) -> None:
        self._delimiter = plan.delimiter
        self._lists = plan.flatten_lists
        self.walk = (walking_lists if plan.flatten_lists else walking)(plan.delimiter)
        self._nodes = (dict, list) if plan.flatten_lists else (dict,)
        self.careful = careful
        self._left = FUNCTIONS
        self.source: str | None = None
        self.top = place(self, "", 1)

    def settled(self, row: Record) -> bool:
        """Tell whether nothing in a row is to be flattened any more; empty dicts are made the row's own."""
        nodes = self._nodes
        if not any(issubclass(kind, nodes) for kind in {*map(type, row.values())}):
            return True
        for name, value in row.items():
            if isinstance(value, nodes):
                if value:
                    return False
                if isinstance(value, dict):
                    row[name] = {}
        return True

    def make(self, example: Record, prefix: str, depth: int) -> Reader | None:
        """Generate the function for a layout, if it is one that a function can be made for."""
        if not (0 < len(example) <= MOST_LEAVES and self._left > 0 and all(type(key) is str for key in example)):
            return None
        self._left -= 1
        writer = LayoutWriter(self._delimiter, lists=self._lists, careful=self.careful)
        source = writer.write(example, prefix, depth)
        below = {name: place(self, *spot).read for name, spot in writer.spots.items()}
        made: Reader = load(source, {**below, "walk": self.walk})["read"]
        self.source = source  # to be shown, and no more: another thread may make a function meanwhile
        return made


class Place(NamedTuple):
    """What reads the dicts at one place: ``find`` gives the reader of a layout, ``meet`` reads one without a reader."""

    read: Reader
    find: Callable[[tuple[Any, ...], Reader], Reader]
    meet: Reader


def place(flattening: Flattening, prefix: str, depth: int) -> Place:
    """Give what reads the dicts at one place of the records, and learns their layouts."""
    readers: dict[tuple[Any, ...], Reader] = {}
    find, walk = readers.get, flattening.walk

    def read(node: Record, row: Record) -> int:
        return find((*node,), meet)(node, row)

    def plainly(node: Record, row: Record) -> int:
        return walk(node, prefix, row, depth)

    def meet(node: Record, row: Record) -> int:
        if len(readers) < LAYOUTS:
            readers[tuple(node)] = learner()
        return walk(node, prefix, row, depth)

    def learner() -> Reader:
        times, most = count(2), 0

        def learn(node: Record, row: Record) -> int:
            nonlocal most
            leaves = plainly(node, row)
            if next(times) >= OFTEN and leaves >= most:  # an example where nothing is left out
                readers[tuple(node)] = flattening.make(node, prefix, depth) or plainly
            most = max(most, leaves)
            return leaves

        return learn

    return Place(read, find, meet)


def compile_flattening(plan: Plan, slow: Slow) -> Compiled | None:
    """Give the function that flattens a batch; None where more than that is asked for.

    Args:
        plan: the plan.
        slow: does the same for one record, whatever it is.
    """
    if plan.moves or plan.features:
        return None
    flattening = Flattening(plan)
    may = may_hold_dicts()

    def run(records: list[Any]) -> list[Record]:
        nonlocal flattening
        rows: list[Record] = []
        used = flattening
        _, find, meet = used.top
        for record in records:
            if type(record) is dict:
                row: Record = {}
                try:
                    leaves = find((*record,), meet)(record, row)
                except (TypeError, ValueError):
                    leaves = -1
                if leaves == len(row):
                    if not may(row) or used.settled(row):
                        rows.append(row)
                        continue
                    if not flattening.careful:
                        flattening = Flattening(plan, careful=True)
            rows.append(slow(record))
        return rows

    return Compiled(run, lambda: flattening.source)
