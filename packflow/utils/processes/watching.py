"""The parent's side: a process that runs somebody's code is started, watched, and ended with what it has started.

Everything goes through files, no pipes but one for the key: that code may close, flood or hand on what it finds open,
and write what it likes into the files; the parent still gets to know how the process ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from packflow.utils.processes.answering import ANSWER, BEGUN, ENDED, TRACE
from packflow.utils.processes.descendants import MARK, end_marked

#: How long the interpreter and packflow's own modules may take to load, in seconds.
_START = 120.0
#: How long after its time limit a process may take to say where it hangs, in seconds.
_LAST_WORDS = 5.0
#: The exit status where faulthandler ends a process.
_TIMED_OUT = 1
#: How much of the output is kept, in bytes; it may be printed without end.
_KEPT = 64 * 1024

_POSIX = os.name == "posix"


class Ending(NamedTuple):
    """How a process ended."""

    #: Its exit status; negative for a signal; None if it could not be started or was killed for taking too long.
    status: int | None
    timed_out: bool = False
    #: Whether it came to the other's code at all.
    begun: bool = False
    #: What it has seen; None if it did not come to write it down.
    answer: dict[str, Any] | None = None
    #: What it printed from when the other's code began.
    stdout: str = ""
    stderr: str = ""
    #: What faulthandler wrote of where it was when it ended.
    trace: str = ""
    #: Whether it left processes running; they have been ended.
    left_processes: bool = False
    #: Why it could not be started.
    not_started: str = ""
    #: What it said as the last thing that it did; None if it did not come to that.
    ended: dict[str, Any] | None = None


def read_json(name: str, data: bytes) -> Any:
    """Read a file of the process that is not sealed; None if it is no JSON."""
    del name
    try:
        return json.loads(data)
    except ValueError:
        return None


class Watched:
    """One process, and the folder where it writes.

    Args:
        program: its Python code.
        folder: made for it.
        timeout: how long it may run, in seconds, from when it says that it has begun with the other's code.
        given: what its standard input holds.
        read: reads the files that the process has written, by name and content; gives None for what it does not accept.
        cwd: its working directory; this process's, if None.
        mark: marks its environment, so that what it has started is found wherever it hides; not marked, if empty.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        program: str,
        folder: Path,
        timeout: float,
        *,
        given: bytes = b"",
        read: Callable[[str, bytes], Any] = read_json,
        cwd: Path | None = None,
        mark: str = "",
    ) -> None:
        self._folder = folder
        self._timeout = timeout
        self._read_file = read
        self._mark = mark
        folder.mkdir()
        with self._output("stdout") as stdout, self._output("stderr") as stderr:
            self._process = subprocess.Popen(  # noqa: S603  # this very interpreter
                [*_interpreter(), "-c", program],
                stdin=subprocess.PIPE if given else subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=cwd,
                env={**os.environ, MARK: mark} if mark else None,
                start_new_session=True,  # a group of its own, to be ended as a whole; and no Ctrl-C from the terminal
            )
        if self._process.stdin is not None:
            with suppress(BrokenPipeError), self._process.stdin as stream:
                stream.write(given)
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
        left = self._end_others() and status is not None
        return self._ending(status, left)

    def _cut_output(self) -> None:
        for name in ("stdout", "stderr"):
            with suppress(OSError):  # it may have been deleted
                if (self._folder / name).stat().st_size > 2 * _KEPT:
                    os.truncate(self._folder / name, _KEPT)

    def _ending(self, status: int | None, left_processes: bool) -> Ending:
        begun, answer, ended = map(self._read, (BEGUN, ANSWER, ENDED))
        sizes = _sizes(begun)
        trace = self._bytes(TRACE, _KEPT).decode(errors="replace")
        # A limit is kept on both sides: the process is first, as it can say where it is.
        timed_out = status is None or ("Timeout (" in trace and (answer is None or status != 0))
        return Ending(
            status,
            timed_out,
            # The other's code may have deleted the file, or the whole folder.
            self._begun is not None or begun is not None or not self._is_as_made(),
            answer if isinstance(answer, dict) else None,
            self._text("stdout", sizes[0]),
            self._text("stderr", sizes[1]),
            trace,
            left_processes,
            ended=ended if isinstance(ended, dict) else None,
        )

    def _is_as_made(self) -> bool:
        return (self._folder / "stdout").exists() and not (self._folder / BEGUN).exists()

    def _read(self, name: str) -> Any:
        data = self._bytes(name)
        return self._read_file(name, data) if data else None

    def _text(self, name: str, skipped: int) -> str:
        return self._bytes(name, 2 * _KEPT + skipped)[skipped:].decode(errors="replace")

    def _bytes(self, name: str, most: int = -1) -> bytes:
        """Read a file, if it is one: the process may have put anything in its place."""
        path = self._folder / name
        try:
            if path.is_symlink() or not path.is_file():
                return b""
            with path.open("rb") as file:
                return file.read(most)
        except OSError:
            return b""

    def end(self) -> None:
        """End it, with what it has started."""
        self._end_others()
        self._process.kill()
        self._process.wait()

    def _end_others(self) -> bool:
        """End what it has started; say whether there was anything."""
        in_group = self._end_group()
        return bool(self._mark and end_marked(self._mark)) or in_group

    def _end_group(self) -> bool:
        """End every process of its group; say whether there was one."""
        if not _POSIX:
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
            return True
        return False


def _sizes(begun: Any) -> tuple[int, int]:
    """Give how much was printed before the other's code began; that code may have changed what says so."""
    found = begun.get("sizes") if isinstance(begun, dict) else None
    if isinstance(found, list) and len(found) == 2 and all(type(size) is int and 0 <= size <= _KEPT for size in found):
        return found[0], found[1]
    return 0, 0


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


def program_text(module: str, *arguments: Any, with_modules: bool = False) -> str:
    """Give the program of a process that calls ``main`` of a module with texts, numbers, or tuples of them.

    Before all else it searches where this process searches, and nowhere else.

    Args:
        module: where ``main`` is.
        *arguments: what it is called with.
        with_modules: whether it is given, last, the names of the modules that the interpreter has loaded by itself.
    """
    path = ascii([entry for entry in sys.path if isinstance(entry, str)])
    given = ", ".join([*map(ascii, arguments), *(["loaded"] if with_modules else [])])
    return (
        f"import sys; loaded = frozenset(sys.modules); sys.path[:] = {path}; sys.argv = {sys.argv[:1]!a}; "
        f"from {module} import main; main({given})"
    )
