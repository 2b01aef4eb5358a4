"""What the tests of normalizers share: checking that data is native, and reading what a refusal says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from packflow.exceptions import NormalizationError
from packflow.utils.normalize import ensure_native_types

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
