"""What the tests share: models made and saved here, each with its library's own saver."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras
    import tensorflow as tf

import pytest

Save = Callable[..., Path]


class Shifted(keras.layers.Layer):
    """A layer that Keras does not know."""

    def call(self, inputs: Any) -> Any:
        return inputs + 1


OBJECTS = ModuleType("packflow_tensorflow_test_objects")
OBJECTS.Shifted = Shifted  # type: ignore[attr-defined]
sys.modules[OBJECTS.__name__] = OBJECTS
PLACE = OBJECTS.__name__


@pytest.fixture
def net() -> Any:
    keras.utils.set_random_seed(7)
    return keras.Sequential([keras.Input((4,), name="x"), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])


@pytest.fixture
def branches() -> Any:
    """Two inputs and two outputs by name."""
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b", dtype="int32")
    return keras.Model({"a": a, "b": b}, {"sum": keras.ops.add(a, keras.ops.cast(b, "float32")), "first": a})


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def to_file(model: Any, suffix: str = "keras") -> Path:
        path = tmp_path / f"model.{suffix}"
        model.save(path)
        return path

    return to_file


@pytest.fixture
def export(tmp_path: Path) -> Save:
    def to_folder(model: Any) -> Path:
        path = tmp_path / "saved"
        model.export(path, verbose=False)
        return path

    return to_folder


class Words(tf.Module):
    """Text in, text and a length out; in a signature by another name."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def shout(self, text: Any) -> Any:
        return {"loud": tf.strings.upper(text), "length": tf.strings.length(text)}


@pytest.fixture
def words(tmp_path: Path) -> Path:
    module = Words()
    path = tmp_path / "words"
    tf.saved_model.save(module, str(path), signatures={"shout": module.shout})
    return path
