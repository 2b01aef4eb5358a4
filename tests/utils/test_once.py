"""What is said once is said once, however many threads come upon it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from packflow import BackendConfig
from packflow.backend.preprocessors.array import NumpyPreprocessor
from packflow.backend.preprocessors.nested import MISSING
from packflow.utils.once import Once
from tests.support.logs import Captured


class Rows(list[Any]):
    """Rows at which two threads look at once."""

    def __init__(self, rows: list[Any]) -> None:
        super().__init__(rows)
        self.together = threading.Barrier(2)

    def __iter__(self) -> Any:
        self.together.wait(30)
        return super().__iter__()


def test_of_many_threads_one_is_the_first() -> None:
    together = threading.Barrier(8)

    def ask(first: Once) -> list[bool]:
        together.wait(30)
        return [first(key) for key in range(1000)]

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(ask, [Once()] * 8))
    assert [sum(each) for each in zip(*told, strict=True)] == [1] * 1000


def test_threads_that_miss_one_feature_at_once_warn_of_it_once(logs: Captured) -> None:
    preprocess = NumpyPreprocessor(BackendConfig(input_format="numpy", feature_names=["x"]))
    rows = Rows([[MISSING], [MISSING]])
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(preprocess._warn_of_absent_features, [rows, rows]))
    assert len([text for text in logs.texts() if "'x' is absent" in text]) == 1
