"""Checks of what goes wrong: records that are not quite right, steps that fail, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from math import nan
from typing import Any

import pytest

from packflow.backend.base import InferenceBackend
from packflow.exceptions import InferenceBackendRuntimeError
from packflow.testing.judging.attempts import Attempt, attempt
from packflow.testing.judging.changing import Changed, with_extra_field, with_value, without_fields
from packflow.testing.judging.comparing import difference
from packflow.testing.suites.backend_base import BackendBase, Record, list_problem

_STEPS = ("transform_inputs", "execute", "transform_outputs")


class DeliberateError(Exception):
    """What a step is made to raise, so that nothing else can be mistaken for it."""


class FaultChecks(BackendBase):
    """How a backend takes bad records and failing steps."""

    def test_missing_fields(self) -> None:
        """A record that lacks a field gives a row, or an error that names the step or the row."""
        self._judge(without_fields(self.samples()), "Read fields with record.get(), or let the step raise.")

    def test_none(self) -> None:
        """A None in a record gives a row, or an error that names the step or the row."""
        self._judge(with_value(self.samples(), None), "Give a row that says so; leaving the record out loses it.")

    def test_nan(self) -> None:
        """A NaN in a record gives a row, or an error that names the step or the row."""
        changed = list(with_value(self.samples(), nan, numbers_only=True))
        if not changed:
            pytest.skip("no sample record has a number")
        self._judge(changed, "Give a row that says so; dropna() and the like lose records.")

    def test_extra_fields(self) -> None:
        """A record with a field too many gives a row, or an error that names the step or the row."""
        self._judge(with_extra_field(self.samples()), "Take the fields that are needed, and leave the others alone.")

    def _judge(self, batches: Iterable[Changed], remedy: str) -> None:
        backend = self.backend()
        self.batch(backend, self.samples())
        for changed in batches:
            done = attempt(backend, deepcopy(changed.records))
            problem = list_problem(done.value, len(changed.records)) if done.error is None else _foreign(done)
            if problem and done.error is not None:
                self._must_name_steps(backend)
            if problem:
                self.fail(f"{changed.what} among {len(changed.records)}: {problem}", remedy)

    def _must_name_steps(self, backend: Any) -> None:
        """Wait where every error lacks its step, and not those about bad records alone."""
        error = DeliberateError("a step that fails on purpose")
        with Broken(backend, "execute", error):
            done = attempt(backend, self.samples())
        if problem := _failure_problem(done, "execute", error):
            self.wait_for("test_failing_step", problem)

    def test_failing_step(self) -> None:
        """A failing step raises InferenceBackendRuntimeError with the step's name, and the cause chained."""
        backend, records = self.backend(), self.samples()
        self.batch(backend, records)
        for step in defined_steps(backend):
            error = DeliberateError(f"a {step} that fails on purpose")
            with Broken(backend, step, error):
                done = attempt(backend, deepcopy(records))
            if problem := _failure_problem(done, step, error):
                self.fail(
                    f"when {step} raises {error!r}, {problem}",
                    "Let exceptions out of the steps and leave __call__ to packflow, which says where they come from.",
                )
            after = attempt(backend, deepcopy(records))
            if after.error is not None:
                self.wait_for("test_recovers_from_a_failure", after.text)

    def test_recovers_from_a_failure(self) -> None:
        """After a call that failed, the next one gives what it always gives."""
        backend, records = self.backend(), self.samples()
        rows = self.steady(backend, records)
        for step in defined_steps(backend):
            with Broken(backend, step, DeliberateError(f"a {step} that fails on purpose")):
                attempt(backend, deepcopy(records))
            done = attempt(backend, deepcopy(records))
            differs = done.text if done.error is not None else self.differs(done.value, rows)
            if differs:
                self.fail(
                    f"after {step} failed once, {differs}",
                    "Keep nothing of a call on the backend; release what a step acquires with `with` or `finally`.",
                )

    def test_records_are_unchanged(self) -> None:
        """A call leaves the caller's records as they were, also where it fails."""
        backend, records = self.backend(), self.samples()
        self.batch(backend, records)
        self._compare("a batch", backend, deepcopy(records))
        for record in deepcopy(records):
            self._compare("one record", backend, record)
        for step in defined_steps(backend):
            with Broken(backend, step, DeliberateError()):
                self._compare(f"a batch whose {step} fails", backend, deepcopy(records))
        for changed in without_fields(records):
            self._compare(changed.what, backend, changed.records)

    def _compare(self, what: str, backend: Any, given: Record | list[Record]) -> None:
        before = deepcopy(given)
        attempt(backend, given)
        if differs := difference(given, before, ordered=True):
            self.fail(
                f"after {what}: {differs}",
                "Make new dicts, {**record, ...}, and never pop or assign; with input_format='passthrough' the steps "
                "get the caller's own objects.",
            )


def defined_steps(backend: Any) -> list[str]:
    """Name the steps that a backend defines, in their order."""
    return [step for step in _STEPS if getattr(type(backend), step) is not getattr(InferenceBackend, step)]


class Broken:
    """A backend one of whose steps raises for as long as the block runs."""

    def __init__(self, backend: Any, step: str, error: Exception) -> None:
        self._own, self._step, self._error = vars(backend), step, error

    def __enter__(self) -> None:
        self._kept = self._own.get(self._step)
        self._own[self._step] = _raising(self._error)

    def __exit__(self, *_: object) -> None:
        if self._kept is None:
            del self._own[self._step]
        else:
            self._own[self._step] = self._kept


def _raising(error: Exception) -> Callable[..., Any]:
    def step(*_: Any, **__: Any) -> Any:
        raise error

    return step


def _foreign(done: Attempt) -> str | None:
    """Say what is wrong with an error; nothing if it is packflow's and says where it comes from."""
    error = done.error
    if not isinstance(error, InferenceBackendRuntimeError):
        return f"it raised {done.text}, which is no InferenceBackendRuntimeError"
    if error.step is None and error.row is None:
        return f"it raised {done.text}, which names neither a step nor a row"
    return None


def _failure_problem(done: Attempt, step: str, error: Exception) -> str | None:
    if done.error is None:
        return f"the call gave {done.value!r}"
    if not isinstance(done.error, InferenceBackendRuntimeError):
        return f"the caller got {done.text}"
    if done.error.step != step or step not in str(done.error):
        return f"the error names the step {done.error.step!r}: {done.error}"
    if done.error.__cause__ is not error:
        return f"the error's cause is {done.error.__cause__!r}"
    return None
