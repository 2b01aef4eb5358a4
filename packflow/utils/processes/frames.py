"""Where in whose code something went wrong: from a traceback, or from what faulthandler wrote of a dead process."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import NamedTuple

from packflow.utils.causes import cause_text, frame_module, is_below
from packflow.utils.errors import cut, text_of

#: Enough to see what an exception came from, and few enough to read.
_MOST_CAUSES = 6

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')


class Frame(NamedTuple):
    """A place in code."""

    file: str
    line: int
    function: str
    #: The line itself; empty where it cannot be read.
    source: str

    def text(self) -> str:
        """Put the place into words.

        Example:
            >>> Frame("/site/acme.py", 3, "<module>", "import torhc").text()
            '/site/acme.py:3, in <module>: import torhc'
        """
        return f"{self.file}:{self.line}, in {self.function}" + (f": {self.source}" if self.source else "")


def frame_at(file: str, line: int, function: str) -> Frame:
    """Give a place with its source line; reading a file imports nothing."""
    return Frame(file, line, function, cut(linecache.getline(file, line).strip(), 200))


def last_own_frame(error: BaseException, module: str) -> Frame | None:
    """Give the last place that an exception passed in the package of a module; None where it passed none.

    A file that is no Python has no frame; the place is then where Python stopped reading it.
    """
    package = module.partition(".")[0]
    return last_frame(error, lambda traceback: is_below(frame_module(traceback), package))


def last_frame(error: BaseException, is_theirs: Callable[[TracebackType], bool]) -> Frame | None:
    """Give the last place that an exception passed in somebody's code; None where it passed none.

    Args:
        error: the exception.
        is_theirs: whether a traceback's first frame runs that code.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return frame_at(error.filename, error.lineno, "<module>")
    found, traceback = None, error.__traceback__
    while traceback is not None:
        if is_theirs(traceback):
            found = _frame_of(traceback)
        traceback = traceback.tb_next
    return found


def _frame_of(traceback: TracebackType) -> Frame:
    code = traceback.tb_frame.f_code
    return frame_at(code.co_filename, traceback.tb_lineno, code.co_name)


def causes_of(error: BaseException) -> tuple[str, ...]:
    """Give what an exception came from, in short, the nearest first; without what its own message tells.

    Example:
        >>> try:
        ...     raise RuntimeError("no model") from FileNotFoundError("weights.bin")
        ... except RuntimeError as error:
        ...     causes_of(error)
        ('FileNotFoundError: weights.bin',)
    """
    seen = {id(error)}
    found: list[str] = []
    following = _cause(error)
    while following is not None and id(following) not in seen and len(found) < _MOST_CAUSES:
        seen.add(id(following))
        if text_of(following) not in text_of(error):
            found.append(cut(cause_text(following), 300))
        following = _cause(following)
    return tuple(found)


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def read_trace(text: str) -> list[tuple[str, int, str]]:
    r"""Give the frames of the thread that matters, the innermost first, from what faulthandler wrote.

    Of a crash that is the current thread; of a hang, the main thread, which faulthandler writes last.

    Example:
        >>> read_trace('Current thread 0x1 (most recent call first):\n  File "acme.py", line 3 in <module>\n')
        [('acme.py', 3, '<module>')]
    """
    threads: list[tuple[str, list[tuple[str, int, str]]]] = []
    for line in text.splitlines():
        frame = _FRAME.match(line)
        if frame and threads:
            threads[-1][1].append((frame["file"], int(frame["line"]), frame["function"]))
        elif line.rstrip().endswith("(most recent call first):"):
            threads.append((line, []))
    current = [frames for heading, frames in threads if heading.startswith("Current thread")]
    return (current or [frames for _, frames in threads] or [[]])[0 if current else -1]


def blame(frames: Iterable[tuple[str, int, str]], module: str, own: str) -> tuple[str, int, str] | None:
    """Choose the innermost frame in the files of a module's package; failing that, the innermost that is not ours.

    Example:
        >>> frames = [("/lib/time.py", 9, "nap"), ("/site/acme/net.py", 3, "<module>"), ("/own/probe.py", 1, "main")]
        >>> blame(frames, "acme.net", "/own"), blame(frames, "zenith", "/own")
        (('/site/acme/net.py', 3, '<module>'), ('/lib/time.py', 9, 'nap'))

    Args:
        frames: the innermost first.
        module: the module that an entry point names.
        own: the folder of packflow's own files.
    """
    top = module.partition(".")[0]
    return innermost(frames, lambda file: bool({top, f"{top}.py"} & set(re.split(r"[\\/]", file))), own)


def innermost(
    frames: Iterable[tuple[str, int, str]], is_theirs: Callable[[str], bool], own: str
) -> tuple[str, int, str] | None:
    """Choose the innermost frame in somebody's files; failing that, the innermost that is not ours.

    Args:
        frames: the innermost first.
        is_theirs: whether a file is one of theirs.
        own: the folder of packflow's own files.
    """
    others = [frame for frame in frames if not frame[0].startswith(("<frozen ", "<string>", own))]
    theirs = [frame for frame in others if is_theirs(frame[0])]
    return next(iter(theirs or others), None)
