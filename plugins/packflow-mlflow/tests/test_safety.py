"""What runs code from a directory is refused, unless it is trusted; each trap is shown to work where it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import lightgbm
import mlflow
import mlflow.lightgbm
import mlflow.sklearn
import pytest
import yaml
from packflow_mlflow import MlflowBackend
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from packflow.exceptions import InferenceBackendInitializationError

LIGHTGBM = ["lightgbm.sklearn.LGBMClassifier", "lightgbm.sklearn.LGBMRegressor", "lightgbm.basic.Booster"]


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        MlflowBackend(verbose=False, **settings)
    return str(caught.value)


def echo(self, context, model_input, params=None):
    return model_input


def edit(path: Path, **changes: dict[str, Any]) -> Path:
    metadata = yaml.safe_load((path / "MLmodel").read_text())
    for flavor, entries in changes.items():
        metadata["flavors"].setdefault(flavor, {}).update(entries)
    (path / "MLmodel").write_text(yaml.safe_dump(metadata))
    return path


def bomb(trace: Path) -> bytes:
    return b"cos\nmkdir\n(S'" + str(trace).encode() + b"'\ntR."


def test_a_malicious_pickle_does_not_run(save_function: Any, copy_of: Any, tmp_path: Path):
    path, trace = copy_of(save_function(echo)), tmp_path / "ran"
    (path / "python_model.pkl").write_bytes(bomb(trace))
    said = refused(model_path=path)
    assert "its file 'python_model.pkl' is unpickled" in said
    assert "set trusted=True" in said
    assert not trace.exists()
    refused(model_path=path, trusted=True)  # it is the real thing: asked for, it runs
    assert trace.exists()


@pytest.mark.parametrize("saved_with", ["pickle", "cloudpickle"])
def test_a_malicious_estimator_does_not_run(saved_with: str, iris: Any, save: Any, copy_of: Any, tmp_path: Path):
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    path, trace = copy_of(save(mlflow.sklearn.save_model, model, serialization_format=saved_with)), tmp_path / "ran"
    (path / "model.pkl").write_bytes(bomb(trace))
    assert f"its file 'model.pkl' is unpickled ({saved_with})" in refused(model_path=path)
    assert not trace.exists()
    MlflowBackend(verbose=False, model_path=path, trusted=True)  # it is the real thing: asked for, it runs
    assert trace.exists()


def test_a_file_of_code_does_not_run(repeater: Path, copy_of: Any, tmp_path: Path):
    path, trace = copy_of(repeater), tmp_path / "ran"
    code = next(path.glob("*.py"))
    code.write_text(f"import os; os.mkdir({str(trace)!r})\n{code.read_text()}")
    assert f"its file {code.name!r} is run" in refused(model_path=path)
    assert not trace.exists()
    MlflowBackend(verbose=False, model_path=path, trusted=True)
    assert trace.exists()


def test_modules_beside_a_harmless_model_are_not_imported(classifier: Path, copy_of: Any, tmp_path: Path):
    path, trace = copy_of(classifier), tmp_path / "ran"
    (path / "code").mkdir()
    (path / "code" / "packflow_mlflow_evil.py").write_text(f"import os; os.mkdir({str(trace)!r})")
    edit(path, python_function={"code": "code"})
    assert "modules are imported from its folder 'code'" in refused(model_path=path)
    edit(path, python_function={"code": "code", "loader_module": "packflow_mlflow_evil"})
    said = refused(model_path=path)
    assert "from its folder 'code'" in said
    assert not trace.exists()
    refused(model_path=path, trusted=True)
    assert trace.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"python_function": {"loader_module": "os"}}, "loaded by 'os', which is not known"),
        ({"python_function": {"loader_module": "mlflow.pytorch"}}, "loaded by 'mlflow.pytorch'"),
        ({"python_function": {"loader_module": ["mlflow.sklearn"]}}, "is not known"),
        ({"python_function": {"predict_fn": "__init__"}}, "called by its attribute '__init__'"),
        ({"python_function": {"model_path": "../x/model.skops"}}, "lacks"),
        ({"sklearn": {"serialization_format": None}}, "is unpickled (None)"),
        ({"sklearn": {"skops_trusted_types": ["os.system"]}}, "trusted_types=['os.system']"),
        ({"sklearn": {"skops_trusted_types": "os.system"}}, "trusted_types=['os.system']"),
        ({"python_function": {"loader_module": "mlflow.lightgbm"}, "lightgbm": {"model_class": "x.Y"}}, "unpickled"),
        (
            {"python_function": {"loader_module": "mlflow.xgboost"}, "xgboost": {"model_class": "os.abort"}},
            "it calls 'os.abort', which is no model of XGBoost's",
        ),
        ({"python_function": {"loader_module": "mlflow.catboost"}, "catboost": {"save_format": "python"}}, "'python'"),
        (
            {
                "python_function": {"loader_module": "mlflow.onnx"},
                "onnx": {"providers": [["X", {"library_path": "/evil.so"}]]},
            },
            "its execution providers have options",
        ),
        (
            {
                "python_function": {"loader_module": "mlflow.onnx"},
                "onnx": {"onnx_session_options": {"extra_session_config": {"ep.x.backend_path": "/evil.so"}}},
            },
            "its session has extra configuration",
        ),
    ],
)
def test_words_of_mlmodel_that_would_steer_a_loader(changes: Any, reason: str, classifier: Path, copy_of: Any):
    said = refused(model_path=edit(copy_of(classifier), **changes))
    assert reason in said


def test_a_second_mlmodel_further_down_is_not_read(file_types: Path, copy_of: Any):
    path = copy_of(file_types)
    inner = path / "inner"
    inner.mkdir()
    for file in [each for each in path.iterdir() if each.is_file()]:
        shutil.copy(file, inner)
    for name in ("inner", "inner/model.onnx"):
        said = refused(model_path=edit(path, python_function={"data": name}))
        assert f"its data is at {name!r}, which is no file beside its MLmodel" in said


def test_types_that_skops_does_not_trust(iris: Any, save: Any, copy_of: Any):
    model = RandomForestClassifier(n_estimators=2).fit(iris.data, iris.target)
    tree = "sklearn.tree._tree.Tree"
    path = save(mlflow.sklearn.save_model, model, serialization_format="skops", skops_trusted_types=[tree])
    assert f"set trusted_types=[{tree!r}]" in refused(model_path=path)
    assert f"trusted_types=['a.B', {tree!r}]" in refused(model_path=path, trusted_types=["a.B"])
    backend = MlflowBackend(verbose=False, model_path=path, trusted_types=[tree])
    assert backend(iris.data.to_dict("records")[0]) == {"prediction": 0}
    hidden = edit(copy_of(path), sklearn={"skops_trusted_types": None})  # skops itself refuses what is not listed
    assert "UntrustedTypesFoundException" in refused(model_path=hidden, trusted_types=[tree])


def test_a_pickle_that_is_said_to_be_skops_does_not_run(
    classifier: Path, iris: Any, save: Any, copy_of: Any, tmp_path: Path
):
    trace = tmp_path / "ran"
    path = copy_of(classifier)
    (path / "model.skops").write_bytes(bomb(trace))
    assert "could not be loaded" in refused(model_path=path)
    edit(path, python_function={"data": "model.skops"})
    assert "its file 'model.skops' is unpickled" in refused(model_path=path)

    types = [*LIGHTGBM, "collections.OrderedDict"]
    model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(iris.data, iris.target)
    path = save(mlflow.lightgbm.save_model, model, serialization_format="skops", skops_trusted_types=types)
    path = Path(shutil.copytree(path, tmp_path / "lightgbm"))
    [data] = path.glob("model.*")
    data.write_bytes(bomb(trace))
    assert "could not be loaded" in refused(model_path=path, trusted_types=types)
    assert not trace.exists()


def test_an_older_skops_is_not_relied_on(classifier: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("packflow_mlflow.safety.version", lambda name: "0.11.0")
    assert "skops 0.11.0 is too old to tell; upgrade it to 0.16 or newer" in refused(model_path=classifier)
