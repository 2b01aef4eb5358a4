"""Records that are flattened: one level of joined names, renamed and selected by those names.

In a flattened record a name is text: ``{"a": {"b": 1}}`` and ``{"a.b": 1}`` both give ``a.b``, and a configured name
means either. Two leaves of one record that would get the same name are an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from packflow.backend.preprocessors.base import Record, RecordError
from packflow.backend.preprocessors.plan import MAX_DEPTH, Move, Plan
from packflow.backend.validation import type_name


class Leaf(NamedTuple):
    """A value and its joined name."""

    name: str
    value: Any


def leaves(record: Record, delimiter: str, flatten_lists: bool, wanted: frozenset[str] | None = None) -> list[Leaf]:
    """List the leaves of a record in the order of its keys. Empty dicts and lists are leaves.

    Where names are ``wanted``, a dict (or list) to which none of them leads, and which is under none, is not looked at.

    Example:
        >>> leaves({"a": {"b": [1], "c": {}}}, ".", flatten_lists=True)
        [Leaf(name='a.b.0', value=1), Leaf(name='a.c', value={})]
    """
    found: list[Leaf] = []
    ways = None if wanted is None else [name + delimiter for name in wanted]

    def walk(node: Any, prefix: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise RecordError(f"The record is nested more than {MAX_DEPTH} levels deep, or contains itself")
        for key, value in node.items() if isinstance(node, dict) else _positions(node):
            if not isinstance(key, str):
                raise RecordError(
                    f"The key {key!r} ({type_name(key)}) cannot be part of a flattened name; expected a string"
                )
            name = prefix + key
            if (isinstance(value, dict) and value) or (flatten_lists and isinstance(value, list) and value):
                inner = name + delimiter
                if ways is None or any(inner.startswith(way) or way.startswith(inner) for way in ways):
                    walk(value, inner, depth + 1)
            else:
                found.append(Leaf(name, {} if isinstance(value, dict) else value))

    walk(record, "", 1)
    return found


def _positions(items: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((str(position), item) for position, item in enumerate(items))


def stems(name: str, delimiter: str) -> Iterator[str]:
    """Give the names of the nodes above a leaf, innermost last, and the leaf's own.

    Example:
        >>> list(stems("a.b.c", "."))
        ['a', 'a.b', 'a.b.c']
    """
    position = name.find(delimiter)
    while position >= 0:
        yield name[:position]
        position = name.find(delimiter, position + 1)  # a key may end as the delimiter starts: they can overlap
    yield name


class Flattener:
    """A compiled plan that flattens.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.preprocessors.plan import compile_plan
        >>> config = BackendConfig(flatten_nested_inputs=True, rename_fields={"foo": "f"})
        >>> Flattener(compile_plan(config)).flatten({"foo": {"bar": 0}})
        {'f.bar': 0}
    """

    def __init__(self, plan: Plan) -> None:
        self._delimiter = plan.delimiter
        self._flatten_lists = plan.flatten_lists
        self._moves: dict[str, Move] = {move.source.name: move for move in plan.moves}
        self._features = tuple(path.name for path in plan.features)
        self._wanted = frozenset(self._features)
        self._asked = self._wanted.union(self._moves) if self._features else None

    def flatten(self, record: Record) -> Record:
        """Rename and flatten a whole record."""
        return self._joined(self._renamed(self._leaves(record)))

    @staticmethod
    def _joined(renamed: list[Leaf]) -> Record:
        flat: Record = {}
        for leaf in renamed:
            if leaf.name in flat:
                raise doubled(leaf.name)
            flat[leaf.name] = leaf.value
        return flat

    def select(self, record: Record) -> Record:
        """Rename and flatten a record, and keep what is named: leaves, or all the leaves under a node."""
        return merged(self.groups(record))

    def groups(self, record: Record) -> list[Record]:
        """Give, for each feature, the leaves that it names: itself, or those under it, or none."""
        return self._grouped(self._renamed(self._leaves(record)))

    def _grouped(self, renamed: list[Leaf]) -> list[Record]:
        by_feature: dict[str, Record] = {}
        for leaf in renamed:
            for stem in stems(leaf.name, self._delimiter):
                if stem in self._wanted:
                    group = by_feature.setdefault(stem, {})
                    if leaf.name in group:
                        raise doubled(leaf.name)
                    group[leaf.name] = leaf.value
        return [by_feature.get(name, {}) for name in self._features]

    def stages(self, of_groups: Callable[[list[Record]], Any]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        """Give what is done to a record one after the other, each with its name, to measure how long it takes.

        Args:
            of_groups: makes the result of what :meth:`groups` gives, where the plan selects.
        """
        rename = [("rename", self._renamed)] if self._moves else []
        if self._features:
            return (("flatten", self._leaves), *rename, ("select", lambda found: of_groups(self._grouped(found))))
        return (("flatten", self._leaves), *rename, ("join", self._joined))

    def _leaves(self, record: Record) -> list[Leaf]:
        return leaves(record, self._delimiter, self._flatten_lists, self._asked)

    def _renamed(self, found: list[Leaf]) -> list[Leaf]:
        if not self._moves:
            return found
        moved: list[tuple[Leaf, bool]] = []
        taken: set[str] = set()
        for leaf in found:
            sources = [stem for stem in stems(leaf.name, self._delimiter) if stem in self._moves]
            for source in sources:
                target = self._moves[source].target.name
                taken.add(target)
                moved.append((Leaf(target + leaf.name[len(source) :], leaf.value), True))
            if not sources:
                moved.append((leaf, False))
        filled = {stem for target in taken for stem in stems(target, self._delimiter)} - taken
        return [
            leaf
            for leaf, renamed in moved
            if not (
                isinstance(leaf.value, dict) and leaf.name in filled
            )  # no longer empty: something was moved into it
            and (renamed or taken.isdisjoint(stems(leaf.name, self._delimiter)))
        ]


def merged(groups: list[Record]) -> Record:
    """Make one record of the leaves of each feature."""
    selected: Record = {}
    for group in groups:
        selected.update(group)
    return selected


def leaves_called(name: str, node: Any, delimiter: str, flatten_lists: bool) -> Iterator[Any]:
    """Give the values of all leaves that would get a name, however it is spread over keys. No other key is looked at.

    Example:
        >>> list(leaves_called("a.b", {"a": {"b": 1}, "a.b": 2, "c": 3}, ".", flatten_lists=False))
        [1, 2]
    """
    for stem in stems(name, delimiter):
        found = _under(node, stem)
        is_node = isinstance(found, dict) or (flatten_lists and isinstance(found, list))
        if len(stem) < len(name):
            if is_node:
                yield from leaves_called(name[len(stem) + len(delimiter) :], found, delimiter, flatten_lists)
        elif found is not _NOTHING and not (is_node and found):
            yield {} if isinstance(found, dict) else found


_NOTHING = object()
#: No list has a position with more digits.
_LONGEST = 20


def _under(node: Any, key: str) -> Any:
    if isinstance(node, dict):
        return node.get(key, _NOTHING)
    is_position = len(key) < _LONGEST and key.isdecimal() and str(int(key)) == key and int(key) < len(node)
    return node[int(key)] if is_position else _NOTHING


def doubled(name: str) -> RecordError:
    """Say that two leaves of a record have one name."""
    return RecordError(
        f"Two fields of the record would both be called {name!r} -- Rename one of them, or choose another "
        "nested_field_delimiter."
    )
