"""How a problem of a project is told: where it is, what it is, what to do. One shape for every room of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.exceptions import ProjectError

if TYPE_CHECKING:
    from os import PathLike


def problem(
    reason: str, file: str | PathLike[str] | None = None, line: int | None = None, field: str | None = None
) -> ProjectError:
    """Make the error that tells a problem, with its place in front.

    Example:
        >>> str(problem("name is missing.", "packflow.yaml", 3, "name"))
        'packflow.yaml, line 3: name is missing.'

    Args:
        reason: what is wrong and what to do, as whole sentences.
        file: the file that is wrong.
        line: its line, from 1.
        field: the field's name, dotted.
    """
    place = "" if file is None else f"{file}: " if line is None else f"{file}, line {line}: "
    return ProjectError(f"{place}{reason}", file=None if file is None else str(file), line=line, field=field)


def file_problem(error: OSError | ValueError) -> str:
    """Say in words why a file could not be opened or read, without its name.

    Example:
        >>> file_problem(PermissionError(13, "Permission denied"))
        'Permission denied'
    """
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__
