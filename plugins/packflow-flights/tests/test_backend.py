"""The backend gives a row for each flight, equal to what the two models give by hand."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
import skops.io
from packflow_flights import FlightsBackend
from packflow_flights.backend import MODELS, TREES
from sklearn.linear_model import LinearRegression

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow.loaders import ModuleLoader


@pytest.fixture(scope="module")
def backend() -> Any:
    return ModuleLoader("flights").load(verbose=False)  # by its installed name


def test_each_row_is_what_the_models_give(backend: Any, first_flights: Any) -> None:
    late, delay = (skops.io.load(MODELS / name, trusted=[TREES]) for name in ("late.skops", "arr_delay.skops"))

    rows = backend.validate(first_flights)

    matrix = backend.transform_inputs(backend._preprocessor(first_flights)).matrix
    left = [record["dep_delay"] != "NA" for record in first_flights]
    assert 0 < left.count(False) < 100
    seen = [row for row, there in zip(rows, left, strict=True) if there]
    assert [row["late_probability"] for row in seen] == late.predict_proba(matrix[left])[:, 1].tolist()
    assert [row["arr_delay_predicted"] for row in seen] == delay.predict(matrix[left]).tolist()
    assert [row["late"] for row in seen] == late.predict(matrix[left]).tolist()
    unseen = [row for row, there in zip(rows, left, strict=True) if not there]
    assert {(row["late"], row["late_probability"], row["arr_delay_predicted"]) for row in unseen} == {
        (None, None, None)
    }
    assert [row["flight"] for row in rows] == [f"{record['carrier']}{record['flight']}" for record in first_flights]
    json.dumps(rows, allow_nan=False)


def test_one_flight(backend: Any, flight: Any) -> None:
    row = backend(flight())
    assert row == backend([flight(), flight(dep_delay="NA")])[0]
    assert list(row) == ["flight", "date", "origin", "dest", "late", "late_probability", "arr_delay_predicted"]
    assert row["late"] is False
    assert backend(flight(dep_delay=90))["late"] is True
    assert backend(flight(flight=...))["flight"] is None
    assert backend([]) == []
    assert backend([flight(dep_delay=None)])[0]["late_probability"] is None


def test_the_threshold(flight: Any) -> None:
    eager = FlightsBackend(late_threshold=0.01, verbose=False)
    assert eager(flight())["late"] is True
    with pytest.raises(InferenceBackendInitializationError, match="late_threshold"):
        FlightsBackend(late_threshold=2)


def test_the_error_of_a_call_names_row_and_field(backend: Any, flight: Any) -> None:
    with pytest.raises(InferenceBackendRuntimeError, match=r"'dest' is missing \(row 1\)") as caught:
        backend([flight(), flight(dest="NA")])
    assert caught.value.row == 1
    assert caught.value.step == "preprocess"


def test_another_preprocessor_is_refused(flight: Any) -> None:
    backend = FlightsBackend(input_format="records", verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match="Leave input_format at 'flights'"):
        backend([flight()])


def test_a_model_that_does_not_fit(tmp_path: Any) -> None:
    skops.io.dump(LinearRegression().fit(np.eye(3), [1, 2, 3]), tmp_path / "line.skops")
    for field in ("late_model_path", "delay_model_path"):
        with pytest.raises(InferenceBackendInitializationError, match="13 features"):
            FlightsBackend(**{field: tmp_path / "line.skops"})
    with pytest.raises(InferenceBackendInitializationError, match="trusted_types="):
        FlightsBackend(trusted_types=[])


def test_the_backend_reaches_a_worker_process(backend: Any, flight: Any) -> None:
    assert pickle.loads(pickle.dumps(backend))([flight()]) == backend([flight()])
