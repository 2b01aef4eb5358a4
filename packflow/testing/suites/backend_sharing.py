"""Checks of a backend among others: in threads, in other processes, copied, closed, and beside a second one."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

import pytest

from packflow.testing.judging.attempts import attempt, attempts_at_once
from packflow.testing.judging.elsewhere import run_there
from packflow.testing.suites.backend_base import BackendBase
from packflow.testing.suites.base import unless

_ROUNDS = 5


class SharingChecks(BackendBase):
    """Whether a backend can be shared, sent, copied and closed."""

    thread_count: int = 8
    thread_safe: bool = True
    picklable: bool = True
    copyable: bool = True
    independent: bool = True

    @unless("thread_safe")
    def test_many_threads(self) -> None:
        """Many threads at once get what one gets."""
        backend, records = self.backend(), self.samples()
        self.steady(backend, records)
        alone = [[row] for row in self.singles(backend, records)]
        inputs = [[records[number % len(records)]] for number in range(self.thread_count)]
        for number, mine in enumerate(attempts_at_once(backend, inputs, _ROUNDS, self.timeout)):
            for done in mine:
                differs = done.text if done.error is not None else self.differs(done.value, alone[number % len(alone)])
                if differs:
                    self.fail(
                        f"one of {self.thread_count} threads: {differs}",
                        "Hand data from step to step, not through self; put a lock round what cannot be shared.",
                    )

    @unless("picklable")
    def test_pickling(self) -> None:
        """A backend that was pickled and unpickled gives the same rows."""
        backend, records = self.backend(), self.samples()
        rows = self.steady(backend, records)
        if attempt(lambda: pickle.dumps(backend.config)).error is not None:
            self.wait_for("test_settings_survive_pickling", "the settings cannot be pickled")
        done = attempt(lambda: pickle.loads(pickle.dumps(backend))(deepcopy(records)))  # noqa: S301 - made here
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(f"after pickling: {differs}", _LEAVE_OUT.format("__getstate__", "__setstate__"))

    @unless("picklable")
    def test_worker_process(self) -> None:
        """A backend that was pickled gives the same rows in a fresh process."""
        backend, records = self.backend(), self.samples()
        rows = self.steady(backend, records)
        pickled = attempt(pickle.dumps, backend)
        payload = self.given(pickled, "test_pickling", "pickling it")
        copied = attempt(lambda: pickle.loads(payload)(deepcopy(records)))  # noqa: S301 - made here
        if copied.error is not None or self.differs(copied.value, rows):
            self.wait_for("test_pickling", "the copy does not work in this process either")
        done = run_there(payload, records, self.timeout)
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(
                f"in the other process: {differs}",
                "Keep the state on the backend, not in modules; define the class in a module that can be imported.",
            )

    @unless("copyable")
    def test_deepcopy(self) -> None:
        """A deep copy gives the same rows."""
        backend, records = self.backend(), self.samples()
        rows = self.steady(backend, records)
        done = attempt(lambda: deepcopy(backend)(deepcopy(records)))
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs and self.picklable:
            pickled = attempt(lambda: pickle.loads(pickle.dumps(backend))(deepcopy(records)))  # noqa: S301 - made here
            if pickled.error is not None or self.differs(pickled.value, rows):
                self.wait_for("test_pickling", "it cannot be pickled either, and a deep copy asks the same of it")
        if differs:
            self.fail(f"of the copy: {differs}", _LEAVE_OUT.format("__deepcopy__, or in __getstate__", "__setstate__"))

    @unless("independent")
    def test_instances_share_nothing(self) -> None:
        """Making, calling and closing another backend of the class changes nothing for the first."""
        if self.is_instance():
            pytest.skip("`plugin` is an instance; there is no other")
        first, records = self.backend(), self.samples()
        rows = self.steady(first, records)
        other = self.backend()
        self.steady(other, records)
        if hasattr(other, "close"):
            attempt(other.close)
        done = attempt(first, deepcopy(records))
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(
                f"after another one was made, called and closed, {differs}",
                "Keep state on the instance (self.model), not on the class or in the module.",
            )

    def test_closing_twice(self) -> None:
        """A backend can be closed, and closed again."""
        backend: Any = self.backend()
        if not hasattr(backend, "close") or self.is_instance():
            pytest.skip("there is nothing to close")
        for time in ("first", "second"):
            done = attempt(backend.close)
            if done.error is not None:
                self.fail(f"the {time} close(): {done.text}", "Let go of what is held, and forget it: self.x = None.")


_LEAVE_OUT = "Leave out in {} what cannot be copied (locks, connections, lambdas), and make it again in {}."
