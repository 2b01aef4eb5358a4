"""``packflow validate``: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from packflow.project import validation
from packflow.project.validation import Check, SampleFailure, ValidationReport
from tests.cli.processes import AS_INSTALLED, COMMAND
from tests.project.validation.projects import SOUND, write_project
from tests.support.processes import hearing_signals, runs
from tests.support.scripts import clean_environment

CHECKS = (
    Check("config", "passed", "packflow.yaml is valid"),
    Check("readme", "warning", "there is no README.md", "Write README.md."),
    Check("samples", "failed", "1 of 2\x1b[2J fail\nbadly", "Correct it.", "model.py:3", ("samples.jsonl:2: oh",)),
    Check("plugins", "skipped", "the samples did not get through"),
)
FAILED = ValidationReport("iris", "1.0", "/iris", CHECKS, 2, failures=(SampleFailure(2, "execute", "OSError", "oh"),))
PASSED = FAILED._replace(checks=CHECKS[:2], failures=(), outputs=2)


def run(monkeypatch: pytest.MonkeyPatch, report: ValidationReport, *arguments: str) -> Result:
    given: list[Any] = []

    def validate(*project: Any, **options: Any) -> ValidationReport:
        given.extend([project, options])
        return report

    monkeypatch.setattr(validation, "validate_project", validate)
    done = CliRunner().invoke(main, ["validate", *arguments], prog_name="packflow")
    assert given, done.output
    return done


def test_each_check_has_a_line_and_what_is_wrong_a_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, FAILED, "iris")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.output.splitlines() if "│" in line]
    assert rows == [
        ["passed", "config", "packflow.yaml is valid"],
        ["warning", "readme", "there is no README.md"],
        ["failed", "samples", "1 of 2\\x1b[2J fail"],
        ["skipped", "plugins", "the samples did not get through"],
    ]
    paragraphs = [[line.rstrip() for line in text.splitlines()] for text in done.output.split("\n\n")[1:]]
    assert paragraphs == [
        ["warning readme: there is no README.md", "    Write README.md."],
        [
            "failed samples: 1 of 2\\x1b[2J fail",
            "    badly",
            "    samples.jsonl:2: oh",
            "    at model.py:3",
            "    Correct it.",
            "iris 1.0 is not valid: 1 passed, 1 failed, 1 warning, 1 skipped",
        ],
    ]


@pytest.mark.parametrize(("report", "status"), [(PASSED, 0), (FAILED, 1)])
def test_the_status_is_for_ci(monkeypatch: pytest.MonkeyPatch, report: ValidationReport, status: int) -> None:
    assert run(monkeypatch, report).exit_code == status
    done = run(monkeypatch, report, "--json")
    assert done.exit_code == status
    assert json.loads(done.stdout) == report.as_json()


@pytest.mark.parametrize("arguments", [("--timeout", "0"), ("--timeout", "nan"), ("a", "b"), ("--jsn",)])
def test_wrong_usage_has_another_status(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, ["validate", *arguments]).exit_code == 2


def test_where_there_is_no_project_a_line_says_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["validate", str(tmp_path), "--json"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "packflow.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_may_not_be_read_is_no_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    assert CliRunner().invoke(main, ["validate", str(tmp_path)]).exit_code == 1


def packflow(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "validate", *arguments],
        cwd=folder,
        env=clean_environment(PYTHONIOENCODING="utf-8"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_project_in_the_current_folder(tmp_path: Path) -> None:
    done = packflow(write_project(tmp_path, SOUND + "print('loaded')\n"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "it prints 'loaded'" in done.stdout
    assert done.stdout.endswith("doubler 1.0 is valid: 13 passed, 1 warning\n")


def test_a_project_elsewhere_that_fails(tmp_path: Path) -> None:
    write_project(tmp_path / "it's here", SOUND.replace('row["n"]', 'row["m"]'))
    done = packflow(tmp_path, "it's here", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert [failure["line"] for failure in report["failures"]] == [1, 3, 4]
    assert {(failure["step"], failure["exception"]) for failure in report["failures"]} == {("execute", "KeyError")}


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_signal_ends_the_projects_process_too(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    source = f"import os, pathlib, time\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n"
    with subprocess.Popen(
        [*AS_INSTALLED, "validate", str(write_project(tmp_path / "project", source))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **hearing_signals(),
    ) as process:
        while not (pid.exists() and pid.read_text()):
            assert process.poll() is None
            sleep(0.02)
        process.send_signal(signal.SIGTERM)
        output, said = process.communicate(timeout=60)
    assert (process.returncode, output) == (128 + signal.SIGTERM, b"")
    assert said == b"Ended by SIGTERM before the samples were through.\n"
    assert not runs(int(pid.read_text()))


def test_lines_of_one_text_are_printed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    detail = "the configuration of Model is not valid:\n  speed: too slow"
    report = FAILED._replace(checks=(Check("backend", "failed", detail, "", "", ("caused by A\nof a long name",)),))
    table, paragraph = run(monkeypatch, report, "iris").output.split("\n\n")
    assert "is not valid │" in table
    assert paragraph.splitlines()[1:4] == ["      speed: too slow", "    caused by A", "    of a long name"]


def test_several_warnings_are_counted_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    report = PASSED._replace(checks=(*CHECKS[:2], CHECKS[1]))
    assert run(monkeypatch, report, "iris").output.endswith("iris 1.0 is valid: 1 passed, 2 warnings\n")
