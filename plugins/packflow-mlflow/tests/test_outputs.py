"""Parameters reach the model, and every kind of result becomes records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
from packflow_mlflow import MlflowBackend
from scipy.sparse import csr_matrix


def load(**settings: Any) -> MlflowBackend:
    return MlflowBackend(verbose=False, **settings)


def column(kind: str) -> Schema:
    return Schema([ColSpec(kind, "x")])


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
        (lambda n: csr_matrix(np.ones((n, 2))), {"prediction": [1.0, 1.0]}),
        (lambda n: {"a": csr_matrix(np.ones((n, 2)))}, {"a": [1.0, 1.0]}),
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
