"""MLflow: a small network of scikit-learn, saved as an MLflow model with a signature."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from packflow_mlflow import MlflowBackend
from rounds import Model, Record, fields, numbers, run
from sklearn.neural_network import MLPRegressor

FEATURES = fields(10)


def fitted() -> Any:
    source = np.random.default_rng(1)
    rows = source.normal(size=(3000, 10))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it was not trained to the end
        frame = pd.DataFrame(rows, columns=FEATURES)
        return MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=5, random_state=1).fit(frame, rows[:, :3].sum(axis=1))


def lay_out(records: list[Record]) -> Any:
    return pd.DataFrame(records)[FEATURES]


def read(result: Any) -> list[Record]:
    return [{"prediction": value} for value in result.tolist()]


def models(folder: Path) -> Iterator[Model]:
    path = folder / "model"
    estimator = fitted()
    example = pd.DataFrame([dict.fromkeys(FEATURES, 0.5)])
    signature = mlflow.models.infer_signature(example, estimator.predict(example))
    mlflow.sklearn.save_model(
        estimator, path, signature=signature, serialization_format="skops", pip_requirements=["scikit-learn"],
        skops_trusted_types=["sklearn.neural_network._stochastic_optimizers.AdamOptimizer"],
    )  # fmt: skip
    loaded = mlflow.pyfunc.load_model(str(path))
    trusted = ["sklearn.neural_network._stochastic_optimizers.AdamOptimizer"]
    backend = MlflowBackend(model_path=path, trusted_types=trusted, verbose=False)
    yield Model("MLP 10-64-64-1", numbers(10), lay_out, loaded.predict, read, {"packflow": backend})


if __name__ == "__main__":
    run(models)
