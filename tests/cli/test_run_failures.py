"""``packflow run`` where something is wrong: a plain word, a line's number, status 1 or 2, and nothing left behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.processes import COMMAND, GOOD, left_in, lines
from tests.support.scripts import clean_environment


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (GOOD + b"\n" + b'{"x": \n' + GOOD, 3, "not valid JSON"),
        (GOOD + b"[1]\n", 2, "an array"),
        (GOOD + b'{"x": "\xff"}\n', 2, "UTF-8"),
        (GOOD * 1500 + b"nonsense\n", 1501, "not valid JSON"),
    ],
    ids=["malformed", "no object", "not utf-8", "in a later batch"],
)
def test_a_bad_line_is_told_by_its_number_and_leaves_nothing(packflow, folder, content, line, said):
    (folder / "in.jsonl").write_bytes(content)
    told = packflow.refusal("inference.py:Echo", "in.jsonl", "-o", "out.jsonl")
    assert f"in.jsonl, line {line}: " in told
    assert said in told
    assert left_in(folder) == {"in.jsonl"}


def test_a_bad_line_of_standard_input_is_told_too(packflow):
    assert "<stdin>, line 2: " in packflow.refusal("inference.py:Echo", stdin=GOOD + b"bad\n")


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'x,y\n"a\nb",1\n2\n', 4), (b"x,y\n1,2\n\xff,2\n", 3), (b"x,x\n", 1), (b'x\n1\n"open\n', 3)],
    ids=["cells", "not utf-8", "header", "quote"],
)
def test_a_bad_line_of_a_csv_is_told_by_its_number(packflow, folder, content, line):
    (folder / "in.csv").write_bytes(content)
    assert f"in.csv, line {line}: " in packflow.refusal("inference.py:Echo", "in.csv", "-o", "out.jsonl")
    assert left_in(folder) == {"in.csv"}


def test_a_csv_without_a_header_is_told(packflow):
    assert "header" in packflow.refusal("inference.py:Echo", "--format", "csv", stdin=b"")


@pytest.mark.parametrize(("name", "said"), [("missing.jsonl", "No such file"), (".", "directory")])
def test_an_input_that_cannot_be_read_is_told(packflow, folder, name, said):
    told = packflow.refusal("inference.py:Echo", name, "--format", "jsonl", "-o", "out.jsonl")
    assert said in told
    assert f"{name} cannot be read" in told
    assert left_in(folder) == set()


@pytest.mark.parametrize("size", ["1", "3", "1000"])
def test_a_record_that_fails_is_told_by_its_line(packflow, folder, size):
    (folder / "in.jsonl").write_bytes(lines({"x": 1}, {"x": 2}) + b"\n" + lines({"x": 3}, {"x": 0}, {"x": 5}, {"x": 0}))
    (folder / "out.jsonl").write_text("old")
    told = packflow.refusal("inference.py:Inverse", "in.jsonl", "-o", "out.jsonl", "--batch-size", size)
    assert "in.jsonl, line 5: " in told
    assert "division by zero" in told
    assert "execute" in told
    assert (folder / "out.jsonl").read_text() == "old"
    assert left_in(folder) == {"in.jsonl", "out.jsonl"}


def test_a_record_that_fails_in_a_csv_is_told_by_its_first_line(packflow, folder):
    (folder / "in.csv").write_bytes(b'x,note\n1,"a\nb"\n0,"c\nd"\n2,e\n')
    assert "in.csv, line 4: " in packflow.refusal("inference.py:Inverse", "in.csv")


def test_a_record_that_a_preprocessor_refuses_is_told_by_its_line(packflow):
    settings = ["--set", "input_format=numpy", "--set", 'feature_names=["x"]', "--set", "on_missing=error"]
    told = packflow.refusal("inference.py:Columns", *settings, stdin=lines({"x": 1}, {"x": 2}, {"y": 3}))
    assert "<stdin>, line 3: " in told
    assert "'x'" in told
    assert "preprocess" in told


def test_an_output_that_is_not_json_is_told_by_the_line_of_its_record(packflow, folder):
    rows = lines({"x": 1}) + b"\n" + lines({"x": 0}, {"x": 2})
    told = packflow.refusal("inference.py:NotANumber", "-o", "out.jsonl", stdin=rows)
    assert "<stdin>, line 3: " in told
    assert "nan" in told
    assert left_in(folder) == set()


@pytest.mark.parametrize(("backend", "said"), [("Short", "rows"), ("Lists", "list")])
def test_a_backend_whose_rows_are_wrong_is_told(packflow, backend, said):
    told = packflow.refusal(f"inference.py:{backend}", stdin=lines({"x": 1}, {"x": 2}))
    assert "<stdin>, line 1: " in told
    assert said in told


def test_results_before_a_failure_are_on_standard_output_whole(packflow):
    rows = lines({"x": 1}, {"x": 2}, {"x": 0}, {"x": 4})
    done = packflow("run", "inference.py:Inverse", "--batch-size", "1", stdin=rows)
    assert done.returncode == 1
    assert done.stdout == b'{"inverse":1.0}\n{"inverse":0.5}\n'


def test_the_stack_trace_is_there_for_who_asks(packflow):
    done = packflow("--traceback", "run", "inference.py:Inverse", stdin=lines({"x": 0}))
    assert done.returncode == 1
    assert b"Traceback" in done.stderr
    assert b"ZeroDivisionError" in done.stderr


@pytest.mark.parametrize(
    ("output", "said"),
    [("no/such/folder/out.jsonl", "No such file"), (".", "Is a directory"), ("inference.py/out", "Not a directory")],
)
def test_an_output_that_cannot_be_written_is_told(packflow, folder, output, said):
    told = packflow.refusal("inference.py:Echo", "-o", output, stdin=lines({"x": 1}))
    assert f"{output} cannot be written" in told
    assert said in told
    assert left_in(folder) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told(packflow, folder):
    assert "No space left" in packflow.refusal("inference.py:Echo", "-o", "/dev/full", stdin=lines({"x": 1}))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "run", "inference.py:Echo"], cwd=folder, env=clean_environment(), input=lines({"x": 1}),
            stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.decode().strip() == "Error: <stdout> cannot be written: No space left on device."


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["inference.py:Echo", "--batch-size", "0"],
        ["inference.py:Echo", "--batch-size", "many"],
        ["inference.py:Echo", "--format", "xml"],
        ["inference.py:Echo", "--csv-types", "guess"],
        ["inference.py:Echo", "--set", "novalue"],
        ["inference.py:Echo", "--set", "=value"],
        ["inference.py:Echo", "--set", "verbose=true", "--set", "verbose=false"],
        ["inference.py:Echo", "--no-such-option"],
        ["inference.py:Echo", "one", "two"],
        ["inference.py:Echo", "inference.py"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_a_status_of_its_own(packflow, folder, arguments):
    told = packflow.refusal(*arguments, "-o", "out.jsonl", status=2)
    assert "Usage: packflow run" in told
    assert left_in(folder) == set()


def test_a_file_of_unknown_format_is_told_what_to_say(packflow, folder):
    (folder / "in.txt").write_bytes(GOOD)
    assert "--format" in packflow.refusal("inference.py:Echo", "in.txt", status=2)
