"""A process that is watched: whatever is left in its folder, the parent gets to know how it ended."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import sleep

import pytest

from packflow.utils.processes.answering import ANSWER, BEGUN
from packflow.utils.processes.descendants import MARK, find_marked
from packflow.utils.processes.watching import Ending, Watched

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes by group")

WROTE = f"open({BEGUN!r}, 'w').write('{{\"sizes\": [0, 0]}}'); open({ANSWER!r}, 'w').write('{{\"seen\": 1}}')"


def watch(folder: Path, program: str, **options: object) -> Ending:
    child = Watched(f"import os; os.chdir({str(folder)!r}); {program}", folder, 60.0, **options)  # type: ignore[arg-type]
    while (ending := child.poll()) is None:
        sleep(0.01)
    return ending


def test_what_it_wrote_is_read(tmp_path: Path) -> None:
    ending = watch(tmp_path / "one", f"{WROTE}; print('printed'); os._exit(3)")
    assert (ending.status, ending.begun, ending.answer, ending.ended) == (3, True, {"seen": 1}, None)
    assert ending.stdout == "printed\n"


@pytest.mark.parametrize(
    "program",
    [
        "open('answer', 'w').write('{')",
        "open('answer', 'w').write('[1]')",
        "os.mkdir('answer')",
        "os.mkfifo('answer')",  # which nobody may wait for
        "os.symlink('/dev/zero', 'answer')",
        "os.symlink(os.path.abspath('begun'), 'answer')",
    ],
)
def test_what_is_no_answer_is_none(tmp_path: Path, program: str) -> None:
    ending = watch(tmp_path / "one", f"open('begun', 'w').write('{{}}'); {program}")
    assert (ending.status, ending.begun, ending.answer) == (0, True, None)


@pytest.mark.parametrize("sizes", ["{", "3", '{"sizes": [-1, 0]}', '{"sizes": [0]}', '{"sizes": [1e99, "a"]}'])
def test_sizes_that_make_no_sense_skip_nothing(tmp_path: Path, sizes: str) -> None:
    program = f"open('begun', 'w').write({sizes!r}); open('answer', 'w').write('{{}}'); print('all')"
    assert watch(tmp_path / "one", program).stdout == "all\n"


def test_a_folder_that_is_gone_is_none_of_the_parents_trouble(tmp_path: Path) -> None:
    ending = watch(tmp_path / "one", f"import shutil; shutil.rmtree({str(tmp_path / 'one')!r})")
    assert (ending.status, ending.begun, ending.answer, ending.stdout) == (0, True, None, "")


def test_what_is_given_can_be_read_once(tmp_path: Path) -> None:
    given = b"the key"
    program = (
        "from packflow.utils.processes.answering import take_key; key = take_key(); "
        "open('answer', 'w').write(__import__('json').dumps([key.decode(), os.read(0, 9).decode()]))"
    )
    child = watch(tmp_path / "one", program, given=given, read=lambda name, data: {name: json.loads(data)})
    assert child.answer == {ANSWER: ["the key", ""]}


def test_processes_that_hide_are_ended_by_their_mark(tmp_path: Path) -> None:
    mark = f"test-{os.getpid()}"
    started = "[sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True"
    assert watch(tmp_path / "none", "pass", mark=mark).left_processes is False
    ending = watch(tmp_path / "one", f"import subprocess, sys; subprocess.Popen({started})", mark=mark)
    assert ending.left_processes is (sys.platform == "linux")
    while find_marked(mark):  # what was killed takes its time to end
        sleep(0.01)
    assert MARK not in os.environ
