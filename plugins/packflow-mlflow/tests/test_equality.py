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
from mlflow.types import ColSpec, Schema, TensorSpec
from packflow_mlflow import MlflowBackend
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def load(**settings: Any) -> MlflowBackend:
    return MlflowBackend(verbose=False, **settings)


def echo(self, context, model_input, params=None):
    return model_input


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
@settings(
    settings.get_profile("ci"),  # the same examples in every run, and no clock decides
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_regressor_whatever_the_batch(regressor: Path, by_hand: Any, data: Any):
    backend = load(model_path=regressor)
    numbers = st.floats(-1e6, 1e6)
    names = [spec.name for spec in backend.model.metadata.get_input_schema().inputs]
    cells = st.fixed_dictionaries({name: st.integers(-100, 100) if name == "age" else numbers for name in names})
    records = data.draw(st.lists(cells, min_size=1, max_size=8))
    expected = by_hand(regressor, pd.DataFrame(records))
    assert backend(records) == [{"progression": value} for value in expected.tolist()]


def test_probabilities_of_several_targets(iris: Any, save: Any, by_hand: Any):
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(
        iris.data, np.column_stack([iris.target, iris.target > 0])
    )
    path = save(
        mlflow.sklearn.save_model,
        model,
        signature=infer_signature(iris.data),
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
    )
    records = iris.data.iloc[[0, 120]].to_dict("records")  # as many as there are targets
    kinds, others = by_hand(path, pd.DataFrame(records))
    rows = load(model_path=path, trusted=True, output_names=["kind", "other"])(records)
    assert rows == [{"kind": a, "other": b} for a, b in zip(kinds.tolist(), others.tolist(), strict=True)]


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
    types = ["lightgbm.sklearn.LGBMClassifier", "lightgbm.sklearn.LGBMRegressor", "lightgbm.basic.Booster"]
    types += ["collections.OrderedDict"]
    saved_with = {"serialization_format": "skops", "skops_trusted_types": types}
    path = save(mlflow.lightgbm.save_model, model, signature=infer_signature(iris.data), **saved_with)
    backend = load(model_path=path, trusted_types=types)
    records = iris.data.to_dict("records")
    expected = by_hand(path, pd.DataFrame(records)).tolist()
    assert backend(records) == [{"prediction": row} for row in expected]


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
DICTS = """
import mlflow

@mlflow.pyfunc.utils.pyfunc
def predict(model_input: list[dict[str, int]]) -> list[int]:
    return [len(given) for given in model_input]

mlflow.models.set_model(predict)
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
    for name, code in (("orders.py", ORDERS), ("upper.py", UPPER), ("dicts.py", DICTS)):
        (tmp_path / name).write_text(code)
        paths.append(save(mlflow.pyfunc.save_model, python_model=str(tmp_path / name)))
    orders = load(model_path=paths[0], trusted=True)
    assert orders([{"item": "cup", "count": 2}, {"item": "pan"}]) == [{"text": "2 cup"}, {"text": "1 pan"}]
    dicts = load(model_path=paths[2], trusted=True)
    assert dicts([{"a": 1, "b": 2}, {"c": 3}]) == [{"prediction": 2}, {"prediction": 1}]
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
