"""Each mistake is one packflow error that says what to change, and the process goes on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from packflow_mlflow import MlflowBackend

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError


def refused(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        MlflowBackend(verbose=False, **settings)
    return str(caught.value)


def failed(backend: MlflowBackend, inputs: Any) -> InferenceBackendRuntimeError:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend(inputs)
    return caught.value


@pytest.fixture
def copy_of(tmp_path: Path) -> Any:
    """Copy a model, to damage it."""

    def to_directory(path: Path) -> Path:
        return Path(shutil.copytree(path, tmp_path / "copy"))

    return to_directory


def echo(self, context, model_input, params=None):
    return model_input


# Directories ---------------------------------------------------------------------------------------------------------


def test_what_is_no_directory_of_a_model(classifier: Path, tmp_path: Path):
    assert f"does not exist (looked for at {str(tmp_path / 'no')!r})" in refused(model_path=tmp_path / "no")
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


# Code ----------------------------------------------------------------------------------------------------------------


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
    from sklearn.linear_model import LogisticRegression

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
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=2).fit(iris.data, iris.target)
    tree = "sklearn.tree._tree.Tree"
    path = save(mlflow.sklearn.save_model, model, serialization_format="skops", skops_trusted_types=[tree])
    assert f"set trusted_types=[{tree!r}]" in refused(model_path=path)
    assert f"trusted_types=['a.B', {tree!r}]" in refused(model_path=path, trusted_types=["a.B"])
    backend = MlflowBackend(verbose=False, model_path=path, trusted_types=[tree])
    assert backend(iris.data.to_dict("records")[0]) == {"prediction": 0}
    hidden = edit(copy_of(path), sklearn={"skops_trusted_types": None})  # skops itself refuses what is not listed
    assert "UntrustedTypesFoundException" in refused(model_path=hidden, trusted_types=[tree])


# What is told --------------------------------------------------------------------------------------------------------


def test_other_versions_are_told_in_one_line(classifier: Path, copy_of: Any, log: list[str], capfd: Any):
    path = edit(copy_of(classifier), python_function={"python_version": "3.6.9"})
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
    path = edit(
        copy_of(save_function(echo, Schema([ColSpec("long", "x")]))), python_function={"cloudpickle_version": "1"}
    )
    (path / "requirements.txt").write_text("cloudpickle==1.0\n")
    caplog.clear()
    MlflowBackend(verbose=False, model_path=path, trusted=True)
    assert len(log) == 1
    assert caplog.messages == []


# Settings ------------------------------------------------------------------------------------------------------------


def test_feature_names_that_do_not_fit(classifier: Path, iris: Any, save_function: Any):
    names = list(iris.data.columns)
    said = refused(model_path=classifier, feature_names=[*names[:3], "petal width"])
    assert "feature_names has 'petal width', which the model's signature does not. Did you mean" in said
    assert "'petal length (cm)' (double)" in said
    assert f"feature_names lacks ['{names[3]}']" in refused(model_path=classifier, feature_names=names[:3])
    bare = save_function(echo, Schema([ColSpec("double"), ColSpec("string")]))
    said = refused(model_path=bare, trusted=True, feature_names=["a"])
    assert "2 column(s) without names (double, string), and feature_names has 1" in said
    assert "inputs is for models whose signature has tensors" in refused(model_path=classifier, inputs={"a": "b"})


def test_parameters_that_do_not_fit(save_function: Any, classifier: Path):
    params = ParamSchema([ParamSpec("factor", "double", 2.0), ParamSpec("offsets", "long", [1, 2], (-1,))])
    path = save_function(echo, Schema([ColSpec("long", "x")]), params=params)
    said = refused(model_path=path, trusted=True, params={"facto": 1})
    assert "params names 'facto', which the model's signature does not have. Did you mean 'factor'?" in said
    assert "'factor' (double, by default 2.0), 'offsets' (long list, by default [1, 2])" in said
    for value in ("much", [1.0], True):
        assert "params['factor'] is" in refused(model_path=path, trusted=True, params={"factor": value})
    assert "params['offsets'] is 1.5" in refused(model_path=path, trusted=True, params={"offsets": 1.5})
    assert "Its parameters are: none" in refused(model_path=classifier, params={"factor": 1})


def test_tensors_that_the_signature_does_not_have(file_types: Path, save_function: Any):
    assert "inputs names 'byte', which the model does not have. Did you mean 'bytes'?" in refused(
        model_path=file_types, inputs={"byte": "b"}
    )
    path = save_function(echo, Schema([TensorSpec(np.dtype("complex64"), (-1, 2), "x")]))
    assert "has the dtype complex64, which is not supported" in refused(model_path=path, trusted=True)


def test_output_names_that_do_not_fit(save_function: Any):
    def pair(self, context, model_input, params=None):
        return np.ones((len(model_input), 2)) if model_input["x"][0] else pd.DataFrame({"a": [1], "b": [2]})

    path = save_function(pair, Schema([ColSpec("long", "x")]))
    backend = MlflowBackend(verbose=False, model_path=path, trusted=True, output_names=["a", "b", "c"])
    assert "output_names has 3 names, and the model gave 2 columns: a, b" in str(failed(backend, {"x": 0}))
    assert "output_names has 3 names, and the model gave 2 columns" in str(failed(backend, {"x": 1}))
    assert "twice" in refused(model_path=path, trusted=True, output_names=["a", "a"])
    backend = MlflowBackend(verbose=False, model_path=path, trusted=True, outputs=["aa"])
    assert "outputs names 'aa', which the model did not give" in str(failed(backend, {"x": 0}))


# Records -------------------------------------------------------------------------------------------------------------


def test_columns_that_are_missing(classifier: Path, iris: Any):
    backend = MlflowBackend(verbose=False, model_path=classifier)
    good = iris.data.to_dict("records")[0]
    error = failed(backend, [good, {("petal width" if name == "petal width (cm)" else name): 1 for name in good}])
    assert error.row == 1
    assert "Column 'petal width (cm)' of row 1 is missing; the model's signature requires it (double)" in str(error)
    assert "Did you mean 'petal width'?" in str(error)
    error = failed(backend, [good, good, {**good, "petal width (cm)": None}])
    assert (error.row, "of row 2 is None" in str(error)) == (2, True)
    assert backend(good) == {"prediction": "setosa"}


def test_a_missing_number_is_nan_where_that_is_wanted(save_function: Any):
    path = save_function(echo, Schema([ColSpec("double", "x"), ColSpec("string", "y")]))
    backend = MlflowBackend(verbose=False, model_path=path, trusted=True, on_missing="null")
    assert backend([{"x": None, "y": "a"}, {"y": "b"}]) == [{"x": None, "y": "a"}, {"x": None, "y": "b"}]
    assert "Column 'y' of row 0 is None" in str(failed(backend, {"x": 1, "y": None}))


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("double", "1", "it is text, not a number"),
        ("double", True, "it is a boolean, not a number"),
        ("double", 2**53 + 1, "the integer would be rounded"),
        ("double", 10**400, "it is out of range"),
        ("double", [1.0], "it is of type list, not a number"),
        ("float", 1e39, "it is out of range"),
        ("float", 2**24 + 1, "the integer would be rounded"),
        ("integer", 1.0, "it is a float, not an integer"),
        ("integer", 2**31, "it is not between -2147483648 and 2147483647"),
        ("long", 0.5, "it is a float, not an integer"),
        ("long", -(2**63) - 1, "it is not between"),
        ("long", True, "it is a boolean, not an integer"),
        ("long", "1", "it is text, not an integer"),
        ("boolean", 1, "it is an integer, not true or false"),
        ("string", 1, "it is an integer, not text"),
        ("binary", "no base64!", "it is no base64"),
        ("binary", 5, "neither bytes nor text in base64"),
        ("datetime", "yesterday", "as ISO 8601 writes it"),
        ("datetime", "2024-13-01", "no time"),
        ("datetime", "9999-01-01", "out of range"),
        ("datetime", pd.Timestamp("2024-01-01", tz="UTC"), "it has a time zone"),
        ("datetime", 1700000000, "it is an integer, neither a time nor text"),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_a_value_of_another_type_is_refused_by_row_and_column(
    kind: str, value: Any, reason: str, required: bool, save_function: Any
):
    good = {"boolean": True, "string": "a", "binary": "YQ==", "datetime": "2024-01-01"}.get(kind, 1)
    path = save_function(echo, Schema([ColSpec(kind, "x", required=required)]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": good}, {"x": value}])
    assert error.row == 1
    assert f"Column 'x' of row 1 does not fit the model's signature, which has {kind}: " in str(error)
    assert reason in str(error)


def test_an_integer_that_is_missing_among_others(save_function: Any):
    path = save_function(echo, Schema([ColSpec("long", "x", required=False)]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": 1}, {}])
    assert (error.row, "hold no missing values" in str(error)) == (1, True)


def test_values_that_are_nested_are_refused_with_their_place(save_function: Any):
    inputs = Schema.from_json(
        '[{"name": "x", "required": true, "type": "object", "properties": {"a": {"type": "array", "required": true, '
        '"items": {"type": "long"}}, "m": {"type": "map", "values": {"type": "string"}, "required": false}}}]'
    )
    backend = MlflowBackend(verbose=False, model_path=save_function(echo, inputs), trusted=True)
    for value, reason in (
        ({"a": [1, 2.5]}, "at ['a'][1], it is a float, not an integer"),
        ({"a": [1, None]}, "at ['a'][1], it is None"),
        ({"a": 3}, "at ['a'], it is an integer, where a list of long is expected"),
        ({"A": [1]}, "at ['a'], it is missing, and required (Array(long)). Did you mean 'A'?"),
        ({"a": [1], "mm": {}}, "at ['mm'], the signature has no such property. Did you mean 'm'?"),
        ({"a": [1], "m": {"k": 1}}, "at ['m']['k'], it is an integer, not text"),
        ([1], "it is of type list, where an object is expected"),
    ):
        error = failed(backend, [{"x": {"a": [1]}}, {"x": value}])
        assert (error.row, reason in str(error)) == (1, True), str(error)


def test_fields_that_are_no_columns(classifier: Path, iris: Any):
    good = iris.data.to_dict("records")[0]
    assert MlflowBackend(verbose=False, model_path=classifier)({**good, "more": 1}) == {"prediction": "setosa"}
    backend = MlflowBackend(verbose=False, model_path=classifier, extra_columns="error")
    error = failed(backend, [good, {**good, "petal widht (cm)": 1}])
    assert error.row == 1
    assert "Field 'petal widht (cm)' of row 1 is no column" in str(error)
    assert "Did you mean 'petal width (cm)'?" in str(error)
    with pytest.raises(InferenceBackendRuntimeError, match="Field 'more' is no column"):
        backend.transform_inputs(iris.data.assign(more=1))


def test_what_mlflow_itself_refuses_is_told_without_the_data(classifier: Path, iris: Any):
    backend = MlflowBackend(verbose=False, model_path=classifier)
    frame = iris.data.rename(columns={"petal width (cm)": "w"})
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend.execute(backend.transform_inputs(frame))
    assert "MLflow's check of the signature failed: Model is missing inputs ['petal width (cm)']" in str(caught.value)
    assert "It was given a DataFrame of 150 row(s) with 'sepal length (cm)' (float64)" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_rows_that_are_not_alike_where_nothing_else_says_what_they_are(save_function: Any):
    backend = MlflowBackend(verbose=False, model_path=save_function(echo), trusted=True)
    error = failed(backend, [{"a": 1, "b": 2}, {"a": 1, "bb": 2}])
    assert (error.row, "Field 'b' of row 1 is missing" in str(error), "'bb'" in str(error)) == (1, True, True)
    error = failed(backend, [{"a": 1}, {"a": 1, "b": 2}])
    assert (error.row, "has the field 'b', and row 0 has not" in str(error)) == (1, True)


def test_values_that_do_not_fit_a_tensor(file_types: Path):
    backend = MlflowBackend(verbose=False, model_path=file_types)
    good = {"bytes": [0] * 2048}
    for value, reason in (([0] * 2047, "its shape is 2047"), ([0.5] * 2048, "whole"), ("text", "its shape is one")):
        error = failed(backend, [good, {"bytes": value}])
        assert (error.row, "'bytes' (int32, shape 2048 a record)" in str(error)) == (1, True)
        assert reason in str(error)


@pytest.mark.parametrize("passthrough", ["passthrough", "records"])
def test_rows_that_are_no_records(classifier: Path, passthrough: str):
    backend = MlflowBackend(verbose=False, model_path=classifier, input_format=passthrough)
    with pytest.raises(InferenceBackendRuntimeError, match="dict"):
        backend([[1, 2, 3, 4]])


# Results -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [1.5, "text", None, [1], np.ones(3), np.float64(1), pd.DataFrame({"a": [1]}), {"a": [1]}, {"a": 1}, pd.Series([1])],
)
def test_a_result_without_a_row_for_each_record(result: Any, save_function: Any):
    path = save_function(lambda self, context, model_input, params=None: result, Schema([ColSpec("long", "x")]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": 1}, {"x": 2}])
    assert "each" in str(error)
    assert type(result).__name__ in str(error) or "'a'" in str(error)


def test_a_model_that_fails_is_told_what_it_was_given(save_function: Any):
    def fail(self, context, model_input, params=None):
        raise ValueError("no such weights")

    path = save_function(fail, Schema([ColSpec("long", "x")]))
    error = failed(MlflowBackend(verbose=False, model_path=path, trusted=True), [{"x": 1}])
    assert (
        "The model failed: ValueError: no such weights. It was given a DataFrame of 1 row(s) with 'x' (int64)"
        in str(error)
    )
