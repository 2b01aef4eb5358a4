"""What the tests share: saving models, real data sets as records, and the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import loguru
import pytest
import skops.io
from sklearn.datasets import load_diabetes, load_iris, load_wine
from threadpoolctl import threadpool_limits


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Any], Path]:
    """Save a model as skops and give the file."""

    def to_file(model: Any) -> Path:
        path = tmp_path / f"model-{len(list(tmp_path.iterdir()))}.skops"
        skops.io.dump(model, path)
        return path

    return to_file


@pytest.fixture(scope="session")
def iris() -> Any:
    return load_iris(as_frame=True)


@pytest.fixture(scope="session")
def wine() -> Any:
    return load_wine(as_frame=True)


@pytest.fixture(scope="session")
def diabetes() -> Any:
    return load_diabetes(as_frame=True)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Fit small models without threads that wait for each other."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """Every record that is logged, as loguru gives it."""
    records: list[Any] = []
    handler = loguru.logger.add(lambda message: records.append(message.record), level=0)
    yield records
    loguru.logger.remove(handler)
