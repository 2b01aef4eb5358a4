"""The dtype that is asked for: a cell fits it exactly, or is refused by row and feature."""

from __future__ import annotations

import datetime
import math
import warnings
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PreprocessorInitError
from tests.backend.preprocessors.support import cells, preprocess, refusal, rule

NAN, INF = float("nan"), float("inf")
DAY, SECOND = "datetime64[D]", "datetime64[s]"
MIDNIGHT = datetime.datetime(2020, 1, 1)

FITS = [
    ("int8", [-128, 127, True, 5.0, np.int64(3)]),
    ("uint8", [0, 255, 255.0, False]),
    ("int64", [-(2**63), 2**63 - 1, 2**53 + 1, 1e15]),
    ("uint64", [0, 2**64 - 1, 2**63, 2.0**63]),
    ("bool", [True, False, 1, 0, 1.0, np.True_]),
    ("float16", [1, 2048, 0.1, NAN, INF, -INF, 65504]),
    ("float32", [1, 2**24, 0.1, 1e-50, 2**40, np.float64(0.1)]),
    ("float64", [1, 2**53, 2**60, 0.1, NAN, np.float32(0.1), 10**22]),
    ("longdouble", [1, 0.1, NAN]),
    ("complex64", [1, 0.5, 1j, 2**24, np.complex128(1j)]),
    ("complex128", [2**53, 1 + 2j]),
    ("U3", ["", "a", "abc", "äöü"]),
    ("str", ["", "abcdef"]),
    ("S2", [b"", b"ab"]),
    ("bytes", [b"abc"]),
    (DAY, ["2020-01-01", datetime.date(2020, 1, 1), MIDNIGHT, np.datetime64("2020-01-01T00:00"), 5]),
    (SECOND, ["2020-01-01T12:00:00", MIDNIGHT, "2020-01-01"]),
    ("timedelta64[s]", [5, datetime.timedelta(minutes=1), np.timedelta64(2, "h"), np.timedelta64(3000, "ms")]),
]

REFUSED = [
    ("int8", [-129, 128, 0.5, NAN, INF, "1", 1j, 10**5000, None, [1], Decimal(1), np.timedelta64(1, "s")]),
    ("uint8", [-1, 256, 255.5]),
    ("int64", [2**63, -(2**63) - 1, 0.5, 2.0**63, 1e300, "x"]),
    ("uint64", [-1, 2**64, 2.0**64]),
    ("bool", [2, -1, 0.5, NAN, "True", None]),
    ("float16", [2049, 65520, 1e6, "1.0"]),
    ("float32", [2**24 + 1, 1e300, 10**400, 1j, "x", np.float64(1e300), {"a": 1}]),
    ("float64", [2**53 + 1, -(2**53) - 1, 2**64 - 1, np.int64(2**53 + 1), np.uint64(2**64 - 1), 10**400]),
    ("complex64", [2**24 + 1, 1e300, complex(0, 1e300), "1j"]),
    ("complex128", [2**53 + 1]),
    ("U3", ["abcd", 1, True, b"a", None, "a\0"]),
    ("str", [1, 0.5, None, b"a", "\0"]),
    ("S2", [b"abc", "a", 1, b"\0"]),
    (DAY, ["2020-01-01T12:00", MIDNIGHT.replace(hour=1), "not a date", True, 0.5, np.datetime64("2020-01-01T01", "h")]),
    (SECOND, [MIDNIGHT.replace(microsecond=5), "2020-01-01T00:00:00.5"]),
    ("datetime64[ns]", [np.datetime64(100_000, "Y"), datetime.date(1000, 1, 1)]),
    ("timedelta64[s]", [0.5, datetime.timedelta(milliseconds=1), np.timedelta64(1, "ms"), True]),
]


def each(table: list[tuple[str, list[Any]]]) -> Any:
    pairs = [(dtype, value) for dtype, values in table for value in values]
    names = [f"{dtype}-{value:.20}" if isinstance(value, str) else f"{dtype}-{number}" for number, (dtype, value) in
             enumerate(pairs)]  # fmt: skip
    return pytest.mark.parametrize(("dtype", "value"), pairs, ids=names)


@each(FITS)
def test_a_value_that_fits_is_held(dtype, value):
    array = cells(value, numpy_dtype=dtype)
    assert array.shape == (1, 1)
    assert array.dtype.kind == np.dtype(dtype).kind
    assert array.dtype == np.dtype(dtype) or dtype in ("str", "bytes")
    expected = np.array(value, dtype=dtype)
    np.testing.assert_array_equal(array[0, 0], expected)


@each(FITS)
def test_what_fits_does_so_whatever_stands_beside_it(dtype, value):
    fill = {"U": "a", "S": b"a", "M": "2020-01-02"}.get(np.dtype(dtype).kind, 1)
    alone, beside = cells(value, numpy_dtype=dtype), cells(fill, value, numpy_dtype=dtype)
    np.testing.assert_array_equal(beside[1], alone[0])


@each(REFUSED)
def test_a_value_that_does_not_fit_is_refused_by_row_and_feature(dtype, value):
    fill = {"U": "a", "S": b"a", "M": "2020-01-02"}.get(np.dtype(dtype).kind, 1)
    records = [{"good": fill, "p": {"q": fill}}, {"good": fill, "p": {"q": value}}]
    error = refusal(records, input_format="numpy", feature_names=["good", "p.q"], numpy_dtype=dtype)
    assert error.row == 1
    assert "'p.q'" in str(error)
    assert "row 1" in str(error)
    assert str(np.dtype(dtype)) in str(error)
    assert error.__cause__ is not None


@pytest.mark.parametrize(
    ("dtype", "values"),
    [("int8", [0.5]), ("int8", [0.5, 1.5]), ("int64", [1e300, 1e301]), ("float32", [0.5, 1e300]), ("float16", [1e6])],
)
def test_a_batch_of_nothing_but_floats_is_looked_at_too(dtype, values):
    error = refusal([{"x": value} for value in values], input_format="numpy", feature_names=["x"], numpy_dtype=dtype)
    assert "'x'" in str(error)


@pytest.mark.parametrize(
    ("dtype", "integer"), [("float16", 2049), ("float32", 2**24 + 1), ("float64", 2**53 + 1), ("complex64", 2**24 + 1)]
)
@pytest.mark.parametrize("beside", [0.5, None, NAN, 1e3, True])
def test_an_integer_is_not_rounded_because_of_what_stands_beside_it(dtype, integer, beside):
    assert "would be rounded" in str(refusal([{"x": beside}, {"x": integer}], input_format="numpy",
                                             feature_names=["x"], numpy_dtype=dtype))  # fmt: skip


def test_floats_are_rounded_to_the_precision_that_was_asked_for():
    values = [0.1, 1 / 3, 1.7e9 + 0.123, 16_777_217.5]
    assert cells(*values, numpy_dtype="float32")[:, 0].tolist() == [float(np.float32(value)) for value in values]


def test_objects_keep_every_cell_as_it_is():
    values = [1, "a", None, [1], 0.5, 2**70, True]
    array = cells(*values, numpy_dtype="object")
    assert array.dtype == object
    assert [type(cell) for cell in array[:, 0]] == [type(value) for value in values]
    assert array[:, 0].tolist() == values


def test_text_without_a_length_has_that_of_the_longest():
    assert cells("a", "abcd", numpy_dtype="str").dtype == np.dtype("U4")
    assert cells("", numpy_dtype="str").shape == (1, 1)
    assert cells(b"abc", b"", numpy_dtype="bytes").dtype == np.dtype("S3")


def test_text_without_a_length_is_never_cut():
    assert cells("x" * 5_000, numpy_dtype="str")[0, 0] == "x" * 5_000


def test_one_dtype_is_for_every_column():
    array = preprocess(
        [{"a": 1, "b": 0.5, "c": True}], input_format="numpy", feature_names=["a", "b", "c"], numpy_dtype="float32"
    )
    np.testing.assert_array_equal(array, np.array([[1, 0.5, 1]], dtype="float32"), strict=True)


def test_other_byte_orders_are_kept():
    for value in (1, 0.5, None):
        assert cells(value, numpy_dtype=">f4").dtype == np.dtype(">f4")


def test_on_missing_error_comes_before_the_dtype():
    error = refusal([{"x": None}], input_format="numpy", feature_names=["x"], numpy_dtype="int64", on_missing="error")
    assert "on_missing" in str(error)


def test_the_value_in_the_error_is_short():
    error = refusal([{"x": "y" * 10_000}], input_format="numpy", feature_names=["x"], numpy_dtype="int64")
    assert len(str(error)) < 500
    assert "yyyy" in str(error)


def test_a_value_whose_repr_fails_is_refused_all_the_same():
    class Unspeakable:
        def __repr__(self):
            raise RuntimeError("no words")

    error = refusal([{"x": Unspeakable()}], input_format="numpy", feature_names=["x"], numpy_dtype="float64")
    assert "Unspeakable" in str(error)


@pytest.mark.parametrize("name", ["flaot32", "float31", " ", "not a dtype"])
def test_an_unknown_dtype_is_refused_at_construction(name):
    with pytest.raises(ValueError, match="numpy_dtype"):
        BackendConfig(input_format="numpy", feature_names=["x"], numpy_dtype=name)


@pytest.mark.parametrize("name", ["i4,f8", "(2,)f4"])
def test_a_dtype_of_several_values_is_refused_at_construction(name):
    with pytest.raises(ValueError, match="one cell"):
        BackendConfig(input_format="numpy", feature_names=["x"], numpy_dtype=name)


@pytest.mark.parametrize("name", ["V8", "datetime64", "timedelta64"])
def test_a_dtype_that_no_cell_fits_is_refused_at_construction(name):
    with pytest.raises(PreprocessorInitError, match=f"numpy_dtype='{name}'"):
        get_preprocessor(BackendConfig(input_format="numpy", feature_names=["x"], numpy_dtype=name))


def test_a_warning_that_the_host_makes_an_error_names_row_and_feature():
    aware = "2020-01-01T00:00:00+02:00"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = refusal([{"x": aware}], input_format="numpy", feature_names=["x"], numpy_dtype=SECOND)
    assert "'x'" in str(error)


def should_fit(value: Any, dtype: np.dtype[Any]) -> bool:
    """Tell, from the rule alone, whether a number fits a dtype."""
    whole = isinstance(value, int)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return (whole or (math.isfinite(value) and value == int(value))) and limits.min <= int(value) <= limits.max
    if not whole and not math.isfinite(value):
        return True
    try:
        with np.errstate(all="ignore"):
            held = dtype.type(value)
    except OverflowError:
        return False
    return bool(np.isfinite(held)) and (not whole or int(held) == value)


NUMBERS = (
    st.integers(-300, 300)
    | st.sampled_from([base + step for base in (2**11, 2**24, 2**31, 2**53, 2**63, 2**64) for step in (-1, 0, 1)])
    | st.integers()
    | st.floats()
    | st.floats(-10, 10).map(round).map(float)
    | st.booleans()
)


@rule
@given(
    st.lists(NUMBERS, min_size=1, max_size=3),
    st.sampled_from(["int8", "uint8", "int32", "int64", "uint64", "float16", "float32", "float64"]),
)
def test_numbers_fit_or_are_refused(values, name):
    dtype = np.dtype(name)
    unfit = [row for row, value in enumerate(values) if not should_fit(value, dtype)]
    if unfit:
        error = refusal([{"x": value} for value in values], input_format="numpy", feature_names=["x"], numpy_dtype=name)
        assert error.row == unfit[0]
        return
    array = cells(*values, numpy_dtype=name)
    assert array.dtype == dtype
    for held, value in zip(array[:, 0], values, strict=True):
        if isinstance(value, int) or dtype.kind in "iu":
            assert int(held) == int(value)
        else:
            with np.errstate(all="ignore"):
                np.testing.assert_equal(held, dtype.type(value))


@rule
@given(st.lists(st.text(max_size=4), min_size=1, max_size=3), st.integers(1, 4))
def test_text_fits_or_is_refused(values, room):
    unfit = [row for row, value in enumerate(values) if len(value) > room or value.endswith("\0")]
    if unfit:
        error = refusal(
            [{"x": value} for value in values], input_format="numpy", feature_names=["x"], numpy_dtype=f"U{room}"
        )
        assert error.row == unfit[0]
    else:
        assert cells(*values, numpy_dtype=f"U{room}")[:, 0].tolist() == values
