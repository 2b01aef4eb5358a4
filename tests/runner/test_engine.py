"""The runner: a result or a failure for each record of a batch."""

from __future__ import annotations

import doctest
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import InferenceBackend
from packflow.exceptions import (
    InferenceBackendRuntimeError,
    InferenceBackendValidationError,
    MetricsUnavailableError,
    PackflowError,
    PreprocessorRuntimeError,
)
from packflow.runner import Runner, engine
from packflow.runner.engine import Totals, own_containers
from tests.runner.support import Picky, records, rule, runner_of


def test_every_record_has_its_result_in_order():
    result = Runner(Picky(verbose=False)).run(records(5))
    assert result.outputs == [{"y": 0}, {"y": 2}, {"y": 4}, {"y": 6}, {"y": 8}]
    assert result.failures == []


def test_a_good_batch_is_one_call():
    backend = Picky(verbose=False)
    Runner(backend).run(records(50))
    assert backend.batches == [list(range(50))]


def test_an_empty_batch_is_no_call():
    backend = Picky(verbose=False)
    result = Runner(backend).run([])
    assert (result.outputs, result.failures, backend.batches) == ([], [], [])


def test_the_records_that_fail_are_found_and_the_others_keep_their_results():
    result = Runner(Picky(verbose=False)).run(records(9, 0, 4, 8))
    assert [failure.index for failure in result.failures] == [0, 4, 8]
    assert result.outputs == [None if number in (0, 4, 8) else {"y": 2 * number} for number in range(9)]


def test_a_failure_says_what_failed_where_and_why():
    (failure,) = Runner(Picky(verbose=False)).run(records(3, 1)).failures
    assert failure.index == 1
    assert failure.step == "execute"
    assert failure.kind == "ValueError"
    assert "bad records: [1]" in failure.message
    assert isinstance(failure.error, InferenceBackendRuntimeError)
    assert isinstance(failure.error.__cause__, ValueError)


def test_no_record_is_blamed_for_another():
    for failure in Runner(Picky(verbose=False)).run(records(8, 2, 3)).failures:
        assert f"bad records: [{failure.index}]" in failure.message


def test_the_batches_of_a_search_are_never_out_of_order():
    backend = Picky(verbose=False)
    Runner(backend).run(records(8, 1, 6))
    for batch in backend.batches:
        assert batch == list(range(batch[0], batch[0] + len(batch)))
    singles = [batch[0] for batch in backend.batches if len(batch) == 1]
    assert singles == sorted(singles)


def test_one_bad_record_in_many_takes_few_calls():
    backend = Picky(verbose=False)
    Runner(backend).run(records(1024, 700))
    assert len(backend.batches) <= 2 * 10 + 1


def test_a_row_that_is_known_is_not_searched_for():
    backend = Picky(verbose=False, input_format="numpy", feature_names=["x"], on_missing="error")
    backend.execute = lambda array: [{"y": float(cell)} for cell in array[:, 0]]  # type: ignore[method-assign]
    batch = [{"x": 1}, {"x": 2}, {}, {"x": 4}]
    calls: list[int] = []
    inner = backend._preprocessor
    assert inner is not None
    backend._preprocessor = lambda rows: (calls.append(len(rows)), inner(rows))[1]  # type: ignore[assignment]
    result = Runner(backend).run(batch)
    assert result.outputs == [{"y": 1.0}, {"y": 2.0}, None, {"y": 4.0}]
    assert calls == [4, 2, 1, 1]  # all, those before, the one, those after
    (failure,) = result.failures
    assert (failure.index, failure.step) == (2, "preprocess")
    assert isinstance(failure.error, PreprocessorRuntimeError)


@pytest.mark.parametrize(("bad", "sizes"), [(0, [4, 1, 3]), (1, [4, 1, 1, 2]), (3, [4, 3, 1])])
def test_only_what_is_before_and_after_a_known_row_is_run_again(bad, sizes):
    calls: list[int] = []
    runner = runner_of(lambda inputs: inputs, feature_names=["x"])
    inner = runner.backend._preprocessor
    assert inner is not None
    runner.backend._preprocessor = lambda rows: (calls.append(len(rows)), inner(rows))[1]  # type: ignore[assignment]
    result = runner.run([None if number == bad else {"x": number} for number in range(4)])
    assert [failure.index for failure in result.failures] == [bad]
    assert calls == sizes


def test_several_known_rows_are_all_found():
    runner = runner_of(lambda inputs: inputs, feature_names=["x"])
    batch = [{"x": 1}, None, {"x": 3}, 5, [6]]
    result = runner.run(batch)
    assert [failure.index for failure in result.failures] == [1, 3, 4]
    assert result.outputs == [{"x": 1}, None, {"x": 3}, None, None]


@pytest.mark.parametrize("known", [-1, 4, 6, 99, "0", 1.0, True, None])
def test_a_row_that_cannot_be_right_is_searched_for_instead(known):
    def execute(inputs):
        if any(row.get("bad") for row in inputs):
            raise ValueError("bad")
        return inputs

    runner = runner_of(execute)
    plain = runner.backend

    def call(rows):
        try:
            return plain(rows)
        except InferenceBackendRuntimeError as error:
            error.row = known
            raise

    runner.backend = call  # type: ignore[assignment]
    call.get_metrics = plain.get_metrics  # type: ignore[attr-defined]
    assert [failure.index for failure in runner.run(records(6, 0, 3)).failures] == [0, 3]


def test_stopping_at_the_first_failure_leaves_the_rest_without_result():
    backend = Picky(verbose=False)
    result = Runner(backend).run(records(10, 3, 7), stop_at_first_failure=True)
    assert [failure.index for failure in result.failures] == [3]
    assert result.outputs[:3] == [{"y": 0}, {"y": 2}, {"y": 4}]
    assert result.outputs[3:] == [None] * 7
    assert [7] not in backend.batches


def test_the_first_failure_is_the_first_of_the_batch_not_of_the_search():
    for first in range(10):
        result = Runner(Picky(verbose=False)).run(records(10, first, 9), stop_at_first_failure=True)
        assert [failure.index for failure in result.failures] == [first]


@pytest.mark.parametrize("rows", [lambda inputs: inputs[:-1], lambda inputs: [*inputs, {}], lambda inputs: []])
def test_a_wrong_number_of_rows_is_a_failure_of_each_record(rows):
    result = runner_of(rows).run(records(3))
    assert result.outputs == [None, None, None]
    assert [failure.index for failure in result.failures] == [0, 1, 2]
    assert all(failure.kind == "InferenceBackendValidationError" for failure in result.failures)
    assert "expected one each" in result.failures[0].message
    assert "for 1 records" in result.failures[0].message


def test_rows_that_were_dropped_are_never_shifted_onto_other_records():
    """A backend that filters gives fewer rows; each row must still stand by its own record."""
    result = runner_of(lambda inputs: [row for row in inputs if row["x"] != 2]).run(records(5))
    assert result.outputs == [{"x": 0}, {"x": 1}, None, {"x": 3}, {"x": 4}]
    assert [failure.index for failure in result.failures] == [2]


@pytest.mark.parametrize("row", [None, 1, "text", [1], ("a", 1)])
def test_a_row_that_is_no_dict_is_a_failure(row):
    result = runner_of(lambda inputs: [row if item["x"] == 1 else item for item in inputs]).run(records(3))
    assert result.outputs == [{"x": 0}, None, {"x": 2}]
    (failure,) = result.failures
    assert failure.index == 1
    assert type(row).__name__ in failure.message
    assert isinstance(failure.error, InferenceBackendValidationError)


def test_a_result_that_is_no_list_is_a_failure():
    result = runner_of(lambda inputs: {"x": 1}).run(records(2))
    assert [failure.index for failure in result.failures] == [0, 1]
    assert "must be a list" in result.failures[0].message


def test_a_batch_that_fails_only_as_a_whole_keeps_its_results_and_a_warning(logs):
    def execute(inputs):
        if len(inputs) > 2:
            raise MemoryError("batch too large")
        return inputs

    result = runner_of(execute).run(records(8))
    assert result.outputs == records(8)
    assert result.failures == []
    (warning,) = logs.texts("WARNING")
    assert "8 records" in warning
    assert "batch too large" in warning


def test_no_warning_where_records_fail(logs):
    Runner(Picky(verbose=False)).run(records(8, 1))
    assert logs.texts("WARNING") == []


def test_an_interrupt_is_no_failure_of_a_record():
    def execute(inputs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner_of(execute).run(records(2))


@pytest.mark.parametrize("code", [None, 0, 3, "no more"])
def test_a_record_that_would_end_the_program_is_a_failure(code):
    def execute(inputs):
        if any(row["x"] == 1 for row in inputs):
            sys.exit(code)
        return inputs

    result = runner_of(execute).run(records(3))
    assert result.outputs == [{"x": 0}, None, {"x": 2}]
    (failure,) = result.failures
    assert (failure.index, failure.kind) == (1, "SystemExit")
    assert f"sys.exit({code!r})" in failure.message


@pytest.mark.parametrize("take", [list.clear, list.pop], ids=["clear", "pop"])
def test_a_backend_that_empties_its_batch_loses_no_record(take):
    def execute(inputs):
        rows = list(inputs)
        take(inputs)
        return rows

    batch = records(3)
    assert runner_of(execute, input_format="passthrough").run(batch).outputs == records(3)
    assert batch == records(3)
    emptied = runner_of(lambda inputs: (take(inputs), inputs)[1], input_format="passthrough").run(batch)
    assert emptied.outputs == [None, None, None]
    assert [failure.index for failure in emptied.failures] == [0, 1, 2]


def test_what_runs_again_does_not_see_what_the_first_attempt_changed():
    def execute(inputs):
        for row in inputs:
            row["x"] += 1
            row["deep"]["list"].append(row["x"])
            if row.get("bad"):
                raise ValueError("bad")
        return inputs

    batch = [{**row, "deep": {"list": []}} for row in records(5, 3)]
    result = runner_of(execute, input_format="passthrough").run(batch)
    for number in (0, 1, 2, 4):
        assert result.outputs[number] == {"x": number + 1, "deep": {"list": [number + 1]}}
    assert batch == [{**row, "deep": {"list": []}} for row in records(5, 3)]


def test_copies_keep_what_is_shared_and_what_contains_itself():
    shared, opaque = [1], object()
    record: dict[str, Any] = {"a": shared, "b": shared, "opaque": opaque}
    record["self"] = record
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"deep": deep}
    copied, _ = own_containers([record, deep])
    assert copied["a"] is copied["b"] is not shared
    assert copied["self"] is copied is not record
    assert copied["opaque"] is opaque


def test_a_backend_has_to_be_constructed():
    with pytest.raises(PackflowError, match="class Picky"):
        Runner(Picky)  # type: ignore[arg-type]
    with pytest.raises(PackflowError, match="str"):
        Runner("Picky")  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", [{"x": 1}, ({"x": 1},), None, "text"], ids=ascii)
def test_a_batch_that_is_no_list_is_refused_before_any_call(batch):
    backend = Picky(verbose=False)
    with pytest.raises(PackflowError, match=f"list of records.*{type(batch).__name__}"):
        Runner(backend).run(batch)
    assert backend.batches == []


class NoWords(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(("error", "message"), [(LookupError(), "LookupError"), (NoWords(), "<no text: NoWords")])
def test_an_error_without_text_still_has_a_message(error, message):
    class Own(InferenceBackend):
        def execute(self, inputs):
            return inputs

        def __call__(self, inputs):
            raise error

    (failure,) = Runner(Own(verbose=False)).run([{"x": 1}]).failures
    assert failure.message.startswith(message)
    assert (failure.kind, failure.step, failure.error) == (type(error).__name__, None, error)


def test_records_are_not_modified():
    batch = records(6, 2)
    before = [dict(row) for row in batch]
    Runner(Picky(verbose=False)).run(batch)
    assert batch == before


def test_totals_add_up_calls_records_and_the_time_of_each_step():
    runner = runner_of(lambda inputs: inputs)
    assert runner.totals == Totals(records=0, calls=0, steps={})
    runner.run(records(3))
    once = dict(runner.totals.steps)
    runner.run(records(4))
    assert (runner.totals.records, runner.totals.calls) == (7, 2)
    assert set(once) == set(runner.totals.steps) == {"preprocess", "execute"}
    assert all(runner.totals.steps[step] > once[step] for step in once)


def test_totals_count_only_records_with_a_result():
    runner = Runner(Picky(verbose=False))
    runner.run(records(10, 3))
    assert runner.totals.records == 9
    runner = Runner(Picky(verbose=False))
    runner.run(records(10, 3), stop_at_first_failure=True)
    assert runner.totals.records == 3


def test_a_backend_with_a_call_of_its_own_needs_no_metrics():
    class Own(InferenceBackend):
        def execute(self, inputs):
            return inputs

        def __call__(self, inputs):
            return [{"n": 1} for _ in inputs]

    runner = Runner(Own(verbose=False))
    assert runner.run(records(2)).outputs == [{"n": 1}, {"n": 1}]
    with pytest.raises(MetricsUnavailableError):
        runner.backend.get_metrics()
    assert runner.totals.steps == {}


@rule
@given(st.lists(st.booleans(), max_size=20), st.booleans())
def test_exactly_the_bad_records_fail(bad, stop):
    batch = [{"x": number, "bad": is_bad} for number, is_bad in enumerate(bad)]
    result = Runner(Picky(verbose=False)).run(batch, stop_at_first_failure=stop)
    expected = [number for number, is_bad in enumerate(bad) if is_bad]
    reached = expected[0] if stop and expected else len(batch)
    assert [failure.index for failure in result.failures] == (expected[:1] if stop else expected)
    assert len(result.outputs) == len(batch)
    for number, output in enumerate(result.outputs[:reached]):
        assert output == (None if bad[number] else {"y": 2 * number})


def test_docstrings():
    found = doctest.testmod(engine)
    assert found.attempted > 0
    assert found.failed == 0
