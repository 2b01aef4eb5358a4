"""Code that exits, prints, hangs, crashes or forges: each is reported, and none is believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from packflow.project.validation import ValidationReport
from tests.project.validation.projects import SOUND, check, validate_all

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks, and ends with signals")

IMPORTS = "import atexit, ctypes, os, subprocess, sys, threading, time\nfrom packflow import InferenceBackend\n"
#: Is in the command of a process that a project leaves behind; others may run these tests, too.
LEFT = f"left by {os.getpid()}"
LEAVES = f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)  # {LEFT}'], start_new_session=True)"

#: What a process writes that has passed, as far as code can know that has not been given the key.
FORGED = """
import json
answer = {"complete": True, "stage": "close", "outputs": [{}, {}, {}], "modules": {}, "plugins": []}
for name in ("begun", "answer", "ended"):
    with open(os.path.join(os.path.dirname(os.getcwd()), "answers", name), "w") as file:
        json.dump(answer, file)
os._exit(0)
"""
PATCHED = """
        import packflow.backend.validation
        packflow.backend.validation.check_outputs.__code__ = (lambda rows, expected_rows: None).__code__
        return ["forged"] * 3
"""
DELETED = """
        import pathlib
        for file in (pathlib.Path.cwd().parent / "answers").iterdir():
            file.unlink()
            file.mkdir()
"""


def model(execute: str = "pass", *, top: str = "", initialize: str = "pass", more: str = "") -> str:
    return f"""{IMPORTS}{top}
class Model(InferenceBackend):
    def initialize(self):
        {initialize}
    def execute(self, inputs):
        {execute}
        return [dict(row) for row in inputs]
{more}
"""


PROJECTS = {
    "sound": SOUND,
    "exit-import": model(top="sys.exit(0)"),
    "os-exit-import": model(top="os._exit(0)"),
    "exit-initialize": model(initialize="sys.exit('bye')"),
    "os-exit-initialize": model(initialize="os._exit(0)"),
    "exit-execute": model("sys.exit(0)"),
    "os-exit-execute": model("print('nearly', flush=True); os._exit(0)"),
    "interrupt": model("raise KeyboardInterrupt"),
    "os-exit-atexit": model(top="atexit.register(os._exit, 0)"),
    "status-atexit": model(top="atexit.register(os._exit, 3)"),
    "exit-atexit": model(top="atexit.register(sys.exit, 3)"),
    "crash": model("ctypes.string_at(0)"),
    "crash-atexit": model(top="atexit.register(ctypes.string_at, 0)"),
    "flood": model("[os.write(1, b'x' * 9999 + b'\\n') for _ in range(3000)]"),
    "no-streams": model("sys.stdout = sys.stderr = None"),
    "no-descriptors": model("os.closerange(0, 200)"),
    "moves": model("os.chdir('/')"),
    "patches-json": model("import json; json.dumps = os.write = os.replace = os.open = None"),
    "patches-checks": model(PATCHED),
    "own-validate": model(more="    def validate(self, samples):\n        return None\n"),
    "forges": model(top=FORGED),
    "deletes": model(DELETED),
    "leaves": model(LEAVES),
    "forks": model("os.fork()"),
    "forked-end": model("os.fork() or os._exit(0)"),
    "group": model("import signal; os.killpg(0, signal.SIGTERM)"),
    "threads": model(top="threading.Thread(target=time.sleep, args=(0.2,)).start()"),
    "shutdown": model(more="    def shutdown(self):\n        raise OSError('it stays open')\n"),
    "shutdown-exits": model(more="    def shutdown(self):\n        os._exit(0)\n"),
}
#: What hangs has to come that far first, on a machine that is busy, too.
TIMEOUT = 10.0
HANGING = {
    "hang-import": model(top="time.sleep(600)"),
    "hang-execute": model("time.sleep(600)"),
    "hang-second": model("\n        if len(inputs) > 1: raise ValueError('no')\n        time.sleep(600)"),
    "hang-end": model(top="threading.Thread(target=time.sleep, args=(600,), name='waiting').start()"),
    # It stops itself, so that it cannot say where it is, and the parent has to end it.
    "stops": model("import signal; os.kill(os.getpid(), signal.SIGSTOP)"),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ValidationReport]:
    """All of them at once, as processes cost."""
    folder: Path = tmp_path_factory.mktemp("projects")
    return {**validate_all(folder, PROJECTS, 120.0), **validate_all(folder, HANGING, TIMEOUT)}


@pytest.mark.parametrize("name", ["sound", "flood", "no-streams", "no-descriptors", "moves", "threads"])
def test_what_is_merely_awkward_passes(reports: dict[str, ValidationReport], name: str) -> None:
    report = reports[name]
    assert report.passed, report.checks
    assert (report.samples, report.outputs, report.failures) == (3, 3, ())


@pytest.mark.parametrize(
    ("name", "failed", "said"),
    [
        ("exit-import", "backend", "would end the program: SystemExit: 0"),
        ("os-exit-import", "backend", "ends the process with status 0"),
        ("exit-initialize", "backend", "would end the program: SystemExit: bye (in step 'initialize')"),
        ("os-exit-initialize", "backend", "ends the process with status 0"),
        ("exit-execute", "samples", "at least 1 of 3 samples fail"),
        ("os-exit-execute", "samples", "ends the process with status 0"),
        ("interrupt", "samples", "at least 1 of 3 samples fail"),
        ("os-exit-atexit", "ending", "ends the process with status 0"),
        ("status-atexit", "ending", "ends the process with status 3"),
        ("crash", "samples", "ends the process with SIGSEGV"),
        ("crash-atexit", "ending", "ends the process with SIGSEGV"),
        ("patches-json", "samples", "3 of 3 samples fail"),
        ("patches-checks", "samples", "are not 3 records, though it let them pass"),
        ("own-validate", "samples", "3 of 3 samples fail"),
        ("forges", "backend", "deleted or overwritten by the project's code"),
        ("deletes", "backend", "deleted or overwritten by the project's code"),
        ("group", "samples", "ends the process with SIGTERM"),
        ("shutdown", "ending", "closing the backend failed: OSError: it stays open (in step 'shutdown')"),
        ("shutdown-exits", "ending", "ends the process with status 0"),
        ("hang-import", "backend", "the backend was still being loaded after 10 s"),
        ("hang-execute", "samples", "the samples were still running after 10 s"),
        ("hang-second", "samples", "the samples fail; then the samples were still running"),
        ("hang-end", "ending", "the process did not end; threads that are left: waiting"),
        ("stops", "samples", "the samples were still running after 10 s"),
    ],
)
def test_what_goes_wrong_fails_the_check_that_it_belongs_to(
    reports: dict[str, ValidationReport], name: str, failed: str, said: str
) -> None:
    report = reports[name]
    assert not report.passed
    assert [each.name for each in report.checks if each.status == "failed"] == [failed], report.checks
    assert said in check(report, failed).detail
    assert check(report, failed).remedy


@pytest.mark.parametrize(
    ("name", "warned", "said"),
    [
        ("exit-atexit", "ending", "SystemExit: 3"),
        ("leaves", "ending", "leaves processes running"),
        ("forks", "ending", "leaves processes running"),
        ("flood", "output", "it prints 'xxx"),
    ],
)
def test_what_is_not_wrong_yet_is_a_warning(
    reports: dict[str, ValidationReport], name: str, warned: str, said: str
) -> None:
    report = reports[name]
    assert report.passed
    assert check(report, warned).status == "warning"
    assert said in check(report, warned).detail


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("exit-import", "inference.py:3, in <module>: sys.exit(0)"),
        ("exit-initialize", "inference.py:6, in initialize: sys.exit('bye')"),
        ("crash", "inference.py:8, in execute: ctypes.string_at(0)"),
        ("hang-execute", "inference.py:8, in execute: time.sleep(600)"),
    ],
)
def test_the_projects_own_line_is_named(reports: dict[str, ValidationReport], name: str, where: str) -> None:
    assert where in [each.where for each in reports[name].checks]


def test_what_was_printed_before_the_end_is_told(reports: dict[str, ValidationReport]) -> None:
    ended = reports["os-exit-execute"]
    assert check(ended, "samples").lines == ("nearly",)
    assert check(ended, "output").detail == "it prints 'nearly'"


def test_nothing_is_left_running(reports: dict[str, ValidationReport]) -> None:
    assert reports["leaves"].passed  # they were started
    commands = map(_read, Path("/proc").glob("[0-9]*/cmdline"))
    assert not [command for command in commands if LEFT.encode() in command]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""
