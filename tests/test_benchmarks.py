"""The benchmarks' own ground: what is compared does the same, and each turn is compared with its neighbours."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from tests.support.environments import REPOSITORY


@pytest.fixture(scope="module")
def benchmarks():
    """Import the benchmarks' modules as their scripts do, by their bare names; leave none of them behind."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY / "benchmarks"))
        yield import_module
    folder = str(REPOSITORY / "benchmarks")
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
            del sys.modules[name]


@pytest.mark.parametrize("group", ["records", "calls", "normalizers"])
def test_the_ways_of_a_case_do_the_same(group, benchmarks):
    harness = benchmarks("harness")
    cases = benchmarks(group).CASES

    assert cases
    for case in cases:
        for size in (1, 3):
            harness.check(case, case.here(size), case.batches(size)[:2])


def test_ways_that_do_not_do_the_same_are_not_compared(benchmarks):
    harness = benchmarks("harness")
    case = harness.Case("group", "name", "ns", lambda size: [[1] * size], lambda _: {"ours": sum, "by hand": len})

    harness.check(case, case.here(1), case.batches(1))
    harness.check(case, case.here(1), [[1, 1]])
    with pytest.raises(SystemExit, match="by hand does not give what ours gives"):
        harness.check(case, case.here(1), [[2]])


def test_what_is_slow_takes_part_in_fewer_turns(benchmarks):
    harness = benchmarks("harness")
    pace = harness.Pace(turn=1_000, together=100_000, fewest=5, most=50)
    order = []

    def way(name, cost):
        def turn(calls):
            order.append(name)
            return calls * cost

        return turn

    turns = {"quick": way("quick", 10), "slow": way("slow", 10_000), "endless": way("endless", 10_000_000)}
    times = harness.take_turns(turns, pace)

    assert {name: len(found) for name, found in times.items()} == {"quick": 50, "slow": 10, "endless": 1}
    assert sorted(times["slow"]) == list(range(0, 50, 5))
    assert order.count("endless") == 1
    assert set(times["quick"].values()) == {10}


@pytest.mark.parametrize(
    ("size", "more", "figure", "most", "met"),
    [(100, False, 2.0, 2.0, True), (1, False, 2.0, 3.2, True), (100, True, 30, 2.0, False), (1, True, 30, 2.0, False)],
)
def test_a_turn_is_compared_with_its_neighbour(size, more, figure, most, met, benchmarks):
    harness = benchmarks("harness")
    # the machine slows down to a tenth in between; of the medians alone the ratio would be 40 : 10
    times = {"ours": {0: 20.0, 1: 40.0, 2: 400.0, 3: 60.0}, "by hand": {0: 10.0, 2: 200.0, 3: 30.0}}

    found = harness.compare(times, harness.Goal("ours", "by hand", 2.0, more=more), size)

    assert (found["figure"], found["goal"], found["met"]) == (figure, most, met)
    assert harness.compare(times, harness.Goal("ours", "pandas", 1.0), size) is None


def test_each_figure_stands_beside_its_goal(benchmarks):
    report = benchmarks("report")
    compared = [
        {"of": "ours", "to": "by hand", "kind": "ratio", "figure": 1.31, "goal": 1.25, "met": False},
        {"of": "ours", "to": "peer", "kind": "ratio", "figure": 0.004, "goal": 1.0, "met": True},
    ]
    line = {
        "group": "normalizers", "case": "vector", "records": 100, "unit": "ns a row", "compared": compared,
        "times": {"ours": 131.0, "by hand": 100.0, "peer": 32_750.0},
    }  # fmt: skip

    [(title, table)] = report.tables({"lines": [line]})

    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    assert title == "Results made records"
    assert cells[0] == ["case", "unit", "ours", "by hand", "peer", "ours : by hand", "ours : peer"]
    assert cells[2] == ["vector", "ns a row", "131", "100", "32,750", "1.31 > 1.25, missed", "0.004 ≤ 1.00, met"]
    assert report.verdict({"lines": [line]}).splitlines() == [
        "1 of 2 goals are met.",
        "- normalizers, vector, 100 records: ours to by hand 1.31 > 1.25, missed",
    ]
