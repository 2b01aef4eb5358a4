"""The backend keeps to packflow's rules for backends: those of its own testing kit."""

from __future__ import annotations

import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from packflow.testing import BackendSuite


class SklearnSuite(BackendSuite):
    plugin = "sklearn"
    # scikit-learn and what it needs change the filters of warnings and the environment when they are imported.
    heavy_imports_allowed = {"joblib", "scipy", "sklearn", "skops"}
    tolerance = 1e-12  # one row and many rows go through other routines of BLAS


class TestClassifierOnAFrame(SklearnSuite):
    @pytest.fixture
    def config(self, iris, save):
        return {"model_path": save(make_pipeline(StandardScaler(), LogisticRegression()).fit(iris.data, iris.target))}

    @pytest.fixture
    def records(self, iris):
        return iris.data.iloc[::40].to_dict("records")


class TestRegressorOnAnArray(SklearnSuite):
    @pytest.fixture
    def config(self, tmp_path):
        path = tmp_path / "line.skops"
        skops.io.dump(LinearRegression().fit([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]], [1.0, 3.0, 4.0]), path)
        return {"model_path": path, "feature_names": ["slope", "at.offset"]}

    records = [{"slope": 0.5, "at": {"offset": 1.0}}, {"slope": 1.5, "at": {"offset": 0.0}}]
    expected = [{"prediction": 2.0}, {"prediction": 3.0}]
