"""The suites of sound preprocessors, the built-in ones among them, and of the broken ones."""

from __future__ import annotations

from packflow import plugin
from packflow.testing import PreprocessorSuite
from tests.testing.mutants import THREADS
from tests.testing.mutants.preprocessors import VOCABULARY, Doubled, PreparedElsewhere, mutants

plugin.register("preprocessor", "registered-doubled", Doubled)


class DoubledSuite(PreprocessorSuite):
    plugin = Doubled
    records = [{"id": "a", "x": 1.5, "tags": ["new"]}, {"id": "b", "x": 4.0, "tags": []}, {"id": "c", "x": 2.0}]
    honours = {"rename_fields", "feature_names", "flatten_nested_inputs"}
    thread_count = THREADS


class TestSound(DoubledSuite):
    records = DoubledSuite.records[:2]
    expected = [
        {"id": "a", "x": 1.5, "tags": ["new"], "doubled": 3.0},
        {"id": "b", "x": 4.0, "tags": [], "doubled": 8.0},
    ]


class TestSoundByName(DoubledSuite):
    plugin = "pure-preprocessor"
    records = [{"n": 1}, {"n": 2}]
    honours = set()


class TestRecords(DoubledSuite):
    plugin = "records"
    config = {"feature_names": ["x", "id"]}


class TestRecordsFlattening(DoubledSuite):
    plugin = "packflow/records"
    config = {"flatten_nested_inputs": True, "flatten_lists": True}


class TestNumpy(DoubledSuite):
    plugin = "numpy"
    config = {"feature_names": ["x", "y"]}
    records = [{"x": 1, "y": 2}, {"x": 0.5, "y": 3}]
    expected = [[1, 2], [0.5, 3]]


class TestPassthrough(DoubledSuite):
    plugin = "passthrough"
    config = {"input_format": "passthrough"}
    honours = set()
    builds_new = names_rows = False


class TestPreparedElsewhere(DoubledSuite):
    plugin = PreparedElsewhere
    broken_rule = "test_worker_process"

    def preprocessor(self, **changes):
        VOCABULARY.append(True)
        return super().preprocessor(**changes)


mutants.into(globals(), DoubledSuite)
