"""A second reading of the rules, slow and plain, that the properties compare the preprocessors with.

It works on leaves: pairs of a path and a value. A path is a tuple of steps while records are nested, and a joined name
once they are flat. Nothing here is shared with the preprocessors.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Record = dict[str, Any]


class RefusedError(Exception):
    """The rules have no answer for a record."""


def nested_leaves(node: Any, lists: bool = False, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """List the leaves below a node; a dict (or list) with nothing in it is one."""
    inside: list[tuple[str, Any]] = []
    if isinstance(node, dict):
        inside = list(node.items())
    elif lists and isinstance(node, list):
        inside = [(str(position), item) for position, item in enumerate(node)]
    if not inside:
        return [(path, node)] if path else []
    return [leaf for step, value in inside for leaf in nested_leaves(value, lists, (*path, step))]


def built(leaves: list[tuple[tuple[str, ...], Any]]) -> Record:
    """Make nested dicts of leaves; one that stands in the way of another is an error, unless it is an empty dict."""
    record: Record = {}
    for path, value in sorted(leaves, key=lambda leaf: len(leaf[0])):
        node = record
        for step in path[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise RefusedError(f"{step} is in the way")
        if not (value == {} and path[-1] in node):
            node[path[-1]] = deepcopy(value)
    return record


def rename_nested(record: Record, renames: dict[str, str], delimiter: str) -> Record:
    """Rename without flattening."""
    before = nested_leaves(record)
    moves = [(tuple(source.split(delimiter)), tuple(target.split(delimiter))) for source, target in renames.items()]
    moves = [(source, target) for source, target in moves if any(path[: len(source)] == source for path, _ in before)]
    after = [
        (path, value)
        for path, value in before
        if not any(path[: len(gone)] == gone for move in moves for gone in move)  # a target's old value goes as well
    ]
    for source, target in sorted(moves, key=lambda move: len(move[1])):
        after = [(path, value) for path, value in after if path[: len(target)] != target]
        after += [(target + path[len(source) :], value) for path, value in before if path[: len(source)] == source]
    return built(after)


def select_nested(record: Record, names: list[str], delimiter: str) -> Record:
    """Select without flattening."""
    wanted = [tuple(name.split(delimiter)) for name in names]
    leaves = nested_leaves(record)
    return built([leaf for leaf in leaves if any(leaf[0][: len(path)] == path for path in wanted)])


def at_or_below(name: str, node: str, delimiter: str) -> bool:
    """Tell whether a joined name is a node's own, or that of a leaf under it."""
    return name == node or name.startswith(node + delimiter)


def flat_leaves(record: Record, renames: dict[str, str], delimiter: str, lists: bool) -> list[tuple[str, Any]]:
    """Rename and flatten; names may still be doubled."""
    before = [(delimiter.join(path), value) for path, value in nested_leaves(record, lists)]
    moves = [
        (source, target)
        for source, target in renames.items()
        if any(at_or_below(name, source, delimiter) for name, _ in before)
    ]
    after: list[tuple[str, Any]] = []
    for name, value in before:
        new_names = [target + name[len(source) :] for source, target in moves if at_or_below(name, source, delimiter)]
        overwritten = any(at_or_below(name, target, delimiter) for _, target in moves)
        after += [(new, value) for new in new_names or ([] if overwritten else [name])]
    targets = {target for _, target in moves}
    filled = {name for name, _ in after if any(at_or_below(target, name, delimiter) for target in targets - {name})}
    return [(name, value) for name, value in after if value != {} or name in targets or name not in filled]


def once_each(leaves: list[tuple[str, Any]]) -> Record:
    """Make one level of names of leaves; a doubled one is an error."""
    if len({name for name, _ in leaves}) < len(leaves):
        raise RefusedError("a doubled name")
    return dict(leaves)


def flat(record: Record, renames: dict[str, str], names: list[str], delimiter: str, lists: bool) -> Record:
    """Rename, flatten and select."""
    leaves = flat_leaves(record, renames, delimiter, lists)
    if not names:
        return once_each(leaves)
    selected: Record = {}
    for wanted in names:
        selected |= once_each([leaf for leaf in leaves if at_or_below(leaf[0], wanted, delimiter)])
    return selected


def walked_keys(record: Record, names: list[str], delimiter: str) -> set[str]:
    """Give the keys of all dicts that the paths walk through, the record's own among them."""
    keys: set[str] = set()
    for name in names:
        node: Any = record
        for step in name.split(delimiter):
            if not isinstance(node, dict):
                break
            keys |= set(node)
            node = node.get(step)
    return keys


def reach(record: Record, name: str, delimiter: str, missing: Any) -> Any:
    """Follow a path through nested dicts."""
    node: Any = record
    for step in name.split(delimiter):
        if not isinstance(node, dict) or step not in node:
            return missing
        node = node[step]
    return node
