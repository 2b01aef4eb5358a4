"""The same cases for pytest-benchmark, in this process alone: ``pytest benchmarks --benchmark-only``.

``run_all.py`` is what compares: here each way has its time to itself. This serves to look at one case closely, and at
what a change does to it (``-k``, ``--benchmark-autosave``, ``--benchmark-compare``).
"""

from __future__ import annotations

from functools import cache
from itertools import cycle
from typing import Any

import pytest
from cases import CASES
from harness import Case, Function, set_level

WAYS = [
    pytest.param(case, size, way, id=f"{case.group}-{case.name}-{size}-{way}")
    for case in CASES
    for way in case.here(1)  # the same for all sizes
    for size in case.sizes
]


@cache
def batches(case: Case, size: int) -> list[Any]:
    return case.batches(size)


@pytest.mark.parametrize(("case", "size", "way"), WAYS)
def test_case(benchmark: Any, case: Case, size: int, way: str) -> None:
    set_level(case.level)
    function: Function = case.here(size)[way]
    endless = cycle(batches(case, size))
    benchmark.group = f"{case.group}, {case.name}, {size:,}"
    benchmark(lambda: function(next(endless)))
