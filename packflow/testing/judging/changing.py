"""Records that are not quite right, made of good ones: a field is missing, None, NaN, one too many, or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

Record = dict[str, Any]
Path = tuple[str, ...]

#: A record of hundreds of fields is judged by the first of them.
MOST_FIELDS = 25

#: A field that no sample has, and what stands in it.
EXTRA_FIELD = "packflow_extra_field"
EXTRA_VALUES: tuple[Any, ...] = (0, "text", None, {"inner": [1, {"deep": None}]})


class Changed(NamedTuple):
    """A batch in which one record was changed."""

    what: str
    records: list[Record]
    row: int


def without_fields(records: list[Record]) -> Iterator[Changed]:
    """Give the batch once for each field of its second record, which lacks it.

    Example:
        >>> [changed.records[1] for changed in without_fields([{"a": 1, "b": 2}, {"a": 3, "b": 4}])]
        [{'b': 4}, {'a': 3}]
    """
    for path in paths(records[1]):
        changed = deepcopy(records)
        del inner(changed[1], path[:-1])[path[-1]]
        yield Changed(f"a record without {'.'.join(path)!r}", changed, 1)


def with_value(records: list[Record], value: Any, *, numbers_only: bool = False) -> Iterator[Changed]:
    """Give the batch once for each field of its second record, which has another value there.

    Example:
        >>> [changed.records[1] for changed in with_value([{}, {"a": 3, "b": "x"}], None)]
        [{'a': None, 'b': 'x'}, {'a': 3, 'b': None}]
    """
    for path in paths(records[1]):
        old = inner(records[1], path)
        if numbers_only and (isinstance(old, bool) or not isinstance(old, (int, float))):
            continue
        changed = deepcopy(records)
        inner(changed[1], path[:-1])[path[-1]] = value
        yield Changed(f"a record whose {'.'.join(path)!r} is {value!r}", changed, 1)


def with_extra_field(records: list[Record]) -> Iterator[Changed]:
    """Give the batch once for each kind of value in a field that its second record has too many.

    Example:
        >>> next(with_extra_field([{}, {"a": 1}])).records[1]
        {'a': 1, 'packflow_extra_field': 0}
    """
    for value in EXTRA_VALUES:
        changed = deepcopy(records)
        changed[1][EXTRA_FIELD] = deepcopy(value)
        yield Changed(f"a record with the extra field {EXTRA_FIELD!r}: {value!r}", changed, 1)


def reordered(value: Any) -> Any:
    """Give the same data with the keys of each dict in reverse.

    Example:
        >>> reordered([{"a": 1, "b": {"c": 2, "d": 3}}])
        [{'b': {'d': 3, 'c': 2}, 'a': 1}]
    """
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(list(value))}
    if isinstance(value, list):
        return [reordered(each) for each in value]
    return deepcopy(value)


def paths(record: Record) -> list[Path]:
    """Give the way to each leaf of a record, through the dicts in it."""
    found: list[Path] = []
    waiting: list[tuple[Path, Any]] = [((key,), value) for key, value in record.items()]
    while waiting and len(found) < MOST_FIELDS:
        path, value = waiting.pop(0)
        if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
            waiting = [((*path, key), each) for key, each in value.items()] + waiting
        else:
            found.append(path)
    return found


def inner(record: Any, path: Path) -> Any:
    """Give what stands at a path."""
    for step in path:
        record = record[step]
    return record
