"""A backend in many threads, in a worker process, copied, and closed."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
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


ALONE = """
import socket, sys, threading
asked = []
socket.socket.connect = lambda self, address: asked.append(str(address))
socket.getaddrinfo = lambda *address, **_: asked.append(str(address)) or []
from packflow_mlflow import MlflowBackend
assert not {"mlflow", "pandas"} & set(sys.modules)
backend = MlflowBackend(verbose=False, model_path=sys.argv[1])
rows = backend([{"sepal length (cm)": 5, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0}])
from mlflow.telemetry import get_telemetry_client
assert get_telemetry_client() is None
print([rows, asked, [thread.name for thread in threading.enumerate()]])
"""


def test_nothing_is_asked_of_a_network_and_no_thread_is_left(classifier: Path, tmp_path: Path):
    silent = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "CI", "PYTEST_CURRENT_TEST")
    environment = {name: value for name, value in os.environ.items() if name not in silent}
    command = [sys.executable, "-c", ALONE, str(classifier)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = [[{"prediction": "setosa"}], [], ["MainThread"]]
    assert json.loads(done.stdout.replace("'", '"')) == expected
    assert list(tmp_path.iterdir()) == []
