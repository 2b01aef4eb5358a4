"""Converting whole columns comes to the same as looking at each value: the same data, or the same refusal."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packflow.exceptions import NormalizationError
from packflow.normalizers import columns
from packflow.normalizers.dispatch import current_rules
from packflow.utils.normalize import ensure_native_types, ensure_valid_output

Point = namedtuple("Point", "x y")  # what libraries have given since before there were types
LONG = 10 ** (columns.INT_BOUND.bit_length() // 3 + 5)

#: Makers of one value each, given a number; a column of one maker's values is of one kind, as outputs mostly are.
KINDS: dict[str, Any] = {
    "float": lambda n: n * 0.5,
    "int": lambda n: n,
    "text": str,
    "flag": lambda n: n % 2 == 0,
    "none": lambda _: None,
    "nan": lambda n: math.nan if n == 3 else float(n),
    "infinity": lambda n: -math.inf if n == 3 else float(n),
    "too long": lambda n: LONG if n == 3 else n,
    "float32": lambda n: np.float32(n * 0.1),
    "float64 with nan": lambda n: np.float64("nan" if n == 3 else n),
    "int64": np.int64,
    "bool_": lambda n: np.bool_(n % 2),
    "str_": lambda n: np.str_(f"t{n}"),
    "datetime64": lambda n: np.datetime64(n, "s"),
    "timedelta64": lambda n: np.timedelta64(n, "Y" if n == 3 else "s"),
    "array": lambda n: np.arange(n % 4) * 0.5,
    "array with nan": lambda n: np.array([1.0, math.nan if n == 3 else 2.0]),
    "array of any dtype": lambda n: np.arange(2).astype(["f8", "i4", "?", "U3", "M8[s]", ">f8", "f2", "O"][n % 8]),
    "structured": lambda n: np.zeros(n % 2, "i4,f8"),
    "without axes": lambda n: np.array(n),
    "complex": lambda n: np.zeros(2, complex if n == 3 else float),
    "named tuple": lambda n: Point(n, n * 0.5),
    "bytes": lambda n: bytes([n]),
    "set": lambda n: {n, n + 1},
    "mixed": lambda n: [None, 1, 2.5, "x", True, math.nan][n % 6],
    "mixed kinds": lambda n: [[1], {"a": 1}, (2,), np.float32(1)][n % 4],
    "object": lambda n: object() if n == 3 else n,
    "no key": lambda n: {object() if n == 3 else "a": 1},
    "key of another kind": lambda n: {n: 1},
    "twice": lambda n: {"1": n, 1: n} if n == 3 else {"1": n, "2": n},
}
base = st.sampled_from(sorted(KINDS)).map(KINDS.__getitem__)
makers = st.recursive(
    base,
    lambda inner: st.one_of(
        inner.map(lambda make: lambda n: [make(n + i) for i in range(n % 3)]),
        inner.map(lambda make: lambda n: (make(n), make(n + 1))),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(
            lambda fields: lambda n: {key: make(n) for key, make in fields.items()}
        ),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(
            lambda fields: lambda n: {key: make(n) for key, make in list(fields.items())[:: -1 if n % 2 else 1]}
        ),
    ),
    max_leaves=5,
)


def outcome(function: Any, *arguments: Any, **named: Any) -> str:
    try:
        return repr(function(*arguments, **named))  # tells 1 from True and 1.0, and in which order keys are
    except NormalizationError as error:
        return f"refused: {error}"


def by_values(function: Any, *arguments: Any, **named: Any) -> str:
    with mock.patch.object(columns, "convert", return_value=None):
        return outcome(function, *arguments, **named)


@given(makers, st.integers(0, 3 * columns.FEWEST), st.sampled_from(["null", "error"]))
@example(KINDS["array"], 20, "null")
@example(KINDS["float"], 2 * columns.CHUNK + 1, "null")
@example(KINDS["nan"], 20, "error")
def test_columns_agree_with_the_walk(make: Any, size: int, nan: str) -> None:
    data = [make(n) for n in range(size)]
    for obj in (data, tuple(data), {"rows": data}):
        assert outcome(ensure_native_types, obj, nan=nan) == by_values(ensure_native_types, obj, nan=nan)
    assert outcome(ensure_valid_output, data, nan=nan) == by_values(ensure_valid_output, data, nan=nan)


@pytest.mark.parametrize("kind", ["float", "float32", "array", "str_"])
def test_columns_are_taken_at_once(kind: str) -> None:
    rows = [{"a": KINDS[kind](n), "b": [n, n]} for n in range(20)]
    ensure_native_types(rows[:1])  # so that the rules are known
    found = columns.convert_all(rows, {dict}, current_rules())
    assert found == ensure_native_types(rows)
    assert found is not None
    assert found[0] is not rows[0]
    assert found[0]["b"] is not rows[0]["b"]


def test_a_value_that_stands_in_many_places_is_converted_for_each() -> None:
    shared = [1, 2]
    found = ensure_native_types([shared] * 20)
    assert len({id(row) for row in found}) == 20


def test_layouts_without_end_are_put_together_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_MOST_MAKERS", 0)
    assert columns.maker(("a name", "b"))([[1, 2], [3, 4]]) == [{"a name": 1, "b": 3}, {"a name": 2, "b": 4}]
    assert ("a name", "b") not in columns._makers


def test_data_that_contains_itself_is_refused_as_ever() -> None:
    rows: list[Any] = [[] for _ in range(20)]
    for row in rows:
        row.append(rows)
    with pytest.raises(NormalizationError, match="contain itself"):
        ensure_native_types(rows)
