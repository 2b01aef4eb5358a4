"""Checks of a preprocessor with records that are not quite right, and of what becomes of the caller's records."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from math import nan
from typing import Any

import pytest

from packflow.exceptions import PreprocessorRuntimeError
from packflow.testing.judging.attempts import attempt
from packflow.testing.judging.changing import (
    EXTRA_FIELD,
    Changed,
    reordered,
    with_extra_field,
    with_value,
    without_fields,
)
from packflow.testing.judging.comparing import difference, share_a_dict
from packflow.testing.suites.base import unless
from packflow.testing.suites.preprocessor_base import PreprocessorBase

#: What is no record; a list of records may hold it by mistake.
NO_RECORD = "not a record"


class PreprocessorFaultChecks(PreprocessorBase):
    """How a preprocessor takes bad records. An error need not be packflow's: a backend names the step and chains it."""

    builds_new: bool = True
    names_rows: bool = True

    def test_missing_fields(self) -> None:
        """A record that lacks a field gives a row or an error; it is never left out."""
        self._judge(without_fields(self.samples()))

    def test_none(self) -> None:
        """A record with a None gives a row or an error; it is never left out."""
        self._judge(with_value(self.samples(), None))

    def test_nan(self) -> None:
        """A record with a NaN gives a row or an error; it is never left out."""
        changed = list(with_value(self.samples(), nan, numbers_only=True))
        if not changed:
            pytest.skip("no sample record has a number")
        self._judge(changed)

    def test_extra_fields(self) -> None:
        """A record with a field too many gives a row or an error; it is never left out."""
        self._judge(with_extra_field(self.samples()))

    def _judge(self, batches: Iterable[Changed]) -> None:
        preprocess = self.preprocessor()
        self.batch(preprocess, self.samples())
        for changed in batches:
            done = attempt(lambda records=changed.records: len(self.rows(preprocess(deepcopy(records)))))
            leaves = isinstance(done.error, SystemExit)
            if leaves or (done.error is None and done.value != len(changed.records)):
                seen = f"it raised {done.text}" if leaves else f"{done.value} row(s) came of {len(changed.records)}"
                self.fail(
                    f"{changed.what}: {seen}", "Give a row that says so, or raise; a row that is lost is noticed late."
                )

    def test_order_of_fields_means_nothing(self) -> None:
        """The order of the fields in a record changes nothing."""
        preprocess, records = self.preprocessor(), self.samples()
        rows = self.steady(preprocess, records)
        done = attempt(lambda: self.rows(preprocess(reordered(records))))
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(f"with the fields in reverse, {differs}", "Read fields by their names, never record.values().")

    @unless("names_rows")
    def test_errors_name_the_row(self) -> None:
        """An error about one record is a PreprocessorRuntimeError that has the record's index."""
        preprocess, records = self.preprocessor(), self.samples()
        self.batch(preprocess, records)
        broken: list[Any] = [records[0], NO_RECORD, *records[1:]]
        done = attempt(lambda: self.rows(preprocess(broken)))
        if not isinstance(done.error, PreprocessorRuntimeError) or done.error.row != 1 or "1" not in str(done.error):
            seen = f"gave {done.text}" if done.error is None else f"raised {done.text}"
            self.fail(
                f"a batch whose row 1 is {NO_RECORD!r} {seen}",
                "Go through the batch with map_records(function, records): it adds the row to whatever is raised.",
            )

    def test_records_are_unchanged(self) -> None:
        """A call leaves the caller's records as they were, also where it fails."""
        preprocess, records = self.preprocessor(), self.samples()
        self.batch(preprocess, records)
        batches = [Changed("a batch", records, 0), *without_fields(records)]
        broken: list[Any] = [*deepcopy(records), NO_RECORD]
        for changed in (*batches, Changed("a batch whose last row is no record", broken, len(records))):
            given = deepcopy(changed.records)
            attempt(preprocess, given)
            if differs := difference(given, changed.records, ordered=True):
                self.fail(
                    f"after {changed.what}: {differs}", "Make new dicts; never pop from a record or assign to it."
                )

    @unless("builds_new")
    def test_result_is_its_own(self) -> None:
        """The result holds no dict of the caller's, so that a step may change it."""
        preprocess, records = self.preprocessor(), self.samples()
        self.batch(preprocess, records)
        for given in (records, [{**record, EXTRA_FIELD: {"inner": 1}} for record in records]):
            done = attempt(lambda batch=given: self.rows(preprocess(batch)))
            if done.error is None and share_a_dict(done.value, given):
                self.fail(
                    "a dict of the caller's records is in the result",
                    "Copy the dicts, those in other dicts too; all other values may stay the same objects.",
                )
