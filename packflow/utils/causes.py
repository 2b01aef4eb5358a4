"""What an exception says and where in somebody's code it passed, as text; never what the variables hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.errors import text_of

if TYPE_CHECKING:
    from types import TracebackType


def cause_text(error: BaseException) -> str:
    """Give an exception's type and message, even where its message cannot be made.

    Example:
        >>> cause_text(ValueError("no such weights")), cause_text(ValueError())
        ('ValueError: no such weights', 'ValueError')
    """
    message = text_of(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def innermost_line(traceback: TracebackType | None, package: str) -> str:
    """Give file and line of the last frame that runs code of a package; an empty text where none does.

    Example:
        >>> innermost_line(None, "acme")
        ''

    Args:
        traceback: the exception's.
        package: the module, or the package above the modules, whose lines are of interest.
    """
    found = ""
    while traceback is not None:
        if is_below(frame_module(traceback), package):
            found = f"{traceback.tb_frame.f_code.co_filename}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found


def line_outside(traceback: TracebackType | None, package: str) -> str:
    """Give file and line of the last frame that runs code of whomever a package called.

    That is the top-level package of the first frame which is not the caller's own: what that one calls in its turn, a
    library say, is not where its author has to look.
    """
    while traceback is not None:
        name = frame_module(traceback)
        if not is_below(name, package):
            return innermost_line(traceback, name.partition(".")[0])
        traceback = traceback.tb_next
    return ""


def frame_module(traceback: TracebackType) -> str:
    """Give the name of the module whose code a traceback's first frame runs."""
    return str(traceback.tb_frame.f_globals.get("__name__"))


def is_below(name: str, package: str) -> bool:
    """Whether a module is a package, or in it."""
    return name == package or name.startswith(f"{package}.")
