"""A backend that only says how its model is opened has everything else."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from packflow.backend.tensors import ModelTensor, TensorBackend, TensorConfig
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError


class Scaling:
    """Multiplies; it knows how often it was opened, and does not pickle."""

    outputs = None

    def __init__(self, factor: float) -> None:
        self.inputs = [ModelTensor("x", np.dtype("float32"), ("n", 2))]
        self._factor = factor
        self.lock = (each for each in ())

    def __call__(self, feed: dict[str, Any], /) -> dict[str, Any]:
        return {"y": feed["x"] * self._factor}


class Config(TensorConfig):
    factor: float = 2.0


class Scaler(TensorBackend):
    base_config_model = Config

    def open_model(self) -> Scaling:
        return Scaling(self.config.factor)


RECORDS = [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
ROWS = [{"y": [2.0, 4.0]}, {"y": [6.0, 8.0]}]


def test_its_steps_are_those_of_the_wiring():
    backend = Scaler(feature_names=["a", "b"], verbose=False)
    assert backend(RECORDS) == ROWS
    assert backend(RECORDS[1]) == ROWS[1]
    assert backend([]) == []
    with pytest.raises(InferenceBackendRuntimeError, match="Field 'b' of row 1 is missing"):
        backend([RECORDS[0], {"a": 1}])


def test_a_copy_opens_the_model_anew():
    backend = Scaler(feature_names=["a", "b"], factor=3, verbose=False)
    for twin in (copy.deepcopy(backend), pickle.loads(pickle.dumps(backend))):
        assert twin.model is not backend.model
        assert twin(RECORDS) == backend(RECORDS)


def test_what_was_closed_stays_closed_in_a_copy():
    backend = Scaler(feature_names=["a", "b"], verbose=False)
    backend.close()
    assert not hasattr(backend, "model")
    twin = pickle.loads(pickle.dumps(backend))
    assert not hasattr(twin, "model")
    with pytest.raises(InferenceBackendRuntimeError, match="is closed"):
        twin(RECORDS)


def test_how_a_model_is_opened_must_be_said():
    class Forgetful(TensorBackend):
        pass

    with pytest.raises(InferenceBackendInitializationError, match="open_model"):
        Forgetful()
