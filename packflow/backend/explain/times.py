"""How long the steps take: of calls that were made, or of records that are run for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, Literal

from packflow.backend.base import InferenceBackend
from packflow.backend.metrics import NANOSECONDS_PER_MILLISECOND, timings_of
from packflow.backend.preprocessors.base import Preprocessor
from packflow.backend.preprocessors.description import Description, description_of
from packflow.backend.steps import step_failure
from packflow.backend.validation import as_records, check_result
from packflow.exceptions import InferenceBackendValidationError


@dataclass(frozen=True)
class Times:
    """How long each step took, all calls together, in milliseconds.

    Attributes:
        of: ``"calls"``, the last ones that were completed; or ``"records"``, those that were given.
        calls: how many calls.
        records: how many records, all calls together.
        steps: the time of each step that ran, in order.
        stages: the time of each stage of the preprocessor's work, done by the interpreter, a stage at a time. Generated
            code does all of it in one go, and is faster. Empty where no records were given, or the preprocessor does
            not tell its stages apart.
    """

    of: Literal["calls", "records"]
    calls: int
    records: int
    steps: dict[str, float]
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The time of all steps together."""
        return sum(self.steps.values())


def times_of_calls(backend: InferenceBackend) -> Times | None:
    """Add up what the last completed calls have measured; None where there was none."""
    last = backend._last_call  # noqa: SLF001
    if last is None:
        return None
    calls = backend._recent_calls.now() or [last]  # noqa: SLF001  # a copy has only the last
    metrics = [timings_of(call).metrics(0.0) for call in calls]
    steps: dict[str, float] = {}
    for each in metrics:
        for step, spent in each.execution_times:
            if spent is not None:
                steps[step] = steps.get(step, 0.0) + spent
    return Times("calls", len(metrics), sum(each.batch_size for each in metrics), steps)


def times_of_records(
    backend: InferenceBackend, preprocessor: Preprocessor, steps: list[str], records: Any, calls: int
) -> Times:
    """Run records through the steps, and take the time of each.

    Raises:
        InferenceBackendRuntimeError: a step failed.
        InferenceBackendValidationError: these are no records, or the last step gave something else than rows; or
            ``calls`` is no positive number.
    """
    if type(calls) is not int or calls < 1:
        raise InferenceBackendValidationError(f"calls={calls!r}: expected how often to run the records, 1 or more.")
    batch, single = as_records(records)
    owner = type(backend).__name__
    watch = _Watch(owner)
    description = description_of(preprocessor)
    count = 0
    for _ in range(calls):
        count += len(batch)
        data = watch.run("preprocess", preprocessor, batch)
        if description:  # now, for the steps may change values that they share with the records
            watch.run_stages(description, batch)
        for step in steps:
            data = watch.run(step, getattr(backend, step), data)
        check_result(data, steps[-1], owner, single=single)
    return Times("records", calls, count, _milliseconds(watch.steps), _milliseconds(watch.stages))


class _Watch:
    """Runs functions and adds up the time that they take, in nanoseconds."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self.steps: dict[str, int] = {}
        self.stages: dict[str, int] = {}

    def run(self, step: str, function: Any, data: Any) -> Any:
        started = perf_counter_ns()
        try:
            result = function(data)
        except Exception as error:
            raise step_failure(error, step, self._owner) from error
        self.steps[step] = self.steps.get(step, 0) + perf_counter_ns() - started
        return result

    def run_stages(self, description: Description, records: list[Any]) -> None:
        items: Any = records
        for stage, function in description.stages:
            started = perf_counter_ns()
            items = [function(item) for item in items]
            self.stages[stage] = self.stages.get(stage, 0) + perf_counter_ns() - started
        if description.finish:
            stage, finish = description.finish
            started = perf_counter_ns()
            finish(items)
            self.stages[stage] = self.stages.get(stage, 0) + perf_counter_ns() - started


def _milliseconds(spent: dict[str, int]) -> dict[str, float]:
    return {name: time / NANOSECONDS_PER_MILLISECOND for name, time in spent.items()}
