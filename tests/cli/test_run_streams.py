"""``packflow run`` among other processes: what it shows, and how it behaves in pipes and on terminals."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import COMMAND, GOOD, left_in, lines
from tests.support.processes import hearing_signals
from tests.support.scripts import clean_environment


def test_what_a_backend_prints_is_no_result(packflow):
    done = packflow("run", "inference.py:Noisy", "--batch-size", "1", stdin=lines({"x": 1}, {"x": 2}))
    assert done.stdout == b'{"x":1}\n{"x":2}\n'
    for noise in (b"initialize prints", b"initialize writes", b"execute prints", b"execute writes bytes",
                  b"execute writes to the descriptor", b"execute has a child that prints"):  # fmt: skip
        assert noise in done.stderr


def test_the_time_of_each_step_is_told_on_standard_error(packflow, folder):
    done = packflow("run", "inference.py:Echo", "-o", "out.jsonl", "--batch-size", "2", stdin=GOOD * 5)
    told = done.stderr.decode()
    assert "records: 5, calls: 3" in told
    for step in ("preprocess", "execute", "reading and writing", "whole run"):
        assert step in told
    assert "transform_inputs" not in told
    assert "records/s" in told


def test_quiet_shows_nothing(packflow):
    done = packflow("run", "-q", "inference.py:Echo", stdin=GOOD * 5)
    assert done.stderr == b""
    assert done.stdout == b'{"x":1}\n' * 5
    assert b"records" not in packflow("run", "--quiet", "inference.py:Echo", stdin=b"").stderr


def test_the_table_of_an_empty_run_has_no_figures_to_divide(packflow):
    assert "records: 0, calls: 0" in packflow("run", "inference.py:Echo", stdin=b"").stderr.decode()


def test_each_call_is_logged_only_for_who_asks(packflow):
    env = {"PACKFLOW_LOG_LEVEL": "INFO"}
    plain = packflow("run", "-q", "inference.py:Echo", "--batch-size", "1", stdin=GOOD * 3, env=env).stderr
    assert b"ExecutionMetrics" not in plain
    settings = ["--batch-size", "1", "--set", "verbose=true"]
    told = packflow("run", "-q", "inference.py:Echo", *settings, stdin=GOOD * 3, env=env).stderr
    assert told.count(b"ExecutionMetrics") == 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_sees_a_bar_while_it_runs(folder):
    import pty

    (folder / "in.jsonl").write_bytes(GOOD * 2_000)
    terminal, its_end = pty.openpty()
    command = [*COMMAND, "run", "inference.py:Echo", "in.jsonl", "-o", "out.jsonl"]
    env = clean_environment(TERM="xterm", COLUMNS="120")
    with subprocess.Popen(command, cwd=folder, env=env, stderr=its_end, stdin=subprocess.DEVNULL) as process:
        os.close(its_end)
        shown = b"".join(_until_closed(terminal))
    os.close(terminal)
    assert process.returncode == 0
    assert b"2,000 records" in shown
    assert b"\x1b[" in shown
    assert (folder / "out.jsonl").read_bytes() == b'{"x":1}\n' * 2_000


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_who_forgot_the_input_is_told_that_the_terminal_is_read(folder):
    import pty

    terminal, its_end = pty.openpty()
    command = [*COMMAND, "run", "inference.py:Echo", "-o", "out.jsonl"]
    streams = {"stdin": its_end, "stdout": its_end, "stderr": its_end}
    with subprocess.Popen(command, cwd=folder, env=clean_environment(TERM="xterm"), **streams) as process:
        os.close(its_end)
        shown = b""
        while b"\n" not in shown:
            shown += os.read(terminal, 4096)
        assert shown.startswith(b"Reading records from the terminal, one a line; the end is Ctrl-D")
        os.write(terminal, GOOD + b"\x04")
        shown = b"".join(_until_closed(terminal))
    os.close(terminal)
    assert process.returncode == 0
    assert "\N{BRAILLE PATTERN DOTS-1}" not in shown.decode().partition("records: 1")[0]
    assert (folder / "out.jsonl").read_bytes() == b'{"x":1}\n'


def _until_closed(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # Linux's way of saying that the other end is closed
            return
        if not chunk:
            return
        yield chunk


def started(folder: Path, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    command = [*COMMAND, "run", "-q", *arguments]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.Popen(command, cwd=folder, **hearing_signals(), **streams)


def test_a_result_is_there_before_the_next_record(folder):
    with started(folder, "inference.py:Inverse", "--batch-size", "1") as process:
        assert process.stdin
        assert process.stdout
        for x, result in ((2, b'{"inverse":0.5}\n'), (4, b'{"inverse":0.25}\n')):
            process.stdin.write(lines({"x": x}))
            process.stdin.flush()
            assert process.stdout.readline() == result
        process.stdin.close()
    assert process.returncode == 0


def test_a_reader_that_goes_away_ends_the_run_quietly(folder):
    (folder / "in.jsonl").write_bytes(GOOD * 100_000)
    with started(folder, "inference.py:Echo", "in.jsonl", "--batch-size", "10", stdin=subprocess.DEVNULL) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b'{"x":1}\n'
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_everything(folder, unbuffered):
    (folder / "in.jsonl").write_bytes(b"".join(lines({"x": number}) for number in range(50_000)))
    command = [*COMMAND, "run", "-q", "inference.py:Echo", "in.jsonl", "--batch-size", "20000"]
    with subprocess.Popen(
        command, cwd=folder, env=clean_environment(PYTHONUNBUFFERED=unbuffered), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        rows = [json.loads(line) for line in process.stdout]
    assert process.returncode == 0
    assert rows == [{"x": number} for number in range(50_000)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for one process")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_the_old_output_and_no_part_of_the_new(folder, name):
    (folder / "out.jsonl").write_text("old")
    with started(folder, "inference.py:Slow", "-o", "out.jsonl", "--batch-size", "1") as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(GOOD)
        process.stdin.flush()
        assert process.stderr.readline() == b"executing\n"
        process.send_signal(getattr(signal, name))
        told = process.stderr.read()
    assert process.returncode == 128 + getattr(signal, name)
    assert told.decode() == f"Ended by {name} before the input was. out.jsonl was not written.\n"
    assert (folder / "out.jsonl").read_text() == "old"
    assert left_in(folder) == {"out.jsonl"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize(
    ("redirected", "said", "status"),
    [
        ("in.jsonl >&-", "<stdout> cannot be written: it is closed", 1),
        ("<&-", "<stdin> cannot be read: it is closed", 1),
        ("in.jsonl -o out.jsonl >&- <&-", "", 0),
        ("in.jsonl -o out.jsonl >&- <&- 2>&-", "", 0),
        ("in.jsonl 2>&-", "", 0),
    ],
)
def test_closed_streams_are_told_where_they_are_missed(folder, redirected, said, status):
    (folder / "in.jsonl").write_bytes(GOOD)
    done = in_a_shell(folder, f"run inference.py:Noisy {redirected}")
    assert done.returncode == status
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    if "out.jsonl" in redirected:
        assert (folder / "out.jsonl").read_bytes() == GOOD.replace(b" ", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize("arguments", ["in.jsonl >> in.jsonl", "< in.jsonl >> in.jsonl", "in.jsonl -o - > in.jsonl"])
def test_the_input_is_not_what_standard_output_goes_to(folder, arguments):
    (folder / "in.jsonl").write_bytes(GOOD)
    done = in_a_shell(folder, f"run -q inference.py:Echo {arguments}")
    assert done.returncode == 1
    assert b"standard output goes to" in done.stderr
    assert (folder / "in.jsonl").read_bytes() == (GOOD if ">>" in arguments else b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", ["plugins list", "plugins list --json"])
def test_a_list_that_cannot_be_written_is_told(folder, arguments):
    for redirected, said in (("> /dev/full", "No space left on device"), (">&-", "it is closed")):
        done = in_a_shell(folder, f"{arguments} {redirected}")
        assert (done.returncode, done.stderr.decode()) == (1, f"Error: <stdout> cannot be written: {said}.\n")


def in_a_shell(folder: Path, arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with redirections."""
    return subprocess.run(
        ["sh", "-c", f"{shlex.join(COMMAND)} {arguments}"],
        cwd=folder, env=clean_environment(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_memory_does_not_grow_with_the_input(folder):
    """The peak of what Python allocates, for an input of 60 MB in batches of 0.6 MB; importing takes most of it."""
    with (folder / "in.jsonl").open("wb") as stream:
        for number in range(10_000):
            stream.write(lines({"x": number, "text": "y" * 6_000}))
    measured = """
import sys, tracemalloc
from packflow.cli import main
tracemalloc.start()
try:
    main(sys.argv[1:], prog_name="packflow")
finally:
    open("peak", "w").write(str(tracemalloc.get_traced_memory()[1]))
"""
    arguments = ["run", "-q", "inference.py:Echo", "in.jsonl", "-o", "out.jsonl", "--batch-size", "100"]
    subprocess.run(
        [sys.executable, "-c", measured, *arguments], cwd=folder, env=clean_environment(), timeout=120, check=True
    )
    assert len((folder / "out.jsonl").read_bytes().splitlines()) == 10_000
    assert int((folder / "peak").read_text()) < 30_000_000
