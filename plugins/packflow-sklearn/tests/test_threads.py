"""The limit holds inside, for the calling thread, and is gone afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from packflow_sklearn import SklearnBackend, limit_threads
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads as threads_in_use

from packflow.exceptions import InferenceBackendInitializationError


def test_the_limit_holds_inside_and_in_the_calling_thread_alone() -> None:
    before = threads_in_use()
    with ThreadPoolExecutor(1) as pool:
        with limit_threads(1):
            assert threads_in_use() == 1
            assert pool.submit(threads_in_use).result() == before
        with limit_threads(None):
            assert threads_in_use() == before
        assert threads_in_use() == before


def test_the_model_runs_inside_the_limit(save: Any, iris: Any, monkeypatch: Any) -> None:
    model = HistGradientBoostingClassifier(max_iter=2).fit(iris.data.to_numpy(), iris.target)
    trusted = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
    names = list("abcd")
    backend = SklearnBackend(
        model_path=save(model), trusted_types=trusted, threads=1, feature_names=names, verbose=False
    )
    seen: list[int] = []
    own = backend.model.predict
    monkeypatch.setattr(backend.model, "predict", lambda data: (seen.append(threads_in_use()), own(data))[1])
    assert backend(dict.fromkeys(names, 1.0))["prediction"] == model.predict([[1.0] * 4]).tolist()[0]
    assert seen == [1]


def test_no_threads_at_all_are_refused(tmp_path: Any) -> None:
    with pytest.raises(InferenceBackendInitializationError, match="threads"):
        SklearnBackend(model_path=tmp_path / "m", threads=0)
