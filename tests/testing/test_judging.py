"""What the checks go by: comparing, changed records, threads, and other processes."""

from __future__ import annotations

import math
import operator
import pickle
import threading
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from packflow.testing.judging.attempts import attempt, attempts_at_once
from packflow.testing.judging.changing import (
    EXTRA_FIELD,
    inner,
    paths,
    reordered,
    with_extra_field,
    with_value,
    without_fields,
)
from packflow.testing.judging.comparing import difference, foreign_part, is_rearranged, same_leaf, share_a_dict
from packflow.testing.judging.elsewhere import import_there, run_there
from packflow.testing.strategies import hostile_values, json_values, nested_records

DATA = st.one_of(json_values(), hostile_values(), nested_records())


@given(DATA)
def test_data_are_the_same_as_their_copy(data):
    assert difference(data, deepcopy(data), ordered=True) is None


@given(st.lists(DATA, min_size=1, max_size=3), st.data())
def test_another_value_is_found_wherever_it_stands(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    marked = [*rows[:place], object(), *rows[place + 1 :]]

    found = difference(marked, rows)

    assert found is not None
    assert found.startswith(f"[{place}]")


@pytest.mark.parametrize(
    ("found", "wanted", "text"),
    [
        ({"a": 1}, {"b": 1}, "it has the keys ['a'], not ['b']"),
        ([1, 2], [1], "it has 2 items, not 1"),
        ({"a": [{"b": 1.0}]}, {"a": [{"b": 2.0}]}, "a[0].b is 1.0, not 2.0"),
        (True, 1, "it is True, not 1"),
        ("1", 1, "it is '1', not 1"),
        ([None], [math.nan], "[0] is None, not nan"),
        (np.array([1, 2]), np.array([1, 3]), "[1] is 2, not 3"),
        (np.array([[1]]), [1], "[0] is [1], not 1"),
    ],
)
def test_the_difference_is_named(found, wanted, text):
    assert difference(found, wanted) == text


def test_what_is_the_same_in_another_form_is_no_difference():
    assert difference([1, 2.0], (1.0, 2)) is None
    assert difference(np.array([1.5, np.nan]), [1.5, math.nan]) is None
    assert difference({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None
    assert difference({"a": 1, "b": 2}, {"b": 2, "a": 1}, ordered=True) is not None


def test_objects_without_an_equality_of_their_own_are_compared_by_what_they_hold():
    class Table:
        def __init__(self, rows):
            self.rows = rows

    @dataclass
    class Line:
        at: float

    assert difference(Table([1, Line(math.nan)]), Table([1, Line(math.nan)])) is None
    assert difference(Table([1, Line(1)]), Table([1, Line(2)])) == "rows[1].at is 1, not 2"


def test_what_cannot_be_compared_is_compared_by_its_looks():
    class Odd:
        __slots__ = ()

        def __eq__(self, other):
            raise TypeError("ambiguous")

        __hash__ = None

        def __repr__(self):
            return "odd"

    assert same_leaf(Odd(), Odd())


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-9, 1e-3))
def test_tolerance_is_absolute_or_in_proportion(number, tolerance):
    near = number + 0.5 * tolerance * max(1.0, abs(number))
    far = number + 4 * tolerance * max(1.0, abs(number))
    assume(math.isfinite(far))

    assert difference(near, number, tolerance=tolerance) is None
    assert difference(far, number, tolerance=tolerance) is not None


@given(st.lists(st.integers(0, 3), max_size=5), st.randoms())
def test_rows_in_another_order_are_rearranged(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert is_rearranged(shuffled, rows)
    assert not is_rearranged([*shuffled, 4], [*rows, 5])


def test_a_dict_in_a_list_of_a_record_is_the_lists_own():
    tagged = {"tags": [{"name": "new"}], "at": {"x": 1}}
    assert not share_a_dict([{**tagged, "at": {"x": 1}}], [tagged])
    assert share_a_dict([{**tagged}], [tagged])
    assert share_a_dict([(1, [tagged])], [tagged])


@given(DATA)
def test_json_data_has_no_foreign_part_and_other_data_has(data):
    assume(not isinstance(data, bytes))
    assert foreign_part([data]) is None
    assert foreign_part({"in": [data, (data,)]}) == "in[1] is a tuple"
    assert foreign_part([{1: data}]) == "a key of [0] is 1, a int"


# Changed records ----------------------------------------------------------------------------------------------------


@given(st.lists(nested_records(), min_size=2, max_size=3))
def test_changes_leave_the_samples_and_the_other_records_alone(samples):
    before = deepcopy(samples)
    for changes in (without_fields(samples), with_value(samples, None), with_extra_field(samples)):
        for changed in changes:
            assert changed.records[:1] + changed.records[2:] == before[:1] + before[2:]
            assert difference(changed.records[1], before[1]) is not None or "None" in changed.what
            changed.records[1].clear()
    assert samples == before


@given(nested_records())
def test_paths_lead_to_the_leaves(record):
    found = paths(record)
    assert len(set(found)) == len(found)
    for path in found:
        leaf = inner(record, path)
        assert not (isinstance(leaf, dict) and leaf)


def test_each_field_is_changed_once():
    samples = [{}, {"n": 1, "at": {"x": 2.5, "flag": True}}]
    assert [changed.records[1] for changed in without_fields(samples)] == [
        {"at": {"x": 2.5, "flag": True}},
        {"n": 1, "at": {"flag": True}},
        {"n": 1, "at": {"x": 2.5}},
    ]
    assert [changed.what for changed in with_value(samples, math.nan, numbers_only=True)] == [
        "a record whose 'n' is nan",
        "a record whose 'at.x' is nan",
    ]
    assert all(EXTRA_FIELD in changed.records[1] for changed in with_extra_field(samples))


@given(nested_records())
def test_reordering_changes_the_order_alone(record):
    other = reordered(record)
    assert other == record
    assert list(other) == list(reversed(record))
    assert reordered(other) == record
    assert list(reordered(other)) == list(record)


# Attempts -----------------------------------------------------------------------------------------------------------


def test_an_attempt_keeps_what_came_of_it():
    assert attempt(int, "7").value == 7
    assert "ZeroDivisionError: division by zero" in attempt(operator.truediv, 1, 0).text
    assert isinstance(attempt(exit, 3).error, SystemExit)
    with pytest.raises(KeyboardInterrupt):
        attempt(partial(_interrupt))


def _interrupt():
    raise KeyboardInterrupt


def test_threads_run_at_once_and_keep_their_results_apart():
    together = threading.Barrier(3, timeout=60)

    def work(number):
        together.wait()  # breaks if they do not all run at one time
        if number == 2:
            raise ValueError("two")
        return number

    results = attempts_at_once(work, [0, 1, 2], rounds=4)

    assert [[each.value for each in mine] for mine in results] == [[0] * 4, [1] * 4, [None] * 4]
    assert all(isinstance(each.error, ValueError) for each in results[2])


def test_threads_that_wait_for_ever_are_given_up():
    release, stuck = threading.Event(), []

    def work(wait):
        if not wait:
            return 7
        stuck.append(threading.current_thread())
        return release.wait(60)

    try:
        (waiting, done) = attempts_at_once(work, [True, False], 2, timeout=3)
    finally:
        release.set()
    stuck[0].join()  # what it gives now is too late to count

    assert [each.text for each in waiting] == ["TimeoutError: no answer within 3 s"]
    assert done[0].value == 7


# Other processes ----------------------------------------------------------------------------------------------------


def test_work_is_done_in_another_process():
    import os

    assert run_there(pickle.dumps(math.factorial), 5, timeout=120).value == 120
    assert run_there(pickle.dumps(os.getpid), None, timeout=120).error is not None
    assert "TypeError" in run_there(pickle.dumps(os.getpid), None, timeout=120).text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import time; time.sleep(60)", "no answer within"),
        ("import os; os._exit(3)", "it ended with status 3"),
        ("raise SystemExit(2)", "SystemExit: 2"),
    ],
)
def test_a_process_that_hangs_or_dies_is_told_of(code, text):
    done = run_there(pickle.dumps(exec), code, timeout=3 if "sleep" in code else 120)
    assert text in done.text


def test_what_is_printed_there_does_not_get_into_the_answer():
    assert run_there(pickle.dumps(print), "hello", timeout=120).value is None
    assert run_there(pickle.dumps(print), "hello", timeout=120).error is None


def test_an_import_is_told_of(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "noisy_module.py").write_text("import os, colorsys\nos.write(2, b'from C')\nos.environ['ACME'] = 'x'")

    report = import_there("noisy_module", (), 120.0).value

    assert report["printed"] == "from C"
    assert set(report["changed"]) == {"the environment"}
    assert {"noisy_module", "colorsys"} <= set(report["imported"])
    assert (report["missing"], report["error"]) == (False, None)
    assert "colorsys" not in import_there("noisy_module", ("colorsys",), 120.0).value["imported"]
    assert import_there("no_such_module.at_all", (), 120.0).value["missing"]


def test_what_the_packages_of_a_module_do_belongs_to_its_import(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "noisy_package"
    package.mkdir()
    (package / "__init__.py").write_text("from noisy_package.inner import VALUE")
    (package / "inner.py").write_text("import os, colorsys\nprint('loading')\nos.environ['ACME'] = 'x'\nVALUE = 1")
    (package / "needy.py").write_text("import no_such_library")

    report = import_there("noisy_package.inner", (), 120.0).value
    needy = import_there("noisy_package.needy", (), 120.0).value

    assert report["printed"] == "loading\n"
    assert set(report["changed"]) == {"the environment"}
    assert {"noisy_package", "colorsys"} <= set(report["imported"])
    assert (needy["missing"], needy["error"]) == (False, "ModuleNotFoundError: No module named 'no_such_library'")
    assert import_there("noisy_package.absent", (), 120.0).value["missing"]
