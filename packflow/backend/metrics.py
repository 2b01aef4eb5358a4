"""How long each step of a call took. All times are milliseconds."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from packflow.exceptions import MetricsUnavailableError

NANOSECONDS_PER_MILLISECOND = 1_000_000


class ExecutionTimes(BaseModel):
    """The time of each step of one call, in milliseconds; None for a step that the backend does not define."""

    model_config = ConfigDict(frozen=True)

    preprocess: float | None = None
    transform_inputs: float | None = None
    execute: float | None = None
    transform_outputs: float | None = None


class ExecutionMetrics(BaseModel):
    """The metrics of one whole, completed call.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Echo(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return inputs
        >>> backend = Echo(verbose=False)
        >>> outputs = backend([{"n": 1}, {"n": 2}])
        >>> metrics = backend.get_metrics()
        >>> metrics.batch_size, metrics.execution_times.transform_inputs
        (2, None)
    """

    model_config = ConfigDict(frozen=True)

    batch_size: int = Field(description="How many records went in.")
    execution_times: ExecutionTimes = Field(description="The time of each step, in milliseconds.")
    total_execution_time: float = Field(description="The sum of the steps' times, in milliseconds.")
    initialization_time: float = Field(
        default=0.0, repr=False, description="How long the backend's initialize() took, in milliseconds."
    )


#: What a call notes, and no more: how many records went in, when it started, and when each of its steps ended, in
#: nanoseconds of one clock; None for a step that did not run. A plain tuple costs a call a tenth of a named one.
CallMarks = tuple[int, int, int, int | None, int, int | None]


class CallTimings(NamedTuple):
    """How long the steps of a call took, in nanoseconds."""

    batch_size: int
    preprocess: int
    transform_inputs: int | None
    execute: int
    transform_outputs: int | None

    def metrics(self, initialization_time: float) -> ExecutionMetrics:
        """Give the metrics that users see."""
        times, total = self._in_milliseconds()
        return ExecutionMetrics(
            batch_size=self.batch_size,
            execution_times=ExecutionTimes(**dict(zip(self._fields[1:], times, strict=True))),
            total_execution_time=total,
            initialization_time=initialization_time,
        )

    def text(self) -> str:
        """Give the text of these metrics, as a call logs it; pydantic would take ten times as long to make it.

        Example:
            >>> timings = CallTimings(2, 500_000, None, 1_500_000, None)
            >>> timings.text() == repr(timings.metrics(0.0))
            True
        """
        (preprocess, transform_inputs, execute, transform_outputs), total = self._in_milliseconds()
        return (
            f"ExecutionMetrics(batch_size={self.batch_size}, execution_times=ExecutionTimes({preprocess=}, "
            f"{transform_inputs=}, {execute=}, {transform_outputs=}), total_execution_time={total!r})"
        )

    def _in_milliseconds(self) -> tuple[list[float | None], float]:
        """Give the time of each step, and their sum."""
        times = [None if step is None else step / NANOSECONDS_PER_MILLISECOND for step in self[1:]]
        return times, float(sum([time for time in times if time is not None]))


def timings_of(call: CallMarks) -> CallTimings:
    """Give how long each step took.

    Example:
        >>> timings_of((2, 100, 110, None, 150, None))
        CallTimings(batch_size=2, preprocess=10, transform_inputs=None, execute=40, transform_outputs=None)
    """
    batch_size, started, preprocessed, transformed, executed, finished = call
    return CallTimings(
        batch_size,
        preprocessed - started,
        None if transformed is None else transformed - preprocessed,
        executed - (preprocessed if transformed is None else transformed),
        None if finished is None else finished - executed,
    )


def text_of_call(call: CallMarks) -> str:
    """Give the text that a call logs."""
    return timings_of(call).text()


def metrics_of(call: CallMarks | None, owner: str, initialization_time: float) -> ExecutionMetrics:
    """Give the metrics of the last call of a backend.

    Raises:
        MetricsUnavailableError: there was none.
    """
    if call is None:
        raise MetricsUnavailableError(f"{owner} has no metrics yet: they are there after its first completed call.")
    return timings_of(call).metrics(initialization_time)


#: How many calls a backend remembers for ``explain()``.
RECENT_CALLS = 256


class RecentCalls(deque[CallMarks]):
    """What the last completed calls have measured. To add one is all that a call does for it, from any thread.

    Example:
        >>> recent = RecentCalls()
        >>> recent.append((2, 100, 110, None, 150, None))
        >>> len(recent.now())
        1

    A copy of a backend, pickled or deep, starts with the last one: copying all would fail while calls are added.
    """

    __slots__ = ()  # without a dict of its own, `append` is found sooner

    def __init__(self, *calls: CallMarks) -> None:
        super().__init__(calls, maxlen=RECENT_CALLS)

    @property
    def last(self) -> CallMarks | None:
        """What the last completed call has measured."""
        try:
            return self[-1]
        except IndexError:
            return None

    def now(self) -> list[CallMarks]:
        """Give what is there now, whatever other threads add meanwhile."""
        while True:
            try:
                return list(self)
            except RuntimeError:  # one was added halfway
                continue

    def __reduce__(self) -> tuple[Any, ...]:
        last = self.last
        return (RecentCalls, () if last is None else (last,))
