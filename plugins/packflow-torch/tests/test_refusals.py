"""Each mistake is one packflow error that says what to change, and the process goes on."""

from __future__ import annotations

import collections
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import loguru
import pytest
import torch
from packflow_torch import TorchBackend
from packflow_torch.expressions import is_plain_expression

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError

from .conftest import PLACE, Lookup, Net, Pair, Save, Writing


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        TorchBackend(verbose=False, **settings)
    return str(caught.value)


def failed(backend: Any, inputs: Any) -> InferenceBackendRuntimeError:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend(inputs)
    return caught.value


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_missing_file_and_a_folder(tmp_path: Path):
    assert f"{str(tmp_path / 'no.pt2')!r} does not exist. Set" in refused(model_path=tmp_path / "no.pt2")
    assert f"(looked for at {str(Path('no.pt2').absolute())!r}). Set" in refused(model_path="no.pt2")
    assert "cannot be read" in refused(model_path=tmp_path)


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04", b"\x80\x04N.", b"\x08\x07onnx"])
def test_files_of_other_formats(tmp_path: Path, content: bytes):
    path = tmp_path / "other"
    path.write_bytes(content)
    assert "none that PyTorch writes" in refused(model_path=path)


@pytest.mark.parametrize("how", ["script", "export", "weights"])
def test_files_cut_off_or_scratched(request: pytest.FixtureRequest, net: Net, how: str):
    save = request.getfixturevalue(how)
    path = save(net, torch.zeros(2, 4)) if how == "export" else save(net)
    settings = {"model_path": path, "architecture": f"{PLACE}:Net"}
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "none that PyTorch writes" in refused(**settings)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive, zipfile.ZipFile(path, "w") as damaged:
        for name in archive.namelist():
            damaged.writestr(name, b"" if name.endswith(("data.pkl", "model.json")) else archive.read(name))
    assert "could not be opened" in (said := refused(**settings)) or "holds more than weights" in said


def test_another_format_than_was_asked_for(script: Save, net: Net):
    said = refused(model_path=script(net), model_format="export")
    assert "torch.jit.save" in said
    assert "Set model_format to 'torchscript' or 'auto'" in said


# --- Weights ----------------------------------------------------------------------------------------------------------


def test_weights_need_the_architecture_they_are_for(
    weights: Save, net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = weights(net)
    assert "Set architecture" in refused(model_path=path)
    assert "String should match pattern" in refused(model_path=path, architecture="nonsense")
    assert "was not found" in refused(model_path=path, architecture="no_such_module:Net")
    assert "was not found" in refused(model_path=path, architecture=f"{PLACE}:Nett")
    assert "do not fit" in refused(model_path=path, architecture=f"{PLACE}:Lookup")
    wide = refused(model_path=path, architecture=f"{PLACE}:Net", architecture_args={"width": 5})
    assert "size mismatch" in wide
    assert "unexpected keyword" in refused(model_path=path, architecture=f"{PLACE}:Net", architecture_args={"depth": 5})
    for text in ("raise RuntimeError('boom')", "import sys; sys.exit(3)"):
        (tmp_path / "broken_module.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        said = refused(model_path=path, architecture="broken_module:Net")
        assert "The architecture 'broken_module:Net' was not found: " in said
    assert "gave a str" in refused(model_path=path, architecture=f"{PLACE}:not_a_module")


def test_a_list_is_no_state_dict(tmp_path: Path):
    torch.save([torch.zeros(1)], tmp_path / "list.pt")
    assert "a list, where a state dict" in refused(model_path=tmp_path / "list.pt", architecture=f"{PLACE}:Net")


# --- Files that would run code ----------------------------------------------------------------------------------------


class Evil:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return (Path.touch, (self.trace,))


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The file that a malicious model would make."""
    return tmp_path / "it-ran"


def test_a_pickle_in_place_of_weights_is_not_run(tmp_path: Path, trace: Path):
    path = tmp_path / "evil.pt"
    torch.save({"weight": Evil(trace)}, path)
    said = refused(model_path=path, architecture=f"{PLACE}:Net")
    assert "holds more than weights" in said
    assert "it has a " in said
    assert "can still be loaded" not in said
    torch.save(collections.OrderedDict(weight=Evil(trace)), path)
    refused(model_path=path, architecture=f"{PLACE}:Net")
    assert not trace.exists()


def pickled(found: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(found, buffer)
    return buffer.getvalue()


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Change the members of an archive."""
    with zipfile.ZipFile(path) as archive:
        members = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
        top = archive.namelist()[0].partition("/")[0]
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{top}/{name}", content)
    return path


def evil_samples(members: dict[str, bytes], trace: Path) -> None:
    members["data/sample_inputs/model.pt"] = pickled(Evil(trace))


def evil_weights(members: dict[str, bytes], trace: Path) -> None:
    config = json.loads(members["data/weights/model_weights_config.json"])
    for payload in config["config"].values():
        payload["use_pickle"] = True
        members[f"data/weights/{payload['path_name']}"] = pickled(Evil(trace))
    members["data/weights/model_weights_config.json"] = json.dumps(config).encode()


def evil_constant(members: dict[str, bytes], trace: Path) -> None:
    import pickle

    payload = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
    members["data/constants/opaque_obj_0"] = pickle.dumps(Evil(trace))
    members["data/constants/model_constants_config.json"] = json.dumps({"config": {"evil": payload}}).encode()


def evil_expression(members: dict[str, bytes], trace: Path) -> None:
    code = f"__import__('pathlib').Path({str(trace)!r}).touch() or Symbol('s0')"
    text = members["models/model.json"].decode()
    found = json.loads(text)

    def walk(node: Any) -> None:
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
            walk(value)
        if isinstance(node, dict) and "expr_str" in node:
            node["expr_str"] = code

    walk(found)
    members["models/model.json"] = json.dumps(found).encode()


def evil_operator(members: dict[str, bytes], trace: Path) -> None:
    found = json.loads(members["models/model.json"])
    node = found["graph_module"]["graph"]["nodes"][0]
    node["target"] = "torch.os.system"
    members["models/model.json"] = json.dumps(found).encode()


def evil_library(members: dict[str, bytes], trace: Path) -> None:
    members["data/aotinductor/model/evil.so"] = b"\x7fELF"


def evil_old_format(members: dict[str, bytes], trace: Path) -> None:
    del members["archive_format"]


@pytest.mark.parametrize(
    ("evil", "named"),
    [
        (evil_samples, "data/sample_inputs/model.pt: it is a pickle that holds more than tensors"),
        (evil_weights, "it is a pickle that holds more than tensors"),
        (evil_constant, "'evil' is an object of a class"),
        (evil_expression, "which is no expression of sizes"),
        (evil_operator, "it calls 'torch.os.system'"),
        (evil_library, "it is compiled code"),
        (evil_old_format, "older format"),
    ],
)
def test_an_archive_that_would_run_code_is_refused_before_it_does(
    export: Save, net: Net, trace: Path, evil: Any, named: str
):
    path = changed(export(net, torch.zeros(2, 4)), lambda members: evil(members, trace))
    said = refused(model_path=path)
    assert "could run code" in said
    assert named in said
    assert "set trusted=True" in said
    assert not trace.exists()


@pytest.mark.parametrize("evil", [evil_samples, evil_weights, evil_constant, evil_expression])
def test_the_archives_of_the_tests_do_run_code_where_they_are_trusted(
    export: Save, net: Net, trace: Path, evil: Any, caplog: pytest.LogCaptureFixture
):
    """Otherwise the refusals above would show nothing."""
    path = changed(export(net, torch.zeros(2, 4)), lambda members: evil(members, trace))
    with suppress(InferenceBackendInitializationError):  # what it runs gives no model
        TorchBackend(verbose=False, model_path=path, trusted=True)
    assert trace.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Symbol('s0', positive=True, integer=True)",
        "Add(Mul(Integer(2), Symbol('s77')), Integer(-1))",
        "2*s0 + 1",
        "s0 <= 4",
        "Max(1, s0 // 2)",
    ],
)
def test_expressions_of_sizes(text: str):
    assert is_plain_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "eval('1')",
        "S('__import__(1)')",
        "Symbol('a b')",
        "().__class__",
        "[x for x in (1,)]",
        "lambda: 1",
        "Symbol('s0').func",
        "s0 if 1 else 2",
        "(",
        "open(1)",
        "f'{1}'",
        "Integer('1')",
    ],
)
def test_what_is_none(text: str):
    assert not is_plain_expression(text)


# --- Configuration and records ----------------------------------------------------------------------------------------


def test_what_the_model_does_not_take(script: Save, export: Save):
    path = script(Pair())
    assert "'c', which the model does not have" in refused(model_path=path, inputs={"c": "x"})
    assert "dtypes names 'c'" in refused(model_path=path, dtypes={"c": "float32"})
    assert "Did you mean 'float32'?" in refused(model_path=path, dtypes={"a": "flaot32"})
    assert "says itself which dtypes" in refused(
        model_path=export(Pair(), torch.zeros(2, 4), torch.zeros(2, 4)), dtypes={"a": "float32"}
    )


def test_a_value_that_does_not_fit_is_refused_by_row(export: Save, net: Net):
    backend = TorchBackend(verbose=False, model_path=export(net, torch.zeros(2, 4)))
    good = {"x": [1, 2, 3, 4]}
    for value, reason in (([1, 2], "its shape is 2"), ([1, 2, 3, "4"], "not a number"), (None, "is None")):
        error = failed(backend, [good, {"x": value}])
        assert (error.row, reason in str(error)) == (1, True)
        assert "'x' (float32, shape 4 a record)" in str(error)
    assert set(backend(good)) == {"logits", "total"}


def test_ragged_rows_are_refused_by_row(script: Save):
    backend = TorchBackend(verbose=False, model_path=script(Lookup()), dtypes={"tokens": "int64"})
    error = failed(backend, [{"tokens": [1, 2]}, {"tokens": [1]}])
    assert error.row == 1
    assert "Pad them to one shape" in str(error)


def test_what_the_model_itself_refuses_names_what_was_given(script: Save, net: Net):
    backend = TorchBackend(verbose=False, model_path=script(net))
    said = str(failed(backend, {"x": [1, 2, 3]}))
    assert "It was given 'x' (float32, shape [1, 3])" in said


def test_a_module_that_does_not_name_its_inputs(weights: Save, net: Net):
    said = refused(model_path=weights(net), architecture=f"{PLACE}:Nameless")
    assert "Nameless.forward(*args:" in said
    assert "does not take its inputs by name" in said


def test_a_constant_is_the_same_in_each_call(script: Save):
    backend = TorchBackend(verbose=False, model_path=script(Writing()), constants={"step": [1.0]})
    assert [backend({"x": 0})["output"] for _ in range(3)] == [2.0, 2.0, 2.0]


def test_one_name_for_several_outputs(script: Save):
    assert "gives one name to several outputs" in refused(model_path=script(Pair()), output_names=["a", "a"])


def test_names_of_outputs_that_are_too_many(script: Save):
    backend = TorchBackend(verbose=False, model_path=script(Pair()), output_names=["a", "b", "c"])
    assert "3 names" in str(failed(backend, {"a": [1], "b": [2]}))


# --- Devices ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def warnings_logged() -> Any:
    texts: list[str] = []
    handler = loguru.logger.add(lambda message: texts.append(message.record["message"]), level="WARNING")
    yield texts
    loguru.logger.remove(handler)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_device_that_is_not_there(script: Save, net: Net, warnings_logged: list[str]):
    path = script(net)
    backend = TorchBackend(verbose=False, model_path=path, device="cuda")
    assert any("'cuda' is not available here" in text and "CPU instead" in text for text in warnings_logged)
    assert backend({"x": [1, 2, 3, 4]})
    assert "is not available here" in refused(model_path=path, device="cuda", device_fallback=False)


def test_a_device_that_does_not_exist(script: Save, net: Net):
    assert "is no device of PyTorch" in refused(model_path=script(net), device="gpu")
