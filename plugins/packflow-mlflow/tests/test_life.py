"""A backend in many threads, in a worker process, copied, and closed."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from packflow_mlflow import MlflowBackend


def test_many_threads_get_what_one_gets(classifier: Path, iris: Any):
    backend = MlflowBackend(verbose=False, model_path=classifier)
    records = iris.data.iloc[::10].to_dict("records")
    alone = [backend(record) for record in records]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(backend, records * 3)) == alone * 3


def test_copies_open_the_directory_anew_and_say_nothing_again(classifier: Path, iris: Any, log: list[str]):
    (classifier / "requirements.txt").write_text("scikit-learn==0.1\n")
    try:
        backend = MlflowBackend(verbose=False, model_path=classifier)
        told = len(log)
        records = iris.data.iloc[::50].to_dict("records")
        expected = backend(records)
        for twin in (copy.deepcopy(backend), pickle.loads(pickle.dumps(backend))):
            assert twin(records) == expected
            assert twin.model is not backend.model
        assert (told, len(log)) == (1, 1)
    finally:
        (classifier / "requirements.txt").write_text("")


def test_a_closed_backend_lets_the_model_go_and_pickles(classifier: Path):
    backend = MlflowBackend(verbose=False, model_path=classifier)
    backend.close()
    assert not hasattr(backend, "model")
    assert not hasattr(pickle.loads(pickle.dumps(backend)), "model")
