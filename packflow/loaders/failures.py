"""The words for a module that could not be imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


def describe_import_failure(error: BaseException, package: str) -> str:
    """Say what went wrong while a module was imported, and where in the code of ``package``.

    Args:
        error: what the import raised.
        package: the module (or the package above it) whose own lines are of interest.
    """
    if isinstance(error, SyntaxError):
        place = f"{error.filename or 'unknown file'}, line {error.lineno or 'unknown'}"
        return f"{type(error).__name__}: {error.msg} ({place})"
    if isinstance(error, SystemExit):
        reason = f"it ended the program while it was imported (SystemExit: {error.code})"
    else:
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    line = _innermost_line(error.__traceback__, package)
    return f"{reason} ({line})" if line else reason


def _innermost_line(traceback: TracebackType | None, package: str) -> str:
    """Give file and line of the last frame that runs code of the package."""
    found = ""
    while traceback is not None:
        frame = traceback.tb_frame
        name = str(frame.f_globals.get("__name__"))
        if name == package or name.startswith(f"{package}."):
            found = f"{frame.f_code.co_filename}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found
