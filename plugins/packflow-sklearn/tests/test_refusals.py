"""Each wrong file, setting or record is a packflow error that says what to change."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from packflow_sklearn import SklearnBackend, load_model
from packflow_sklearn.cells import kinds_held
from sklearn.cluster import DBSCAN
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError

NAMED = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]

TREE = "sklearn.tree._tree.Tree"


def refusal(**settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        SklearnBackend(verbose=False, **settings)
    return str(caught.value)


@pytest.fixture
def logistic(iris: Any) -> LogisticRegression:
    return LogisticRegression(max_iter=500).fit(iris.data, iris.target)


@pytest.fixture
def unnamed(iris: Any) -> LogisticRegression:
    return LogisticRegression(max_iter=500).fit(iris.data.to_numpy(), iris.target)


# Files ----------------------------------------------------------------------------------------------------------------


def test_a_missing_file(tmp_path: Path) -> None:
    text = refusal(model_path=tmp_path / "no.skops")
    assert "no.skops' does not exist" in text
    assert "model_path" in text
    assert "cannot be read" in refusal(model_path=tmp_path)


def test_where_a_missing_file_was_looked_for_is_said_where_the_path_does_not(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"'no.skops' does not exist (looked for at {str(Path.cwd() / 'no.skops')!r})." in refusal(
        model_path="no.skops"
    )
    assert "no.skops' does not exist. Set" in refusal(model_path=tmp_path / "no.skops")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "m.skops").touch()
    assert "is empty" in refusal(model_path=tmp_path / "m.skops")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_off_file(kept: float, save: Any, logistic: Any) -> None:
    path = save(logistic)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    assert "damaged or cut-off skops file" in refusal(model_path=path)


def test_a_flipped_byte(save: Any, logistic: Any) -> None:
    path = save(logistic)
    content = bytearray(path.read_bytes())
    place = content.index(b"NUMPY") + 200
    content[place] ^= 0xFF
    path.write_bytes(content)
    assert "damaged" in refusal(model_path=path)


def test_another_format(tmp_path: Path, save: Any, logistic: Any) -> None:
    path = tmp_path / "m.skops"
    path.write_text("not a model")
    assert "is not a skops file" in refusal(model_path=path)
    assert "could not be loaded by joblib" in refusal(model_path=path, model_format="joblib")
    joblib.dump(logistic, path)
    for model_format in ("auto", "skops"):
        text = refusal(model_path=path, model_format=model_format)
        assert "set model_format='joblib'" in text
        assert "runs code from the file" in text
    assert "model_format='auto'" in refusal(model_path=save(logistic), model_format="joblib")


def test_joblib_loads_when_the_user_says_so(tmp_path: Path, logistic: Any, iris: Any) -> None:
    record = dict(zip(NAMED, iris.data.to_numpy()[77].tolist(), strict=True))
    for compress in (0, 3):
        joblib.dump(logistic, tmp_path / "m", compress=compress)
        backend = SklearnBackend(model_path=tmp_path / "m", model_format="joblib", verbose=False)
        assert list(backend(record)["probabilities"].values()) == logistic.predict_proba(iris.data[77:78])[0].tolist()
    (tmp_path / "m").write_bytes((tmp_path / "m").read_bytes()[:100])
    assert "could not be loaded by joblib" in refusal(model_path=tmp_path / "m", model_format="joblib")


class Bomb:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("write", [pickle.dump, joblib.dump])
@pytest.mark.parametrize("model_format", ["auto", "skops"])
def test_a_malicious_pickle_does_not_run(write: Any, model_format: str, tmp_path: Path) -> None:
    with (tmp_path / "m.skops").open("wb") as file:
        write(Bomb(str(tmp_path / "ran")), file)
    assert "is not a skops file" in refusal(model_path=tmp_path / "m.skops", model_format=model_format)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(InferenceBackendInitializationError):  # it is the real thing: asked for, it runs
        SklearnBackend(model_path=tmp_path / "m.skops", model_format="joblib", verbose=False)
    assert (tmp_path / "ran").exists()


def test_types_that_are_not_trusted(save: Any, iris: Any) -> None:
    forest = RandomForestClassifier(n_estimators=2, random_state=0).fit(iris.data, iris.target)
    text = refusal(model_path=save(forest), trusted_types=["some.Other"])
    assert "holds types that are not trusted: sklearn.tree._tree.Tree" in text
    assert f"trusted_types={['some.Other', TREE]!r} in Python" in text
    assert f"""--set 'trusted_types=["some.Other", "{TREE}"]' on the command line""" in text
    assert text.split(" [in step")[0].endswith(f"""trusted_types: ["some.Other", "{TREE}"]""")  # as YAML reads it, too
    assert load_model(save(forest), trusted_types=[TREE]).n_estimators == 2


def test_what_is_no_fitted_estimator(save: Any, iris: Any) -> None:
    assert "is not fitted" in refusal(model_path=save(LogisticRegression()))
    assert "is not fitted" in refusal(model_path=save(make_pipeline(StandardScaler(), LogisticRegression())))
    assert "holds a builtins.dict; expected a fitted" in refusal(model_path=save({"a": 1}))
    scaler = StandardScaler().fit(iris.data)
    assert "StandardScaler" in (text := refusal(model_path=save(scaler)))
    assert "has none of predict" in text
    assert "has none of predict" in refusal(model_path=save(DBSCAN().fit(iris.data)))


def test_another_version_of_scikit_learn_is_told(save: Any, logistic: Any, log: list[Any], monkeypatch: Any) -> None:
    monkeypatch.setattr("sklearn.base.__version__", "1.4.2")
    path = save(make_pipeline(StandardScaler(), logistic).set_params())
    monkeypatch.undo()
    model = load_model(path)
    assert model.steps[0][0] == "standardscaler"
    told = [record for record in log if record["level"].name == "WARNING"]
    assert len(told) == 1
    import sklearn

    assert "saved by scikit-learn 1.4.2" in told[0]["message"]
    assert f"this is {sklearn.__version__}" in told[0]["message"]
    assert "LogisticRegression" in told[0]["message"]


# Settings -------------------------------------------------------------------------------------------------------------


def test_names_that_do_not_fit_the_model(save: Any, logistic: Any, unnamed: Any) -> None:
    text = refusal(model_path=save(logistic), feature_names=[*NAMED[:3], "width"])
    assert "lacks ['petal width (cm)'] and it has ['width']" in text
    assert str(NAMED) in text
    assert "rename_fields" in text
    assert "the order is another" in refusal(model_path=save(logistic), feature_names=NAMED[::-1])
    text = refusal(model_path=save(unnamed), feature_names=["a", "b"])
    assert "feature_names has 2 names, but LogisticRegression was fitted on 4" in text
    text = refusal(model_path=save(unnamed))
    assert "fitted on 4 features without names" in text
    assert "Set feature_names" in text


def test_outputs_that_the_model_does_not_have(save: Any, iris: Any) -> None:
    model = LinearRegression().fit(iris.data, iris.target)
    text = refusal(model_path=save(model), outputs=["prediction", "probabilities"])
    assert "'probabilities' (predict_proba), which LinearRegression does not have" in text
    assert "It has: prediction." in text
    assert "outputs" in refusal(model_path=save(model), outputs=["scores"])
    assert "outputs" in refusal(model_path=save(model), outputs=[])


def test_labels_that_do_not_fit(save: Any, iris: Any, logistic: Any) -> None:
    assert "2 labels, but LogisticRegression has 3 classes" in refusal(
        model_path=save(logistic), class_labels=["a", "b"]
    )
    assert "twice" in refusal(model_path=save(logistic), class_labels=["a", "b", "a"])
    line = save(LinearRegression().fit(iris.data, iris.target))
    assert "LinearRegression has no classes" in refusal(model_path=line, class_labels=["a", "b"])
    assert "different keys" in refusal(model_path=line, prediction_field="x", decision_field="x")
    two = MultiOutputClassifier(LogisticRegression(max_iter=500)).fit(
        iris.data, np.column_stack([iris.target, iris.target])
    )
    assert "one target" in refusal(model_path=save(two), class_labels=["a", "b", "c"])
    assert "has 1 names, but MultiOutputClassifier has 2" in refusal(model_path=save(two), target_names=["a"])
    with pytest.raises(InferenceBackendRuntimeError, match="2 names, but LinearRegression predicts one target"):
        SklearnBackend(model_path=line, target_names=["a", "b"], verbose=False)(dict.fromkeys(NAMED, 1.0))


def test_layouts_that_do_not_fit(save: Any, iris: Any, monkeypatch: Any) -> None:
    dicts = make_pipeline(DictVectorizer(), LinearRegression()).fit([{"a": 1}, {"a": 2}], [1, 2])
    assert "Set input_format='records'" in refusal(model_path=save(dicts), input_format="numpy", feature_names=["a"])
    columns = ColumnTransformer([("a", StandardScaler(), NAMED[:2])])
    model = make_pipeline(columns, LogisticRegression()).fit(iris.data, iris.target)
    path = save(model)
    monkeypatch.setattr("packflow_sklearn.inputs.find_spec", lambda name: None)
    text = refusal(model_path=path, trusted_types=skops.io.get_untrusted_types(file=path))
    assert "picks its columns by name, which needs pandas" in text
    assert "packflow-sklearn[pandas]" in text


def test_without_pandas_the_model_gets_arrays(save: Any, logistic: Any, iris: Any, monkeypatch: Any, log: Any) -> None:
    monkeypatch.setattr("packflow_sklearn.inputs.find_spec", lambda name: None)
    backend = SklearnBackend(model_path=save(logistic), verbose=False)
    assert any("pandas is not installed" in record["message"] for record in log)
    record = dict(zip(NAMED, iris.data.to_numpy()[77].tolist(), strict=True))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        row = backend(record)
    assert list(row["probabilities"].values()) == logistic.predict_proba(iris.data[77:78])[0].tolist()


def test_unknown_settings_are_refused_with_the_nearest(save: Any, logistic: Any) -> None:
    assert "model_path" in refusal(model_file=save(logistic))
    assert "model_path" in refusal()


# Records --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["absent", None])
def test_a_missing_feature_is_named_with_its_row(value: Any, save: Any, logistic: Any) -> None:
    backend = SklearnBackend(model_path=save(logistic), verbose=False)
    good = dict.fromkeys(NAMED, 1.0)
    bad = {**good, NAMED[2]: None} if value is None else {key: 1.0 for key in NAMED if key != NAMED[2]}
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend([good, bad])
    assert "petal length (cm)" in str(caught.value)
    assert "row 1" in str(caught.value)
    assert caught.value.row == 1


def test_a_value_that_the_model_cannot_take(save: Any, logistic: Any) -> None:
    backend = SklearnBackend(model_path=save(logistic), verbose=False)
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend([{**dict.fromkeys(NAMED, 1.0), NAMED[1]: [1.0]}])
    assert "in row 0, feature 'sepal width (cm)' is [1.0]" in str(caught.value)
    assert isinstance(caught.value.__cause__.__cause__, (TypeError, ValueError))


@pytest.fixture
def mixed(save: Any) -> SklearnBackend:
    """A model of a column of text and one of numbers."""
    frame = pd.DataFrame({"city": ["Bonn", "Ulm", "Bonn", "Ulm"], "km": [1.0, 2.0, 3.5, 4.0]})
    columns = ColumnTransformer([("city", OneHotEncoder(), ["city"]), ("km", StandardScaler(), ["km"])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, [0, 1, 0, 1])
    path = save(model)
    return SklearnBackend(model_path=path, trusted_types=skops.io.get_untrusted_types(file=path), verbose=False)


def test_the_columns_of_a_failed_batch_are_told_by_what_they_held(mixed: SklearnBackend) -> None:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        mixed([{"city": 1, "km": 1.0}, {"city": 2, "km": 2.0}])
    assert "What the batch's columns held: 'city': float; 'km': float. Give each feature" in str(caught.value)
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        mixed([{"city": "Bonn", "km": 1.0}, {"city": 2, "km": float("nan")}])
    assert "in row 1, feature 'km' is nan. What the batch's columns held: 'city': int, str; 'km': NaN" in str(
        caught.value
    )


def test_many_columns_are_told_in_part() -> None:
    told = kinds_held(np.array([[None, *range(30)]], dtype=object))
    assert told.startswith("0: NoneType; 1: int; ")
    assert told.endswith("19: int; and 11 more")
    assert kinds_held(np.zeros((2, 3))) == ""


def test_an_array_of_another_shape(save: Any, unnamed: Any) -> None:
    backend = SklearnBackend(model_path=save(unnamed), feature_names=list("abcd"), verbose=False)
    with pytest.raises(
        InferenceBackendRuntimeError, match=r"shape \(rows, 4\); the preprocessor gave one of shape \(2, 3\)"
    ):
        backend.transform_inputs(np.zeros((2, 3)))
    with pytest.raises(InferenceBackendRuntimeError, match="gave a tuple"):
        backend.transform_inputs((1, 2))


@pytest.mark.parametrize("input_format", ["records", "passthrough"])
@pytest.mark.parametrize("rows", [[[5.1, 3.5, 1.4, 0.2]], [dict.fromkeys(NAMED, 1.0), 3]])
def test_rows_that_are_no_dicts_are_named_as_such(input_format: str, rows: list[Any], save: Any, logistic: Any) -> None:
    backend = SklearnBackend(model_path=save(logistic), feature_names=NAMED, input_format=input_format, verbose=False)
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend(rows)
    assert "numpy" not in str(caught.value)
    assert f"{type(rows[-1]).__name__}" in str(caught.value)
    assert "dict" in str(caught.value)


def test_a_missing_feature_is_met_with_the_near_fields_of_its_record(save: Any, logistic: Any) -> None:
    backend = SklearnBackend(model_path=save(logistic), feature_names=NAMED, input_format="passthrough", verbose=False)
    good = dict.fromkeys(NAMED, 1.0)
    odd = {"sepal_length_cm": 1.0, **dict.fromkeys(NAMED[1:], 1.0)}
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend([good, odd])
    assert "'sepal length (cm)'" in str(caught.value)
    assert "rename_fields={'sepal_length_cm': 'sepal length (cm)'}" in str(caught.value)
