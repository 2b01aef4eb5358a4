"""Checks of a preprocessor in threads, in other processes, and copied."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

from packflow.testing.judging.attempts import attempt, attempts_at_once
from packflow.testing.judging.elsewhere import run_there
from packflow.testing.suites.base import unless
from packflow.testing.suites.preprocessor_base import PreprocessorBase, Record

_ROUNDS = 5
_AS_DATA = (
    "Leave the pickling to Preprocessor: the class and the settings are enough, and prepare() makes the rest again."
)


class PreprocessorSharingChecks(PreprocessorBase):
    """Whether a preprocessor can be shared, sent and copied."""

    thread_count: int = 8
    thread_safe: bool = True
    picklable: bool = True
    copyable: bool = True

    @unless("thread_safe")
    def test_many_threads(self) -> None:
        """Many threads at once get what one gets."""
        preprocess, records = self.preprocessor(), self.samples()
        batches = [records[number % len(records) :] for number in range(self.thread_count)]
        alone = [attempt(lambda given=batch: self.rows(preprocess(deepcopy(given)))) for batch in batches]
        self.steady(preprocess, records)

        def call(given: list[Record]) -> Any:
            return self.rows(preprocess(deepcopy(given)))

        for number, mine in enumerate(attempts_at_once(call, batches, _ROUNDS, self.timeout)):
            for done in mine:
                wanted = self.given(alone[number], "test_many_records", "a batch")
                differs = done.text if done.error is not None else self.differs(done.value, wanted)
                if differs:
                    self.fail(f"one of {self.thread_count} threads: {differs}", "Keep nothing of a call on self.")

    @unless("picklable")
    def test_pickling(self) -> None:
        """A preprocessor that was pickled and unpickled gives the same rows."""
        preprocess, records = self.preprocessor(), self.samples()
        rows = self.steady(preprocess, records)
        done = attempt(lambda: self.rows(pickle.loads(pickle.dumps(preprocess))(deepcopy(records))))  # noqa: S301
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(f"after pickling: {differs}", _AS_DATA)

    @unless("picklable")
    def test_worker_process(self) -> None:
        """A preprocessor that was pickled gives the same rows in a fresh process."""
        preprocess, records = self.preprocessor(), self.samples()
        rows = self.steady(preprocess, records)
        payload = self.given(attempt(pickle.dumps, preprocess), "test_pickling", "pickling it")
        here = attempt(lambda: self.rows(pickle.loads(payload)(deepcopy(records))))  # noqa: S301
        if here.error is not None or self.differs(here.value, rows):
            self.wait_for("test_pickling", "the copy does not work in this process either")
        there = run_there(payload, records, self.timeout)
        done = there if there.error is not None else attempt(self.rows, there.value)
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(f"in the other process: {differs}", f"{_AS_DATA} Keep nothing in modules that calls depend on.")

    @unless("copyable")
    def test_deepcopy(self) -> None:
        """A deep copy gives the same rows."""
        preprocess, records = self.preprocessor(), self.samples()
        rows = self.steady(preprocess, records)
        done = attempt(lambda: self.rows(deepcopy(preprocess)(deepcopy(records))))
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs and self.picklable:
            pickled = attempt(lambda: self.rows(pickle.loads(pickle.dumps(preprocess))(deepcopy(records))))  # noqa: S301
            if pickled.error is not None or self.differs(pickled.value, rows):
                self.wait_for("test_pickling", "it cannot be pickled either, and a deep copy asks the same of it")
        if differs:
            self.fail(f"of the copy: {differs}", _AS_DATA)
