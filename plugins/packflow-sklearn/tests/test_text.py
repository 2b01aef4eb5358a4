"""Text where a model takes numbers is refused, whatever else is in the batch; models that take text are given it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from packflow_sklearn import SklearnBackend
from packflow_sklearn.steps import number_columns
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostRegressor,
    HistGradientBoostingClassifier,
    RandomForestRegressor,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVR

from packflow.exceptions import InferenceBackendRuntimeError

NUMBERS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 0.0, 1.0, 0.0], "c": [1, 0, 0, 1]})
TEXTS = pd.DataFrame({"a": ["x", "y", "x", "y"], "b": [1.0, 0.0, 1.0, 0.0], "c": ["1", "0", "0", "1"]})
TARGET = [0, 1, 0, 1]
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


class Lengths(TransformerMixin, BaseEstimator):
    """A step of one's own, of which nothing is known."""

    def fit(self, frame: Any, target: Any = None) -> Lengths:
        self.fitted_ = True
        return self

    def transform(self, frame: Any) -> Any:
        return np.array([[len(str(cell)) for cell in row] for row in np.asarray(frame, dtype=object)])


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"a": " 1e0 ", "b": "2", "c": True}, "a"),
        ({"a": "1", "b": "2", "c": "3"}, "a"),
        ({"a": 1, "b": "2", "c": 3}, "b"),
        ({"a": 1.5, "b": 2, "c": b"3"}, "c"),
    ],
)
@pytest.mark.parametrize("before", [[], [{"a": 1, "b": 2.5, "c": False}]])
def test_text_is_refused_whatever_the_batch(named: bool, row: Any, name: str, before: list[Any], save: Any) -> None:
    model = LogisticRegression().fit(NUMBERS if named else NUMBERS.to_numpy(), TARGET)
    for input_format in ("records", "numpy"):
        backend = SklearnBackend(
            model_path=save(model), feature_names=["a", "b", "c"], input_format=input_format, verbose=False
        )
        with pytest.raises(InferenceBackendRuntimeError) as caught:
            backend([*before, row])
        expected = f"In row {len(before)}, feature {name!r} is the text {row[name]!r}, where LogisticRegression takes"
        assert expected in str(caught.value)
        assert caught.value.row == len(before)


def test_a_frame_of_a_preprocessor_is_held_to_it_too(save: Any) -> None:
    backend = SklearnBackend(model_path=save(LogisticRegression().fit(NUMBERS, TARGET)), verbose=False)
    assert len(backend.transform_inputs(NUMBERS)) == 4
    with pytest.raises(InferenceBackendRuntimeError, match="In row 2, feature 'c' is the text '0'"):
        backend.transform_inputs(NUMBERS.assign(c=[1, 0, "0", 1]))


def test_only_the_columns_that_take_numbers_refuse_text(save: Any) -> None:
    columns = ColumnTransformer([("text", OneHotEncoder(), ["a", "c"]), ("number", StandardScaler(), ["b"])])
    model = make_pipeline(columns, LogisticRegression()).fit(TEXTS, TARGET)
    path = save(model)
    backend = SklearnBackend(model_path=path, trusted_types=skops.io.get_untrusted_types(file=path), verbose=False)
    rows = TEXTS.to_dict("records")
    assert [row["prediction"] for row in backend(rows)] == model.predict(TEXTS).tolist()
    for batch in ([{**rows[0], "b": "1"}], [rows[0], {**rows[1], "b": "1"}]):
        with pytest.raises(InferenceBackendRuntimeError, match="feature 'b' is the text '1', where Pipeline takes"):
            backend(batch)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (LinearRegression(), {0, 1, 2}),
        (make_pipeline("passthrough", SimpleImputer(), LinearRegression()), {0, 1, 2}),
        (RandomForestRegressor(2), {0, 1, 2}),
        (AdaBoostRegressor(n_estimators=2), {0, 1, 2}),
        (TransformedTargetRegressor(SVR()), {0, 1, 2}),
        (StackingRegressor([("line", LinearRegression())], cv=2), {0, 1, 2}),
        (make_pipeline(FeatureUnion([("scale", StandardScaler())]), SVR()), {0, 1, 2}),
        (ColumnTransformer([("a", StandardScaler(), [0]), ("c", StandardScaler(), ["c"])]), {0, 2}),
        (ColumnTransformer([("a", make_pipeline(OrdinalEncoder(), StandardScaler()), ["a"])]), set()),
        (ColumnTransformer([("b", StandardScaler(), slice(1, 2))], remainder="passthrough"), set()),
        (DummyClassifier(), set()),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder(), LinearRegression()), {0, 1, 2}),
        (make_pipeline(OrdinalEncoder(), LinearRegression()), set()),
        (make_pipeline(FunctionTransformer(), LinearRegression()), set()),
        (StackingRegressor([("code", make_pipeline(CODES, SVR()))], SVR(), cv=2), set()),
        (make_pipeline(Lengths(), LinearRegression()), set()),
    ],
)
def test_what_is_known_of_a_model(model: Any, expected: set[int]) -> None:
    assert number_columns(model.fit(NUMBERS, TARGET), list(NUMBERS), 3) == expected


@pytest.mark.parametrize(
    "part",
    [
        HistGradientBoostingClassifier(categorical_features=["a"], max_iter=2),
        make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(), LogisticRegression()),
    ],
)
def test_of_a_part_that_was_copied_to_be_fitted_only_what_holds_of_all_copies_is_known(part: Any) -> None:
    frame = TEXTS.astype({"a": "category", "c": float})
    for model in (VotingClassifier([("part", part)]), CalibratedClassifierCV(part, cv=2)):
        model.fit(frame, TARGET)
        assert len(model.predict(frame)) == 4
        assert number_columns(model, list(frame), 3) == set()


def test_where_gaps_in_text_were_filled_it_is_taken() -> None:
    fill = SimpleImputer(strategy="most_frequent")
    model = make_pipeline(fill, OrdinalEncoder(), LinearRegression()).fit(TEXTS.astype(object), TARGET)
    assert number_columns(model, list(TEXTS), 3) == set()


def test_a_model_of_ones_own_is_given_text(tmp_path: Path) -> None:
    model = make_pipeline(Lengths(), LinearRegression()).fit(TEXTS, TARGET)
    joblib.dump(model, tmp_path / "own")
    backend = SklearnBackend(
        model_path=tmp_path / "own", model_format="joblib", feature_names=list(TEXTS), verbose=False
    )
    assert len(backend(TEXTS.to_dict("records"))) == 4
