"""One backend, many threads: each gets its own outputs, and metrics are never a mixture of two calls."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest

from packflow import InferenceBackend
from packflow.backend.metrics import ExecutionMetrics
from packflow.exceptions import InferenceBackendRuntimeError, MetricsUnavailableError
from tests.support.logs import Captured

THREADS = 32
CALLS = 6
MILLISECONDS_A_ROW = 0.2


class Proportional(InferenceBackend):
    """Takes time for each row, so that a batch's size can be checked against its times."""

    def transform_inputs(self, inputs: Any) -> Any:
        sleep(len(inputs) * MILLISECONDS_A_ROW / 1000)
        return inputs

    def execute(self, inputs: Any) -> Any:
        sleep(len(inputs) * MILLISECONDS_A_ROW / 1000)
        return [{"thread": row["thread"], "n": row["n"], "name": threading.current_thread().name} for row in inputs]


def is_whole(metrics: ExecutionMetrics) -> bool:
    times = metrics.execution_times
    steps = [times.preprocess, times.transform_inputs, times.execute]
    least = metrics.batch_size * MILLISECONDS_A_ROW
    return (
        times.transform_outputs is None
        and None not in steps
        and times.transform_inputs >= least
        and times.execute >= least
        and abs(metrics.total_execution_time - sum(steps)) < 1e-9
    )


@pytest.mark.parametrize("settings", [{}, {"rename_fields": {"m": "n"}, "feature_names": ["thread", "n"]}])
def test_calls_do_not_mix(settings: dict[str, Any], logs: Captured) -> None:
    backend = Proportional(**settings)
    logs.clear()
    source = "m" if settings else "n"
    start = threading.Barrier(THREADS)
    watching = threading.Event()
    mixtures: list[ExecutionMetrics] = []

    def watch() -> None:
        while not watching.is_set():
            try:
                metrics = backend.get_metrics()
            except MetricsUnavailableError:
                continue
            if not is_whole(metrics):
                mixtures.append(metrics)
            sleep(0)

    def call(thread: int) -> int:
        size = 1 + thread * 2  # from 1 to 63 rows: a mixture would show
        start.wait()
        for _ in range(CALLS):
            outputs = backend([{"thread": thread, source: n} for n in range(size)])
            assert [(row["thread"], row["n"]) for row in outputs] == [(thread, n) for n in range(size)]
            assert {row["name"] for row in outputs} == {threading.current_thread().name}
            if not is_whole(metrics := backend.get_metrics()):
                mixtures.append(metrics)
        return size

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            sizes = list(pool.map(call, range(THREADS)))
    finally:
        watching.set()
        watcher.join()
    assert mixtures == []
    assert backend.get_metrics().batch_size in sizes
    lines = [line.text for line in logs if "ExecutionMetrics" in line.text]
    for size in sizes:
        assert sum(f"(batch_size={size}," in line for line in lines) == CALLS
    assert len(lines) == THREADS * CALLS


class Picky(InferenceBackend):
    """Fails where it is told to."""

    def execute(self, inputs: Any) -> Any:
        if inputs[0]["fail"]:
            raise ValueError(f"asked by {inputs[0]['thread']}")
        sleep(0.001)
        return inputs


def test_failures_stay_in_their_own_thread() -> None:
    backend = Picky(verbose=False)

    def call(thread: int) -> str:
        fail = thread % 2 == 1
        try:
            outputs = backend([{"fail": fail, "thread": thread}] * (1 + thread))
        except InferenceBackendRuntimeError as error:
            return str(error)
        return str(outputs[0]["thread"])

    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(call, range(THREADS)))
    for thread, text in enumerate(told):
        if thread % 2:
            assert text.startswith(f"asked by {thread} ")
        else:
            assert text == str(thread)
    assert backend.get_metrics().batch_size % 2 == 1  # completed calls only: those of even threads


def test_numpy_batches_do_not_mix() -> None:
    class Sums(InferenceBackend):
        def execute(self, inputs: Any) -> Any:
            sleep(0.0005)
            return [{"sum": float(row.sum()), "rows": len(inputs)} for row in inputs]

    backend = Sums(input_format="numpy", feature_names=["a", "b.c"], verbose=False)

    def call(thread: int) -> bool:
        size = thread + 1
        outputs = backend([{"a": thread, "b": {"c": n}} for n in range(size)])
        return outputs == [{"sum": float(thread + n), "rows": size} for n in range(size)]

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(call, list(range(THREADS)) * 4))
