"""Checks of ordinary calls: one record, many, none; which rows come back, and what is in them."""

from __future__ import annotations

from copy import deepcopy

import pytest

from packflow.backend.validation import check_outputs
from packflow.testing.judging.attempts import attempt
from packflow.testing.judging.changing import reordered
from packflow.testing.judging.comparing import difference, is_rearranged
from packflow.testing.suites.backend_base import BackendBase, list_problem
from packflow.testing.suites.base import unless


class CallChecks(BackendBase):
    """What a backend gives back for good records."""

    batch_invariant: bool = True
    field_order_free: bool = True

    def test_many_records(self) -> None:
        """A list of records gives a list with one row for each."""
        backend, records = self.backend(), self.samples()
        done = attempt(backend, deepcopy(records))
        if done.error is not None:
            self.fail(done.text, "Make the steps handle the samples, or set `records` to what the backend takes.")
        if problem := list_problem(done.value, len(records)):
            self.fail(problem, "Give a list with one row for each record; filter and group elsewhere.")

    def test_one_row(self) -> None:
        """A list of one record gives a list of one row."""
        backend, records = self.backend(), self.samples()
        self.batch(backend, records)
        for index, record in enumerate(records):
            done = attempt(backend, [deepcopy(record)])
            seen = f"it raised {done.text}" if done.error is not None else list_problem(done.value, 1)
            if seen:
                self.fail(
                    f"for [records[{index}]]: {seen}",
                    "Handle a batch of one like any other; squeeze() and the like take the batch away.",
                )

    def test_one_record(self) -> None:
        """One record, given as a dict, gives one row and no list."""
        backend, records = self.backend(), self.samples()
        self.singles(backend, records)
        for index, record in enumerate(records):
            done = attempt(backend, deepcopy(record))
            if done.error is not None or isinstance(done.value, list):
                seen = f"raised {done.text}" if done.error is not None else f"gave the list {done.value!r}"
                self.fail(
                    f"records[{index}] {seen}",
                    "Leave __call__ to packflow: it hands a list to the steps, and gives back the one row.",
                )

    def test_no_records(self) -> None:
        """An empty list gives an empty list."""
        backend = self.backend()
        self.batch(backend, self.samples())
        done = attempt(backend, [])
        if done.error is not None or list_problem(done.value, 0):
            seen = f"it raised {done.text}" if done.error is not None else f"it gave {done.value!r}"
            self.fail(seen, "A batch of zero rows is legal: return early where the model cannot take one.")

    def test_rows_are_records(self) -> None:
        """Each row is a dict."""
        backend, records = self.backend(), self.samples()
        for index, row in enumerate(self.batch(backend, records)):
            if not isinstance(row, dict):
                self.fail(
                    f"row {index} is {row!r}, a {type(row).__name__}",
                    "Give dicts: ensure_valid_output(outputs, parent_key='name') wraps bare values.",
                )

    def test_outputs_are_json(self) -> None:
        """Outputs are JSON data: validate() accepts them."""
        backend, records = self.backend(), self.samples()
        rows = self.batch(backend, records)
        if not all(isinstance(row, dict) for row in rows):
            self.wait_for("test_rows_are_records", "a row is no dict")
        checked = attempt(check_outputs, rows, len(records))
        if checked.error is not None:
            self.fail(checked.text, "Convert them: ensure_native_types(outputs), from packflow.utils.normalize.")

    def test_expected_outputs(self) -> None:
        """The sample records give the expected rows."""
        expected = self.declared("expected")
        if expected is None:
            pytest.skip("`expected` is not set")
        found = self.batch(self.backend(), self.samples())
        if differs := difference(found, expected, tolerance=self.tolerance):
            self.fail(differs, "Correct the backend, or `expected`; set `tolerance` where numbers are close enough.")

    @unless("deterministic")
    def test_same_call_twice(self) -> None:
        """The same records give the same rows each time."""
        backend, records = self.backend(), self.samples()
        first = self.batch(backend, records)
        for _ in range(2):
            done = attempt(backend, deepcopy(records))
            differs = done.text if done.error is not None else self.differs(done.value, first)
            if differs:
                self.fail(
                    f"a later call with the same records: {differs}",
                    "Keep nothing of a call on the backend; seed what is random, and switch models to evaluation.",
                )

    @unless("batch_invariant")
    def test_rows_do_not_depend_on_the_batch(self) -> None:
        """A record gives the same row alone as among others."""
        backend, records = self.backend(), self.samples()
        alone, together = self.singles(backend, records), self.steady(backend, records)
        differs = self.differs(together, alone)
        if differs and not is_rearranged(together, alone, tolerance=self.tolerance):
            self.fail(
                f"as a batch and one by one, {differs}",
                "Take nothing from the batch (its mean, its longest text, its first row) into a row. Where the last "
                "digits differ only because a library works in another order, set `tolerance`.",
            )

    @unless("batch_invariant")
    def test_order_is_kept(self) -> None:
        """Rows come in the order of their records."""
        backend, records = self.backend(), self.samples()
        alone, together = self.singles(backend, records), self.steady(backend, records)
        if self.differs(together, alone) and is_rearranged(together, alone, tolerance=self.tolerance):
            self.fail(
                f"the rows of a batch are {together!r}; one by one, {alone!r}",
                "Put the rows back into the order of the records after sorting or grouping them.",
            )

    @unless("field_order_free")
    def test_order_of_fields_means_nothing(self) -> None:
        """The order of the fields in a record changes nothing."""
        backend, records = self.backend(), self.samples()
        rows = self.steady(backend, records)
        done = attempt(backend, reordered(records))
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(
                f"with the fields in reverse, {differs}",
                "Read fields by their names, never list(record.values()); feature_names gives them an order.",
            )

    def test_metrics_after_a_call(self) -> None:
        """Right after a call, get_metrics() has that call's batch size and times."""
        backend, records = self.backend(), self.samples()
        self.batch(backend, records)
        for size in (1, len(records)):
            if attempt(backend, deepcopy(records[:size])).error is not None:
                self.wait_for("test_one_row", "a batch of one failed")
            done = attempt(backend.get_metrics)
            seen = f"it raised {done.text}" if done.error is not None else _metrics_problem(done.value, size)
            if seen:
                self.fail(
                    f"after a call with {size} record(s), {seen}",
                    "Leave __call__ and get_metrics to packflow, and do the work in the steps.",
                )


def _metrics_problem(metrics: object, size: int) -> str | None:
    found = getattr(metrics, "batch_size", None)
    if found != size:
        return f"batch_size is {found!r}"
    total = getattr(metrics, "total_execution_time", None)
    if not isinstance(total, float) or total < 0 or metrics.execution_times.execute is None:  # type: ignore[attr-defined]
        return f"the times are {metrics!r}"
    return None
