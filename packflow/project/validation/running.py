"""The parent's side of running the samples: one process, and what of its answer is accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from hmac import compare_digest
from pathlib import Path
from secrets import token_bytes, token_hex
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

from packflow.utils.processes.answering import SEAL, seal
from packflow.utils.processes.holding import signals_held
from packflow.utils.processes.watching import Ending, Watched, program_text
from packflow.utils.strict_json import refuse_constant

_PAUSE = 0.02


def run_apart(path: Path, *, with_samples: bool, timeout: float) -> Ending:
    """Load a project's backend in a process of its own, and run the samples there.

    The process works in an empty folder, so that what runs there runs wherever it is started.

    Args:
        path: the project's folder.
        with_samples: whether there are samples to run.
        timeout: how long the project's code may take, in seconds.

    Returns:
        How the process ended. Its answer is there if the part of it wrote it that has the key.
    """
    return run_worker("packflow.project.validation.worker", str(path), with_samples, timeout, timeout=timeout)


def run_worker(worker: str, *arguments: Any, timeout: float) -> Ending:
    """Run a module's ``main`` in a process of its own, in an empty folder.

    Args:
        worker: the module.
        *arguments: what ``main`` is called with, after the folder where its answer goes.
        timeout: how long it may take once it has begun, in seconds.
    """
    try:
        folder = TemporaryDirectory(prefix="packflow-validate-", ignore_cleanup_errors=True)
    except OSError as error:
        return Ending(None, not_started=str(error))
    with folder as place:
        child = ending = None
        try:  # no loop in here: where a signal arrives at the jump to its beginning, Python 3.13 passes the handlers by
            with signals_held():
                child = _start(Path(place), worker, arguments, timeout)
            ending = _wait_for(child)
        except OSError as error:
            if child is not None:
                raise
            return Ending(None, not_started=str(error))
        finally:
            if child is not None and ending is None:
                child.end()
    return ending


def _start(place: Path, worker: str, arguments: tuple[Any, ...], timeout: float) -> Watched:
    key = token_bytes(32)
    answers, working = place / "answers", place / "working"
    working.mkdir()
    program = program_text(worker, str(answers), *arguments, with_modules=True)
    return Watched(program, answers, timeout, given=key, read=sealed_reader(key), cwd=working, mark=token_hex(16))


def _wait_for(child: Watched) -> Ending:
    while (ending := child.poll()) is None:
        sleep(_PAUSE)
    return ending


def sealed_reader(key: bytes) -> Callable[[str, bytes], Any]:
    """Give a function that reads what was sealed with a key, as strict JSON; None for anything else.

    Example:
        >>> read = sealed_reader(b"key")
        >>> read("answer", seal(b"key", "answer", b"[1]").encode() + b"[1]"), read("answer", b"[1]")
        ([1], None)
    """

    def read(name: str, data: bytes) -> Any:
        sealed, text = data[:SEAL], data[SEAL:]
        if not compare_digest(sealed, seal(key, name, text).encode()):
            return None
        try:
            return json.loads(text, parse_constant=refuse_constant)
        except (ValueError, RecursionError):
            return None

    return read
