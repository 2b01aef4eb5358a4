"""The ways that are run in another environment: a process there takes part in the turns, asked by lines of JSON.

Run as a script by the other environment's Python it is that process; `Elsewhere` is what asks it.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cases import CASES
from environments import quiet
from harness import Case, Turn, set_level, turn_of

#: What the peer makes of a batch is sent for comparison up to this number of records.
COMPARED = 100


class Elsewhere:
    """A process in another environment, and its ways."""

    def __init__(self, python: str) -> None:
        self._process = subprocess.Popen(
            [python, str(Path(__file__))], env=quiet(), cwd=tempfile.gettempdir(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def open(self, case: Case, size: int) -> tuple[dict[str, Turn], Any, dict[str, str]]:
        """Have a case made ready; give its ways, what they make of the first batch, and why something is left out."""
        answer = self._ask({"open": [case.group, case.name, size]})
        if "left_out" in answer:
            return {}, None, {"peer": answer["left_out"]}
        return {way: partial(self._turn, way) for way in answer["ways"]}, answer["gives"], {}

    def close(self) -> None:
        """Let the process come to its end."""
        self._process.communicate("")

    def _turn(self, way: str, calls: int) -> float:
        return float(self._ask({"way": way, "calls": calls})["ns"])

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(question), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the process of the other environment ended at {question}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def make_ready(group: str, name: str, size: int) -> tuple[dict[str, Turn], Any]:
    case = next((case for case in CASES if (case.group, case.name) == (group, name)), None)
    if case is None or case.elsewhere is None:
        raise LookupError("a library that the case needs is missing in the peer's environment")
    set_level(case.level)
    batches = case.batches(size)
    ways = case.elsewhere()
    gives = case.peer_gives(batches[0]) if case.peer_gives and size <= COMPARED else None
    for function in ways.values() if size <= COMPARED else ():
        function(batches[0])  # what it cannot do shows here
    return {way: turn_of(function, batches) for way, function in ways.items()}, gives


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr
    turns: dict[str, Turn] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "open" in question:
            group, name, size = question["open"]
            turns.clear()
            gc.unfreeze()
            try:
                turns, gives = make_ready(group, name, size)
            except Exception as error:  # noqa: BLE001  # whatever it is: the peer cannot do it
                answer: dict[str, Any] = {"left_out": f"{type(error).__name__}: {error}"[:200]}
            else:
                answer = {"ways": list(turns), "gives": gives.tolist() if isinstance(gives, np.ndarray) else gives}
            gc.collect()
            gc.freeze()  # as `nothing_collected` does in the other process
        else:
            answer = {"ns": turns[question["way"]](question["calls"])}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
