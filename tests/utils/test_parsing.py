"""Trees of Python source are made in many threads at once, whatever runs when Python collects garbage."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from packflow.backend.preprocessors import Preprocessor
from packflow.plugin import apiversion
from packflow.project.requirements.judging import applies
from packflow.project.requirements.lines import parse_requirement
from packflow.utils.parsing import parse

SOURCE = "class A(B):\n    def execute(self, inputs):\n        return [row['x'] + 1 for row in inputs]\n"
MARKER = " and ".join(["python_version > '3'"] * 20)

WAYS: dict[str, Callable[[], Any]] = {
    "source": lambda: len(parse(SOURCE * 20).body) == 20,
    "requirement": lambda: parse_requirement(f"numpy>1; {MARKER}", "requirements.txt", 1).marker.count("and") == 19,
    "marker": lambda: applies(MARKER),
    "declaration": lambda: apiversion._place(Preprocessor, "")[1] > 1,
}


@pytest.fixture
def _others_run() -> Iterator[None]:
    """Let another thread run whenever garbage is collected, which is often; Hypothesis has a callback there, too."""

    def let_others_run(phase: str, info: dict[str, int]) -> None:
        time.sleep(0)

    thresholds = gc.get_threshold()
    gc.callbacks.append(let_others_run)
    gc.set_threshold(5)
    yield
    gc.set_threshold(*thresholds)
    gc.callbacks.remove(let_others_run)


@pytest.mark.usefixtures("_others_run")
@pytest.mark.parametrize("way", WAYS)
def test_threads_do_not_count_each_others_depth(way: str) -> None:
    together = threading.Barrier(8)

    def run(other: str) -> list[bool]:
        together.wait(60)
        return [bool(WAYS[other]()) for _ in range(10)]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(run, [way, "source"] * 4)) == [[True] * 10] * 8
