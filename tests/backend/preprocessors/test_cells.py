"""The dtype that cells ask for when none is named: numbers as NumPy has them, and nothing lost."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.backend.preprocessors.cells import LONGEST_TEXT
from tests.backend.preprocessors.support import cells, preprocess, rule

NUMBERS = {
    "integers": [1, 2],
    "negative integers": [-1, 2],
    "floats": [0.5, 1.5],
    "integers and floats": [1, 0.5],
    "booleans": [True, False],
    "booleans and integers": [True, 2],
    "booleans and floats": [True, 0.5],
    "complex": [1j, 2],
    "nan": [float("nan"), 1],
    "infinity": [float("inf"), -1],
    "int64's limits": [-(2**63), 2**63 - 1],
    "uint64": [2**63, 2**64 - 1],
    "float32": [np.float32(0.1), np.float32(2)],
    "float32 and float": [np.float32(0.1), 0.5],
    "int8": [np.int8(1), np.int8(2)],
    "int8 and uint8": [np.int8(1), np.uint8(2)],
    "numpy booleans": [np.True_, np.False_],
    "longdouble": [np.longdouble(1), 2],
    "complex64": [np.complex64(1j)],
    "large floats": [1e300, 1.5],
    "floats beyond the exact integers": [2.0**53 + 2, 0.5],
}


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS)
def test_numbers_have_the_dtype_that_numpy_infers(values):
    expected = np.array([[value] for value in values])
    np.testing.assert_array_equal(cells(*values), expected, strict=True)


def test_an_int_enum_is_an_integer():
    class Level(IntEnum):
        LOW = 1

    assert cells(Level.LOW, 2).dtype.kind == "i"


ROUNDED = {
    "beside a float": [2**53 + 1, 0.5],
    "below zero": [-(2**53) - 1, 0.5],
    "beside nan": [2**53 + 1, float("nan")],
    "beside none": [2**53 + 1, None],
    "beside an absent cell": [2**53 + 1, ...],
    "beside a complex number": [2**53 + 1, 1j],
    "beside a float32": [2**53 + 1, np.float32(0.5)],
    "int64 beside a float": [np.int64(2**53 + 1), 0.5],
    "uint64 beside a negative": [2**63 + 1, -1],
    "numpy's uint64 beside a negative": [np.uint64(2**63 + 1), np.int64(-1)],
    "just below 2**63": [2**63 - 1, 0.5],
    "just below 2**64": [2**64 - 1, 0.5],
    "beyond float64": [10**400, 0.5],
    "beyond float64 beside none": [10**400, None],
}


@pytest.mark.parametrize("values", ROUNDED.values(), ids=ROUNDED)
def test_an_integer_that_float64_cannot_hold_makes_an_object_array(values):
    array = cells(*values)
    assert array.dtype == object
    for cell, value in zip(array[:, 0], values, strict=True):
        assert cell is (None if value is ... else value)


@pytest.mark.parametrize(
    "value", [2**64, -(2**63) - 1, 10**30, 10**5000], ids=["2**64", "-2**63-1", "10**30", "10**5000"]
)
def test_an_integer_beyond_64_bits_makes_an_object_array(value):
    array = cells(value, 1)
    assert array.dtype == object
    assert array[0, 0] == value


@pytest.mark.parametrize("value", [2**53, 2**53 + 2, 2**60, 2**62, -(2**53)])
def test_a_large_integer_that_float64_holds_stays_a_number(value):
    array = cells(value, 0.5, None)
    assert array.dtype == np.float64
    assert int(array[0, 0]) == value


def test_rounding_is_looked_for_in_every_column():
    array = preprocess([{"a": 0.5, "b": 2**53 + 1}], input_format="numpy", feature_names=["a", "b"])
    assert array.dtype == object
    assert array.tolist() == [[0.5, 2**53 + 1]]


BESIDE_TEXT = [1, 2.5, True, 1j, 2**70, np.float32(0.5), None, float("nan"), b"bytes", datetime.date(2020, 1, 1)]


@pytest.mark.parametrize("value", BESIDE_TEXT, ids=repr)
@pytest.mark.parametrize("text_first", [True, False])
def test_beside_text_everything_keeps_its_own_type(value, text_first):
    values = ["text", value] if text_first else [value, "text"]
    array = cells(*values)
    assert array.dtype == object
    assert all(cell is original for cell, original in zip(array[:, 0], values, strict=True))


def test_text_in_one_column_makes_no_text_of_another():
    array = preprocess([{"a": 1, "b": "x"}], input_format="numpy", feature_names=["a", "b"])
    assert array.dtype == object
    assert array.tolist() == [[1, "x"]]
    assert type(array[0, 0]) is int


def test_all_text_has_numpys_text_dtype():
    np.testing.assert_array_equal(cells("a", "bcd", ""), np.array([["a"], ["bcd"], [""]]), strict=True)
    np.testing.assert_array_equal(cells(b"a", b"bcd"), np.array([[b"a"], [b"bcd"]]), strict=True)


@pytest.mark.parametrize("text", ["a\0", "\0", b"a\0", b"\0\0"])
def test_text_that_ends_in_nul_is_not_cut(text):
    array = cells(text, text[:0])
    assert array.dtype == object
    assert array[0, 0] == text


def test_nul_within_text_is_kept():
    assert cells("a\0b")[0, 0] == "a\0b"


def test_one_long_text_does_not_make_every_cell_as_wide():
    assert cells("x" * LONGEST_TEXT, "y").dtype.kind == "U"
    array = cells("x" * (LONGEST_TEXT + 1), "y")
    assert array.dtype == object
    assert array[0, 0] == "x" * (LONGEST_TEXT + 1)


def test_numbers_beside_one_long_text_take_no_room_for_it():
    import tracemalloc

    records = [{"id": number, "text": "x" * 300_000 if number == 7 else "y"} for number in range(1_000)]
    tracemalloc.start()
    try:
        array = preprocess(records, input_format="numpy", feature_names=["id", "text"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert array[7].tolist() == [7, "x" * 300_000]
    assert peak < 20_000_000  # as text, the array alone would be 2.4 GB


OTHER = {
    "Decimal": [Decimal("1.1"), 2],
    "Decimal and None": [Decimal("1.1"), None],
    "Fraction": [Fraction(1, 3), 0.5],
    "date": [datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, 12)],
    "lists of one length": [[1, 2], [3, 4]],
    "lists of many lengths": [[1], [2, 3], []],
    "empty lists": [[], []],
    "one-element lists": [[1], [2]],
    "nested lists": [[[1, 2], [3, 4]]],
    "tuples": [(1, 2), (3, 4)],
    "lists beside numbers": [[1, 2], 3],
    "sets": [{1}, set()],
    "ranges": [range(2), range(2)],
    "arrays": [np.array([1, 2]), np.array([3, 4])],
    "arrays of one element": [np.array([1]), np.array([2])],
    "arrays without dimensions": [np.array(2**53 + 1), 0.5],
    "objects": [object(), object()],
    "bytearrays": [bytearray(b"ab"), bytearray(b"cd")],
    "time spans beside numbers": [np.timedelta64(1, "s"), 5],
    "times of two units": [np.datetime64("2020", "Y"), np.datetime64("2020-01-01T00:00:00.000000001", "ns")],
    "times beside text": [np.datetime64("2020-01-01"), "2020-01-01"],
}


@pytest.mark.parametrize("values", OTHER.values(), ids=OTHER)
def test_anything_else_is_handed_on_as_it_is(values):
    array = cells(*values)
    assert array.dtype == object
    assert array.shape == (len(values), 1)
    assert all(cell is value for cell, value in zip(array[:, 0], values, strict=True))


def test_a_dict_is_a_cell_of_its_own():
    array = cells({"a": 1}, {}, 2)
    assert array.dtype == object
    assert array[:, 0].tolist() == [{"a": 1}, {}, 2]


def test_a_list_that_contains_itself_is_a_cell_like_any_other():
    items: list[Any] = []
    items.append(items)
    assert cells(items, 1)[0, 0] is items


def test_times_of_one_unit_keep_their_dtype():
    assert cells(np.datetime64("2020-01-01"), np.datetime64("2021-01-01")).dtype == np.dtype("datetime64[D]")
    assert cells(np.timedelta64(1, "s")).dtype == np.dtype("timedelta64[s]")


ANY_NUMBER = (
    st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(2**53 - 3, 2**53 + 3)
    | st.integers(2**63 - 3, 2**64 + 3)
    | st.floats()
    | st.floats(width=32).map(np.float32)
    | st.integers(0, 255).map(np.uint8)
    | st.integers(-(2**63), 2**63 - 1).map(np.int64)
)


def exactly(held: Any, value: Any) -> bool:
    """Tell whether a cell of an array is the number that went in."""
    if value is None:
        return held is None or bool(np.isnan(held))
    if isinstance(value, (int, np.integer)):
        return bool(np.isfinite(float(held)) if isinstance(held, np.floating) else True) and int(held) == int(value)
    return bool(held == value) or (bool(np.isnan(held)) and bool(np.isnan(value)))


@rule
@given(st.lists(ANY_NUMBER, min_size=1, max_size=4))
def test_no_number_is_ever_changed_and_numpy_decides_where_it_can(values):
    array = cells(*values)
    assert all(exactly(held, value) for held, value in zip(array[:, 0], values, strict=True))
    with np.errstate(all="ignore"):
        inferred = np.array([[value] for value in values])
    if all(exactly(held, value) for held, value in zip(inferred[:, 0], values, strict=True)):
        assert array.dtype == inferred.dtype
    else:
        assert array.dtype == object


@rule
@given(st.lists(ANY_NUMBER | st.none(), min_size=1, max_size=4))
def test_with_missing_cells_no_number_is_changed_either(values):
    array = cells(*values)
    assert all(exactly(held, value) for held, value in zip(array[:, 0], values, strict=True))


@rule
@given(st.lists(ANY_NUMBER | st.none() | st.text(max_size=2) | st.binary(max_size=2), min_size=1, max_size=4))
def test_beside_text_no_cell_changes_its_type(values):
    array = cells(*values)
    texts = [isinstance(value, (str, bytes)) for value in values]
    if any(texts) and not (all(isinstance(value, str) for value in values) or all(type(v) is bytes for v in values)):
        assert array.dtype == object
        assert all(cell is value for cell, value in zip(array[:, 0], values, strict=True))
    elif all(texts):
        assert array[:, 0].tolist() == values
