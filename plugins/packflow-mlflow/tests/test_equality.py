"""Rows through the backend are what MLflow gives by hand for the same rows, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import mlflow
import mlflow.lightgbm
import mlflow.sklearn
import mlflow.xgboost
import numpy as np
import pandas as pd
import pytest
import xgboost
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow.models import infer_signature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from packflow_mlflow import MlflowBackend
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def load(**settings: Any) -> MlflowBackend:
    return MlflowBackend(verbose=False, **settings)


# Models of libraries -------------------------------------------------------------------------------------------------


def test_a_model_that_nobody_here_trained(file_types: Path, bytes_of_files: Any, by_hand: Any):
    given = np.array([row["bytes"] for row in bytes_of_files], np.int32)
    expected = by_hand(file_types, {"bytes": given})["target_label"]
    rows = load(model_path=file_types)(bytes_of_files)
    assert [row["target_label"] for row in rows] == expected.tolist()


def test_a_classifier(classifier: Path, iris: Any, by_hand: Any):
    records = iris.data.to_dict("records")
    expected = by_hand(classifier, pd.DataFrame(records))
    assert load(model_path=classifier)(records) == [{"prediction": str(label)} for label in expected]
    assert load(model_path=classifier)(records[77]) == {"prediction": str(expected[77])}


def test_probabilities_have_the_names_of_their_classes(iris: Any, save: Any, by_hand: Any):
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target_names[iris.target])
    path = save(
        mlflow.sklearn.save_model,
        model,
        signature=infer_signature(iris.data),
        pyfunc_predict_fn="predict_proba",
        serialization_format="skops",
    )
    records = iris.data.to_dict("records")
    expected = by_hand(path, pd.DataFrame(records))
    names = ["setosa", "versicolor", "virginica"]
    assert load(model_path=path)(records) == [dict(zip(names, row, strict=True)) for row in expected.tolist()]
    renamed = load(model_path=path, output_names=["a", "b", "c"], outputs={"c": "third", "a": "first"})(records)
    assert renamed == [{"third": row[2], "first": row[0]} for row in expected.tolist()]
    assert list(renamed[0]) == ["third", "first"]


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_regressor_whatever_the_batch(regressor: Path, by_hand: Any, data: Any):
    backend = load(model_path=regressor)
    numbers = st.floats(-1e6, 1e6)
    names = [spec.name for spec in backend.model.metadata.get_input_schema().inputs]
    cells = st.fixed_dictionaries({name: st.integers(-100, 100) if name == "age" else numbers for name in names})
    records = data.draw(st.lists(cells, min_size=1, max_size=8))
    expected = by_hand(regressor, pd.DataFrame(records))
    assert backend(records) == [{"progression": value} for value in expected.tolist()]


def test_texts_and_categories_in_a_pipeline(save: Any, by_hand: Any):
    table = pd.DataFrame(
        {
            "text": ["good and cheap", "bad", "cheap but bad", "good"],
            "shop": ["north", "south", "south", "west"],
            "price": [1.5, 2.0, None, 3.25],
        }
    )
    steps = make_column_transformer((CountVectorizer(), "text"), (OneHotEncoder(handle_unknown="ignore"), ["shop"]))
    model = make_pipeline(steps, LogisticRegression()).fit(table, [1, 0, 0, 1])
    signature = infer_signature(table, np.array([1, 0]))
    path = save(mlflow.sklearn.save_model, model, signature=signature, serialization_format="cloudpickle")
    records = [*table.to_dict("records"), {"text": "née", "shop": "east", "price": None}]
    expected = by_hand(path, pd.DataFrame(records))
    rows = load(model_path=path, trusted=True)(records)
    assert rows == [{"prediction": label} for label in expected.tolist()]


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_boosted_trees_in_their_own_format(library: str, iris: Any, save: Any, by_hand: Any):
    if library == "xgboost":
        model: Any = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(iris.data, iris.target)
        path = save(mlflow.xgboost.save_model, model, signature=infer_signature(iris.data))
    else:
        model = lightgbm.train(
            {"verbose": -1, "objective": "multiclass", "num_class": 3}, lightgbm.Dataset(iris.data, iris.target), 5
        )
        path = save(mlflow.lightgbm.save_model, model, signature=infer_signature(iris.data))
    records = iris.data.to_dict("records")
    expected = by_hand(path, pd.DataFrame(records)).tolist()
    assert load(model_path=path)(records) == [{"prediction": row} for row in expected]
    assert len(set(map(str, expected))) > 2


def test_a_forest_in_skops_whose_types_are_trusted(iris: Any, save: Any, by_hand: Any):
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(iris.data, iris.target)
    path = save(mlflow.lightgbm.save_model, model, signature=infer_signature(iris.data))
    types = ["lightgbm.sklearn.LGBMClassifier", "lightgbm.sklearn.LGBMRegressor", "lightgbm.basic.Booster"]
    backend = load(model_path=path, trusted_types=[*types, "collections.OrderedDict"])
    records = iris.data.to_dict("records")
    expected = by_hand(path, pd.DataFrame(records)).tolist()
    assert backend(records) == [{"prediction": row} for row in expected]


# Types of columns ----------------------------------------------------------------------------------------------------


def echo(self, context, model_input, params=None):
    return model_input


def column(kind: str, name: str | None = "x", *, required: bool = True) -> Schema:
    return Schema([ColSpec(kind, name, required=required)])


@pytest.mark.parametrize(
    ("kind", "values", "dtype", "shown"),
    [
        ("boolean", [True, False], "bool", None),
        ("integer", [1, -(2**31), 2**31 - 1], "int32", None),
        ("long", [1, -(2**63), 2**63 - 1], "int64", None),
        ("float", [1, 0.5, -(2**24)], "float32", [1.0, 0.5, -16777216.0]),
        ("float", [0.1, 1e-3], "float32", np.float32([0.1, 1e-3]).tolist()),
        ("double", [1, 0.1, 2**53], "float64", [1.0, 0.1, 2.0**53]),
        ("double", [2, 3], "float64", [2.0, 3.0]),
        ("string", ["née", ""], None, None),
        ("binary", [b"ab", "YWI="], "object", [b"ab", b"ab"]),
        (
            "datetime",
            ["2024-01-31", "2024-01-31T12:30:15.5", pd.Timestamp("2024-02-01 01:00")],
            "datetime64[ns]",
            ["2024-01-31T00:00:00", "2024-01-31T12:30:15.500000", "2024-02-01T01:00:00"],
        ),
        ("double", [np.float64(0.5), np.int8(3)], "float64", [0.5, 3.0]),
        ("integer", [np.int64(5), np.uint8(3)], "int32", [5, 3]),
    ],
)
def test_every_type_of_column_arrives_as_the_signature_has_it(
    kind: str, values: list[Any], dtype: str | None, shown: Any, save_function: Any
):
    path = save_function(echo, column(kind))
    backend = load(model_path=path, trusted=True)
    records = [{"x": value} for value in values]
    [(frame, _, _)] = backend.transform_inputs(records)
    if dtype is not None:
        assert str(frame["x"].dtype) == dtype
    given = backend.execute([(frame, len(frame), len(frame))])[0][0]
    pd.testing.assert_frame_equal(given, frame)  # MLflow's own check of the signature leaves it as it is
    if kind == "binary":
        assert given["x"].tolist() == shown
    else:
        assert backend(records) == [{"x": value} for value in (shown or values)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("double", 0.5), ("float", 0.5), ("string", "a"), ("boolean", True), ("datetime", "2024-01-31T00:00:00")],
)
def test_optional_columns_hold_missing_values(kind: str, value: Any, save_function: Any):
    backend = load(
        model_path=save_function(echo, Schema([ColSpec("long", "n"), *column(kind, required=False)])), trusted=True
    )
    assert backend([{"n": 1, "x": value}, {"n": 2}, {"n": 3, "x": None}]) == [
        {"n": 1, "x": value},
        {"n": 2, "x": None},
        {"n": 3, "x": None},
    ]
    assert backend([{"n": 1, "x": None}]) == [{"n": 1, "x": None}]
    assert backend([{"n": 1}, {"n": 2}]) == [{"n": 1}, {"n": 2}]  # as MLflow has it, the column is not there


def test_an_optional_column_of_integers_is_there_for_all_or_none(save_function: Any):
    inputs = Schema([ColSpec("long", "n"), ColSpec("integer", "x", required=False)])
    backend = load(model_path=save_function(echo, inputs), trusted=True)
    assert backend([{"n": 1, "x": 2}]) == [{"n": 1, "x": 2}]
    assert backend([{"n": 1, "x": None}, {"n": 2}]) == [{"n": 1}, {"n": 2}]


def test_lists_objects_and_maps(save_function: Any):
    inputs = infer_signature(
        [{"x": {"a": 1, "b": [0.5], "c": [{"d": "t"}]}}, {"x": {"a": 1, "c": [{"d": "t", "e": True}]}}]
    ).inputs

    def keep(self, context, model_input, params=None):
        return [{"kind": type(value["a"]).__name__, **value} for value in model_input["x"]]

    backend = load(model_path=save_function(keep, inputs), trusted=True)
    records = [{"x": {"a": 7, "b": [1, 2], "c": []}}, {"x": {"a": 8, "c": [{"d": "u", "e": False}]}}]
    before = repr(records)
    rows = backend(records)
    assert rows[0] == {"kind": "int64", "a": 7, "b": [1.0, 2.0], "c": []}
    assert rows[1]["c"] == [{"d": "u", "e": False}]
    assert repr(records) == before


@pytest.mark.parametrize("kind", ["integer", "long", "float", "double", "string", "boolean"])
def test_lists_of_every_type(kind: str, save_function: Any):
    values: dict[str, list[Any]] = {"string": ["a", "b"], "boolean": [True], "float": [0.5, 1], "double": [0.5, 1]}
    given = values.get(kind, [1, -2])
    inputs = Schema.from_json(f'[{{"type": "array", "items": {{"type": "{kind}"}}, "name": "x", "required": true}}]')
    backend = load(model_path=save_function(echo, inputs), trusted=True)
    assert backend([{"x": given}, {"x": []}]) == [{"x": given}, {"x": []}]


# What the preprocessor does ------------------------------------------------------------------------------------------


def test_names_are_those_that_the_preprocessor_makes(classifier: Path, iris: Any):
    names = list(iris.data.columns)
    renames = {"sepal.length": names[0], "sepal.width": names[1]}
    backend = load(model_path=classifier, rename_fields=renames, flatten_nested_inputs=True, feature_names=names)
    record = {"sepal": {"length": 5.1, "width": 3.5}, names[2]: 1.4, names[3]: 0.2, "more": 1}
    assert backend(record) == {"prediction": "setosa"}


def test_arrays_and_frames_of_a_preprocessor(classifier: Path, iris: Any, by_hand: Any):
    names, records = list(iris.data.columns), iris.data.to_dict("records")
    expected = load(model_path=classifier)(records)
    assert load(model_path=classifier, input_format="numpy", feature_names=names)(records) == expected
    backend = load(model_path=classifier)
    frame = iris.data.assign(more=1)[["more", *reversed(names)]]
    assert backend.transform_outputs(backend.execute(backend.transform_inputs(frame))) == expected


def test_a_largest_batch_changes_nothing(classifier: Path, iris: Any):
    records = iris.data.to_dict("records")
    expected = load(model_path=classifier)(records)
    assert load(model_path=classifier, max_batch_size=7)(records) == expected
    [(frame, _, _), *others] = load(model_path=classifier, max_batch_size=7).transform_inputs(records)
    assert (len(frame), len(others)) == (7, 21)


def test_a_model_without_a_signature_gets_a_frame_of_the_records(save_function: Any, log: list[str]):
    path = save_function(echo)
    records = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert load(model_path=path, trusted=True)(records) == records
    assert len(log) == 1
    assert "has no signature, so nothing is checked: it is given all fields" in log[0]
    chosen = load(model_path=path, trusted=True, feature_names=["b"])
    assert chosen(records) == [{"b": "x"}, {"b": "y"}]
    assert "the fields 'b'" in log[1]


def test_columns_without_names_are_those_of_feature_names(save_function: Any):
    path = save_function(echo, Schema([ColSpec("double"), ColSpec("string")]))
    backend = load(model_path=path, trusted=True, feature_names=["size", "colour"])
    assert backend([{"colour": "red", "size": 1, "more": 0}]) == [{"size": 1.0, "colour": "red"}]


ORDERS = """
import mlflow
from pydantic import BaseModel

class Order(BaseModel):
    item: str
    count: int = 1

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, model_input: list[Order]) -> list[dict[str, str]]:
        return [{"text": f"{order.count} {order.item}"} for order in model_input]

mlflow.models.set_model(Model())
"""
UPPER = """
import mlflow

@mlflow.pyfunc.utils.pyfunc
def predict(model_input: list[str]) -> list[str]:
    return [text.upper() for text in model_input]

mlflow.models.set_model(predict)
"""


def test_a_model_whose_type_hint_says_what_it_takes(save: Any, tmp_path: Path):
    paths = []
    for name, code in (("orders.py", ORDERS), ("upper.py", UPPER)):
        (tmp_path / name).write_text(code)
        paths.append(save(mlflow.pyfunc.save_model, python_model=str(tmp_path / name)))
    orders = load(model_path=paths[0], trusted=True)
    assert orders([{"item": "cup", "count": 2}, {"item": "pan"}]) == [{"text": "2 cup"}, {"text": "1 pan"}]
    upper = load(model_path=paths[1], trusted=True, feature_names=["title"])
    assert upper([{"title": "née"}, {"title": "b", "more": 1}]) == [{"prediction": "NÉE"}, {"prediction": "B"}]


# Tensors -------------------------------------------------------------------------------------------------------------


def tensors(**specs: tuple[str, tuple[int, ...]]) -> Schema:
    return Schema([TensorSpec(np.dtype(dtype), shape, name) for name, (dtype, shape) in specs.items()])


def test_named_tensors(save_function: Any, by_hand: Any):
    def add(self, context, model_input, params=None):
        return {"sum": model_input["a"] + model_input["b"], "first": model_input["a"][:, 0]}

    path = save_function(add, tensors(a=("float32", (-1, 2)), b=("float32", (-1, 2))))
    backend = load(model_path=path, trusted=True, inputs={"a": ["u", "v"], "b": "pair"})
    rows = backend([{"u": 0.1, "v": 2, "pair": [3, 4]}, {"u": 5, "v": 6, "pair": [7.5, 8]}])
    arrays = {"a": np.float32([[0.1, 2], [5, 6]]), "b": np.float32([[3, 4], [7.5, 8]])}
    expected = by_hand(path, arrays)
    assert [row["sum"] for row in rows] == expected["sum"].tolist()
    assert [row["first"] for row in rows] == expected["first"].tolist()
    assert load(model_path=path, trusted=True, outputs={"first": "y"})({"a": [1, 2], "b": [3, 4]}) == {"y": 1.0}


def test_a_tensor_without_a_name(save_function: Any):
    path = save_function(echo, Schema([TensorSpec(np.dtype("float64"), (-1, 3))]))
    expected = [{"prediction": [1.0, 2.0, 3.0]}]
    assert load(model_path=path, trusted=True)([{"input": [1, 2, 3]}]) == expected
    names = ["a", "b", "c"]
    record = dict(zip(names, (1, 2, 3), strict=True))
    assert load(model_path=path, trusted=True, feature_names=names)([record]) == expected
    assert load(model_path=path, trusted=True, feature_names=names, input_format="numpy")([record]) == expected
    assert load(model_path=path, trusted=True, inputs={"input": "xyz"})([{"xyz": [1, 2, 3]}]) == expected


def test_tensors_of_text(save_function: Any):
    path = save_function(echo, tensors(x=("str", (-1, 2))))
    assert load(model_path=path, trusted=True)([{"x": ["née", ""]}]) == [{"x": ["née", ""]}]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_tensor_with_a_fixed_batch(save_function: Any, count: int):
    path = save_function(echo, tensors(x=("int64", (2, 1))))
    records = [{"x": [number]} for number in range(count)]
    assert load(model_path=path, trusted=True)(records) == [{"x": number} for number in range(count)]


# Parameters and results ----------------------------------------------------------------------------------------------


def test_parameters_reach_the_model(save_function: Any, by_hand: Any):
    def scaled(self, context, model_input, params=None):
        return model_input["x"] * params["factor"] + sum(params["offsets"])

    params = ParamSchema([ParamSpec("factor", "double", 2.0), ParamSpec("offsets", "long", [1, 2], (-1,))])
    path = save_function(scaled, column("double"), params=params)
    frame = pd.DataFrame({"x": [0.1, 3.0]})
    records = frame.to_dict("records")
    for given_params in ({}, {"factor": 0.3}, {"factor": 3, "offsets": [5]}):
        expected = by_hand(path, frame, params=dict(given_params)).tolist()
        rows = load(model_path=path, trusted=True, params=given_params)(records)
        assert [next(iter(row.values())) for row in rows] == expected


@pytest.mark.parametrize(
    ("result", "rows"),
    [
        (lambda n: pd.DataFrame({"a": range(n), 7: ["x"] * n}, index=range(5, 5 + n)), {"a": 0, "7": "x"}),
        (lambda n: pd.Series(np.arange(n, dtype="int8"), index=range(9, 9 + n), name="s"), {"prediction": 0}),
        (lambda n: np.zeros(n, "float32"), {"prediction": 0.0}),
        (lambda n: np.zeros((n, 1)), {"prediction": 0.0}),
        (lambda n: np.zeros((n, 2)), {"prediction": [0.0, 0.0]}),
        (lambda n: np.zeros((n, 2, 1)), {"prediction": [[0.0], [0.0]]}),
        (lambda n: ["t"] * n, {"prediction": "t"}),
        (lambda n: [[1, 2]] * n, {"prediction": [1, 2]}),
        (lambda n: [{"p": np.float32(0.5), "q": None}] * n, {"p": 0.5, "q": None}),
        (lambda n: {"a": np.ones(n), "b": [None] * n}, {"a": 1.0, "b": None}),
        (lambda n: (np.ones(n), ["x"] * n), {"output_0": 1.0, "output_1": "x"}),
        (lambda n: np.array([np.nan] * n), {"prediction": None}),
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_every_kind_of_result_becomes_records(result: Any, rows: Any, count: int, save_function: Any):
    def predict(self, context, model_input, params=None):
        return result(len(model_input))

    backend = load(model_path=save_function(predict, column("long")), trusted=True)
    found = backend([{"x": number} for number in range(count)])
    assert len(found) == count
    assert found[0] == rows
    assert backend([]) == []


def test_results_are_named_by_the_signature_or_the_user(save_function: Any):
    def pair(self, context, model_input, params=None):
        return np.array([[1.0, 2.0]] * len(model_input))

    named = save_function(pair, column("long"), Schema([ColSpec("double", "low"), ColSpec("double", "high")]))
    assert load(model_path=named, trusted=True)({"x": 1}) == {"low": 1.0, "high": 2.0}
    assert load(model_path=named, trusted=True, output_names=["l", "h"], outputs=["h"])({"x": 1}) == {"h": 2.0}
    bare = save_function(pair, column("long"))
    assert load(model_path=bare, trusted=True, prediction_field="both")({"x": 1}) == {"both": [1.0, 2.0]}
