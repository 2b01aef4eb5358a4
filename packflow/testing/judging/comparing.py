"""Whether two results are the same, and where they differ. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from packflow.utils.errors import short


def difference(found: Any, wanted: Any, *, tolerance: float = 0.0, ordered: bool = False, at: str = "") -> str | None:
    """Say where two pieces of data first differ; None if they are the same.

    Example:
        >>> difference([{"score": 0.5}], [{"score": 0.25}])
        '[0].score is 0.5, not 0.25'
        >>> difference([{"score": 0.5}], [{"score": 0.5000001}], tolerance=1e-6) is None
        True

    NaN is the same as NaN, a bool is no number, and arrays are compared by shape and values.

    Args:
        found: what there is.
        wanted: what there should be.
        tolerance: how far numbers may be apart, absolutely or in proportion.
        ordered: whether the order of a dict's keys counts.
        at: the path to what is compared.
    """
    found, wanted = _plain(found), _plain(wanted)
    place = at or "it"
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        if set(found) != set(wanted) or (ordered and list(found) != list(wanted)):
            return f"{place} has the keys {_keys(found)}, not {_keys(wanted)}"
        parts = ((found[key], wanted[key], f"{at}.{key}".lstrip(".")) for key in wanted)
        return _first(parts, tolerance, ordered)
    if _is_row(found) and _is_row(wanted):
        if len(found) != len(wanted):
            return f"{place} has {len(found)} items, not {len(wanted)}"
        parts = ((found[index], wanted[index], f"{at}[{index}]") for index in range(len(wanted)))
        return _first(parts, tolerance, ordered)
    return None if same_leaf(found, wanted, tolerance) else f"{place} is {short(found)}, not {short(wanted)}"


def _first(parts: Iterable[tuple[Any, Any, str]], tolerance: float, ordered: bool) -> str | None:
    compared = (difference(mine, other, tolerance=tolerance, ordered=ordered, at=at) for mine, other, at in parts)
    return next((found for found in compared if found), None)


def _is_row(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _keys(record: Mapping[Any, Any]) -> str:
    return short(list(record))


def _plain(value: Any) -> Any:
    """Give an array as nested lists, and an object that has no equality of its own as what it consists of."""
    if hasattr(value, "tolist") and hasattr(value, "shape"):
        return value.tolist()
    if hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        return {"type": type(value).__qualname__, **vars(value)}
    return value


def same_leaf(found: Any, wanted: Any, tolerance: float = 0.0) -> bool:
    """Whether two single values are the same.

    Example:
        >>> same_leaf(float("nan"), float("nan")), same_leaf(True, 1), same_leaf(1, 1.0)
        (True, False, True)
    """
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        if found != found or wanted != wanted:  # a NaN
            return found != found and wanted != wanted
        return found == wanted or (tolerance > 0 and _close(found, wanted, tolerance))
    if type(found) is not type(wanted):
        return False
    try:
        return bool(found == wanted)
    except Exception:  # noqa: BLE001 - any class of a plugin's; frames and the like have no single answer
        return repr(found) == repr(wanted)


def _close(found: float, wanted: float, tolerance: float) -> bool:
    try:
        return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)
    except OverflowError:  # an integer that no float holds
        return False


def is_rearranged(found: Sequence[Any], wanted: Sequence[Any], *, tolerance: float = 0.0) -> bool:
    """Whether each of the wanted rows is there, wherever it stands.

    Example:
        >>> is_rearranged([2, 1], [1, 2]), is_rearranged([1, 1], [1, 2])
        (True, False)
    """
    left = list(wanted)
    for row in found:
        match = next((n for n, other in enumerate(left) if difference(row, other, tolerance=tolerance) is None), None)
        if match is None:
            return False
        del left[match]
    return not left


def share_a_container(mine: Any, theirs: Any) -> bool:
    """Whether two pieces of data have a dict or a list in common.

    Example:
        >>> inner = []
        >>> share_a_container({"a": inner}, [inner]), share_a_container({"a": []}, [inner])
        (True, False)
    """
    return not _ids_within(mine, (dict, list)).isdisjoint(_ids_within(theirs, (dict, list)))


def share_a_dict(mine: Any, records: Iterable[Any]) -> bool:
    """Whether some data has a dict of some records in it. What is in a record's lists is the lists' own.

    Example:
        >>> inner = {}
        >>> share_a_dict([inner], [{"a": inner}]), share_a_dict([inner], [{"a": [inner]}])
        (True, False)
    """
    theirs = set[int]().union(*(_ids_within(record, (dict,)) for record in records))
    return not _ids_within(mine, (dict, list)).isdisjoint(theirs)


def _ids_within(value: Any, kinds: tuple[type, ...]) -> set[int]:
    """Give the ids of the containers of some kinds that are reached through such containers, or through tuples."""
    found: set[int] = set()
    waiting = [value]
    while waiting:
        each: Any = waiting.pop()
        if isinstance(each, (*kinds, tuple)) and id(each) not in found:
            if not isinstance(each, tuple):
                found.add(id(each))
            waiting.extend(_inside(each))
    return found


def _inside(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def foreign_part(data: Any, at: str = "") -> str | None:
    """Say what in some data is not exactly of the types that JSON has; None if all is.

    Example:
        >>> foreign_part({"a": [1, None, "x"]}) is None, foreign_part({"a": (1,)})
        (True, 'a is a tuple')
    """
    place, kind = at or "the whole", type(data)
    if kind is dict:
        key = next((key for key in data if type(key) is not str), None)
        if key is not None:
            return f"a key of {place} is {key!r}, a {type(key).__name__}"
        parts = ((value, f"{at}.{key}".lstrip(".")) for key, value in data.items())
    elif kind is list:
        parts = ((value, f"{at}[{index}]") for index, value in enumerate(data))
    else:
        return None if kind in (str, int, float, bool, type(None)) else f"{place} is a {kind.__name__}"
    return next((found for found in (foreign_part(value, inner) for value, inner in parts) if found), None)
