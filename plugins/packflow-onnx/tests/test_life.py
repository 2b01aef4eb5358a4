"""A backend in many threads, in a worker process, copied, and closed."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from packflow_onnx import OnnxBackend


def test_many_threads_get_what_one_gets(file_types: Path, bytes_of_files: Any):
    backend = OnnxBackend(verbose=False, model_path=file_types)
    alone = [backend(record) for record in bytes_of_files]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(backend, bytes_of_files)) == alone


def test_copies_open_the_file_anew(file_types: Path, bytes_of_files: Any):
    backend = OnnxBackend(verbose=False, model_path=file_types)
    expected = backend(bytes_of_files)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(backend, bytes_of_files).result() == expected
    for twin in (copy.deepcopy(backend), pickle.loads(pickle.dumps(backend))):
        assert twin(bytes_of_files) == expected
        assert twin.model.session is not backend.model.session
