"""Each mistake is one packflow error that says what to change, and the process goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import loguru
import onnxruntime
import pytest
from onnx import TensorProto, helper
from packaging.version import Version
from packflow_onnx import OnnxBackend

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        OnnxBackend(verbose=False, **settings)
    return str(caught.value)


def failed(backend: OnnxBackend, inputs: Any) -> InferenceBackendRuntimeError:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend(inputs)
    return caught.value


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_missing_file_and_a_folder(tmp_path: Path):
    assert f"{str(tmp_path / 'no.onnx')!r} does not exist. Set" in refused(model_path=tmp_path / "no.onnx")
    assert f"(looked for at {str(Path('no.onnx').absolute())!r}). Set" in refused(model_path="no.onnx")
    assert "is a folder" in refused(model_path=tmp_path)
    assert "model_path" in refused()


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, -1])
def test_a_file_cut_off(tmp_path: Path, file_types: Path, keep: float):
    whole = file_types.read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(whole[: int(len(whole) * keep) if isinstance(keep, float) else keep])
    assert f"The model file {str(path)!r} could not be opened by ONNX Runtime" in refused(model_path=path)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"{}", b"\x80\x04N.", b"\x00" * 1000, os.urandom(1) * 50])
def test_files_of_other_formats(tmp_path: Path, content: bytes):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    assert "could not be opened by ONNX Runtime" in refused(model_path=path)


def test_a_pickle_is_not_run(tmp_path: Path):
    path, trace = tmp_path / "evil.onnx", tmp_path / "ran"
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(trace).encode() + b"'\ntR.")
    refused(model_path=path)
    assert not trace.exists()


def test_an_operator_that_does_not_exist(models: Any, tmp_path: Path):
    path = models.identity()
    path.write_bytes(path.read_bytes().replace(b"Identity", b"Indentit"))
    assert "Indentit" in refused(model_path=path)


# --- Configuration ----------------------------------------------------------------------------------------------------


def test_what_the_model_does_not_have_is_refused_with_what_it_has(models: Any):
    path = models.sum()
    said = refused(model_path=path, inputs={"bb": "pair"})
    assert "'bb'" in said
    assert "'a' (float32, shape 2 a record), 'b' (float32, shape 2 a record)" in said
    assert "Did you mean 'total'?" in refused(model_path=path, outputs=["totla"])
    assert "'opposite' (float32, shape [n, 2])" in refused(model_path=path, outputs={"x": "y"})
    assert "constants names 'sr', which is no input" in refused(model_path=path, constants={"sr": 1})
    assert "batch_axes names 'sr', which is no input or output" in refused(model_path=path, batch_axes={"sr": 1})
    assert "the axis 2" in refused(model_path=path, batch_axes={"a": 2})
    assert "2 fields" not in refused(model_path=path, inputs={"a": ["u"]})
    assert "one key to several outputs" in refused(model_path=path, outputs={"total": "y", "opposite": "y"})


def test_an_input_without_a_batch_needs_a_constant(models: Any):
    path = models.save(
        [("Mul", ["x", "scale"], ["y"])],
        {"x": (TensorProto.FLOAT, ("n", 2)), "scale": (TensorProto.FLOAT, ())},
        {"y": (TensorProto.FLOAT, ("n", 2))},
    )
    assert "constants={'scale': …}" in refused(model_path=path)
    assert "constants['scale'] does not fit" in refused(model_path=path, constants={"scale": [1, 2]})
    assert "not a number" in refused(model_path=path, constants={"scale": "2"})
    assert OnnxBackend(verbose=False, model_path=path, constants={"scale": 2})({"x": [1, 2]}) == {"y": [2.0, 4.0]}


def test_a_model_that_records_do_not_feed(models: Any):
    assert "No input of the model is fed" in refused(
        model_path=models.identity(shape=(1, 2)), constants={"x": [[1, 2]]}
    )


def test_inputs_of_different_fixed_batches(models: Any):
    path = models.save(
        [("MatMul", ["a", "b"], ["y"])],
        {"a": (TensorProto.FLOAT, (2, 3)), "b": (TensorProto.FLOAT, (3, 2))},
        {"y": (TensorProto.FLOAT, (2, 2))},
    )
    assert "different fixed lengths" in refused(model_path=path)


def test_providers_and_options_that_do_not_exist(models: Any):
    path = models.identity()
    said = refused(model_path=path, providers=["CPUExecutionProvidr"])
    assert "Did you mean 'CPUExecutionProvider'?" in said
    assert "onnxruntime-gpu" in refused(model_path=path, providers=["CUDAExecutionProvider"])
    assert "Did you mean 'intra_op_num_threads'?" in refused(
        model_path=path, session_options={"intra_op_num_thread": 1}
    )
    assert "where a value of type int is expected" in refused(
        model_path=path, session_options={"intra_op_num_threads": "many"}
    )
    assert "'basic'" in refused(model_path=path, session_options={"graph_optimization_level": "most"})


# --- Records ----------------------------------------------------------------------------------------------------------


def test_a_value_that_does_not_fit_is_refused_by_row_and_field(models: Any):
    backend = OnnxBackend(verbose=False, model_path=models.identity())
    good = {"x": [1, 2, 3]}
    for value, reason in (
        ([1, 2], "its shape is 2, where 3 is expected"),
        ([1, 2, "3"], "it is not a number"),
        ("text", "its shape is one value"),
        (None, "is None"),
    ):
        error = failed(backend, [good, {"x": value}])
        assert error.row == 1
        assert "'x' (float32, shape 3 a record)" in str(error)
        assert reason in str(error)
    assert failed(backend, [good, {}]).row == 1
    assert "Did you mean 'X'?" in str(failed(backend, {"X": [1, 2, 3]}))
    assert backend(good) == {"y": [1.0, 2.0, 3.0]}


def test_ragged_rows_are_refused_by_row(models: Any):
    backend = OnnxBackend(verbose=False, model_path=models.identity(shape=("n", "length")))
    error = failed(backend, [{"x": [1, 2]}, {"x": [1, 2]}, {"x": [1]}])
    assert error.row == 2
    assert "Pad them to one shape" in str(error)


def test_an_array_for_several_inputs(models: Any):
    backend = OnnxBackend(verbose=False, model_path=models.sum(), input_format="numpy", feature_names=["u", "v"])
    assert "Set input_format to 'records' or 'passthrough'" in str(failed(backend, {"u": 1, "v": 2}))


def test_what_onnx_runtime_itself_refuses_names_what_was_given(models: Any):
    path = models.save(
        [("Add", ["a", "b"], ["y"])],
        {"a": (TensorProto.FLOAT, ("n", "k")), "b": (TensorProto.FLOAT, ("n", "m"))},
        {"y": (TensorProto.FLOAT, ("n", "k"))},
    )
    backend = OnnxBackend(verbose=False, model_path=path, session_options={"log_severity_level": 4})
    said = str(failed(backend, {"a": [1, 2], "b": [1, 2, 3]}))
    assert "It was given 'a' (float32, shape [1, 2]), 'b' (float32, shape [1, 3])" in said


def test_an_output_without_a_batch_is_refused_by_name(models: Any):
    path = models.save(
        [("Shape", ["x"], ["size"]), ("Identity", ["x"], ["y"])],
        {"x": (TensorProto.FLOAT, ("n", 3))},
        {"size": (TensorProto.INT64, (2,)), "y": (TensorProto.FLOAT, ("n", 3))},
    )
    backend = OnnxBackend(verbose=False, model_path=path)
    assert "output 'size' has shape (2,)" in str(failed(backend, {"x": [1, 2, 3]}))


@pytest.mark.parametrize("kind", [TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN])
def test_an_output_of_a_type_that_numpy_lacks(tmp_path: Path, kind: int):
    """ONNX Runtime gives the bits of small floats as integers, and nothing for bfloat16."""
    graph = helper.make_graph(
        [helper.make_node("Cast", ["x"], ["small"], to=kind), helper.make_node("Neg", ["x"], ["y"])],
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("small", kind, ["n"]), helper.make_tensor_value_info("y", 1, ["n"])],
    )
    path = tmp_path / "small.onnx"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    said = refused(model_path=path)
    assert "output 'small' (tensor(" in said
    assert "Name the others in outputs" in said
    assert OnnxBackend(verbose=False, model_path=path, outputs=["y"])({"x": 2}) == {"y": -2.0}


def test_a_provider_that_cannot_is_told_in_the_log_alone(models: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch):
    """ONNX Runtime itself prints it, among the records that a pipeline writes."""
    real = onnxruntime.InferenceSession
    tried = []

    def session(path: str, **settings: Any) -> Any:
        tried.append(settings["providers"])
        if "WeakExecutionProvider" in settings["providers"]:
            raise RuntimeError("no device")
        return real(path, **settings)

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["WeakExecutionProvider", "CPUExecutionProvider"]
    )
    path = models.identity()
    told: list[str] = []
    handler = loguru.logger.add(lambda message: told.append(message.record["message"]), level="WARNING")
    backend = OnnxBackend(verbose=False, model_path=path)
    loguru.logger.remove(handler)
    assert backend({"x": [1, 2, 3]}) == {"y": [1.0, 2.0, 3.0]}
    assert tried == [["WeakExecutionProvider", "CPUExecutionProvider"], ["CPUExecutionProvider"]]
    assert any("does not use WeakExecutionProvider" in text for text in told)
    assert "no device" in refused(model_path=path, providers=["WeakExecutionProvider"])
    monkeypatch.undo()
    assert "log severity level" in refused(model_path=path, session_options={"log_severity_level": 9})
    assert capfd.readouterr().out == ""


def test_links_that_lead_nowhere_and_entries_that_are_refused(tmp_path: Path, file_types: Path):
    (tmp_path / "link.onnx").symlink_to(tmp_path / "gone.onnx")
    assert "leads nowhere" in refused(model_path=tmp_path / "link.onnx")
    said = refused(model_path=file_types, session_options={"a.b" * 600: 1})
    assert "was refused by ONNX Runtime" in said
    assert len(said) < 400


@pytest.mark.skipif(
    Version(onnxruntime.__version__) < Version("1.24"), reason="ONNX Runtime refuses this from 1.24 on; see the README"
)
@pytest.mark.parametrize("place", ["../outside.bin", "{folder}/outside.bin", "link.bin"])
def test_external_data_outside_of_the_models_folder_is_not_read(tmp_path: Path, place: str):
    (tmp_path / "outside.bin").write_bytes(bytes(16))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "outside.bin")
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value=place.format(folder=tmp_path))
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "made",
        [value("x", TensorProto.FLOAT, ["n", 4])],
        [value("y", TensorProto.FLOAT, ["n", 4])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    assert "xternal data path" in refused(model_path=folder / "model.onnx")
