"""``packflow plugins doctor``: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from packflow.plugin import doctor
from packflow.plugin.doctor.report import Examination, Report, finding
from tests.support.distributions import add_distribution
from tests.support.processes import hearing_signals, runs


def examined(name: str, *codes: str, **more: Any) -> Examination:
    found = tuple(
        finding(code, f"{name} has {code}", f"cure {code}", where=f"{name}.py:3", details=(f"more of {code}",))
        for code in codes
    )
    plugin = Examination("backend", name, "acme", "1.0", "a:b", "imported", 1234.5, 321, (), found)
    return plugin._replace(**more)


def run(monkeypatch: pytest.MonkeyPatch, report: Report, *arguments: str) -> Result:
    monkeypatch.setattr(doctor, "examine", lambda *given, **options: report)
    return CliRunner().invoke(main, ["plugins", "doctor", *arguments], prog_name="packflow")


REPORT = Report(
    "1.0.0",
    "3.11.7",
    (examined("fine"), examined("loud", "prints"), examined("dead\x1b[2J", "crash", milliseconds=None, modules=None)),
    (finding("own-metadata", "it is stale", "reinstall", where="/site"),),
)


def test_each_plugin_has_a_line_and_each_finding_a_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, REPORT)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.output.splitlines() if "│" in line]
    assert rows == [
        ["ok", "backend", "acme/fine", "1.0", "1,234", "321", ""],
        ["warn", "backend", "acme/loud", "1.0", "1,234", "321", "prints"],
        ["fault", "backend", "acme/dead\\x1b[2J", "1.0", "", "", "crash"],
    ]
    paragraphs = [paragraph.splitlines() for paragraph in done.output.split("\n\n")[1:]]
    lines = [line.rstrip() for line in paragraphs[0]]
    assert lines == [
        "backend acme/loud (1.0)",
        "  warning prints: loud has prints",
        "    more of prints",
        "    at loud.py:3",
        "    cure prints",
    ]
    assert "\x1b" not in done.output
    assert done.output.splitlines()[-1] == "packflow 1.0.0, Python 3.11.7: 3 plugins, 2 errors, 1 warning, 0 notes"


@pytest.mark.parametrize(
    ("codes", "arguments", "status"),
    [
        ((), (), 0),
        ((), ("--strict",), 0),
        (("prints", "blocked"), (), 0),
        (("prints",), ("--strict",), 1),
        (("blocked",), ("--strict",), 0),
        (("prints", "crash"), (), 1),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_exit_status_tells_ci(
    codes: tuple[str, ...],
    arguments: tuple[str, ...],
    status: int,
    form: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = Report("1.0.0", "3.11.7", (examined("any", *codes),), ())
    assert run(monkeypatch, report, *arguments, *form).exit_code == status


def test_json_is_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run(monkeypatch, REPORT, "--json").output) == REPORT.as_json()


def test_options_reach_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(doctor, "examine", lambda *args, **kw: given.append((args, kw)) or REPORT)
    arguments = ["a", "b/c", "--kind", "hooks", "--timeout", "2.5", "--jobs", "3"]
    CliRunner().invoke(main, ["plugins", "doctor", *arguments])
    (((names, kind), options),) = given
    assert (names, kind, options["timeout"], options["jobs"]) == (("a", "b/c"), "hooks", 2.5, 3)


@pytest.mark.parametrize(
    "wrong",
    [["--timeout", "0"], ["--timeout", "soon"], ["--timeout", "nan"], ["--jobs", "0"], ["--kind", "model"]],
)
def test_wrong_usage_is_status_2(wrong: list[str]) -> None:
    assert CliRunner().invoke(main, ["plugins", "doctor", *wrong]).exit_code == 2


def test_a_name_of_nothing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(main, ["plugins", "doctor", "recrods"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: No installed plugin, nor a distribution that has one, is called 'recrods'.")
    assert "Did you mean 'records'?" in done.output


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_plugins_processes(tmp_path: Path, number: signal.Signals) -> None:
    source = "import os, pathlib, time\npathlib.Path(__file__).with_suffix('.pid').write_text(str(os.getpid()))\n"
    plugins = {"backend": {"waits": "acme_waits:Fast"}}
    add_distribution(tmp_path, "acme-waits", "1.0", plugins, {"acme_waits.py": source + "time.sleep(600)"})
    command = [sys.executable, "-m", "packflow", "plugins", "doctor", "waits"]
    started = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        **hearing_signals(PYTHONPATH=str(tmp_path)),
    )
    mark = tmp_path / "acme_waits.pid"
    while started.poll() is None and not (mark.exists() and mark.read_text()):
        sleep(0.02)
    started.send_signal(number)
    _, said = started.communicate(timeout=60)
    assert (started.returncode, said) == (128 + number, f"Ended by {number.name} before every plugin was examined.\n")
    assert not runs(int(mark.read_text()))
