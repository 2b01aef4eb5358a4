"""Python source is parsed in many threads at once, whatever runs when Python collects garbage."""

from __future__ import annotations

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from packflow.utils import parsing

SOURCE = "class A(B):\n    def execute(self, inputs):\n        return [row['x'] + 1 for row in inputs]\n"


def test_threads_do_not_count_each_others_depth():
    """A callback of the garbage collector lets another thread run halfway through a tree; Hypothesis has one."""

    def let_others_run(phase: str, info: dict[str, int]) -> None:
        time.sleep(0)

    def parse(_: int) -> int:
        together.wait(60)
        return len(parsing.parse(SOURCE * 20).body)

    together = threading.Barrier(8)
    thresholds = gc.get_threshold()
    gc.callbacks.append(let_others_run)
    gc.set_threshold(20)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(parse, range(64))) == [20] * 64
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(let_others_run)
