"""Each mistake is one packflow error that says what to change, and the process goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from mlflow.types.schema import Map
from packflow_mlflow import MlflowBackend

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        MlflowBackend(verbose=False, **settings)
    return str(caught.value)


def failed(backend: MlflowBackend, inputs: Any) -> InferenceBackendRuntimeError:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend(inputs)
    return caught.value


def echo(self, context, model_input, params=None):
    return model_input


# Settings ------------------------------------------------------------------------------------------------------------


def test_feature_names_that_do_not_fit(classifier: Path, iris: Any, save_function: Any):
    names = list(iris.data.columns)
    said = refused(model_path=classifier, feature_names=[*names[:3], "petal width"])
    assert "feature_names has 'petal width', which the model's signature does not. Did you mean" in said
    assert "'petal length (cm)' (double)" in said
    assert f"feature_names lacks ['{names[3]}']" in refused(model_path=classifier, feature_names=names[:3])
    bare = save_function(echo, Schema([ColSpec("double"), ColSpec("string")]))
    said = refused(model_path=bare, trusted=True, feature_names=["a"])
    assert "2 column(s) without names (double, string), and feature_names has 1" in said
    bare = save_function(echo, Schema([ColSpec(Map("long"))]))
    assert "1 column(s) without names (Map(str -> " in refused(model_path=bare, trusted=True)
    assert "inputs is for models whose signature has tensors" in refused(model_path=classifier, inputs={"a": "b"})


def test_parameters_that_do_not_fit(save_function: Any, classifier: Path):
    params = ParamSchema([ParamSpec("factor", "double", 2.0), ParamSpec("offsets", "long", [1, 2], (-1,))])
    path = save_function(echo, Schema([ColSpec("long", "x")]), params=params)
    said = refused(model_path=path, trusted=True, params={"facto": 1})
    assert "params names 'facto', which the model's signature does not have. Did you mean 'factor'?" in said
    assert "'factor' (double, by default 2.0), 'offsets' (long list, by default [1, 2])" in said
    for value in ("much", [1.0], True):
        assert "params['factor'] is" in refused(model_path=path, trusted=True, params={"factor": value})
    assert "params['offsets'] is 1.5" in refused(model_path=path, trusted=True, params={"offsets": 1.5})
    assert "Its parameters are: none" in refused(model_path=classifier, params={"factor": 1})


def test_tensors_that_the_signature_does_not_have(file_types: Path, save_function: Any):
    assert "inputs names 'byte', which the model does not have. Did you mean 'bytes'?" in refused(
        model_path=file_types, inputs={"byte": "b"}
    )
    path = save_function(echo, Schema([TensorSpec(np.dtype("complex64"), (-1, 2), "x")]))
    assert "has the dtype complex64, which is not supported" in refused(model_path=path, trusted=True)


def test_output_names_that_do_not_fit(save_function: Any):
    def pair(self, context, model_input, params=None):
        return np.ones((len(model_input), 2)) if model_input["x"][0] else pd.DataFrame({"a": [1], "b": [2]})

    path = save_function(pair, Schema([ColSpec("long", "x")]))
    backend = MlflowBackend(verbose=False, model_path=path, trusted=True, output_names=["a", "b", "c"])
    assert "output_names has 3 names, and the model gave 2 columns: a, b" in str(failed(backend, {"x": 0}))
    assert "output_names has 3 names, and the model gave 2 columns" in str(failed(backend, {"x": 1}))
    assert "twice" in refused(model_path=path, trusted=True, output_names=["a", "a"])
    backend = MlflowBackend(verbose=False, model_path=path, trusted=True, outputs=["aa"])
    assert "outputs names 'aa', which the model did not give" in str(failed(backend, {"x": 0}))


# Records -------------------------------------------------------------------------------------------------------------


def test_columns_that_are_missing(classifier: Path, iris: Any):
    backend = MlflowBackend(verbose=False, model_path=classifier)
    good = iris.data.to_dict("records")[0]
    error = failed(backend, [good, {("petal width" if name == "petal width (cm)" else name): 1 for name in good}])
    assert error.row == 1
    assert "Column 'petal width (cm)' of row 1 is missing; the model's signature requires it (double)" in str(error)
    assert "Did you mean 'petal width'?" in str(error)
    error = failed(backend, [good, good, {**good, "petal width (cm)": None}])
    assert (error.row, "of row 2 is None" in str(error)) == (2, True)
    assert backend(good) == {"prediction": "setosa"}


def test_a_missing_number_is_nan_where_that_is_wanted(save_function: Any):
    path = save_function(echo, Schema([ColSpec("double", "x"), ColSpec("string", "y")]))
    backend = MlflowBackend(verbose=False, model_path=path, trusted=True, on_missing="null")
    assert backend([{"x": None, "y": "a"}, {"y": "b"}]) == [{"x": None, "y": "a"}, {"x": None, "y": "b"}]
    assert "Column 'y' of row 0 is None" in str(failed(backend, {"x": 1, "y": None}))


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("double", "1", "it is text, not a number"),
        ("double", True, "it is a boolean, not a number"),
        ("double", 2**53 + 1, "the integer would be rounded"),
        ("double", 10**400, "it is out of range"),
        ("double", [1.0], "it is of type list, not a number"),
        ("float", 1e39, "it is out of range"),
        ("float", 2**24 + 1, "the integer would be rounded"),
        ("integer", 1.0, "it is a float, not an integer"),
        ("integer", 2**31, "it is not between -2147483648 and 2147483647"),
        ("long", 0.5, "it is a float, not an integer"),
        ("long", -(2**63) - 1, "it is not between"),
        ("long", True, "it is a boolean, not an integer"),
        ("long", "1", "it is text, not an integer"),
        ("boolean", 1, "it is an integer, not true or false"),
        ("string", 1, "it is an integer, not text"),
        ("binary", "no base64!", "it is no base64"),
        ("binary", 5, "neither bytes nor text in base64"),
        ("datetime", "yesterday", "as ISO 8601 writes it"),
        ("datetime", "2024-13-01", "no time"),
        ("datetime", "9999-01-01", "out of range"),
        ("datetime", pd.Timestamp("2024-01-01", tz="UTC"), "it has a time zone"),
        ("datetime", 1700000000, "it is an integer, neither a time nor text"),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_a_value_of_another_type_is_refused_by_row_and_column(
    kind: str, value: Any, reason: str, required: bool, save_function: Any
):
    good = {"boolean": True, "string": "a", "binary": "YQ==", "datetime": "2024-01-01"}.get(kind, 1)
    path = save_function(echo, Schema([ColSpec(kind, "x", required=required)]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": good}, {"x": value}])
    assert error.row == 1
    assert f"Column 'x' of row 1 does not fit the model's signature, which has {kind}: " in str(error)
    assert reason in str(error)


def test_an_integer_that_is_missing_among_others(save_function: Any):
    path = save_function(echo, Schema([ColSpec("long", "x", required=False)]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": 1}, {}])
    assert (error.row, "hold no missing values" in str(error)) == (1, True)


def test_values_that_are_nested_are_refused_with_their_place(save_function: Any):
    inputs = Schema.from_json(
        '[{"name": "x", "required": true, "type": "object", "properties": {"a": {"type": "array", "required": true, '
        '"items": {"type": "long"}}, "m": {"type": "map", "values": {"type": "string"}, "required": false}}}]'
    )
    backend = MlflowBackend(verbose=False, model_path=save_function(echo, inputs), trusted=True)
    for value, reason in (
        ({"a": [1, 2.5]}, "at ['a'][1], it is a float, not an integer"),
        ({"a": [1, None]}, "at ['a'][1], it is None"),
        ({"a": 3}, "at ['a'], it is an integer, where a list of long is expected"),
        ({"A": [1]}, "at ['a'], it is missing, and required (Array(long)). Did you mean 'A'?"),
        ({"a": [1], "mm": {}}, "at ['mm'], the signature has no such property. Did you mean 'm'?"),
        ({"a": [1], "m": {"k": 1}}, "at ['m']['k'], it is an integer, not text"),
        ([1], "it is of type list, where an object is expected"),
    ):
        error = failed(backend, [{"x": {"a": [1]}}, {"x": value}])
        assert (error.row, reason in str(error)) == (1, True), str(error)


def test_fields_that_are_no_columns(classifier: Path, iris: Any):
    good = iris.data.to_dict("records")[0]
    assert MlflowBackend(verbose=False, model_path=classifier)({**good, "more": 1}) == {"prediction": "setosa"}
    backend = MlflowBackend(verbose=False, model_path=classifier, extra_columns="error")
    error = failed(backend, [good, {**good, "petal widht (cm)": 1}])
    assert error.row == 1
    assert "Field 'petal widht (cm)' of row 1 is no column" in str(error)
    assert "Did you mean 'petal width (cm)'?" in str(error)
    with pytest.raises(InferenceBackendRuntimeError, match="Field 'more' is no column"):
        backend.transform_inputs(iris.data.assign(more=1))


def test_what_mlflow_itself_refuses_is_told_without_the_data(classifier: Path, iris: Any):
    backend = MlflowBackend(verbose=False, model_path=classifier)
    frame = iris.data.rename(columns={"petal width (cm)": "w"})
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend.execute(backend.transform_inputs(frame))
    assert "MLflow's check of the signature failed: Model is missing inputs ['petal width (cm)']" in str(caught.value)
    assert "It was given a DataFrame of 150 row(s) with 'sepal length (cm)' (float64)" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_rows_that_are_not_alike_where_nothing_else_says_what_they_are(save_function: Any):
    backend = MlflowBackend(verbose=False, model_path=save_function(echo), trusted=True)
    error = failed(backend, [{"a": 1, "b": 2}, {"a": 1, "bb": 2}])
    assert (error.row, "Field 'b' of row 1 is missing" in str(error), "'bb'" in str(error)) == (1, True, True)
    error = failed(backend, [{"a": 1}, {"a": 1, "b": 2}])
    assert (error.row, "has the field 'b', and row 0 has not" in str(error)) == (1, True)


def test_values_that_do_not_fit_a_tensor(file_types: Path):
    backend = MlflowBackend(verbose=False, model_path=file_types)
    good = {"bytes": [0] * 2048}
    for value, reason in (([0] * 2047, "its shape is 2047"), ([0.5] * 2048, "whole"), ("text", "its shape is one")):
        error = failed(backend, [good, {"bytes": value}])
        assert (error.row, "'bytes' (int32, shape 2048 a record)" in str(error)) == (1, True)
        assert reason in str(error)


@pytest.mark.parametrize("passthrough", ["passthrough", "records"])
def test_rows_that_are_no_records(classifier: Path, passthrough: str):
    backend = MlflowBackend(verbose=False, model_path=classifier, input_format=passthrough)
    with pytest.raises(InferenceBackendRuntimeError, match="dict"):
        backend([[1, 2, 3, 4]])


# Results -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [1.5, "text", None, [1], np.ones(3), np.float64(1), pd.DataFrame({"a": [1]}), {"a": [1]}, {"a": 1}, pd.Series([1])],
)
def test_a_result_without_a_row_for_each_record(result: Any, save_function: Any):
    path = save_function(lambda self, context, model_input, params=None: result, Schema([ColSpec("long", "x")]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": 1}, {"x": 2}])
    assert "each" in str(error)
    assert type(result).__name__ in str(error) or "'a'" in str(error)


def test_a_model_that_fails_is_told_what_it_was_given(save_function: Any):
    def fail(self, context, model_input, params=None):
        raise ValueError("no such weights")

    path = save_function(fail, Schema([ColSpec("long", "x")]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": 1}])
    assert (
        "The model failed: ValueError: no such weights. It was given a DataFrame of 1 row(s) with 'x' (int64)"
        in str(error)
    )
