"""What packflow costs beside code written by hand, in instructions: these are the same on a busy machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from tests.support import instructions
from tests.support.environments import REPOSITORY
from tests.support.instructions import FEW, MANY, RECORDS

#: How many times the instructions of the code by hand are too many. There is room for a tenth to a third more than
#: there is: whoever passes a bound has added work for each record.
BOUNDS = {
    "filter": 1.5,
    "rename": 1.2,
    "nested paths": 2.1,
    "flatten": 1.0,
    "NumPy": 1.0,
    "NumPy from nested paths": 1.4,
    "a call": 2.2,
}

pytestmark = [
    pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind, which counts instructions, is not installed"),
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the bounds are those of one Python, 3.11"),
]


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    """Give the instructions for a record of each way: packflow's and those by hand."""
    folder = tmp_path_factory.mktemp("callgrind")
    command = [
        "valgrind", "--tool=callgrind", "--dump-before=getppid", f"--callgrind-out-file={folder}/out",
        sys.executable, "-m", instructions.__name__,
    ]  # fmt: skip
    variables = {"PYTHONHASHSEED": "0", "LOGURU_AUTOINIT": "0"}  # no others: coverage's would have it counted too
    done = subprocess.run(command, cwd=REPOSITORY, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split("\n")[:-1] == [*BOUNDS]
    stretches = iter([summary(folder / f"out.{number}") for number in range(2, 2 + 4 * len(BOUNDS))])
    pairs = iter([(many - few) / (MANY - FEW) / RECORDS for few, many in zip(stretches, stretches, strict=True)])
    return dict(zip(BOUNDS, zip(pairs, pairs, strict=True), strict=True))


def summary(file):
    return int(re.search(r"^summary: (\d+)$", file.read_text(), re.MULTILINE)[1])


@pytest.mark.parametrize("way", BOUNDS)
def test_instructions_stay_close_to_those_of_code_by_hand(way, counts):
    ours, by_hand = counts[way]

    assert ours < BOUNDS[way] * by_hand, f"{ours:,.0f} instructions a record; {by_hand:,.0f} by hand"
