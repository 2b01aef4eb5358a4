"""A process that answers what plugins' names mean, for as many made-up environments as it is asked about.

Run as a script, it reads one JSON object a line and writes one a line. What the order of things in a folder is, and
the order in which it looks, loads and imports, are its own: both come from the request's seed. :class:`Answering` is
the other end of the pipe.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


class Answering:
    """One such process, with a hash seed of its own.

    Args:
        hash_seed: what decides the order of its sets of texts.
        patience: seconds after which a silent process is ended.
    """

    def __init__(self, hash_seed: int, patience: float = 120) -> None:
        hidden = ("PACKFLOW", "PYTHON", "LOGURU", "COVERAGE")
        quiet = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self._environment = quiet | {"PYTHONHASHSEED": str(hash_seed)}
        self._patience = patience
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-B", "-m", "tests.support.answering"],
            cwd=REPOSITORY,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, request: dict[str, Any]) -> None:
        """Hand a request over; :meth:`answer` gives what comes of it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the answer."""
        assert self._process.stdout
        watchdog = threading.Timer(self._patience, self._process.kill)
        watchdog.start()
        line = self._process.stdout.readline()
        watchdog.cancel()
        if not line:
            self.close()
            self._process = self._start()  # for the next request
            raise EOFError("the process ended, or was ended because it said nothing for too long")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class _Folders:
    """Gives what is in a folder in an order that a seed decides."""

    def __init__(self) -> None:
        self.seed = 0
        self._listdir, self._scandir = os.listdir, os.scandir
        os.listdir, os.scandir = self.listdir, self.scandir  # type: ignore[assignment]

    def _order(self, folder: Any, names: list[Any], name_of: Any) -> list[Any]:
        in_order = sorted(names, key=name_of)
        Random(f"{self.seed} {Path(os.fsdecode(folder)).name}").shuffle(in_order)
        return in_order

    def listdir(self, folder: Any = ".") -> list[Any]:
        return self._order(folder, self._listdir(folder), lambda name: name)

    def scandir(self, folder: Any = ".") -> Any:
        with self._scandir(folder) as entries:
            found = self._order(folder, list(entries), lambda entry: entry.name)
        return _Entries(found)


class _Entries:
    def __init__(self, entries: list[Any]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Any:
        return self._entries

    def __next__(self) -> Any:
        return next(self._entries)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


def answer(request: dict[str, Any]) -> dict[str, list[Any]]:
    """Say what the names of one environment mean: for each question, all the different answers that were given.

    Everything is asked in one go, once more after a refresh, and a few questions at a time with nothing asked before.
    """
    from packflow.exceptions import PackflowError

    random = Random(request["seed"])
    questions = request["questions"]
    answers: dict[str, list[Any]] = {}

    at_the_end = [["records"], *(["why", *about] for what, *about in questions if what == "find")]
    first_of_few = [random.sample(questions, 3) for _ in range(request["rounds"])]
    path = list(sys.path)
    sys.path[:0] = request["modules"]
    try:
        for few in [*first_of_few, []]:
            registry = _fresh_registry(request)
            _ask_all(registry, few, answers)
        for _ in range(2):
            _ask_all(registry, random.sample(questions, len(questions)), answers)
            _ask_all(registry, at_the_end, answers)
            _forget_modules(request["prefix"])
            with suppress(PackflowError):  # in strict mode it may say what is wrong
                registry.refresh()
    finally:
        sys.path[:] = path
    return dict(sorted(answers.items()))


def _fresh_registry(request: dict[str, Any]) -> Any:
    from packflow.plugin.index import scan
    from packflow.plugin.registry import Registry

    _forget_modules(request["prefix"])
    registry = Registry(scan=lambda: scan(request["path"]), environ=request["environ"])
    sys.packflow_registry = registry  # type: ignore[attr-defined]  # for plugins that load others
    return registry


def _forget_modules(prefix: str) -> None:
    for name in [name for name in sys.modules if name.startswith(prefix)]:
        del sys.modules[name]


def _ask_all(registry: Any, questions: list[list[str]], answers: dict[str, list[Any]]) -> None:
    for question in questions:
        given = answers.setdefault(" ".join(question), [])
        said = _ask(registry, *question)
        if said not in given:
            given.append(said)


def _ask(registry: Any, what: str, *about: str) -> Any:
    try:
        return _ASK[what](registry, *about)
    except BaseException as error:
        return [type(error).__name__, str(error)]


def _find(registry: Any, kind: str, name: str) -> Any:
    found = registry.find(kind, name)
    return [found.qualified, found.value, found.version]


def _load(registry: Any, kind: str, name: str) -> Any:
    found = registry.load(kind, name)
    return [found.__name__, getattr(found, "__module__", None)]


def _import(registry: Any, module: str) -> Any:
    return __import__(module).__name__


_ASK = {
    "find": _find,
    "has": lambda registry, kind, name: registry.has(kind, name),
    "import": _import,
    "listen": lambda registry: [name for name, _ in registry.listeners().call_finished],
    "list": lambda registry: registry.records() and None,  # it shows what is loaded, and must change nothing
    "load": _load,
    "records": lambda registry: [list(record) for record in registry.records()],
    "why": lambda registry, *about: registry.why(*about).text,
}


def main() -> None:
    folders = _Folders()
    from loguru import logger

    logger.remove()
    for line in sys.stdin:
        request = json.loads(line)
        folders.seed = request["seed"]
        print(json.dumps(answer(request)), flush=True)


if __name__ == "__main__":
    main()
