"""How long each step of a call took. All times are milliseconds."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

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


class CallTimings(NamedTuple):
    """What a call measures: plain numbers in nanoseconds, so that a call pays for no more than taking them."""

    batch_size: int
    preprocess: int
    transform_inputs: int | None
    execute: int
    transform_outputs: int | None

    def metrics(self, initialization_time: float) -> ExecutionMetrics:
        """Give the metrics that users see."""
        steps = [None if step is None else step / NANOSECONDS_PER_MILLISECOND for step in self[1:]]
        return ExecutionMetrics(
            batch_size=self.batch_size,
            execution_times=ExecutionTimes(
                preprocess=steps[0], transform_inputs=steps[1], execute=steps[2], transform_outputs=steps[3]
            ),
            total_execution_time=sum(step for step in steps if step is not None),
            initialization_time=initialization_time,
        )
