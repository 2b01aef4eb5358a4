"""Tensors of the real TensorFlow: every dtype in every layout, compared with reading them value by value."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from packflow import InferenceBackend
from packflow.exceptions import NormalizationError
from packflow.testing import NormalizerSuite
from packflow.utils.normalize import ensure_valid_output
from tests.normalizers.support import LAYOUTS, native, read_one_by_one, refused, rows_of, same

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["bfloat16", "float16", "float32", "float64"]
QUANTIZED = ["qint8", "quint8", "qint16", "quint16", "qint32"]
OTHERS = ["string", "complex64", "complex128", "resource", "variant"]
READABLE = ["bool", *INTEGERS, *FLOATS, *QUANTIZED]
ALIASES = {"half", "double"}


def six(dtype: str) -> Any:
    """Six values, the limits of the dtype among them, as a NumPy array that TensorFlow takes."""
    if dtype == "bool":
        return np.array([True, False, True, True, False, False])
    if dtype in FLOATS:
        limits = tf.as_dtype(dtype)
        values = [0.1, -1.5, math.nan, -math.inf, float(limits.max), 2.0]
        return np.array(values).astype(limits.as_numpy_dtype)
    limits = np.iinfo(dtype.removeprefix("q"))
    return np.array([limits.min, 0, 1, limits.max, 2, 3], limits.dtype)


def tensor(array: Any, dtype: str) -> Any:
    made = tf.constant(array)
    return tf.bitcast(made, dtype) if dtype in QUANTIZED else made


def check(obj: Any, array: Any) -> None:
    """Fail unless a tensor becomes what reading the array of its values cell by cell gives."""
    expected = read_one_by_one(array)
    assert same(native(obj), expected)
    assert same(native({"deep": [obj]}), {"deep": [expected]})
    if array.ndim:
        if array.ndim > 1 and array.shape[1] == 1:
            expected = [row[0] for row in expected]
        assert same(rows_of(obj, array.shape[0]), expected)


def test_every_dtype_is_in_these_tests() -> None:
    known = {name for name in vars(tf.dtypes) if isinstance(getattr(tf.dtypes, name), tf.DType)}
    assert known - ALIASES == {*READABLE, *OTHERS}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", READABLE)
def test_dense_tensors(dtype: str, layout: str) -> None:
    array = np.asarray(LAYOUTS[layout](six(dtype)))
    made = tensor(array, dtype)
    assert made.dtype == dtype
    check(made, array)


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, *FLOATS])
def test_variables(dtype: str) -> None:
    for layout in ("0-d", "1-d", "n x 1", "n x k", "empty"):
        array = np.asarray(LAYOUTS[layout](six(dtype)))
        check(tf.Variable(array), array)
    array = six(dtype).reshape(6, 1)
    check(keras.Variable(array, dtype=dtype), array)


def test_values_that_are_not_finite_are_refused_if_asked() -> None:
    assert refused({"a": tf.constant([[1.0, 2.0], [3.0, math.nan]])}, nan="error").path == "a[1][1]"
    with pytest.raises(NormalizationError) as caught:
        ensure_valid_output(tf.constant([[1.0], [math.inf]]), nan="error")
    assert caught.value.path == "[1][0]"


# Text ---------------------------------------------------------------------------------------------------------------


def test_strings_are_text() -> None:
    assert native(tf.constant("größe")) == "größe"
    assert native({"a": tf.constant(["x", "NUL\0", ""])}) == {"a": ["x", "NUL\0", ""]}
    assert rows_of(tf.constant(["a", "b"]), 2) == ["a", "b"]
    assert rows_of(tf.constant([["a"], ["b"]]), 2) == ["a", "b"]
    assert rows_of(tf.constant([["a", "b"]]), 1) == [["a", "b"]]
    assert rows_of(tf.constant([[["a"], ["b"]]]), 1) == [[["a"], ["b"]]]
    assert rows_of(tf.constant([], tf.string), 0) == []
    assert rows_of(tf.zeros((2, 0), tf.string), 2) == [[], []]
    assert rows_of(tf.Variable(["a"]), 1) == ["a"]


PICTURE = b"\x89PNG\r\n"


@pytest.mark.parametrize(
    ("obj", "path"),
    [
        (tf.constant(PICTURE), "deep[0]"),
        (tf.constant(["a", "b", PICTURE]), "deep[0][2]"),
        (tf.constant([["a", "b"], ["c", PICTURE]]), "deep[0][1][1]"),
        (tf.ragged.constant([["a"], [], ["b", PICTURE]]), "deep[0][2][1]"),
        (tf.SparseTensor([[0, 1]], [PICTURE], [1, 2]), "deep[0][0][1]"),
    ],
)
def test_bytes_that_are_no_text_are_refused(obj: Any, path: str) -> None:
    error = refused({"deep": [obj]})
    assert error.path == path
    assert "base64" in str(error)


def test_the_way_to_base64_that_the_error_names() -> None:
    assert native(tf.constant([PICTURE]).numpy()) == ["iVBORw0K"]
    with pytest.raises(NormalizationError) as caught:
        ensure_valid_output(tf.constant([["a"], [PICTURE]]))
    assert caught.value.path == "[1][0]"


# Ragged and sparse --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS, "bool"])
def test_ragged_tensors_are_rows_of_several_lengths(dtype: str) -> None:
    values = tf.constant(six(dtype))
    flat = read_one_by_one(six(dtype))
    ragged = tf.RaggedTensor.from_row_lengths(values, [0, 3, 0, 1, 2])
    expected = [[], flat[:3], [], flat[3:4], flat[4:]]
    assert same(native({"a": ragged}), {"a": expected})
    assert same(rows_of(ragged, 5), expected)
    twice = tf.RaggedTensor.from_row_lengths(ragged, [2, 0, 3])
    assert same(rows_of(twice, 3), [expected[:2], [], expected[2:]])
    inner = tf.RaggedTensor.from_row_lengths(tf.reshape(values, (3, 2)), [1, 0, 2])
    pairs = [flat[:2], flat[2:4], flat[4:]]
    assert same(rows_of(inner, 3), [pairs[:1], [], pairs[1:]])


def test_the_shape_of_a_ragged_tensor_decides_what_is_unwrapped() -> None:
    assert rows_of(tf.ragged.constant([[1], [2]]), 2) == [[1], [2]]
    assert rows_of(tf.ragged.constant([], ragged_rank=1), 0) == []
    uniform = tf.RaggedTensor.from_uniform_row_length(tf.ragged.constant([[1.0], [2.0, math.nan]]), 1)
    assert uniform.shape.as_list() == [2, 1, None]
    assert rows_of(uniform, 2) == [[1.0], [2.0, None]]


@pytest.mark.parametrize(
    ("ragged", "path"),
    [
        (tf.ragged.constant([[1.0], [], [2.0, math.nan]]), "[2][1]"),
        (tf.ragged.constant([[[1.0], []], [], [[2.0], [3.0, math.nan]]]), "[2][1][1]"),
        (tf.RaggedTensor.from_row_lengths(tf.constant([[1.0, 2.0], [3.0, math.inf]]), [0, 2]), "[1][1][1]"),
        (tf.RaggedTensor.from_uniform_row_length(tf.ragged.constant([[1.0], [2.0, math.nan]]), 1), "[1][0][1]"),
    ],
)
def test_the_place_of_nan_in_a_ragged_tensor(ragged: Any, path: str) -> None:
    with pytest.raises(NormalizationError) as caught:
        ensure_valid_output(ragged, nan="error")
    assert caught.value.path == path
    assert refused({"a": ragged}, nan="error").path == f"a{path}"


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, *FLOATS])
def test_sparse_tensors(dtype: str) -> None:
    a, b = read_one_by_one(six(dtype)[[0, 3]])
    zero = {"bool": False}.get(dtype, 0.0 if dtype in FLOATS else 0)
    values = tf.constant(six(dtype)[[0, 3]])
    assert same(rows_of(tf.SparseTensor([[2], [0]], values, [4]), 4), [b, zero, a, zero])
    assert same(rows_of(tf.SparseTensor([[0, 1], [1, 0]], values, [2, 2]), 2), [[zero, a], [b, zero]])
    assert same(rows_of(tf.SparseTensor([[0, 0], [1, 0]], values, [3, 1]), 3), [a, b, zero])
    assert rows_of(tf.SparseTensor(np.zeros((0, 2), "i8"), values[:0], [0, 3]), 0) == []
    slices = tf.IndexedSlices(tf.reshape(values, (1, 2)), tf.constant([1]), tf.constant([2, 2]))
    if dtype in FLOATS:
        assert same(rows_of(slices, 2), [[zero, zero], [a, b]])


def test_sparse_tensors_of_text_and_mistaken_ones() -> None:
    assert rows_of(tf.SparseTensor([[1], [0]], ["a", "b"], [3]), 3) == ["b", "a", ""]
    assert "repeated" in str(refused(tf.SparseTensor([[0], [0]], [1, 2], [3])))


# What has no value, or no JSON form ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_are_refused(dtype: str) -> None:
    error = refused({"deep": [tf.constant([1j], dtype)]})
    assert error.path == "deep[0]"
    assert "complex" in str(error)


def test_handles_are_refused() -> None:
    assert "resource" in str(refused([tf.Variable(1.0).handle]))
    assert "variant" in str(refused([tf.data.experimental.to_variant(tf.data.Dataset.range(2))]))


def test_tensors_of_graphs_are_refused() -> None:
    @tf.function
    def traced(obj: Any) -> Any:
        for symbolic in (
            obj,
            obj * 2,
            tf.RaggedTensor.from_row_splits(obj, [0, 3]),
            tf.sparse.from_dense(obj),
        ):
            error = refused({"deep": [symbolic]})
            assert error.path == "deep[0]"
            assert "no value yet" in str(error)
            with pytest.raises(NormalizationError, match="no value yet"):
                ensure_valid_output(symbolic)
        return obj

    assert rows_of(traced(tf.ones(3)), 3) == [1.0] * 3
    with tf.Graph().as_default():
        variable = tf.Variable(1.0)
        assert "no value yet" in str(refused([variable]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.float32,
        lambda: tf.TensorShape([1, 2]),
        lambda: tf.TensorSpec([1]),
        lambda: tf.data.Dataset.range(2),
        lambda: tf.TensorArray(tf.float32, 1),
        lambda: keras.Input((2,)),
        lambda: keras.layers.Dense(1),
    ],
)
def test_other_objects_of_tensorflow_are_refused(make: Any) -> None:
    error = refused({"deep": [make()]})
    assert error.path == "deep[0]"
    assert "has no JSON form" in str(error)


def test_single_values_have_no_rows() -> None:
    for obj in (tf.constant(1.0), tf.constant("x")):
        with pytest.raises(NormalizationError, match="have no rows"):
            ensure_valid_output(obj)


# In use -------------------------------------------------------------------------------------------------------------


def test_named_results_lists_and_data_sets() -> None:
    found = tf.math.top_k([1.0, 2.0], 1)
    assert native([found]) == [{"values": [2.0], "indices": [1]}]
    assert rows_of([tf.constant([1.5]), tf.constant([2.5])], 2) == [1.5, 2.5]
    assert rows_of(iter(tf.data.Dataset.range(3)), 3) == [0, 1, 2]


def test_a_model_in_a_backend() -> None:
    class Dense(InferenceBackend):
        def initialize(self) -> None:
            self.model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

        def transform_inputs(self, inputs: Any) -> Any:
            return tf.constant([[row["a"], row["b"]] for row in inputs])

        def execute(self, inputs: Any) -> Any:
            return self.model(inputs)

        def transform_outputs(self, inputs: Any) -> Any:
            return ensure_valid_output(inputs, parent_key="score")

    backend = Dense(verbose=False)
    rows = [{"a": 1.0, "b": 2.0}, {"a": -1.0, "b": 0.5}]
    expected = backend.model(tf.constant([[1.0, 2.0], [-1.0, 0.5]])).numpy().ravel().tolist()
    assert backend.validate(rows) == [{"score": score} for score in expected]


class TestConformance(NormalizerSuite):
    plugin = "tensorflow"
    cases = [
        (lambda: tf.constant([[1.5, math.nan]]), [[1.5, None]]),
        (lambda: tf.Variable([1, 2]), [1, 2]),
        (lambda: tf.constant("größe"), "größe"),
        (lambda: tf.ragged.constant([[1], [], [2, 3]]), [[1], [], [2, 3]]),
        (lambda: tf.SparseTensor([[1]], [2], [3]), [0, 2, 0]),
    ]
    batch_cases = [(lambda: tf.constant([["a"], ["b"]]), [{"output": "a"}, {"output": "b"}])]
    refused = [lambda: tf.constant(PICTURE), lambda: tf.constant(1j), lambda: tf.float32]
