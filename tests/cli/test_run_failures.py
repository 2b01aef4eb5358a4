"""``packflow run`` where something is wrong: a plain word, a line's number, status 1 or 2, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
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


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("ExitsAtOnce", "'inference.py:ExitsAtOnce' would have ended the program (SystemExit: )"),
        ("ExitsLater", "<stdin>, line 3: ExitsLater called sys.exit(0)."),
        ("Panics", "<stdin>, lines 1 to 4: the backend would have ended the program (Panic: index out of bounds)"),
    ],
)
def test_a_backend_that_would_end_the_program_has_failed(packflow, folder, backend, said):
    rows = lines({"x": 1}, {"x": 2}, {"x": 0}, {"x": 4})
    assert said in packflow.refusal(f"inference.py:{backend}", "-o", "out.jsonl", stdin=rows)
    assert left_in(folder) == set()


def test_results_before_a_failure_are_on_standard_output_whole(packflow):
    rows = lines({"x": 1}, {"x": 2}, {"x": 0}, {"x": 4})
    done = packflow("run", "inference.py:Inverse", "--batch-size", "1", stdin=rows)
    assert done.returncode == 1
    assert done.stdout == b'{"inverse":1.0}\n{"inverse":0.5}\n'


@pytest.mark.parametrize(
    "arguments",
    [("--traceback", "run", "inference.py:Inverse"), ("run", "inference.py:Inverse", "--traceback")],
    ids=["before the command", "after it"],
)
def test_the_stack_trace_is_there_for_who_asks(packflow, arguments):
    done = packflow(*arguments, stdin=lines({"x": 0}))
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
        ["inference.py:Echo", "--set", "x=" + "1" * 5_000],
        ["inference.py:Echo", "--set", "x=" + "[" * 50_000 + "]" * 50_000],
        ["inference.py:Echo", "--batch-size", str(2**63)],
        ["inference.py:Echo", "--limit", "0"],
        ["inference.py"],
        ["inference.py:Echo", "--set", "verbose=true", "--set", "verbose=false"],
        ["inference.py:Echo", "--no-such-option"],
        ["inference.py:Echo", "one", "two"],
        ["inference.py:Echo", "inference.py"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_wrong_usage_has_a_status_of_its_own(packflow, folder, arguments):
    told = packflow.refusal(*arguments, "-o", "out.jsonl", status=2)
    assert "Usage: packflow run" in told
    assert left_in(folder) == set()


@pytest.mark.parametrize("needed", ["inference.py", "./inference.py", "link.py", "settings.json"])
def test_an_output_does_not_replace_what_the_run_is_made_of(packflow, folder, needed):
    (folder / "settings.json").write_text('{"configs": {}}')
    (folder / "link.py").symlink_to("inference.py")
    before = (folder / needed).read_bytes()
    done = packflow("run", "inference.py:Echo", "--config", "settings.json", "-o", needed, stdin=GOOD)
    assert done.returncode == 2
    assert f"{needed!r} is the " in done.stderr.decode()
    assert (folder / needed).read_bytes() == before


@pytest.mark.parametrize("needed", ["packflow.yaml", "inference.py"])
def test_an_output_does_not_replace_what_a_project_is_made_of(packflow, folder, needed):
    (folder / "packflow.yaml").write_text("name: t\nversion: 1.0.0\nloader: local\ninference_backend: inference:Echo\n")
    before = (folder / needed).read_bytes()
    done = packflow("run", ".", "-o", needed, stdin=GOOD)
    assert done.returncode == 2
    assert f"{needed!r} is the " in done.stderr.decode()
    assert (folder / needed).read_bytes() == before
    assert left_in(folder) == {"packflow.yaml"}


def test_an_output_that_is_named_for_another_format_is_wrong_usage(packflow, folder):
    done = packflow("run", "inference.py:Echo", "-o", "out.CSV", stdin=GOOD)
    assert done.returncode == 2
    assert b"'out.CSV' is not named for: call it .jsonl" in done.stderr
    assert not (folder / "out.CSV").exists()


def test_an_output_may_replace_its_input(packflow, folder):
    (folder / "in.jsonl").write_bytes(b'{"x": 2}\n')
    assert packflow("run", "-q", "inference.py:Inverse", "in.jsonl", "-o", "in.jsonl").returncode == 0
    assert (folder / "in.jsonl").read_bytes() == b'{"inverse":0.5}\n'


def test_an_empty_name_of_an_output_is_wrong_usage(packflow):
    assert "--output" in packflow.refusal("inference.py:Echo", "-o", "", stdin=GOOD, status=2)


def test_a_setting_that_is_misspelt_keeps_its_value_to_itself(packflow):
    for setting in ("token:hunter2", "token hunter2", "=hunter2"):
        told = packflow.refusal("inference.py:Echo", "--set", setting, stdin=GOOD, status=2)
        assert "hunter2" not in told
        assert "KEY=VALUE" in told


def test_text_in_place_of_a_list_is_told_how_lists_are_written(packflow):
    told = packflow.refusal("inference.py:Echo", "--set", "feature_names=a", stdin=GOOD)
    assert """--set 'feature_names=["a", "b"]'""" in told
    told = packflow.refusal("inference.py:Told", "--set", "limits=low:1", stdin=GOOD)
    assert """--set 'limits={"a": "b"}'""" in told
    assert "--set" not in packflow.refusal("inference.py:Echo", "--set", "verbose=perhaps", stdin=GOOD)
    assert "--set" not in packflow.refusal("inference.py:Echo", "--set", "feature_names=1", stdin=GOOD)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs PYTHONSAFEPATH, for `python -c` imports from the folder")
@pytest.mark.parametrize("target", ["inference:Echo", "inference"])
def test_a_script_that_is_spelt_like_a_module_is_told_its_spelling(packflow, target):
    told = packflow.refusal(target, stdin=GOOD, PYTHONSAFEPATH="1")
    assert f"inference.py:{target.partition(':')[2] or 'Object'}" in told
    assert "Loader" not in told


def test_errors_spell_a_backend_as_the_command_line_does(packflow):
    assert "Error: 'inference.py:Ech' " in packflow.refusal("inference.py:Ech", stdin=GOOD)


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (["missing.jsonl"], "missing.jsonl cannot be read", 1),
        (["inference.py"], "--format", 2),
        (["-o", "no/folder/out.jsonl"], "no/folder/out.jsonl cannot be written", 1),
    ],
    ids=["input", "format", "output"],
)
def test_files_are_looked_at_before_a_model_is_loaded(packflow, folder, arguments, said, status):
    told = packflow.refusal("inference.py:Broken", *arguments, stdin=GOOD, status=status)
    assert said in told
    assert "weights.bin" not in told


def test_links_in_a_circle_are_told(packflow, folder):
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    assert "a cannot be written" in packflow.refusal("inference.py:Echo", "-o", "a", stdin=GOOD)
    assert "a cannot be read" in packflow.refusal("inference.py:Echo", "a", "--format", "jsonl")


def test_a_file_of_unknown_format_is_told_what_to_say(packflow, folder):
    (folder / "in.txt").write_bytes(GOOD)
    assert "--format" in packflow.refusal("inference.py:Echo", "in.txt", status=2)
