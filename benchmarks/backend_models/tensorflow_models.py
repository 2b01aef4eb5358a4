"""TensorFlow: a small network as a Keras file and as a SavedModel, and a larger one."""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from packflow_tensorflow import TensorflowBackend
from rounds import Model, Record, fields, numbers, run, vector

FEATURES = fields(10)


def network(*widths: int) -> Any:
    keras.utils.set_random_seed(1)
    hidden = [keras.layers.Dense(width, activation="relu") for width in widths[1:-1]]
    return keras.Sequential([keras.Input((widths[0],), name="x"), *hidden, keras.layers.Dense(widths[-1])])


def saved_keras(path: Path, model: Any) -> Path:
    model.save(path)
    return path


def lay_out(records: list[Record]) -> Any:
    return tf.constant([[record[name] for name in FEATURES] for record in records], tf.float32)


def lay_out_vectors(records: list[Record]) -> Any:
    return tf.constant([record["x"] for record in records], tf.float32)


def read(result: Any) -> list[Record]:
    return [{"output": row} for row in result.numpy().tolist()]


def read_served(result: dict[str, Any]) -> list[Record]:
    return [{"output_0": row} for row in result["output_0"].numpy().tolist()]


def called(path: Path) -> Any:
    model = keras.saving.load_model(path)
    return lambda batch: model(batch, training=False)


def both(path: Path) -> dict[str, Any]:
    settings: dict[str, Any] = {"model_path": path, "feature_names": FEATURES, "verbose": False}
    return {
        "packflow": TensorflowBackend(**settings),
        "packflow, numpy": TensorflowBackend(**settings, input_format="numpy", numpy_dtype="float32"),
    }


def models(folder: Path) -> Iterator[Model]:
    small = network(10, 64, 64, 3)
    file = saved_keras(folder / "small.keras", small)
    yield Model("MLP 10-64-64-3, Keras", numbers(10), lay_out, called(file), read, both(file))
    small.export(folder / "served", verbose=False)
    loaded = tf.saved_model.load(folder / "served")
    served = loaded.signatures["serving_default"]
    (name,) = served.structured_input_signature[1]
    yield Model(
        "MLP 10-64-64-3, SavedModel",
        numbers(10),
        lay_out,
        lambda batch: served(**{name: batch}),
        read_served,
        both(folder / "served"),
    )
    large = saved_keras(folder / "large.keras", network(256, 1024, 1024, 1024, 10))
    backend = TensorflowBackend(model_path=large, verbose=False)
    yield Model(
        "MLP 256-1024-1024-1024-10, Keras", vector(256), lay_out_vectors, called(large), read, {"packflow": backend}
    )


if __name__ == "__main__":
    run(models)
