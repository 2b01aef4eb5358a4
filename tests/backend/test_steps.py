"""Steps that a backend leaves out: they are callable like any others, and a call finds them left out."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any
from unittest import mock

import pytest

from packflow import InferenceBackend
from packflow.backend.metrics import timings_of
from tests.support.backends import Echo

OPTIONAL = ["transform_inputs", "transform_outputs"]


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_step_left_out_can_be_called_however_methods_are(name: str) -> None:
    backend = Echo(verbose=False)
    rows = [{"n": 1}]
    step, of_class = getattr(backend, name), getattr(InferenceBackend, name)
    assert step(rows) is step(inputs=rows) is of_class(backend, rows) is of_class(backend, inputs=rows) is rows
    assert list(inspect.signature(step).parameters) == ["inputs"]
    with pytest.raises(TypeError):
        step()
    with pytest.raises(TypeError):
        step(outputs=rows)


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("taken", [copy.copy, copy.deepcopy, lambda step: pickle.loads(pickle.dumps(step))])
def test_a_copy_of_a_step_left_out_is_left_out(name: str, taken: Any) -> None:
    backend = Echo(verbose=False)
    setattr(backend, name, taken(getattr(backend, name)))
    backend({"n": 1})
    assert getattr(backend.get_metrics().execution_times, name) is None


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_step_that_is_replaced_for_a_while_runs_for_that_while(name: str) -> None:
    backend = Echo(verbose=False)
    for target in (backend, Echo):
        with mock.patch.object(target, name, return_value=[{"n": 2}]):
            assert backend({"n": 1}) == {"n": 2}
            assert getattr(backend.get_metrics().execution_times, name) is not None
        assert backend({"n": 1}) == {"n": 1}
        assert getattr(backend.get_metrics().execution_times, name) is None


def test_each_step_ends_where_the_next_begins() -> None:
    assert timings_of((3, 10, 11, 13, 17, 25)) == (3, 1, 2, 4, 8)
    assert timings_of((3, 10, 11, None, 17, None)) == (3, 1, None, 6, None)
