"""The suite for preprocessors: its attributes, how its checks call the plugin, and what it gives for good records."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from unittest.mock import Mock

import pytest

from packflow import plugin as plugins
from packflow.backend.preprocessors import get_preprocessor
from packflow.testing.judging.attempts import attempt
from packflow.testing.judging.comparing import difference
from packflow.testing.suites.base import unless
from packflow.testing.suites.preprocessor_base import PreprocessorBase, Record
from packflow.testing.suites.preprocessor_faults import PreprocessorFaultChecks
from packflow.testing.suites.preprocessor_honours import HonourChecks
from packflow.testing.suites.preprocessor_sharing import PreprocessorSharingChecks

_TRIED_AS = "packflow-suite-preprocessor"


class PreprocessorSuite(PreprocessorFaultChecks, HonourChecks, PreprocessorSharingChecks, PreprocessorBase):
    """The rules for a preprocessor. Subclass it in a test module, and pytest runs them.

    Example:
        >>> from packflow.backend.preprocessors import Preprocessor, map_records
        >>> from packflow.testing import PreprocessorSuite
        >>> class Lengths(Preprocessor):
        ...     def __call__(self, records):
        ...         return map_records(lambda record: len(record["text"]), records)
        >>> class TestLengths(PreprocessorSuite):
        ...     plugin = Lengths  # or its name, as it is installed
        ...     records = [{"text": "one"}, {"text": "three"}]
        ...     expected = [3, 5]

    ``plugin``, ``config``, ``records`` and ``expected`` may be fixtures of these names instead. For results that are no
    list and no array, override :meth:`rows`.

    Attributes:
        plugin: the preprocessor's name, ``distribution/name``, or its class. Required.
        config: the settings, those of :class:`~packflow.BackendConfig`, that it is built with.
        config_model: the configuration model, where it needs another.
        records: valid records, two or more that give different rows. Required.
        expected: what these records give.
        tolerance: how far numbers may be apart where results are compared, absolutely or in proportion.
        thread_count: how many threads call at once.
        honours: which of ``rename_fields``, ``feature_names`` and ``flatten_nested_inputs`` it does as the built-in
            preprocessors do.
        deterministic: the capability to give the same for the same records.
        batch_invariant: the capability to give for a record what it gives, whatever else is in the batch.
        builds_new: the capability to give back no dict of the caller's.
        names_rows: the capability to say of which record an error is.
        thread_safe: the capability to be called from many threads at once.
        picklable: the capability to be pickled and sent to another process.
        copyable: the capability to be deep-copied.

    Those that importing a plugin is judged by are described at :class:`~packflow.testing.suites.declared.PluginSuite`.
    """

    def test_construction(self) -> None:
        """The preprocessor can be built from `config`."""
        made = self.made()
        if made.error is not None:
            self.fail(made.text, "Set `config` in the suite to settings that it takes.")

    def test_many_records(self) -> None:
        """A list of records gives one row for each."""
        preprocess, records = self.preprocessor(), self.samples()
        done = attempt(lambda: self.rows(preprocess(deepcopy(records))))
        if done.error is not None:
            self.fail(done.text, "Set `records` to what it takes, and override rows() where the result is no sequence.")
        counted = attempt(len, done.value)
        if counted.error is not None:
            what = "None" if done.value is None else f"{type(done.value).__name__}, which has no length"
            self.fail(
                f"it gave {what}", "Return the rows; where the result is no sequence, override rows() in the suite."
            )
        if counted.value != len(records):
            self.fail(
                f"{len(records)} records gave {len(done.value)} rows",
                "Give one row for each record; a backend's outputs are matched to its inputs by their places.",
            )

    def test_no_records(self) -> None:
        """No records give no rows."""
        preprocess = self.preprocessor()
        self.batch(preprocess, self.samples())
        done = attempt(lambda: self.rows(preprocess([])))
        if done.error is not None or len(done.value):
            self.fail(done.text, "A batch of zero rows is legal; an array of them has the shape (0, columns).")

    def test_expected_rows(self) -> None:
        """The sample records give the expected rows."""
        expected = self.declared("expected")
        if expected is None:
            pytest.skip("`expected` is not set")
        found = self.batch(self.preprocessor(), self.samples())
        if differs := difference(found, self.rows(expected), tolerance=self.tolerance):
            self.fail(differs, "Correct the preprocessor, or `expected`.")

    @unless("deterministic")
    def test_same_call_twice(self) -> None:
        """The same records give the same rows each time."""
        preprocess, records = self.preprocessor(), self.samples()
        first = self.batch(preprocess, records)
        done = attempt(lambda: self.rows(preprocess(deepcopy(records))))
        differs = done.text if done.error is not None else self.differs(done.value, first)
        if differs:
            self.fail(f"a second call: {differs}", "Keep nothing of a call; seed what is random.")

    @unless("batch_invariant")
    def test_one_by_one(self) -> None:
        """A record gives the same row alone as among others."""
        preprocess, records = self.preprocessor(), self.samples()
        together = self.steady(preprocess, records)
        for index, record in enumerate(records):
            done = attempt(lambda one=record: self.rows(preprocess([deepcopy(one)])))
            differs = done.text if done.error is not None else self.differs(done.value, [together[index]])
            if differs:
                self.fail(
                    f"records[{index}] alone: {differs}",
                    "Take nothing from the batch (its mean, its columns, its first row) into a row.",
                )

    def test_the_constructor_does_the_work_once(self) -> None:
        """What can be worked out from the settings is worked out when it is built, and not at each call."""
        preprocess, records = self.preprocessor(), self.samples()
        self.batch(preprocess, records)
        prepare = Mock(wraps=preprocess.prepare)
        preprocess.prepare = prepare
        attempt(preprocess, deepcopy(records))
        if prepare.called:
            self.fail("a call ran prepare()", "Keep on self what prepare() works out, and let calls read it.")

    def test_input_format_finds_it(self) -> None:
        """A backend whose input_format is its name is given what it makes."""
        preprocess, records = self.preprocessor(), self.samples()
        rows = self.steady(preprocess, records)
        given = self.declared("plugin")
        if isinstance(given, str):
            done = attempt(self._through_settings, given, records)
        else:
            with plugins.register(self.kind, _TRIED_AS, given):
                done = attempt(self._through_settings, _TRIED_AS, records)
        differs = done.text if done.error is not None else self.differs(done.value, rows)
        if differs:
            self.fail(
                f"through a backend's settings: {differs}",
                "Set changes_nothing only where records come out as they went in; it is left out then.",
            )

    def _through_settings(self, name: str, records: list[Record]) -> Any:
        preprocess = get_preprocessor(self.build_config({**self.declared("config"), "input_format": name}))
        return self.rows(preprocess(deepcopy(records)))
