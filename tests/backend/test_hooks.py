"""What hooks plugins hear of a backend: that it is there, that a call is done, that one has failed."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from packflow import plugin
from packflow.backend.metrics import CallTimings, ExecutionMetrics
from packflow.exceptions import InferenceBackendRuntimeError, InferenceBackendValidationError, PackflowError
from packflow.plugin import hookimpl
from tests.support.backends import Echo, executing, stepping
from tests.support.logs import Captured


class Ears:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    @hookimpl
    def packflow_backend_initialized(self, backend: Any) -> None:
        self.heard.append(("initialized", backend))

    @hookimpl
    def packflow_call_finished(self, backend: Any, metrics: Any) -> None:
        self.heard.append(("finished", backend, metrics))

    @hookimpl
    def packflow_call_failed(self, backend: Any, step: Any, error: Any) -> None:
        self.heard.append(("failed", backend, step, error))


class Deaf:
    """Fails whatever it hears."""

    @hookimpl
    def packflow_backend_initialized(self) -> None:
        raise ValueError("deaf to it")

    @hookimpl
    def packflow_call_finished(self) -> None:
        raise ValueError("deaf to it")

    @hookimpl
    def packflow_call_failed(self) -> None:
        raise ValueError("deaf to it")


@pytest.fixture
def ears() -> Iterator[Ears]:
    listener = Ears()
    with plugin.register("hooks", "test-ears", listener):
        yield listener


def test_a_new_backend_is_heard_of_once_it_is_ready(ears: Ears) -> None:
    class Ready(Echo):
        def initialize(self) -> None:
            assert ears.heard == []

    backend = Ready(verbose=False)
    assert ears.heard == [("initialized", backend)]


@pytest.mark.parametrize("verbose", [True, False])
def test_a_completed_call_is_heard_of_with_its_own_metrics(ears: Ears, verbose: bool) -> None:
    backend = Echo(verbose=verbose)
    ears.heard.clear()
    for size in (1, 3):
        backend([{"a": 1}] * size)
        assert ears.heard.pop() == ("finished", backend, backend.get_metrics())
        assert backend.get_metrics().batch_size == size
    assert ears.heard == []


@pytest.mark.parametrize(
    ("verbose", "heard", "made"), [(True, True, 1), (True, False, 0), (False, True, 1), (False, False, 0)]
)
def test_the_metrics_of_a_call_are_made_once_and_only_for_those_who_listen(
    monkeypatch: pytest.MonkeyPatch, verbose: bool, heard: bool, made: int
) -> None:
    asked: list[float] = []
    whole = CallTimings.metrics

    def metrics(self: CallTimings, initialization_time: float) -> ExecutionMetrics:
        asked.append(initialization_time)
        return whole(self, initialization_time)

    monkeypatch.setattr(CallTimings, "metrics", metrics)
    backend = Echo(verbose=verbose)
    with plugin.register("hooks", "test-ears", Ears()) if heard else nullcontext():
        backend({"a": 1})
    assert len(asked) == made


@pytest.mark.parametrize("step", ["transform_inputs", "execute", "transform_outputs"])
def test_a_failed_call_is_heard_of_with_its_step_and_error(ears: Ears, step: str) -> None:
    failure = ValueError("the weights are gone")

    def fail(inputs: Any) -> Any:
        raise failure

    backend = stepping(**{step: fail})(verbose=False)
    ears.heard.clear()
    with pytest.raises(InferenceBackendRuntimeError):
        backend({"a": 1})
    assert ears.heard == [("failed", backend, step, failure)]


def test_a_failing_preprocessor_is_heard_of(ears: Ears) -> None:
    backend = Echo(feature_names=["a.b"], verbose=False)
    ears.heard.clear()
    with pytest.raises(PackflowError) as caught:
        backend({"x.y": 1})
    assert ears.heard == [("failed", backend, "preprocess", caught.value.__cause__)]


def test_a_result_that_is_refused_is_heard_of(ears: Ears) -> None:
    backend = executing(lambda inputs: ())
    ears.heard.clear()
    with pytest.raises(InferenceBackendValidationError) as caught:
        backend([{"a": 1}])
    assert ears.heard == [("failed", backend, "execute", caught.value)]


def test_inputs_that_are_refused_are_heard_of_without_a_step(ears: Ears) -> None:
    backend = Echo(verbose=False)
    ears.heard.clear()
    with pytest.raises(InferenceBackendValidationError) as caught:
        backend("text")  # type: ignore[call-overload]
    assert ears.heard == [("failed", backend, None, caught.value)]


def test_a_failing_listener_harms_no_call(logs: Captured, ears: Ears) -> None:
    with plugin.register("hooks", "test-deaf", Deaf()):
        backend = executing(lambda inputs: [{"half": 1 / row["n"]} for row in inputs])
        assert backend({"n": 2}) == {"half": 0.5}
        with pytest.raises(InferenceBackendRuntimeError, match="division by zero"):
            backend({"n": 0})
    errors = logs.texts("ERROR")
    assert len(errors) == 3
    assert all("test-deaf" in text and "deaf to it" in text for text in errors)
    assert [event[0] for event in ears.heard] == ["initialized", "finished", "failed"]


def test_a_listener_that_is_taken_back_hears_no_more() -> None:
    listener = Ears()
    backend = Echo(verbose=False)
    with plugin.register("hooks", "test-ears", listener):
        backend({"a": 1})
        assert [event[0] for event in listener.heard] == ["finished"]
    backend({"a": 1})
    assert len(listener.heard) == 1


def test_listeners_hear_of_backends_that_have_travelled(ears: Ears) -> None:
    backend = pickle.loads(pickle.dumps(Echo(verbose=False)))
    ears.heard.clear()
    backend({"a": 1})
    assert [event[:2] for event in ears.heard] == [("finished", backend)]
