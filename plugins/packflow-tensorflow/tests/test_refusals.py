"""Each mistake is one packflow error that says what to change, and the process goes on."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from packflow_tensorflow import TensorflowBackend

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError

from .conftest import Save, Shifted


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        TensorflowBackend(verbose=False, **settings)
    return str(caught.value)


def failed(backend: Any, inputs: Any) -> InferenceBackendRuntimeError:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend(inputs)
    return caught.value


def test_nothing_there_and_the_other_format(tmp_path: Path, net: Any, save: Save):
    assert f"{str(tmp_path / 'no.keras')!r} does not exist. Set" in refused(model_path=tmp_path / "no.keras")
    assert f"(looked for at {str(Path('no.keras').absolute())!r}). Set" in refused(model_path="no.keras")
    assert "could not be opened by TensorFlow" in refused(model_path=tmp_path)
    assert "Set model_format to 'keras' or 'auto'" in refused(model_path=save(net), model_format="savedmodel")
    assert "Set model_format to 'savedmodel'" in refused(model_path=tmp_path, model_format="keras")


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04", b"\x80\x04N."])
@pytest.mark.parametrize("suffix", ["keras", "h5", "pkl"])
def test_files_of_other_formats(tmp_path: Path, content: bytes, suffix: str):
    path = tmp_path / f"other.{suffix}"
    path.write_bytes(content)
    said = refused(model_path=path)
    assert str(path) in said
    assert {"keras": "is no .keras file", "h5": "is no HDF5 file", "pkl": "ends in '.pkl'"}[suffix] in said


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_files_cut_off(net: Any, save: Save, suffix: str, recwarn: Any):
    path = save(net, suffix)
    path.write_bytes(path.read_bytes()[:-2000])
    said = refused(model_path=path)
    assert ("damaged or cut off" if suffix == "keras" else "could not be opened by Keras") in said


def test_a_saved_model_that_lacks_files(net: Any, export: Save):
    path = export(net)
    (path / "saved_model.pb").write_bytes((path / "saved_model.pb").read_bytes()[:100])
    assert "could not be opened by TensorFlow" in refused(model_path=path)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_lambda_in_a_file_is_not_run(tmp_path: Path, save: Save, suffix: str, recwarn: Any):
    trace = str(tmp_path / "it-ran")
    evil = keras.layers.Lambda(lambda x: (open(trace, "w").close(), x)[1], output_shape=(2,))  # noqa: PTH123
    path = save(keras.Sequential([keras.Input((2,)), evil]), suffix)
    Path(trace).unlink(missing_ok=True)
    said = refused(model_path=path)
    assert "set trusted=True" in said
    assert not Path(trace).exists()
    backend = TensorflowBackend(verbose=False, model_path=path, trusted=True)
    backend({backend.model.inputs[0].name: [1, 2]})
    assert Path(trace).exists()


def test_layers_that_keras_does_not_know(save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save(keras.Sequential([keras.Input((2,), name="x"), Shifted()]))
    assert "Name layers and functions of your own in custom_objects" in refused(model_path=path)
    assert "Could not locate class 'Shifted'" in refused(model_path=path)
    assert "was not found" in refused(model_path=path, custom_objects={"Shifted": "no_such_module:Shifted"})
    for text in ("raise RuntimeError('boom')", "import sys; sys.exit(3)"):
        (tmp_path / "broken_module.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        assert "custom_objects['Shifted'] is 'broken_module:Shifted', which was not found: " in refused(
            model_path=path, custom_objects={"Shifted": "broken_module:Shifted"}
        )


def test_the_file_within_a_saved_model(net: Any, export: Save):
    path = export(net)
    assert f"Set model_path to its folder, {str(path)!r}" in refused(model_path=path / "saved_model.pb")


@pytest.mark.parametrize(
    ("module", "name", "settings"),
    [
        ("os", "system", {"command": "true"}),
        ("keras.utils", "get_file", {"fname": "x", "origin": "file:///etc/hostname"}),
        ("keras.models", "load_model", {"filepath": "x", "safe_mode": False}),
        ("keras.config", "enable_unsafe_deserialization", {}),
        ("keras.layers", "TFSMLayer", {"filepath": "x"}),
        ("keras.layers", "TorchModuleWrapper", {"module": {"class_name": "__bytes__", "value": "gAJ9"}}),
        ("keras.layers", "StringLookup", {"vocabulary": "{file}"}),
    ],
)
def test_what_reaches_beyond_the_file_is_refused(
    net: Any, save: Save, tmp_path: Path, module: str, name: str, settings: dict[str, Any]
):
    (tmp_path / "words.txt").write_text("secret")
    settings = {key: str(tmp_path / "words.txt") if value == "{file}" else value for key, value in settings.items()}
    path = save(net)
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    config = json.loads(members["config.json"])
    layer = {"module": module, "class_name": name, "config": {"name": "n", **settings}, "registered_name": None}
    config["config"]["layers"].append({**config["config"]["layers"][-1], **layer})
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    assert "could not be opened by Keras" in refused(model_path=path)


def test_signatures(net: Any, export: Save, words: Path, tmp_path: Path):
    assert "It has: shout" in refused(model_path=words)
    assert "Did you mean 'shout'?" in refused(model_path=words, signature="shoot")
    assert "names its outputs itself: output_0" in refused(model_path=export(net), output_names=["y"])
    tf.saved_model.save(tf.Module(), str(tmp_path / "bare"))
    assert "It has none" in refused(model_path=tmp_path / "bare")


def test_one_name_for_several_outputs(branches: Any, save: Save):
    assert "gives one name to several outputs" in refused(model_path=save(branches), output_names=["a", "a"])


def test_what_the_model_does_not_have(branches: Any, save: Save):
    path = save(branches)
    assert "Did you mean 'a'?" in refused(model_path=path, inputs={"A": "x"})
    assert "which the model did not give" in str(
        failed(TensorflowBackend(verbose=False, model_path=path, outputs=["summ"]), {"a": [1, 2], "b": [1, 2]})
    )


def test_a_value_that_does_not_fit_is_refused_by_row(net: Any, save: Save):
    backend = TensorflowBackend(verbose=False, model_path=save(net))
    good = {"x": [1, 2, 3, 4]}
    for value, reason in (([1, 2], "its shape is 2"), ([1, 2, 3, "4"], "not a number"), (None, "is None")):
        error = failed(backend, [good, {"x": value}])
        assert (error.row, reason in str(error)) == (1, True)
    assert len(backend(good)["output"]) == 3


def test_a_model_that_was_not_built(save: Save):
    with pytest.warns(UserWarning, match="not yet been built"):
        path = save(keras.Sequential([keras.layers.Dense(2)]))
    assert "saved before it was built" in refused(model_path=path)
