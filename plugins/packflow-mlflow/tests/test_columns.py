"""Columns of every type arrive as the signature has them; MLflow's own check leaves them as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow.models import infer_signature
from mlflow.types import ColSpec, Schema
from packflow_mlflow import MlflowBackend


def load(**settings: Any) -> MlflowBackend:
    return MlflowBackend(verbose=False, **settings)


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
    for records in ([{"x": given}, {"x": []}], [{"x": given}] * len(given), [{"x": given}]):
        assert backend(records) == records
