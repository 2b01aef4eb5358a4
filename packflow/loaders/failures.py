"""The words for a module that could not be imported, and careful looks at objects of any kind."""

from __future__ import annotations

from typing import Any

from packflow.utils.causes import cause_text, innermost_line


def describe_import_failure(error: BaseException, package: str) -> str:
    """Say what went wrong while a module was imported, and where in the code of ``package``.

    Args:
        error: what the import raised.
        package: the module (or the package above it) whose own lines are of interest.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__}: {error.msg} ({error.filename}, line {error.lineno or 'unknown'})"
    reason = cause_text(error)
    if isinstance(error, SystemExit):
        reason = f"it ended the program while it was imported ({reason})"
    line = innermost_line(error.__traceback__, package)
    return f"{reason} ({line})" if line else reason


def is_a(found: Any, base: type) -> bool:
    """Do as ``isinstance``, also for an object whose ``__class__`` fails."""
    try:
        return isinstance(found, base)
    except Exception:  # noqa: BLE001  # any code of the user's may be behind it
        return issubclass(type(found), base)


def attribute(found: Any, name: str) -> Any:
    """Give an attribute, None where there is none or where looking it up fails."""
    try:
        return getattr(found, name, None)
    except Exception:  # noqa: BLE001  # as above
        return None
