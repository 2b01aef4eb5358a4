"""What the tests of normalizers share: checking that data is native, reading what a refusal says, shapes of arrays."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from packflow.exceptions import NormalizationError
from packflow.utils.normalize import ensure_native_types, ensure_valid_output

LEAVES = (str, int, float, bool, type(None))


def check_native(data: Any) -> None:
    """Fail unless every leaf, key and container is of exactly a type that JSON has."""
    if type(data) is dict:
        assert all(type(key) is str for key in data)
        for value in data.values():
            check_native(value)
    elif type(data) is list:
        for value in data:
            check_native(value)
    else:
        assert type(data) in LEAVES


def native(obj: Any, **arguments: Any) -> Any:
    """Convert, and check that what comes out is native, fit for JSON, and not changed by converting it again."""
    data = ensure_native_types(obj, **arguments)
    check_native(data)
    json.dumps(data, allow_nan=False)
    assert ensure_native_types(data, **arguments) == data
    return data


def refused(obj: Any, **arguments: Any) -> NormalizationError:
    """Give the error that converting raises."""
    with pytest.raises(NormalizationError) as caught:
        ensure_native_types(obj, **arguments)
    return caught.value


def same(data: Any, expected: Any) -> bool:
    """Whether two things are equal and of the same types throughout: 1, 1.0 and True differ."""
    return data == expected and repr(data) == repr(expected)


def rows_of(obj: Any, count: int, **arguments: Any) -> list[Any]:
    """Make records, check that there are `count` of them and that JSON holds them, and give what each one wraps."""
    records = ensure_valid_output(obj, "row", **arguments)
    check_native(records)
    json.dumps(records, allow_nan=False)
    assert len(records) == count
    assert all(list(record) == ["row"] for record in records)
    return [record["row"] for record in records]


def read_one_by_one(array: Any) -> Any:
    """Read an array or tensor cell by cell with `item()`, as nobody would who is in a hurry."""
    if array.ndim:
        return [read_one_by_one(array[place]) for place in range(array.shape[0])]
    value = array.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def check_array(array: Any) -> None:
    """Fail unless an array or tensor, and each of its rows, becomes what reading it cell by cell gives."""
    expected = read_one_by_one(array)
    assert same(native(array), expected)
    assert same(native({"deep": [array]}), {"deep": [expected]})
    if array.ndim:
        if array.ndim > 1 and array.shape[1] == 1:
            expected = [row[0] for row in expected]
        assert same(rows_of(array, array.shape[0]), expected)


#: Shapes and views that an array or tensor of six values can be given, by name. Two axes at most are sliced at once.
LAYOUTS: dict[str, Any] = {
    "0-d": lambda six: six[0],
    "0-d, further on": lambda six: six[5],
    "1-d": lambda six: six,
    "1-d of one": lambda six: six[:1],
    "n x 1": lambda six: six.reshape((6, 1)),
    "1 x 1": lambda six: six[:1].reshape((1, 1)),
    "n x k": lambda six: six.reshape((3, 2)),
    "1 x k": lambda six: six.reshape((1, 6)),
    "n x 1 x k": lambda six: six.reshape((3, 1, 2)),
    "n x k x 1": lambda six: six.reshape((3, 2, 1)),
    "four axes": lambda six: six.reshape((1, 3, 1, 2)),
    "empty": lambda six: six[:0],
    "0 x 1": lambda six: six.reshape((6, 1))[:0],
    "0 x k": lambda six: six.reshape((3, 2))[:0],
    "n x 0": lambda six: six.reshape((3, 2))[:, :0],
    "transposed": lambda six: six.reshape((2, 3)).T,
    "every second": lambda six: six[::2],
    "one column": lambda six: six.reshape((3, 2))[:, 1],
    "one column, both axes": lambda six: six.reshape((3, 2))[:, 1:],
}
