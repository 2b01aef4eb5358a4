"""``packflow run`` closes its backend: once the results are safe, and also where the run failed."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.cli.processes import COMMAND, GOOD, left_in, lines
from tests.support.interrupting import INTERRUPTED
from tests.support.processes import hearing_signals
from tests.support.scripts import clean_environment


@pytest.mark.parametrize("backend", ["Closing", "OwnClose"])
def test_the_backend_is_closed_when_the_results_are_safe(packflow, folder, backend):
    done = packflow("run", f"inference.py:{backend}", "-o", "out.jsonl", stdin=GOOD)
    assert done.returncode == 0
    assert done.stderr.decode().count("shut down; out.jsonl is there") == 1
    assert (folder / "out.jsonl").read_bytes() == b'{"inverse":1.0}\n'


def test_a_run_that_fails_closes_it_too(packflow, folder):
    told = packflow.refusal("inference.py:Closing", "-o", "out.jsonl", stdin=lines({"x": 0}))
    assert "shut down; out.jsonl is not there" in told
    assert "division by zero" in told
    assert left_in(folder) == set()


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("FailsToClose", "the line is dead (OSError in step 'shutdown' of FailsToClose)"),
        ("ExitsAtTheEnd", "0 (SystemExit in step 'shutdown' of ExitsAtTheEnd)"),
    ],
)
def test_a_shutdown_that_fails_is_told_and_the_results_are_there(packflow, folder, backend, said):
    assert said in packflow.refusal(f"inference.py:{backend}", "-o", "out.jsonl", stdin=GOOD)
    assert (folder / "out.jsonl").read_bytes() == b'{"inverse":1.0}\n'


def test_a_failure_of_the_run_comes_before_one_of_the_closing(packflow):
    told = packflow.refusal("inference.py:FailsToClose", stdin=lines({"x": 0}))
    assert told.splitlines()[-1].startswith("Error: <stdin>, line 1: ")
    assert "the line is dead" in told


def test_a_signal_closes_it_too(folder):
    with subprocess.Popen(
        [*COMMAND, "run", "inference.py:Closing", "-o", "out.jsonl"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **hearing_signals(),
    ) as process:
        assert process.stdin
        process.stdin.write(lines(*[{"x": 1}] * 1000))  # a whole batch: its result is on the way to the file
        process.stdin.flush()
        while not [path for path in folder.iterdir() if path.name.startswith((".", "out")) and path.stat().st_size]:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "shut down; out.jsonl is not there" in told.decode()
    assert "Ended by SIGTERM before the input was. out.jsonl was not written." in told.decode()


EVERYWHERE = (
    INTERRUPTED
    + """
from packflow.cli import run as module

ARGUMENTS = ["run", "inference.py:Echo", "in.jsonl", "-o", "out.jsonl", "--batch-size", "1", "-q"]
LOOPS = {function.__code__ for function in (module.run_all, module.run_batch, module.write_batch)}
at, status = 1, None
while status != 0:
    status = interrupted(at, LOOPS, ARGUMENTS)
    left = sorted(name for name in os.listdir() if "out.jsonl" in name)
    if status == 0:
        assert left == ["out.jsonl"], left
    else:
        assert (status, left) == (143, []), (at, status, left)
    at += 1
print(at)
"""
)


def test_a_signal_is_heeded_wherever_it_arrives(folder):
    """Before every single instruction of the functions that run batch after batch."""
    (folder / "in.jsonl").write_bytes(lines({"x": 1}, {"x": 2}, {"x": 3}))
    done = subprocess.run(
        [sys.executable, "-c", EVERYWHERE], cwd=folder, env=clean_environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert int(done.stdout) > 50
