"""The same rows through packflow and through TensorFlow by hand give equal outputs, to the last bit."""

from __future__ import annotations

import copy
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from packflow.exceptions import InferenceBackendInitializationError
from packflow.loaders import ModuleLoader

from .conftest import PLACE, Save, Shifted


def load(**settings: Any) -> Any:
    return ModuleLoader("tensorflow").load(verbose=False, **settings)


def four(count: int) -> Any:
    return np.random.default_rng(count).standard_normal((count, 4)).astype("float32")


@pytest.mark.parametrize("count", [1, 2, 50])
@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_keras_file(net: Any, save: Save, suffix: str, count: int, recwarn: Any):
    backend = load(model_path=save(net, suffix))
    data = four(count)
    records = [{"x": row} for row in data.tolist()]
    assert backend(records) == [{"output": row} for row in net(data, training=False).numpy().tolist()]
    assert backend(records[0]) == {"output": net(data[:1], training=False).numpy()[0].tolist()}
    assert backend([]) == []


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_saved_model(net: Any, export: Save, count: int):
    path = export(net)
    signature = tf.saved_model.load(str(path)).signatures["serving_default"]
    data = four(count)
    expected = signature(x=tf.constant(data))["output_0"].numpy().tolist()
    backend = load(model_path=path, outputs={"output_0": "logits"})
    assert backend([{"x": row} for row in data.tolist()]) == [{"logits": row} for row in expected]


def test_a_model_that_others_trained_hears_notes():
    """Spotify's model of pitches; its package is not imported, for that brings audio libraries along."""
    spec = find_spec("basic_pitch")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "saved_models/icassp_2022/nmp"
    sound = np.random.default_rng(3).standard_normal((2, 43844, 1)).astype("float32")
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:  # saved by Keras 2, optimizer and all
        signature = tf.compat.v1.saved_model.load(session, ["serve"], str(path)).signature_def["serving_default"]
        (name,) = signature.inputs
        outputs = {key: info.name for key, info in signature.outputs.items()}
        expected = session.run(outputs, {signature.inputs[name].name: sound})
    rows = load(model_path=path, inputs={name: "sound"})([{"sound": each} for each in sound])
    assert rows == [{key: value[row].tolist() for key, value in expected.items()} for row in range(2)]
    with pytest.raises(InferenceBackendInitializationError, match="It has: serving_default"):
        load(model_path=path, signature="train")


def test_inputs_and_outputs_by_name(branches: Any, save: Save, export: Save):
    records = [{"a": [0.5, 1], "u": 1, "v": 2}, {"a": [3, 4], "u": -1, "v": 0}]
    expected = [{"sum": [1.5, 3.0]}, {"sum": [2.0, 4.0]}]
    settings = {"inputs": {"b": ["u", "v"]}, "outputs": ["sum"]}
    assert load(model_path=save(branches), **settings)(records) == expected
    assert load(model_path=export(branches), **settings)(records) == expected


def test_parts_of_a_list_are_named(save: Save):
    x = keras.Input((2,), name="x")
    path = save(keras.Model(x, [x, keras.ops.negative(x)]))
    assert load(model_path=path)({"x": [1, 2]}) == {"output_0": [1.0, 2.0], "output_1": [-1.0, -2.0]}
    assert load(model_path=path, output_names=["same", "opposite"], outputs=["opposite"])({"x": [1, 2]}) == {
        "opposite": [-1.0, -2.0]
    }


def test_text_in_and_out(words: Path):
    backend = load(model_path=words, signature="shout")
    assert backend([{"text": "née"}, {"text": ""}]) == [
        {"length": 4, "loud": _as_json("NéE")},
        {"length": 0, "loud": _as_json("")},
    ]


def _as_json(text: str) -> Any:
    """A string tensor holds bytes; what becomes of them is packflow's rule, not this plugin's."""
    from packflow.utils.normalize import ensure_native_types

    return ensure_native_types(tf.constant(text))


def test_layers_of_ones_own(save: Save):
    path = save(keras.Sequential([keras.Input((2,), name="x"), Shifted()]))
    backend = load(model_path=path, custom_objects={"Shifted": f"{PLACE}:Shifted"})
    assert backend({"x": [1, 2]}) == {"output": [2.0, 3.0]}


def test_bfloat16_in(save: Save):
    x = keras.Input((2,), name="x", dtype="bfloat16")
    path = save(keras.Model(x, keras.ops.multiply(x, 3)))
    data = np.array([[0.1, 0.2]], "float32")
    expected = (tf.cast(data, "bfloat16") * 3).numpy().astype("float32").tolist()
    assert load(model_path=path)([{"x": [0.1, 0.2]}]) == [{"output": expected[0]}]


def test_training_only_layers_do_nothing(save: Save):
    path = save(keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dropout(0.9)]))
    assert load(model_path=path)({"x": [1, 2]}) == {"output": [1.0, 2.0]}


def test_threads_workers_and_copies(net: Any, save: Save):
    backend = load(model_path=save(net))
    records = [{"x": row} for row in four(16).tolist()]
    alone = [backend(record) for record in records]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(backend, records)) == alone
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as workers:
        assert workers.submit(backend, records[0]).result() == alone[0]
    assert copy.deepcopy(backend)(records[0]) == alone[0]
