"""Backends of local projects in other processes, and copied in this one."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from packflow.loaders import LocalLoader

FILES = {
    "inference.py": """
        import helpers
        from packflow import InferenceBackend

        class Backend(InferenceBackend):
            def initialize(self):
                self.scaler = helpers.Scaler(3)
                self.function = helpers.double

            def execute(self, inputs):
                import late
                return [{"value": self.function(self.scaler(row["n"])) + late.N} for row in inputs]

        ready = Backend(verbose=False)
    """,
    "helpers.py": """
        import dataclasses

        @dataclasses.dataclass
        class Scaler:
            by: int
            def __call__(self, n):
                return n * self.by

        def double(n):
            return 2 * n
    """,
    "late.py": "N = 1\n",
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_in_the_same_process_the_class_stays_the_same(project, protocol):
    backend = LocalLoader("inference:Backend", project(FILES)).load(verbose=False)
    again = pickle.loads(pickle.dumps(backend, protocol))
    assert type(again) is type(backend)
    assert again({"n": 2}) == backend({"n": 2}) == {"value": 13}


def test_copies(project):
    backend = LocalLoader("inference:ready", project(FILES)).load()
    again = copy.deepcopy(backend)
    assert type(again.scaler) is type(backend.scaler)
    assert again.scaler is not backend.scaler
    assert again({"n": 1}) == {"value": 7}


def test_two_loaders_of_one_directory_pickle_apart(project):
    home = project(FILES)
    backends = [LocalLoader("inference:Backend", home).load(verbose=False) for _ in range(2)]
    again = pickle.loads(pickle.dumps(backends))
    assert [type(backend) for backend in again] == [type(backend) for backend in backends]
    assert type(again[0]) is not type(again[1])


def test_a_process_that_never_heard_of_the_project_unpickles_its_objects(project, tmp_path):
    home = project(FILES, tmp_path / "a home.with-odd_näme")
    backend = LocalLoader("inference:Backend", home).load(verbose=False)
    (tmp_path / "b.pickle").write_bytes(pickle.dumps([backend.scaler, backend]))
    code = (
        "import pickle, sys; path = list(sys.path)\n"
        "scaler, backend = pickle.load(open('b.pickle', 'rb'))\n"
        "print(scaler(2), backend({'n': 2}), type(backend.scaler) is type(scaler), sys.path == path)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "6 {'value': 13} True True\n"


SPAWN = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from packflow.loaders import LocalLoader

def call(job):
    backend, record = job
    return backend(record)

if __name__ == "__main__":
    first = LocalLoader("inference:Backend", "one").load(verbose=False)
    second = LocalLoader("pkg.inference:Backend", "two").load(verbose=False)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        print(list(pool.map(call, [(first, {"n": 1}), (second, {"n": 1}), (first, {"n": 2})])))
        print(pool.submit(second, [{"n": 3}]).result())
        print(pool.submit(first.scaler, 5).result(), pool.submit(type(first).execute, first, [{"n": 0}]).result())
    with context.Pool(1) as pool:
        back = pool.map(type(first.scaler), [9])[0]
        print(type(back) is type(first.scaler), back(1))
"""


def test_worker_processes_that_are_spawned(project, tmp_path):
    project(FILES, tmp_path / "one")
    project({**FILES, "late.py": "N = 100\n", "pkg/inference.py": FILES["inference.py"]}, tmp_path / "two")
    (tmp_path / "main.py").write_text(SPAWN)
    run = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "[{'value': 7}, {'value': 106}, {'value': 13}]",
        "[{'value': 118}]",
        "15 [{'value': 1}]",
        "True 9",
    ]
