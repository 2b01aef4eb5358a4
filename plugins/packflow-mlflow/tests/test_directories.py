"""A directory that is no model, or a damaged one, is one error that says what to change; other versions, one line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from mlflow.types import ColSpec, Schema
from packflow_mlflow import MlflowBackend

from packflow.exceptions import InferenceBackendInitializationError


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        MlflowBackend(verbose=False, **settings)
    return str(caught.value)


def with_entries(path: Path, entries: dict[str, Any]) -> Path:
    """Change what MLmodel says of the flavour for mlflow.pyfunc."""
    metadata = yaml.safe_load((path / "MLmodel").read_text())
    metadata["flavors"]["python_function"].update(entries)
    (path / "MLmodel").write_text(yaml.safe_dump(metadata))
    return path


def echo(self, context, model_input, params=None):
    return model_input


def test_what_is_no_directory_of_a_model(classifier: Path, tmp_path: Path):
    assert f"{str(tmp_path / 'no')!r} does not exist. Set" in refused(model_path=tmp_path / "no")
    assert f"'~/no' does not exist (looked for at {str(Path('~/no').expanduser())!r})" in refused(model_path="~/no")
    said = refused(model_path=classifier / "model.skops")
    assert "is the file" in said
    assert f"Its folder is one: {str(classifier)!r}" in said
    (tmp_path / "run").mkdir()
    assert "is no MLflow model: it has no file MLmodel. Set" in refused(model_path=tmp_path / "run")
    shutil.copytree(classifier, tmp_path / "run" / "iris")
    assert "There is one in: iris." in refused(model_path=tmp_path / "run")
    assert "model_path" in refused()
    assert "model_path" in refused(model_path="")


def test_the_ways_to_name_a_local_directory(classifier: Path, iris: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(classifier.parent)
    record = iris.data.to_dict("records")[0]
    for name in (str(classifier), classifier.name, classifier / "MLmodel", classifier.as_uri()):
        assert MlflowBackend(verbose=False, model_path=name)(record) == {"prediction": "setosa"}


@pytest.mark.parametrize("uri", ["models:/iris/3", "runs:/0123/model", "s3://bucket/iris", "https://example.org/m"])
def test_nothing_is_downloaded(uri: str):
    said = refused(model_path=uri)
    assert f"{uri!r}, which MLflow would look up and download" in said
    assert f"mlflow artifacts download --artifact-uri {uri}" in said


@pytest.mark.parametrize("kept", [0, 20, 0.3, 0.9])
def test_a_cut_off_mlmodel(kept: float, classifier: Path, copy_of: Any):
    path = copy_of(classifier)
    content = (path / "MLmodel").read_bytes()
    content = content.partition(b"type_hint_from_example")[0]  # what follows the signature may be lacking
    (path / "MLmodel").write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    said = refused(model_path=path)
    assert "MLmodel" in said or "lacks" in said
    assert "again" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"flavors: [", "is damaged or cut off: while parsing"),
        (b"\xff\xfe\x00", "is damaged or cut off"),
        (b"- 1", "it lists no flavors"),
        (b"flavors: 3", "it lists no flavors"),
        (b"flavors: {spark: {data: x}}", "has no flavour 'python_function'"),
        (b"flavors: {python_function: {loader_module: a}}\nsignature: {inputs: '[{'}", "the inputs of its signature"),
        (b"flavors: {python_function: {loader_module: a}}\nsignature: 5", "its signature is no mapping"),
        (b"flavors: !!python/object/apply:os.system ['true']", "is damaged or cut off"),
    ],
)
def test_an_mlmodel_that_cannot_be_read(content: bytes, reason: str, tmp_path: Path):
    (tmp_path / "MLmodel").write_bytes(content)
    assert reason in refused(model_path=tmp_path)


def test_files_that_are_lacking_or_damaged(classifier: Path, file_types: Path, copy_of: Any, tmp_path: Path):
    path = copy_of(classifier)
    (path / "model.skops").write_bytes((path / "model.skops").read_bytes()[:500])
    said = refused(model_path=path)
    assert "could not be loaded by MLflow" in said
    assert "damaged or cut off" in said
    (path / "model.skops").unlink()
    assert "lacks 'model.skops', which its MLmodel names" in refused(model_path=path)
    model = Path(shutil.copytree(file_types, tmp_path / "onnx"))
    (model / "model.onnx").write_bytes(b"no model")
    assert "could not be loaded by MLflow" in refused(model_path=model)


def test_a_library_that_is_not_installed(repeater: Path, copy_of: Any):
    path = copy_of(repeater)
    code = next(path.glob("*.py"))
    code.write_text(f"import no_such_library\n{code.read_text()}")
    said = refused(model_path=path, trusted=True)
    assert "needs the module 'no_such_library', which is not installed" in said
    assert "requirements.txt" in said


# What is told --------------------------------------------------------------------------------------------------------


def test_other_versions_are_told_in_one_line(classifier: Path, copy_of: Any, log: list[str], capfd: Any):
    path = with_entries(copy_of(classifier), {"python_version": "3.6.9"})
    (path / "requirements.txt").write_text(
        "mlflow>=2\nscikit-learn==0.24.1  # pinned\nno-such-package\nnumpy>1\n-r more.txt\nx @ https://a.org/x.whl\n"
        "pandas==1.0; python_version<'3'\n"
    )
    capfd.readouterr()
    MlflowBackend(verbose=False, model_path=path)
    assert len(log) == 1
    assert "other versions than there are here" in log[0]
    assert "Python 3.6.9 (here: 3." in log[0]
    assert "scikit-learn==0.24.1 (here: " in log[0]
    assert "no-such-package (not installed)" in log[0]
    assert log[0].count("here: ") == 2
    assert "mlflow.utils" not in capfd.readouterr().err


def test_nothing_is_told_where_all_is_as_it_was(classifier: Path, save_function: Any, log: list[str], caplog: Any):
    MlflowBackend(verbose=False, model_path=classifier)
    path = save_function(echo, Schema([ColSpec("long", "x")]))
    caplog.clear()
    MlflowBackend(verbose=False, model_path=path, trusted=True)
    assert (log, caplog.messages) == ([], [])


def test_an_older_cloudpickle_is_told_once(save_function: Any, copy_of: Any, log: list[str], caplog: Any):
    path = with_entries(copy_of(save_function(echo, Schema([ColSpec("long", "x")]))), {"cloudpickle_version": "1"})
    (path / "requirements.txt").write_text("cloudpickle==1.0\n")
    caplog.clear()
    MlflowBackend(verbose=False, model_path=path, trusted=True)
    assert len(log) == 1
    assert caplog.messages == []
