"""The processes in which plugins are examined: started, watched, and ended with whatever they have started.

Everything goes through files, no pipes: a plugin may close, flood or hand on what it finds open, and the parent still
gets to know how it ended. What the process does is in `probe`; what is made of it in `judge`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, NamedTuple

from packflow.plugin.doctor.probe import ANSWER, BEGUN, TRACE
from packflow.plugin.refs import PluginRef

#: How long the interpreter and packflow's own modules may take to load, in seconds.
_START = 120.0
#: How long after its time limit a process may take to say where it hangs, in seconds.
_LAST_WORDS = 2.0
_PAUSE = 0.02
#: How much of the output is kept, in bytes; a plugin may print without end.
_KEPT = 64 * 1024

_POSIX = os.name == "posix"


class Ending(NamedTuple):
    """How the process for a plugin ended."""

    #: Its exit status; negative for a signal; None if it could not be started or was killed for taking too long.
    status: int | None
    timed_out: bool = False
    #: Whether it came to the plugin at all.
    begun: bool = False
    #: What `probe` has seen; None if it did not come to write it down.
    answer: dict[str, Any] | None = None
    #: What it printed from when the plugin began to be imported.
    stdout: str = ""
    stderr: str = ""
    #: What faulthandler wrote of where it was when it ended.
    trace: str = ""
    #: Whether it left processes running; they have been ended.
    left_processes: bool = False
    #: Why it could not be started.
    not_started: str = ""


def probe_all(plugins: list[PluginRef], *, timeout: float, jobs: int) -> Generator[tuple[PluginRef, Ending]]:
    """Import each plugin in a process of its own, and give how that ended, as they end.

    Closing the iterator ends the processes that still run.

    Args:
        plugins: what to import, in this order; others may be added to the list while this goes on.
        timeout: how long each may take, in seconds, from when packflow's own modules are loaded.
        jobs: how many processes may run at once.
    """
    running: list[_Child] = []
    with TemporaryDirectory(prefix="packflow-doctor-", ignore_cleanup_errors=True) as folder:
        try:  # no loop in here: where a signal arrives at the jump to its beginning, Python 3.13 passes the handlers by
            yield from _probe_in_turn(plugins, running, Path(folder), timeout, jobs)
        finally:
            for child in running:
                child.end()


def _probe_in_turn(
    plugins: list[PluginRef], running: list[_Child], folder: Path, timeout: float, jobs: int
) -> Generator[tuple[PluginRef, Ending]]:
    begun = 0
    while begun < len(plugins) or running:
        while begun < len(plugins) and len(running) < jobs:
            plugin = plugins[begun]
            begun += 1
            try:
                running.append(_Child(plugin, folder / str(begun), timeout))
            except OSError as error:
                yield plugin, Ending(None, not_started=str(error))
        ended = [(child, ending) for child in running if (ending := child.poll())]
        for child, ending in ended:
            running.remove(child)
            yield child.plugin, ending
        if not ended:
            sleep(_PAUSE)


class _Child:
    """One process, and the folder where it writes."""

    def __init__(self, plugin: PluginRef, folder: Path, timeout: float) -> None:
        self.plugin = plugin
        self._folder = folder
        self._timeout = timeout
        folder.mkdir()
        with self._output("stdout") as stdout, self._output("stderr") as stderr:
            self._process = subprocess.Popen(  # noqa: S603  # this very interpreter
                [*_interpreter(), "-c", _code(folder, plugin, timeout)],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,  # a group of its own, to be ended as a whole; and no Ctrl-C from the terminal
            )
        self._started = monotonic()
        self._begun: float | None = None

    def _output(self, name: str) -> Any:
        return (self._folder / name).open("ab")  # what is appended survives that the file is cut short

    def poll(self) -> Ending | None:
        """Give how it ended; None if it still runs."""
        status = self._process.poll()
        if self._begun is None and (self._folder / BEGUN).exists():
            self._begun = monotonic()
        if status is None:
            limit = self._started + _START if self._begun is None else self._begun + self._timeout + _LAST_WORDS
            if monotonic() < limit:
                self._cut_output()
                return None
            self.end()
        left = self._end_group() and status is not None
        return self._ending(status, left)

    def _cut_output(self) -> None:
        for name in ("stdout", "stderr"):
            if (self._folder / name).stat().st_size > 2 * _KEPT:
                os.truncate(self._folder / name, _KEPT)

    def _ending(self, status: int | None, left_processes: bool) -> Ending:
        begun, answer = self._read(BEGUN), self._read(ANSWER)
        sizes = begun["sizes"] if begun else [0, 0]
        trace = self._text(TRACE)
        # A limit is kept on both sides: the process is first, as it can say where it is.
        timed_out = status is None or (answer is None and "Timeout (" in trace)
        return Ending(
            status,
            timed_out,
            begun is not None,
            answer,
            self._text("stdout", sizes[0]),
            self._text("stderr", sizes[1]),
            trace,
            left_processes,
        )

    def _read(self, name: str) -> dict[str, Any] | None:
        text = self._text(name)
        read: dict[str, Any] | None = json.loads(text) if text else None
        return read

    def _text(self, name: str, skipped: int = 0) -> str:
        file = self._folder / name
        if not file.is_file():
            return ""
        return file.read_bytes()[skipped:].decode(errors="replace")

    def end(self) -> None:
        """End it, with what it has started."""
        self._end_group()
        self._process.kill()
        self._process.wait()

    def _end_group(self) -> bool:
        """End every process of its group; say whether there was one."""
        if not _POSIX:
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
            return True
        return False


def _interpreter() -> Iterable[str]:
    """Give the command for an interpreter that is set up as this one."""
    flags = {
        "-I": sys.flags.isolated,
        "-E": sys.flags.ignore_environment and not sys.flags.isolated,
        "-s": sys.flags.no_user_site and not sys.flags.isolated,
        "-S": sys.flags.no_site,
        "-B": sys.flags.dont_write_bytecode,
        "-O": sys.flags.optimize == 1,
        "-OO": sys.flags.optimize > 1,
    }
    warned = [f"-W{option}" for option in sys.warnoptions]
    utf8 = ["-X", f"utf8={sys.flags.utf8_mode}"]
    return [sys.executable, "-u", *(flag for flag, is_set in flags.items() if is_set), *utf8, *warned]


def _code(folder: Path, plugin: PluginRef, timeout: float) -> str:
    """Give the program of the process. Before all else it searches where this process searches, and nowhere else."""
    path = ascii([entry for entry in sys.path if isinstance(entry, str)])
    arguments = ", ".join(map(ascii, (str(folder), tuple(plugin), timeout)))
    return (
        f"import sys; sys.path[:] = {path}; sys.argv = {sys.argv[:1]!a}; "
        f"from packflow.plugin.doctor.probe import main; main({arguments})"
    )
