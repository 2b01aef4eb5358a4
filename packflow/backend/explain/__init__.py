"""What a call of a backend does, in words and as data, and how long each step takes: SQL's EXPLAIN for backends.

Example:
    >>> from packflow import InferenceBackend
    >>> class Total(InferenceBackend):
    ...     def execute(self, inputs):
    ...         return [{"total": row["a"] + row["b"]} for row in inputs]
    >>> backend = Total(verbose=False, rename_fields={"x": "a"}, feature_names=["a", "b"])
    >>> plan = backend.explain()
    >>> [part.name for part in plan.preprocess.parts], plan.steps[0].name
    (['rename', 'select'], 'execute')
    >>> plan.times is None  # it was not called yet
    True
"""

from __future__ import annotations

from typing import Any

from packflow.backend.base import InferenceBackend
from packflow.backend.closing import unusable
from packflow.backend.explain.gathering import class_name, preprocess_plan, step_plans
from packflow.backend.explain.plan import CallPlan, PreprocessPlan, StepPlan
from packflow.backend.explain.times import StepTime, Times, times_of_calls, times_of_records

__all__ = ["CallPlan", "PreprocessPlan", "StepPlan", "StepTime", "Times", "explain"]


def explain(backend: InferenceBackend, records: Any = None, *, calls: int = 1) -> CallPlan:
    """Say what a call of a backend does, in order, and how long each step takes.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Slope(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return [{"slope": slope} for slope in (inputs[:, 0] / inputs[:, 1]).tolist()]
        >>> backend = Slope(verbose=False, input_format="numpy", feature_names=["rise", "run"])
        >>> plan = backend.explain()
        >>> plan.preprocess.reads, plan.preprocess.gives
        ((('rise',), ('run',)), 'a NumPy array of shape (records, 2); dtype: the one that the cells ask for')
        >>> _ = backend([{"rise": 1, "run": 2}] * 10)
        >>> backend.explain().times.records
        10

    The times are those of the last completed calls, 256 at most, whichever threads made them. With ``records``, they
    are those of running just these, and the preprocessor's work is timed in stages, too.

    The method ``explain`` of a backend is this function; it is here for classes whose own ``explain`` means something
    else.

    Args:
        backend: the backend, constructed.
        records: a record or a list of them, to be run through the steps now. It is no call: the metrics stay as they
            are, and nothing is logged or told to listeners. None: nothing is run.
        calls: how often they are run.

    Raises:
        InferenceBackendRuntimeError: the backend is closed, or a step failed.
        InferenceBackendValidationError: as in a call; or ``calls`` is no positive number.
    """
    preprocessor = backend._preprocessor  # noqa: SLF001  # it is the backend's other half
    if preprocessor is None:
        raise unusable(backend)
    steps = step_plans(backend)
    if records is None:
        times = times_of_calls(backend)
    else:
        times = times_of_records(backend, preprocessor, [step.name for step in steps], records, calls)
    kind = type(backend)
    return CallPlan(
        backend=class_name(kind),
        preprocess=preprocess_plan(preprocessor),
        steps=steps,
        own_call=kind.__call__ is not InferenceBackend.__call__,
        times=times,
    )
