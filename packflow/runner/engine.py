"""Runs batches through a backend, finds the record that a failure belongs to, and adds up the time of each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from packflow.backend.base import InferenceBackend
from packflow.backend.validation import type_name
from packflow.exceptions import InferenceBackendRuntimeError, InferenceBackendValidationError, MetricsUnavailableError
from packflow.utils.errors import text_of
from packflow.utils.log import logger

Record = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """Why one record has no result."""

    #: The record's index in the batch.
    index: int
    #: The step that failed; None where the failure was not a step's.
    step: str | None
    #: The name of the original exception's type.
    kind: str
    message: str
    error: Exception


@dataclass(frozen=True)
class BatchResult:
    """What became of each record of a batch: ``outputs[i]`` is record i's row, or None where ``failures`` has it."""

    outputs: list[Record | None]
    failures: list[Failure]


@dataclass
class Totals:
    """What a runner has done so far. Times are milliseconds, of completed calls."""

    records: int = 0
    calls: int = 0
    steps: dict[str, float] = field(default_factory=dict)


class Batch(Protocol):
    """Records that can be had more than once, each time in dicts and lists of their own."""

    def __len__(self) -> int:
        """Say how many records there are."""

    def fresh(self, start: int, end: int) -> list[Record]:
        """Give the records from ``start`` to ``end``; whoever gets them may change them."""


class Runner:
    """Runs batches of records through one backend.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Inverse(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return [{"inverse": 1 / row["x"]} for row in inputs]
        >>> result = Runner(Inverse(verbose=False)).run([{"x": 4}, {"x": 0}, {"x": 2}])
        >>> result.outputs
        [{'inverse': 0.25}, None, {'inverse': 0.5}]
        >>> result.failures[0].index, result.failures[0].step, result.failures[0].kind
        (1, 'execute', 'ZeroDivisionError')

    A batch that fails is run again in parts until the records that fail are known; the others get their results. Each
    call gets dicts and lists of its own, so that a step that changes its records changes neither the caller's nor what
    the next call sees; other objects in them are shared.

    Args:
        backend: the backend, constructed.

    Raises:
        InferenceBackendValidationError: ``backend`` is a class, or nothing that can be called.
    """

    def __init__(self, backend: InferenceBackend) -> None:
        if isinstance(backend, type) or not callable(backend):
            found = f"the class {backend.__name__}" if isinstance(backend, type) else type_name(backend)
            raise InferenceBackendValidationError(
                f"A Runner needs a backend that is constructed, as in Runner(MyBackend()); got {found}."
            )
        self.backend = backend
        self.totals = Totals()

    def run(self, records: list[Record], *, stop_at_first_failure: bool = False) -> BatchResult:
        """Run one batch.

        Args:
            records: the batch; it is not modified.
            stop_at_first_failure: leave the records after the first that fails without result.

        Raises:
            InferenceBackendValidationError: ``records`` is no list.
        """
        if not isinstance(records, list):
            raise InferenceBackendValidationError(
                f"A Runner runs a list of records, as in run([record]); got {type_name(records)}."
            )
        return self.run_batch(_Copied(records), stop_at_first_failure=stop_at_first_failure)

    def run_batch(self, batch: Batch, *, stop_at_first_failure: bool = False) -> BatchResult:
        """Run one batch of records that need not be copied: what runs again is had again.

        Args:
            batch: the records.
            stop_at_first_failure: leave the records after the first that fails without result.
        """
        size = len(batch)
        outputs: list[Record | None] = [None] * size
        failures: list[Failure] = []
        first_error: Exception | None = None
        waiting = [(0, size)] if size else []
        while waiting:
            start, end = waiting.pop()
            try:
                outputs[start:end] = self._call(batch.fresh(start, end))
                self.totals.records += end - start
            except Exception as error:  # noqa: BLE001  # whatever a backend raises belongs to its records
                first_error = first_error or error
                if end - start == 1:
                    failures.append(_failure(start, error))
                    if stop_at_first_failure:
                        break
                else:
                    waiting.extend(reversed(list(_parts(start, end, error))))
        if first_error is not None and not failures:
            logger.warning(
                f"A batch of {size} records failed as a whole, but not in parts; its results come from smaller "
                f"batches. The failure was: {text_of(first_error)}"
            )
        return BatchResult(outputs, failures)

    def _call(self, records: list[Record]) -> list[Record]:
        owner, size = type(self.backend).__name__, len(records)  # now: a step may take records out of its batch
        try:
            outputs = self.backend(records)
        except SystemExit as error:  # to end the program is not a record's to decide
            raise InferenceBackendRuntimeError(f"{owner} called sys.exit({error.code!r}).") from error
        if len(outputs) != size:
            raise InferenceBackendValidationError(
                f"{owner} gave {len(outputs)} rows for {size} records; expected one each."
            )
        if set(map(type, outputs)) != {dict}:
            _refuse_rows_that_are_no_dicts(outputs, owner)
        self._add_times()
        return list(outputs)

    def _add_times(self) -> None:
        self.totals.calls += 1
        try:
            times = self.backend.get_metrics().execution_times
        except MetricsUnavailableError:  # a backend with a __call__ of its own need not have any
            return
        for step, spent in times:
            if spent is not None:
                self.totals.steps[step] = self.totals.steps.get(step, 0.0) + spent


def _refuse_rows_that_are_no_dicts(outputs: list[Any], owner: str) -> None:
    for row, output in enumerate(outputs):
        if not isinstance(output, dict):
            raise InferenceBackendValidationError(
                f"{owner} gave {type(output).__name__} for row {row}; expected a dict. "
                "ensure_valid_output (packflow.utils.normalize) makes records of most things.",
                row=row,
            )


class _Copied:
    """A batch that somebody else holds, too: each time it is asked for, the dicts and lists in it are copied."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def fresh(self, start: int, end: int) -> list[Record]:
        return own_containers(self._records[start:end])


def own_containers(records: list[Record]) -> list[Record]:
    """Copy a batch's dicts and lists, at any depth; what else is in them is shared.

    Example:
        >>> batch = [{"a": {"b": [1]}}]
        >>> copied = own_containers(batch)
        >>> copied[0]["a"]["b"].append(2)
        >>> batch
        [{'a': {'b': [1]}}]

    A container that stands in several places, or in itself, does so in the copy too.
    """
    copied = records.copy()
    copies: dict[int, Any] = {}
    waiting: list[Any] = [copied]
    while waiting:
        container = waiting.pop()
        for key, value in container.items() if type(container) is dict else enumerate(container):
            kind = type(value)
            if kind is dict or kind is list:
                copy = copies.get(id(value))
                if copy is None:
                    copy = copies[id(value)] = value.copy()
                    waiting.append(copy)
                container[key] = copy
    return copied


def _parts(start: int, end: int, error: Exception) -> Iterator[tuple[int, int]]:
    """Split a failed batch: round the row that failed where it is known, else in halves."""
    row = getattr(error, "row", None)
    if isinstance(row, int) and 0 <= row < end - start:
        cuts = [start, start + row, start + row + 1, end]
    else:
        cuts = [start, (start + end) // 2, end]
    for low, high in pairwise(cuts):
        if low < high:
            yield low, high


def _failure(index: int, error: Exception) -> Failure:
    cause = error.__cause__ if isinstance(error, InferenceBackendRuntimeError) and error.__cause__ else error
    return Failure(
        index=index,
        step=getattr(error, "step", None),
        kind=type(cause).__name__,
        message=text_of(error) or type(error).__name__,
        error=error,
    )
