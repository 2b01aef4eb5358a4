"""Arrays: their columns, their shape, and what a missing cell is."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import InferenceBackendInitializationError, PreprocessorInitError
from tests.backend.preprocessors.support import cells, preprocess, refusal

ARRAY = {"input_format": "numpy"}
FLAT = {"flatten_nested_inputs": True}


def test_the_example_of_one_feature():
    array = preprocess([{"foo": 0}, {"foo": 1}], feature_names=["foo"], **ARRAY)
    np.testing.assert_array_equal(array, np.array([[0], [1]]), strict=True)


def test_a_column_for_each_name_in_that_order():
    records = [{"a": 1, "b": 2, "c": 3}, {"c": 6, "b": 5, "a": 4}]
    assert preprocess(records, feature_names=["c", "a", "b"], **ARRAY).tolist() == [[3, 1, 2], [6, 4, 5]]


def test_a_name_given_twice_gives_two_columns():
    assert preprocess([{"a": 1, "b": 2}], feature_names=["a", "b", "a"], **ARRAY).tolist() == [[1, 2, 1]]


def test_nested_names_work():
    records = [{"feature1": i, "parent_key": {"value": i + 1}} for i in range(5)]
    array = preprocess(records, feature_names=["parent_key.value"], **ARRAY)
    assert array.tolist() == [[1], [2], [3], [4], [5]]
    assert array.dtype.kind == "i"


def test_the_rename_comes_first():
    config = {"rename_fields": {"x": "y", "p.q": "z", "y": "x"}, "feature_names": ["x", "y", "z"], **ARRAY}
    assert preprocess([{"x": 1, "y": 2, "p": {"q": 3}}], **config).tolist() == [[2, 1, 3]]


def test_with_flattening_names_are_those_of_the_leaves():
    record = {"a": {"b": 1}, "c": [2, 3]}
    assert preprocess([record], feature_names=["a.b"], **FLAT, **ARRAY).tolist() == [[1]]
    config = {"flatten_lists": True, **FLAT, **ARRAY}
    assert preprocess([record], feature_names=["c.1", "c.0", "a.b"], **config).tolist() == [[3, 2, 1]]


def test_with_flattening_a_node_does_not_fit_into_a_column():
    error = refusal([{"a": 1}, {"a": {"b": 1, "c": 2}}], feature_names=["a"], **FLAT, **ARRAY)
    assert "'a'" in str(error)
    assert "'a.b', 'a.c'" in str(error)
    assert error.row == 1


def test_without_flattening_a_node_is_a_cell():
    array = preprocess([{"a": {"b": 1}}], feature_names=["a"], **ARRAY)
    assert array.dtype == object
    assert array[0, 0] == {"b": 1}


@pytest.mark.parametrize("config", [{}, {"feature_names": []}, {"rename_fields": {"a": "b"}}])
def test_without_feature_names_there_is_no_array(config):
    with pytest.raises(PreprocessorInitError, match="feature_names"):
        get_preprocessor(BackendConfig(**config, **ARRAY))
    assert issubclass(PreprocessorInitError, InferenceBackendInitializationError)


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize(
    "config", [{}, FLAT, {"on_missing": "error"}, {"rename_fields": {"q": "r"}}], ids=["", "flat", "strict", "rename"]
)
def test_an_empty_batch_has_no_rows_and_all_columns(width, config, logs):
    array = preprocess([], feature_names=[f"f{number}" for number in range(width)], **config, **ARRAY)
    assert array.shape == (0, width)
    assert logs.texts("WARNING") == []


@pytest.mark.parametrize(
    "dtype", ["float32", "int8", "uint64", "bool", "str", "U5", "S3", "complex64", "object", "M8[s]", "m8[ms]"]
)
def test_an_empty_batch_has_the_dtype_that_was_asked_for(dtype):
    array = preprocess([], feature_names=["a", "b"], numpy_dtype=dtype, **ARRAY)
    assert array.shape == (0, 2)
    assert array.dtype.kind == np.dtype(dtype).kind
    assert array.dtype == np.dtype(dtype) or dtype == "str"


@pytest.mark.parametrize("missing", [None, ...], ids=["None", "absent"])
class TestMissing:
    """A missing cell and one that holds None are the same."""

    def test_it_is_nan_among_integers(self, missing):
        array = cells(1, missing, 3)
        assert array.dtype == np.float64
        np.testing.assert_array_equal(array, [[1.0], [np.nan], [3.0]])

    def test_it_is_nan_among_floats_and_complex_numbers(self, missing):
        np.testing.assert_array_equal(cells(0.5, missing), [[0.5], [np.nan]])
        array = cells(1j, missing)
        assert array.dtype == np.complex128
        assert array[0, 0] == 1j
        assert np.isnan(array[1, 0])

    def test_it_is_none_in_an_object_array(self, missing):
        for other in ("text", b"bytes", [1], {1, 2}, 2**53 + 1, object()):
            array = cells(other, missing)
            assert array.dtype == object
            assert array[0, 0] is other
            assert array[1, 0] is None

    def test_on_missing_error_names_row_and_feature(self, missing):
        error = refusal(
            [{"x": 1, "p": {"q": 2}}, {"x": 3, "p": {} if missing is ... else {"q": None}}],
            feature_names=["x", "p.q"],
            on_missing="error",
            **ARRAY,
        )
        assert error.row == 1
        assert "'p.q'" in str(error)
        assert "row 1" in str(error)
        assert ("missing" if missing is ... else "None") in str(error)

    def test_on_missing_null_is_the_default(self, missing):
        np.testing.assert_array_equal(cells(1, missing, on_missing="null"), cells(1, missing))

    def test_it_is_nan_in_a_float_array_that_was_asked_for(self, missing):
        array = cells(1, missing, numpy_dtype="float32")
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, [[1], [np.nan]])
        assert np.isnan(cells(missing, numpy_dtype="complex64")[0, 0])

    def test_it_is_none_in_an_object_array_that_was_asked_for(self, missing):
        assert cells(1, missing, numpy_dtype="object").tolist() == [[1], [None]]

    def test_it_is_not_a_time_in_an_array_of_times(self, missing):
        assert np.isnat(cells("2020-01-01", missing, numpy_dtype="datetime64[D]")[1, 0])
        assert np.isnat(cells(1, missing, numpy_dtype="timedelta64[s]")[1, 0])

    @pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "str", "U3", "S3"])
    def test_it_fits_no_dtype_without_a_null(self, missing, dtype):
        present = {"str": "a", "U3": "a", "S3": b"a"}.get(dtype, 1)
        records = [{"y": present, "x": present}, {"y": present} if missing is ... else {"y": present, "x": None}]
        error = refusal(records, feature_names=["y", "x"], numpy_dtype=dtype, **ARRAY)
        assert error.row == 1
        assert "'x'" in str(error)
        assert "row 1" in str(error)
        assert dtype in ("str", "U3", "S3") or "missing value" in str(error)


def test_on_missing_error_lets_nan_and_falsy_cells_through():
    array = preprocess(
        [{"a": float("nan"), "b": 0, "c": False}], feature_names=["a", "b", "c"], on_missing="error", **ARRAY
    )
    np.testing.assert_array_equal(array, [[np.nan, 0, 0]])


@pytest.mark.parametrize(("record", "state"), [({}, "missing"), ({"p": {"q": None}}, "None")])
def test_with_flattening_missing_and_none_are_told_apart_too(record, state):
    error = refusal([record], feature_names=["p.q"], on_missing="error", **FLAT, **ARRAY)
    assert f"'p.q' is {state}" in str(error)


def test_the_first_missing_cell_is_the_one_that_is_named():
    error = refusal([{"b": 1}, {}], feature_names=["b", "a", "c"], on_missing="error", **ARRAY)
    assert "'a'" in str(error)
    assert error.row == 0


def test_a_batch_with_nothing_at_all_is_all_nan():
    array = preprocess([{}, {}], feature_names=["a", "b"], **ARRAY)
    assert array.dtype == np.float64
    assert np.isnan(array).all()


@pytest.mark.parametrize("config", [{}, FLAT], ids=["nested", "flat"])
def test_a_feature_absent_from_every_row_is_warned_of_once(config, logs):
    run = get_preprocessor(BackendConfig(feature_names=["a", "typo", "p.q"], **config, **ARRAY))
    run([{"a": 1}, {"a": 2}])
    run([{"a": 3}])
    warnings = logs.texts("WARNING")
    assert len(warnings) == 2
    assert "'typo'" in warnings[0]
    assert "'p.q'" in warnings[1]


def test_a_feature_that_goes_absent_later_is_warned_of_then(logs):
    run = get_preprocessor(BackendConfig(feature_names=["a", "b"], **ARRAY))
    run([{"a": 1, "b": 1}, {"a": 1}])
    assert logs.texts("WARNING") == []
    run([{"a": 1}])
    assert ["'b'" in text for text in logs.texts("WARNING")] == [True]


def test_a_feature_that_is_none_everywhere_is_not_absent(logs):
    preprocess([{"a": None}, {"a": None}], feature_names=["a"], **ARRAY)
    assert logs.texts("WARNING") == []


def test_each_preprocessor_warns_for_itself(logs):
    for _ in range(2):
        preprocess([{"a": 1}], feature_names=["b"], **ARRAY)
    assert len(logs.texts("WARNING")) == 2


def test_a_row_that_is_no_dict_is_refused():
    error = refusal([{"a": 1}, [1]], feature_names=["a"], **ARRAY)
    assert error.row == 1
    assert "list" in str(error)


def test_the_preprocessor_pickles_and_copies():
    run = get_preprocessor(BackendConfig(feature_names=["a.b"], numpy_dtype="float32", on_missing="error", **ARRAY))
    copy = pickle.loads(pickle.dumps(run))
    array = copy([{"a": {"b": 1}}])
    assert array.tolist() == [[1.0]]
    assert array.dtype == np.float32
    assert copy.config == run.config
