"""Converting many values of one kind at once: lists of records, of lists, of arrays, of a library's scalars.

:meth:`Walk.native <packflow.normalizers.walk.Walk.native>` looks at one value after another, and says what is wrong
with which. Here the values that stand in the same place of all rows are one column, at which Python's own loops look
whole. What a column cannot say yes to at once, it leaves to the walk, which is the reference: it gives None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice
from math import isfinite
from typing import TYPE_CHECKING, Any

from packflow.normalizers.base import Native
from packflow.normalizers.dispatch import CORE, LEAVES
from packflow.normalizers.plain import MAX_INT_DIGITS

if TYPE_CHECKING:
    from packflow.normalizers.dispatch import Rules

INT_BOUND = 10**MAX_INT_DIGITS
#: Below this, looking at the values one by one is done sooner.
FEWEST = 8
#: So many are converted at a time, whose lists may hold so many values in all; data that contains itself has no end.
CHUNK = 1_000
MOST_WITHIN = 50 * CHUNK
#: What is deeper is left to the walk.
DEEPEST = 10
_PASSED = frozenset({str, bool, type(None)})


def kinds_of(values: Any) -> set[type]:
    """Give the types of values; none where one has a metaclass whose classes cannot be in a set."""
    try:
        return set(map(type, values))
    except Exception:  # noqa: BLE001  # a metaclass runs code of anybody's
        return set()


def are_plain(values: Any, kinds: set[type]) -> bool:
    """Tell whether values of these types are all leaves that stay as they are.

    Example:
        >>> are_plain([1.5, 2.5], {float}), are_plain([1.5, float("nan")], {float})
        (True, False)
    """
    if not kinds <= LEAVES:
        return False
    if len(kinds) > 1:
        return kinds <= _PASSED or all(map(_is_plain_leaf, values))
    if float in kinds:
        return isfinite(sum(values))  # no NaN and no infinity can be lost in a sum
    if int in kinds:
        return bool(min(values) > -INT_BOUND and max(values) < INT_BOUND)
    return bool(kinds)


def _is_plain_leaf(value: Any) -> bool:
    kind = type(value)
    return (value - value == 0) if kind is float else (-INT_BOUND < value < INT_BOUND) if kind is int else True


def convert_all(values: Sequence[Any], kinds: set[type], rules: Rules) -> list[Any] | None:
    """Do what :func:`convert` does, a chunk at a time."""
    found: list[Any] = []
    for start in range(0, len(values), CHUNK):
        chunk = convert(values[start : start + CHUNK], kinds, rules)
        if chunk is None:
            return None
        found += chunk
    return found


def convert(values: Sequence[Any], kinds: set[type], rules: Rules, depth: int = 0) -> list[Any] | None:
    """Give many values as JSON-native data, all of whose containers are new; None where the walk has to look.

    Example:
        >>> from packflow.normalizers.dispatch import current_rules
        >>> rows = [{"a": (1, 2.5), "b": None}, {"a": (), "b": None}]
        >>> convert(rows, {dict}, current_rules())
        [{'a': [1, 2.5], 'b': None}, {'a': [], 'b': None}]

    Args:
        values: a list or a tuple.
        kinds: the types of its values.
        rules: those of the walk.
        depth: how many columns this one is in.
    """
    if are_plain(values, kinds):
        return list(values)
    if len(kinds) != 1 or depth > DEEPEST:
        return None
    (kind,) = kinds
    if kind is dict:
        return _records(values, rules, depth)
    if kind is list or kind is tuple:
        return _lists(values, rules, depth)
    if kind in CORE:
        return None
    return _by_rule(values, kind, rules, depth)


def _by_rule(values: Sequence[Any], kind: type, rules: Rules, depth: int) -> list[Any] | None:
    many, rule = rules.many.get(kind), rules.known.get(kind)
    made: Any = many(values) if many else list(map(rule, values)) if rule else None
    if made is None:
        return None
    if type(made) is Native:
        found: list[Any] = made.data
        return found if made.replaced is None else None
    kinds = kinds_of(made)
    if Native in kinds:
        return [native.data for native in made] if len(kinds) == 1 and not any(_replaced(made)) else None
    return convert(made, kinds, rules, depth + 1)


def _replaced(natives: list[Native]) -> list[bool]:
    return [native.replaced is not None for native in natives]


def _lists(values: Sequence[Sequence[Any]], rules: Rules, depth: int) -> list[Any] | None:
    within = list(chain.from_iterable(values))
    kinds = kinds_of(within)
    if not within or are_plain(within, kinds):
        return list(map(list, values))
    if len(within) > MOST_WITHIN:
        return None
    found = convert(within, kinds, rules, depth + 1)
    if found is None:
        return None
    items = iter(found)
    return [list(islice(items, length)) for length in map(len, values)]


def _records(values: Sequence[dict[Any, Any]], rules: Rules, depth: int) -> list[Any] | None:
    keys = (*values[0],)
    if not 0 < len(keys) <= MOST_KEYS or set(map(tuple, values)) != {keys} or set(map(type, keys)) != {str}:
        return None
    columns: list[list[Any]] = []
    for key in keys:
        column: list[Any] | None = [value[key] for value in values]
        column = convert(column or [], kinds_of(column), rules, depth + 1)
        if column is None:
            return None
        columns.append(column)
    return maker(keys)(columns)


#: Wider records are left to the walk.
MOST_KEYS = 200
_makers: dict[tuple[str, ...], Callable[[list[list[Any]]], list[dict[str, Any]]]] = {}


def maker(keys: tuple[str, ...]) -> Callable[[list[list[Any]]], list[dict[str, Any]]]:
    """Give the function that puts columns together to dicts; its source is generated, once for each layout.

    Example:
        >>> maker(("a", "b"))([[1, 2], [3, 4]])
        [{'a': 1, 'b': 3}, {'a': 2, 'b': 4}]
    """
    made = _makers.get(keys)
    if made is None:
        if len(_makers) >= _MOST_MAKERS:  # the layouts of data, unlike those of programs, may have no end
            return lambda columns: [dict(zip(keys, cells, strict=True)) for cells in zip(*columns, strict=True)]
        names = [f"v{number}" for number in range(len(keys))]
        items = ", ".join(f"{key!r}: {name}" for key, name in zip(keys, names, strict=True))
        source = f"lambda columns: [{{{items}}} for {', '.join(names)}, in zip(*columns)]"
        made = _makers[keys] = eval(source)  # noqa: S307  # made here; the keys come in as literals
    return made


_MOST_MAKERS = 500
