"""Arrays of NumPy in every dtype and layout, compared with reading them cell by cell: NumPy's dtypes and others'."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalizers.support import LAYOUTS, check_array, native, read_one_by_one, refused, rows_of, same

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u8"]
FLOATS = ["f2", "f4", "f8", ">f4"]
ADDED_FLOATS = [name for name in dir(ml_dtypes) if name.startswith(("float", "bfloat"))]
ADDED_INTEGERS = [name for name in dir(ml_dtypes) if name.startswith(("int", "uint"))]
ADDED_COMPLEX = [name for name in dir(ml_dtypes) if name.startswith(("complex", "bcomplex"))]


def six(dtype: Any) -> Any:
    """Six values of a dtype of bools, integers, floats or text."""
    if dtype.kind == "b":
        return np.array([True, False, True, True, False, False])
    if dtype.kind == "U":
        return np.array(["a", "", "größe", "NUL\0s", "b", "c"], dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return np.array([limits.min, 0, 1, limits.max, 2, 3], dtype)
    return np.array([0.1, -1.5, math.nan, -math.inf, 2.0, 3.0]).astype(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["?", "U5", *INTEGERS, *FLOATS])
def test_arrays(dtype: str, layout: str) -> None:
    check_array(np.asarray(LAYOUTS[layout](six(np.dtype(dtype)))))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ADDED_FLOATS)
def test_floats_that_another_library_adds(name: str, layout: str) -> None:
    array = np.asarray(LAYOUTS[layout](six(np.dtype(getattr(ml_dtypes, name)))))
    cells = array.astype(np.float64)  # each of them is a float64 too
    assert all(float(a) == float(b) or math.isnan(b) for a, b in zip(array.flat, cells.flat, strict=True))
    check = read_one_by_one(cells)
    assert same(native([array]), [check])
    if array.ndim:
        wide = array.ndim > 1 and array.shape[1] == 1
        assert same(rows_of(array, array.shape[0]), [row[0] for row in check] if wide else check)


@pytest.mark.parametrize("name", ADDED_INTEGERS)
def test_integers_that_another_library_adds(name: str) -> None:
    limits = ml_dtypes.iinfo(getattr(ml_dtypes, name))
    values = [int(limits.min), 0, int(limits.max)] * 2
    array = np.array(values).astype(limits.dtype)
    for layout in LAYOUTS.values():
        expected = read_one_by_one(np.asarray(layout(np.array(values))))
        assert same(native(np.asarray(layout(array))), expected)
    assert same(native(list(array)), values)


def test_other_places_of_added_numbers() -> None:
    half = ml_dtypes.bfloat16
    assert same(native([half(1.5), half("nan"), ml_dtypes.int4(-3)]), [1.5, None, -3])
    assert same(native(np.ma.array(np.array([1, 2], half), mask=[True, False])), [None, 2.0])
    assert same(native(np.array([(1, 2.5)], [("n", ml_dtypes.int4), ("x", half)])), [{"n": 1, "x": 2.5}])
    assert same(native({ml_dtypes.int4(1): 2}), {"1": 2})
    assert refused({"a": np.array([[1, math.nan]], half)}, nan="error").path == "a[0][1]"
    assert native(np.array([b"ab"], "V2")) == ["YWI="]  # bytes are still bytes


@pytest.mark.parametrize("name", ADDED_COMPLEX)
def test_added_complex_numbers_are_refused(name: str) -> None:
    assert "complex" in str(refused(np.zeros(2, getattr(ml_dtypes, name))))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["?", "U5", *INTEGERS, *FLOATS, "M8[s]", "m8[ms]"])
def test_masked_arrays(dtype: str, layout: str) -> None:
    kind = np.dtype(dtype)
    values = six(np.dtype("i8")).astype(kind) if kind.kind in "Mm" else six(kind)
    if kind.kind in "Mm":
        values[:] = np.arange(6).astype(kind)
    hidden = np.asarray(LAYOUTS[layout](np.array([True, False, False, True, True, False])))
    array = np.ma.array(np.asarray(LAYOUTS[layout](values)), mask=hidden)
    shown = native(np.asarray(array))

    def expected(data: Any, mask: Any) -> Any:
        if isinstance(data, list):
            return [expected(*pair) for pair in zip(data, mask, strict=True)]
        return None if mask else data

    assert same(native([array]), [expected(shown, hidden.tolist())])
    if array.ndim:
        assert len(rows_of(array, array.shape[0])) == array.shape[0]


FIELDS = [("n", "i4"), ("x", "f4"), ("t", "U3"), ("at", "M8[D]"), ("pair", "i2", (2,)), ("in", [("deep", "?")])]


@pytest.mark.parametrize("layout", ["0-d", "1-d", "n x 1", "n x k", "empty", "transposed", "every second", "n x 0"])
def test_structured_arrays_are_objects(layout: str) -> None:
    row = (1, 0.5, "x", "2024-01-02", (3, 4), (True,))
    expected = {"n": 1, "x": 0.5, "t": "x", "at": "2024-01-02", "pair": [3, 4], "in": {"deep": True}}
    array = np.asarray(LAYOUTS[layout](np.array([row] * 6, FIELDS)))

    def objects(shape: tuple[int, ...]) -> Any:
        return [objects(shape[1:]) for _ in range(shape[0])] if shape else expected

    assert same(native(array), objects(array.shape))


@given(st.lists(st.floats(width=16), max_size=20), st.sampled_from(ADDED_FLOATS))
def test_any_added_floats(values: list[float], name: str) -> None:
    array = np.array(values, "f4").astype(getattr(ml_dtypes, name))
    assert same(native(array), [None if not math.isfinite(float(cell)) else float(cell) for cell in array])
