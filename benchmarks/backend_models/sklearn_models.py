"""scikit-learn: a small network, and a forest of 100 trees."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from packflow_sklearn import SklearnBackend
from rounds import Model, Record, fields, numbers, run
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

FEATURES = fields(10)


def fitted(model: Any) -> Any:
    source = np.random.default_rng(1)
    rows = source.normal(size=(3000, 10))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it was not trained to the end
        return model.fit(rows, np.digitize(rows[:, :3].sum(axis=1), [-1, 1]))


def lay_out(records: list[Record]) -> Any:
    return np.array([[record[name] for name in FEATURES] for record in records])


def read(results: Any) -> list[Record]:
    labels, chances = results
    return [
        {"prediction": label, "probabilities": {"0": low, "1": middle, "2": high}}
        for label, (low, middle, high) in zip(labels.tolist(), chances.tolist(), strict=True)
    ]


def models(folder: Path) -> Iterator[Model]:
    estimators = {
        "MLP 10-64-64-3": MLPClassifier((64, 64), max_iter=5, random_state=1),
        "forest of 100 trees": RandomForestClassifier(100, max_depth=10, random_state=1),
    }
    for name, unfitted in estimators.items():
        estimator = fitted(unfitted)
        path = folder / "model.skops"
        skops.io.dump(estimator, path)
        trusted = skops.io.get_untrusted_types(file=path)
        settings: dict[str, Any] = {
            "model_path": path, "feature_names": FEATURES, "trusted_types": trusted, "verbose": False,
        }  # fmt: skip

        def call(batch: Any, estimator: Any = estimator) -> Any:
            return estimator.predict(batch), estimator.predict_proba(batch)

        backends: dict[str, Any] = {
            "packflow": SklearnBackend(**settings),
            "packflow, numpy": SklearnBackend(**settings, input_format="numpy", numpy_dtype="float64"),
        }
        yield Model(name, numbers(10), lay_out, call, read, backends)


if __name__ == "__main__":
    run(models)
