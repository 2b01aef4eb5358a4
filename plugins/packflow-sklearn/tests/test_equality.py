"""The backend gives what the library gives by hand, to the last bit."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from packflow_sklearn import SklearnBackend
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, IsolationForest, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict(orient="records")


def values_of(frame: pd.DataFrame) -> Any:
    """Give the values row by row, as the array made of records lies in memory."""
    return np.ascontiguousarray(frame.to_numpy())


def as_made_from_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay a frame out in memory as one made from records is: the last bit of a product depends on it."""
    return pd.DataFrame(records_of(frame))


def load(path: Any, **settings: Any) -> SklearnBackend:
    """Load a model that this test has just saved, so that whatever is in it is trusted."""
    trusted = skops.io.get_untrusted_types(file=path)
    return SklearnBackend(model_path=path, verbose=False, **{"trusted_types": trusted, **settings})


CLASSIFIERS = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": lambda: RandomForestClassifier(n_estimators=25, random_state=0),
    "search": lambda: GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 9]}
    ),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_gives_its_own_predictions_and_probabilities(name: str, save: Any, wine: Any) -> None:
    data = as_made_from_records(wine.data)
    model = CLASSIFIERS[name]().fit(data, np.array(wine.target_names)[wine.target])
    backend = load(save(model))

    rows = backend(records_of(data))

    assert [row["prediction"] for row in rows] == model.predict(data).tolist()
    by_hand = model.predict_proba(data)
    assert [list(row["probabilities"].values()) for row in rows] == by_hand.tolist()
    assert list(rows[0]["probabilities"]) == model.classes_.tolist()
    json.dumps(rows, allow_nan=False)


def test_one_record_gives_one_record(save: Any, iris: Any) -> None:
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    backend = SklearnBackend(model_path=save(model))  # everything else by default, metrics in the log included
    record = records_of(iris.data)[0]

    row = backend(record)

    assert row == backend([record])[0]
    assert row["prediction"] == 0
    assert type(row["prediction"]) is int
    assert list(row["probabilities"]) == ["0", "1", "2"]


def test_a_regressor_gives_its_own_values(save: Any, diabetes: Any) -> None:
    model = LinearRegression().fit(diabetes.data, diabetes.target)

    rows = load(save(model))(records_of(diabetes.data))

    assert rows == [{"prediction": value} for value in model.predict(as_made_from_records(diabetes.data)).tolist()]


def test_a_model_fitted_on_an_array_reads_the_configured_features(save: Any, iris: Any) -> None:
    model = LogisticRegression(max_iter=500).fit(values_of(iris.data), iris.target)
    records = [dict(zip("abcd", row, strict=True), extra="x") for row in values_of(iris.data).tolist()]
    by_hand = model.predict_proba(values_of(iris.data)).tolist()

    for input_format in ("records", "passthrough", "numpy"):
        backend = load(save(model), feature_names=list("abcd"), input_format=input_format)
        assert [list(row["probabilities"].values()) for row in backend(records)] == by_hand


def test_renamed_flattened_and_nested_fields_reach_the_model(save: Any, iris: Any) -> None:
    frame = iris.data.set_axis(["sepal.length", "sepal.width", "petal.length", "petal.width"], axis=1)
    frame = as_made_from_records(frame)
    model = LogisticRegression(max_iter=500).fit(frame, iris.target)
    path = save(model)
    expected = model.predict_proba(frame).tolist()
    literal = records_of(frame)
    nested = [
        {"sepal": {"length": a, "width": b}, "petal": {"length": c, "w": d}} for a, b, c, d in frame.to_numpy().tolist()
    ]

    def probabilities(backend: SklearnBackend, records: list[dict[str, Any]]) -> list[list[float]]:
        return [list(row["probabilities"].values()) for row in backend(records)]

    assert probabilities(load(path), literal) == expected
    assert probabilities(load(path, rename_fields={"petal.w": "petal.width"}), nested) == expected
    flat = load(path, flatten_nested_inputs=True, rename_fields={"petal.w": "petal.width"})
    assert probabilities(flat, nested) == expected
    named = load(path, feature_names=list(frame.columns), rename_fields={"petal.w": "petal.width"})
    assert probabilities(named, nested) == expected


def test_several_targets(save: Any, iris: Any) -> None:
    features, targets = as_made_from_records(iris.data.iloc[:, :2]), iris.data.iloc[:, 2:]
    model = MultiOutputRegressor(Ridge()).fit(features, targets)
    path = save(model)
    by_hand = model.predict(features).tolist()

    assert load(path)(records_of(features)) == [{"prediction": values} for values in by_hand]
    named = load(path, target_names=["length", "width"])(records_of(features))
    assert named == [{"prediction": dict(zip(["length", "width"], values, strict=True))} for values in by_hand]


def test_several_classified_targets(save: Any, iris: Any) -> None:
    wide = np.where(iris.data.iloc[:, 1] > 3, "wide", "narrow")
    targets = np.column_stack([np.array(["a", "b", "c"])[iris.target], wide])
    model = MultiOutputClassifier(LogisticRegression(max_iter=500)).fit(iris.data, targets)

    rows = load(save(model), target_names=["kind", "shape"])(records_of(iris.data))

    assert [list(row["prediction"].values()) for row in rows] == model.predict(iris.data).tolist()
    kinds, shapes = model.predict_proba(as_made_from_records(iris.data))
    assert [list(row["probabilities"]["kind"].values()) for row in rows] == kinds.tolist()
    assert [row["probabilities"]["shape"] for row in rows] == [
        dict(zip(["narrow", "wide"], values, strict=True)) for values in shapes.tolist()
    ]


def test_a_chain_gives_the_probability_of_each_target(save: Any, iris: Any) -> None:
    targets = np.column_stack([iris.target == 0, iris.data.iloc[:, 1] > 3]).astype(int)
    model = ClassifierChain(LogisticRegression(max_iter=500)).fit(values_of(iris.data), targets)
    backend = load(save(model), feature_names=list("abcd"), target_names=["setosa", "wide"])
    rows = backend([dict(zip("abcd", row, strict=True)) for row in values_of(iris.data).tolist()])

    by_hand = model.predict_proba(values_of(iris.data)).tolist()
    assert [list(row["probabilities"].values()) for row in rows] == by_hand
    assert list(rows[0]["probabilities"]) == ["setosa", "wide"]


def test_several_labels_at_once(save: Any, iris: Any) -> None:
    targets = np.column_stack([iris.target == 0, iris.target == 1]).astype(int)
    model = MLPClassifier(hidden_layer_sizes=(4,), max_iter=3000, random_state=0, solver="lbfgs").fit(
        iris.data / 10, targets
    )
    backend = load(save(model))
    rows = backend(records_of(iris.data / 10))
    assert [row["prediction"] for row in rows] == model.predict(iris.data / 10).tolist()
    assert [list(row["probabilities"].values()) for row in rows] == model.predict_proba(iris.data / 10).tolist()


def test_decision_values_when_asked_for(save: Any, iris: Any) -> None:
    three = SVC().fit(iris.data, iris.target_names[iris.target])
    rows = load(save(three), outputs=["decision"])(records_of(iris.data))
    assert [list(row["decision"].values()) for row in rows] == three.decision_function(iris.data).tolist()
    assert set(rows[0]) == {"decision"}
    assert set(load(save(three))(records_of(iris.data))[0]) == {"prediction"}  # this SVC has no probabilities

    two = SVC().fit(iris.data[:100], iris.target[:100])
    rows = load(save(two), outputs=["decision", "prediction"], decision_field="margin")(records_of(iris.data))
    assert [row["margin"] for row in rows] == two.decision_function(iris.data).tolist()
    assert list(rows[0]) == ["margin", "prediction"]


def test_models_without_classes(save: Any, iris: Any) -> None:
    records = records_of(iris.data)
    kmeans = KMeans(3, random_state=0, n_init=1).fit(iris.data)
    assert [row["prediction"] for row in load(save(kmeans))(records)] == kmeans.predict(iris.data).tolist()
    outliers = IsolationForest(n_estimators=10, random_state=0).fit(iris.data)
    rows = load(save(outliers))(records)
    assert [row["prediction"] for row in rows] == outliers.predict(iris.data).tolist()
    mixture = GaussianMixture(2, random_state=0).fit(iris.data)
    rows = load(save(mixture))(records)
    assert [list(row["probabilities"].values()) for row in rows] == mixture.predict_proba(iris.data).tolist()
    assert list(rows[0]["probabilities"]) == ["0", "1"]


def test_class_labels_and_field_names(save: Any, iris: Any) -> None:
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    names = iris.target_names.tolist()
    backend = load(save(model), class_labels=names, prediction_field="kind", probabilities_field="odds")
    rows = backend(records_of(iris.data))
    assert [row["kind"] for row in rows] == [names[number] for number in model.predict(iris.data)]
    assert list(rows[0]["odds"]) == names


def test_columns_of_several_types(save: Any) -> None:
    frame = pd.DataFrame(
        {"city": ["Rome", "Oslo", "Rome", "Lima"], "age": [31, 42, 23, 54], "score": [0.5, 1.5, 2.5, 3.5]}
    )
    columns = ColumnTransformer(
        [("text", OneHotEncoder(handle_unknown="ignore"), ["city"]), ("n", StandardScaler(), ["age"])]
    )
    model = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(frame, [0, 1, 0, 1])

    rows = load(save(model))(records_of(frame))

    assert [list(row["probabilities"].values()) for row in rows] == model.predict_proba(frame).tolist()


def test_null_is_for_models_that_handle_it(save: Any, diabetes: Any) -> None:
    frame = as_made_from_records(diabetes.data)
    frame.iloc[::3, 2] = np.nan
    records = [{key: value for key, value in row.items() if value == value} for row in records_of(frame)]
    boosted = HistGradientBoostingRegressor(max_iter=5, random_state=0).fit(frame, diabetes.target)
    rows = load(save(boosted), on_missing="null")(records)
    assert [row["prediction"] for row in rows] == boosted.predict(frame).tolist()
    imputed = make_pipeline(SimpleImputer(), Ridge()).fit(frame, diabetes.target)
    rows = load(save(imputed), on_missing="null")(records)
    assert [row["prediction"] for row in rows] == imputed.predict(frame).tolist()


def test_text(save: Any) -> None:
    texts = ["late again", "on time", "so late", "right on time"]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, ["bad", "good", "bad", "good"])
    records = [{"id": number, "text": text} for number, text in enumerate(texts)]
    for input_format in ("records", "numpy"):
        rows = load(save(model), feature_names=["text"], input_format=input_format)(records)
        assert [list(row["probabilities"].values()) for row in rows] == model.predict_proba(texts).tolist()


def test_dicts(save: Any) -> None:
    records = [{"city": "Rome", "t": 21.0}, {"city": "Oslo", "t": 3.5}, {"city": "Rome", "t": 9.0}]
    model = make_pipeline(DictVectorizer(), Ridge()).fit(records, [1.0, 2.0, 3.0])
    rows = load(save(model))([*records, {"city": "Lima"}])
    assert [row["prediction"] for row in rows] == model.predict([*records, {"city": "Lima"}]).tolist()


@pytest.mark.parametrize("input_format", ["records", "passthrough", "numpy"])
def test_no_rows_give_no_rows(input_format: str, save: Any, iris: Any) -> None:
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    assert load(save(model), input_format=input_format, feature_names=list(iris.data.columns))([]) == []


def test_the_backend_reaches_a_worker_process(save: Any, iris: Any) -> None:
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    path = save(model)
    backend = load(path)
    packed = pickle.dumps(backend)
    path.unlink()  # the model travels with the backend, not by its file
    assert pickle.loads(packed)(records_of(iris.data)) == backend(records_of(iris.data))


def test_not_a_number_in_a_result_is_null(save: Any) -> None:
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    model.coef_ = np.array([np.inf])
    assert load(save(model), feature_names=["x"])([{"x": 1.0}]) == [{"prediction": None}]


def test_many_threads_get_what_one_gets(save: Any, wine: Any) -> None:
    model = RandomForestClassifier(n_estimators=10, random_state=0).fit(wine.data, wine.target)
    backend = load(save(model))
    batches = [records_of(wine.data[start : start + 20]) for start in range(0, 160, 20)] * 4
    expected = [backend(batch) for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(backend, batches)) == expected
