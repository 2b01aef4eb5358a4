"""How long the steps take: of calls that were made, or of records that are run for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import perf_counter_ns
from typing import Any, Literal, NamedTuple

from packflow.backend.base import InferenceBackend
from packflow.backend.metrics import NANOSECONDS_PER_MILLISECOND, timings_of
from packflow.backend.preprocessors.base import Preprocessor
from packflow.backend.preprocessors.description import Description, description_of
from packflow.backend.steps import step_failure
from packflow.backend.validation import as_records, check_result
from packflow.exceptions import InferenceBackendValidationError


class StepTime(NamedTuple):
    """How long one step took, in milliseconds."""

    #: All calls together.
    total: float
    #: One call; half of them took no longer. What hits a single call, such as Python looking for garbage, is not in it.
    median: float


@dataclass(frozen=True)
class Times:
    """How long each step took.

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
    steps: dict[str, StepTime]
    stages: dict[str, StepTime] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The time of all steps together, in milliseconds."""
        return sum(time.total for time in self.steps.values())


#: For each step, the time that it took in each call, in nanoseconds.
Spent = dict[str, list[int]]


def _summed_up(spent: Spent) -> dict[str, StepTime]:
    unit = NANOSECONDS_PER_MILLISECOND
    return {name: StepTime(sum(times) / unit, median(times) / unit) for name, times in spent.items()}


def times_of_calls(backend: InferenceBackend) -> Times | None:
    """Sum up what the last completed calls have measured; None where there was none."""
    calls = [timings_of(call) for call in backend._recent_calls.now()]  # noqa: SLF001
    if not calls:
        return None
    spent: Spent = {}
    for call in calls:
        for step, time in zip(call._fields[1:], call[1:], strict=True):
            if time is not None:
                spent.setdefault(step, []).append(time)
    return Times("calls", len(calls), sum(call.batch_size for call in calls), _summed_up(spent))


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
    return Times("records", calls, count, _summed_up(watch.steps), _summed_up(watch.stages))


class _Watch:
    """Runs functions, and takes the time of each."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self.steps: Spent = {}
        self.stages: Spent = {}

    def run(self, step: str, function: Any, data: Any) -> Any:
        try:
            return _timed(self.steps, step, partial(function, data))
        except Exception as error:
            raise step_failure(error, step, self._owner) from error

    def run_stages(self, description: Description, records: list[Any]) -> None:
        items: Any = records
        for stage, function in description.stages:
            items = _timed(self.stages, stage, partial(_each, function, items))
        if description.finish:
            stage, finish = description.finish
            _timed(self.stages, stage, partial(finish, items))


def _each(function: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    return [function(item) for item in items]


def _timed(spent: Spent, name: str, work: Callable[[], Any]) -> Any:
    started = perf_counter_ns()
    result = work()
    spent.setdefault(name, []).append(perf_counter_ns() - started)
    return result
