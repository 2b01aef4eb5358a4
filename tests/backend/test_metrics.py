"""The times of a call: when they are there, in which unit, and what is logged of them."""

from __future__ import annotations

import re
from time import sleep
from typing import Any

import loguru
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import InferenceBackend
from packflow.backend.metrics import CallTimings, ExecutionMetrics, ExecutionTimes
from packflow.exceptions import InferenceBackendRuntimeError, MetricsUnavailableError, PackflowError
from tests.conftest import RunScript
from tests.support.backends import Echo, executing, stepping
from tests.support.logs import Captured

CALL = "packflow.backend.base:__call__"


class Sleeper(InferenceBackend):
    """Takes 5, 20 and 10 milliseconds for its steps, and 15 to initialize."""

    def initialize(self) -> None:
        sleep(0.015)

    def transform_inputs(self, inputs: Any) -> Any:
        sleep(0.005)
        return inputs

    def execute(self, inputs: Any) -> Any:
        sleep(0.02)
        return inputs

    def transform_outputs(self, inputs: Any) -> Any:
        sleep(0.01)
        return inputs


def test_there_are_none_before_the_first_call() -> None:
    backend = Echo(verbose=False)
    with pytest.raises(MetricsUnavailableError, match=r"first .*call"):
        backend.get_metrics()
    assert issubclass(MetricsUnavailableError, PackflowError)


def test_there_are_none_after_a_failed_first_call() -> None:
    backend = executing(lambda inputs: 1 / 0)
    with pytest.raises(InferenceBackendRuntimeError):
        backend({"a": 1})
    with pytest.raises(MetricsUnavailableError):
        backend.get_metrics()


@pytest.mark.parametrize("bad", ["raise", "no list", "no row"])
def test_a_failed_call_leaves_the_last_ones(bad: str) -> None:
    def execute(inputs: Any) -> Any:
        if inputs[0].get("fail") and bad == "raise":
            raise ValueError("asked to fail")
        return inputs if not inputs[0].get("fail") else () if bad == "no list" else []

    backend = executing(execute)
    backend([{"n": 1}, {"n": 2}, {"n": 3}])
    before = backend.get_metrics()
    with pytest.raises(InferenceBackendRuntimeError):
        backend({"fail": True})
    assert backend.get_metrics() == before
    assert before.batch_size == 3


def test_refused_inputs_leave_the_last_ones() -> None:
    backend = Echo(feature_names=["a.b"], verbose=False)
    backend([{"a": {"b": 1}}] * 2)
    for inputs in ("text", [{"x.y": 1}]):
        with pytest.raises(PackflowError):
            backend(inputs)  # type: ignore[call-overload]
    assert backend.get_metrics().batch_size == 2


@pytest.mark.parametrize(("inputs", "size"), [({"a": 1}, 1), ([{"a": 1}] * 4, 4), ([], 0)])
@pytest.mark.parametrize("verbose", [True, False])
def test_batch_size_counts_the_records_that_went_in(inputs: Any, size: int, verbose: bool) -> None:
    backend = stepping(transform_outputs=lambda rows: [*rows, *rows] if len(rows) != 1 else rows)(verbose=verbose)
    backend(inputs)
    assert backend.get_metrics().batch_size == size


def test_a_step_that_takes_records_away_does_not_change_how_many_went_in() -> None:
    def execute(inputs: Any) -> Any:
        inputs.clear()
        return [{"n": 1}]

    backend = executing(execute)
    backend([{"n": 1}, {"n": 2}])
    assert backend.get_metrics().batch_size == 2


@pytest.mark.parametrize("verbose", [True, False])
def test_times_are_milliseconds(verbose: bool) -> None:
    backend = Sleeper(verbose=verbose)
    backend({"a": 1})
    metrics = backend.get_metrics()
    times = metrics.execution_times
    assert isinstance(metrics, ExecutionMetrics)
    assert isinstance(times, ExecutionTimes)
    assert times.transform_inputs is not None
    assert times.execute is not None
    assert times.transform_outputs is not None
    assert times.preprocess is not None
    # A busy machine may take longer, but not the thousand times that another unit would mean.
    assert 5 <= times.transform_inputs < 5_000
    assert 20 <= times.execute < 20_000
    assert 10 <= times.transform_outputs < 10_000
    assert times.preprocess > 0
    assert metrics.total_execution_time == pytest.approx(
        times.preprocess + times.transform_inputs + times.execute + times.transform_outputs
    )


def test_metrics_are_those_of_the_last_call_and_stay_as_they_were() -> None:
    backend = Echo(verbose=False)
    backend([{"n": 1}] * 3)
    first = backend.get_metrics()
    shown = repr(first)
    backend([{"n": 1}] * 7)
    assert backend.get_metrics().batch_size == 7
    assert first.batch_size == 3
    assert repr(first) == shown


def test_two_backends_keep_their_own() -> None:
    left, right = Echo(verbose=False), Echo(verbose=False)
    left([{"n": 1}] * 3)
    with pytest.raises(MetricsUnavailableError):
        right.get_metrics()


def test_undoing_a_step_takes_its_time_away() -> None:
    class Undone(Sleeper):
        transform_inputs = InferenceBackend.transform_inputs
        transform_outputs = InferenceBackend.transform_outputs

    backend = Undone(verbose=False)
    backend({"a": 1})
    times = backend.get_metrics().execution_times
    assert (times.transform_inputs, times.transform_outputs) == (None, None)


def test_initialize_is_timed_and_logged_in_the_unit_that_is_named(logs: Captured) -> None:
    backend = Sleeper()
    (text,) = [line.text for line in logs if line.text.startswith("Initialized")]
    found = re.fullmatch(r"Initialized Sleeper in (\d+\.\d{4}) ms", text)
    assert found
    logged = float(found[1])
    assert 15 <= logged < 15_000
    backend({"a": 1})
    assert backend.get_metrics().initialization_time == pytest.approx(logged, abs=0.0001)


def test_initialize_is_timed_for_quiet_backends_too() -> None:
    backend = Sleeper(verbose=False)
    backend({"a": 1})
    assert backend.get_metrics().initialization_time >= 15


def test_each_verbose_call_logs_its_own_metrics(logs: Captured) -> None:
    backend = Sleeper()
    for size in (1, 3):
        logs.clear()
        backend([{"a": 1}] * size)
        assert [(line.level, line.where, line.text) for line in logs] == [("INFO", CALL, repr(backend.get_metrics()))]
        assert f"batch_size={size}" in logs[0].text


def test_a_failed_verbose_call_logs_no_metrics(logs: Captured) -> None:
    backend = executing(lambda inputs: 1 / 0)
    backend.config.verbose = True
    logs.clear()
    with pytest.raises(InferenceBackendRuntimeError):
        backend({"a": 1})
    assert not [line for line in logs if "ExecutionMetrics" in line.text]


def test_quiet_backends_log_their_configuration_and_no_metrics(logs: Captured) -> None:
    backend = Sleeper(verbose=False, feature_names=["a"])
    assert [line.level for line in logs if line.where.startswith("packflow.backend.configuration")] == ["DEBUG", "INFO"]
    assert "feature_names=['a']" in logs.everything()
    logs.clear()
    backend({"a": 1})
    backend([{"a": 1}, {"a": 2}])
    assert logs == []


NANOSECONDS = st.integers(0, 10**13)


@given(NANOSECONDS, st.none() | NANOSECONDS, NANOSECONDS, st.none() | NANOSECONDS)
def test_the_text_that_is_logged_is_that_of_the_metrics(
    before: int, into: int | None, run: int, out: int | None
) -> None:
    timings = CallTimings(3, before, into, run, out)
    assert timings.text() == repr(timings.metrics(1.0))


HEARD = """
import sys, loguru
from packflow import InferenceBackend
from packflow.backend.metrics import CallTimings

class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs

loguru.logger.remove()
loguru.logger.add(sys.stderr, level=sys.argv[1])
text, made = CallTimings.text, []
CallTimings.text = lambda self: made.append(1) or text(self)
Echo()({"a": 1})
print(len(made))
"""


@pytest.mark.parametrize(
    ("handlers", "wanted", "made"), [("INFO", "INFO", 1), ("WARNING", "INFO", 0), ("INFO", "WARNING", 0)]
)
def test_metrics_that_nobody_hears_of_are_not_put_into_words(
    script: RunScript, handlers: str, wanted: str, made: int
) -> None:
    done = script(HEARD, handlers, env={"PACKFLOW_LOG_LEVEL": wanted})
    assert done.stdout == f"{made}\n"
    assert ("ExecutionMetrics(" in done.stderr) == bool(made)


def test_handlers_that_come_and_go_decide_who_hears_of_metrics() -> None:
    backend = Echo(verbose=True)
    heard: list[str] = []
    for level, times in (("WARNING", 0), ("INFO", 1), ("WARNING", 0)):
        heard.clear()
        handler = loguru.logger.add(heard.append, level=level, format="{message}")
        try:
            backend({"a": 1})
        finally:
            loguru.logger.remove(handler)
        assert len(heard) == times


def test_where_loguru_does_not_tell_its_lowest_level_it_is_left_to_decide(
    monkeypatch: pytest.MonkeyPatch, logs: Captured
) -> None:
    monkeypatch.setattr("packflow.utils.log._core", None)
    Echo(verbose=True)({"a": 1})
    assert [line.where for line in logs if "ExecutionMetrics" in line.text] == [CALL]
