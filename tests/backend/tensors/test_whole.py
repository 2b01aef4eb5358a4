from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.backend.tensors import ModelTensor, TensorConfig, TensorSpec, TensorWiring, stack
from packflow.backend.tensors.whole import convert_rows, convert_values, read_values
from packflow.exceptions import InferenceBackendRuntimeError

NUMBERS = st.sampled_from(["float16", "float32", "float64", "int8", "int64", "uint64", "bool"])
CELLS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**11 + 1, 2**24 + 1, 2**53, 2**53 + 1, 2**63, -(2**63), 2**64 - 1]),
    st.floats(),
    st.booleans(),
    st.none(),
    st.sampled_from([np.float32(0.5), np.float16(3), np.int8(-1), np.uint64(2**63), np.bool_(True), np.longdouble(2)]),
)


def spec(dtype: str = "float32", *shape: int | None) -> TensorSpec:
    return TensorSpec("x", np.dtype(dtype), shape)


class EachAlone(dict[str, Any]):
    """A record that is no plain dict, so that nothing is done with a batch as a whole."""


@given(
    rows=st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), min_size=1, max_size=4),
    dtype=NUMBERS,
    on_missing=st.sampled_from(["error", "null"]),
)
def test_a_batch_is_what_its_values_are_one_by_one(rows: list[dict[str, Any]], dtype: str, on_missing: Any):
    def one_by_one() -> list[Any]:
        alone = [
            [stack([{"x": [row[field]]}], spec(dtype, 1), on_missing=on_missing)[0, 0] for field in ("a", "b")]
            for row in rows
        ]
        return np.array(alone, dtype).tolist()

    try:
        expected = one_by_one()
    except InferenceBackendRuntimeError:
        with pytest.raises(InferenceBackendRuntimeError, match="row"):
            stack(rows, spec(dtype, 2), ("a", "b"), on_missing=on_missing)
        return
    made = stack(rows, spec(dtype, 2), ("a", "b"), on_missing=on_missing)
    assert (made.dtype, made.shape) == (np.dtype(dtype), (len(rows), 2))
    np.testing.assert_array_equal(made, np.array(expected, dtype))
    again = stack([EachAlone(row) for row in rows], spec(dtype, 2), ("a", "b"), on_missing=on_missing)
    np.testing.assert_array_equal(again, made)


@pytest.mark.parametrize(
    "values",
    [
        [2**53 + 1, 0.5],
        [[2**53 + 1], [0.5]],
        [range(2**53 + 1, 2**53 + 2), array("d", [0.5])],
        [np.array([2**53 + 1]), np.array([0.5])],
    ],
)
def test_an_integer_beside_floats_is_not_rounded(values: list[Any]):
    shape = () if isinstance(values[0], int) else (1,)
    with pytest.raises(InferenceBackendRuntimeError, match="Field 'x' of row 0"):
        stack([{"x": value} for value in values], spec("float64", *shape))


def test_large_floats_beside_small_integers_are_no_integers():
    made = convert_values([1, 1e9, 2, 3e38], [2, 2], np.dtype("float32"), (2,), none_is_nan=False)
    assert made is not None
    assert made.tolist() == [[1.0, 1e9], [2.0, float(np.float32(3e38))]]
    assert convert_values([(1, 1e9), (2**24, 1)], [2], np.dtype("float32"), (2,), none_is_nan=False) is None


@pytest.mark.parametrize("value", [range(1, 3), array("f", [1, 2]), memoryview(array("i", [1, 2]))])
def test_what_numpy_reads_as_an_array_is_one(value: Any):
    assert stack([{"x": value}, {"x": value}], spec("float32", 2)).tolist() == [[1.0, 2.0], [1.0, 2.0]]


def test_lists_of_any_depth_are_read_at_once():
    image = [[[1, 2], [3, 4], [5, 6]]] * 2
    made = convert_values([image, image], [2], np.dtype("uint8"), (2, None, 2), none_is_nan=False)
    assert made is not None
    assert made.tolist() == [image, image]
    parts = convert_values([[1, 2], [3, 4]], [1, 2], np.dtype("int64"), (2, 2), none_is_nan=False)
    assert parts is not None
    assert parts.tolist() == [[[1, 2], [3, 4]]]
    texts = convert_values([["a", "b"]], [1], np.dtype(object), (None,), none_is_nan=False)
    assert texts is not None
    assert texts.tolist() == [["a", "b"]]


def test_what_has_no_end_is_refused_like_any_other_value():
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InferenceBackendRuntimeError, match=r"row 0 does not fit.*contains itself"):
        stack([{"x": endless}], spec("float32", 1))


def test_a_type_that_cannot_be_hashed_is_refused_like_any_other():
    class Unhashable(type):
        def __hash__(cls) -> int:
            raise TypeError("no")

    class Value(metaclass=Unhashable):
        pass

    with pytest.raises(InferenceBackendRuntimeError, match=r"row 1 does not fit.*not a number"):
        stack([{"x": 1}, {"x": Value()}], spec())


def test_values_are_read_of_plain_dicts_alone():
    assert read_values([{"a": 1}, {"a": 2, "b": 3}], ("a",)) == ([1, 2], [2, 1])
    assert read_values([{"a": 1}, {"a": 2}], "a") == ([1, 2], [2])
    assert read_values([{"a": 1}, {}], "a") is None
    assert read_values([EachAlone(a=1)], "a") is None
    assert read_values([{"a": 1}], ()) is None
    assert stack(iter([{"x": 1}, {"x": 2}]), spec()).tolist() == [1.0, 2.0]  # type: ignore[arg-type]


# --- Arrays -----------------------------------------------------------------------------------------------------------


@given(
    source=NUMBERS,
    target=NUMBERS,
    rows=st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=2), max_size=3),
    large=st.booleans(),
)
def test_the_rows_of_an_array_come_through_as_those_of_records(
    source: str, target: str, rows: list[list[int]], large: bool
):
    data = np.array(rows, source).reshape(-1, 2)
    if large and source != "bool":
        data = data * data.dtype.type(np.iinfo(source).max if data.dtype.kind in "iu" else np.finfo(source).max)
    wiring = TensorWiring(TensorConfig(), [ModelTensor("x", np.dtype(target), ("n", 2))])
    try:
        expected = stack([{"x": row.tolist()} for row in data], spec(target, 2))
    except InferenceBackendRuntimeError:
        with pytest.raises(InferenceBackendRuntimeError, match="does not fit"):
            wiring.batch(data)
        return
    made = wiring.batch(data)["x"]
    assert (made.dtype, made.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(made, expected)


def test_a_model_is_not_given_the_callers_own_array():
    data = np.zeros((2, 3), "float32")
    made = convert_rows(data, data.dtype, (3,))
    assert made is not None
    assert not np.shares_memory(made, data)


def test_arrays_that_are_more_than_numbers_are_left_to_be_looked_at():
    float32 = np.dtype("float32")
    assert convert_rows(np.array([["a"]], object), float32, (1,)) is None
    assert convert_rows(np.ma.MaskedArray([[1.0]], mask=[[True]]), float32, (1,)) is None
    assert convert_rows(np.zeros((2, 3)), float32, (2,)) is None
    column = convert_rows(np.array([1, 2]), float32, (1,))
    assert column is not None
    assert column.tolist() == [[1.0], [2.0]]
