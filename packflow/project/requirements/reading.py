"""The files that say what a project requires: ``requirements.txt`` with all it includes, or ``pyproject.toml``."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from packflow.project.requirements.lines import Include, Requirement, logical_lines, parse_line, parse_requirement
from packflow.utils.errors import short

#: The file that goes before, and the one that counts where it is not there.
REQUIREMENTS: Final = "requirements.txt"
PYPROJECT: Final = "pyproject.toml"

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


class Problem(NamedTuple):
    """Something in a file of requirements that cannot be understood, or not be looked at."""

    #: A clause.
    text: str
    #: The file, and the line if there is one.
    where: str
    #: Whether it may well be right, but is known only to those who install.
    unknown: bool = False


class Requirements(NamedTuple):
    """What a project requires."""

    #: ``requirements.txt`` or ``pyproject.toml``; None where neither says anything.
    file: str | None
    #: In the order of the files; constraints are among them.
    entries: tuple[Requirement, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: The versions of Python that ``pyproject.toml`` asks for; an empty text where it is not read, or asks for none.
    requires_python: str = ""

    def texts(self) -> list[str]:
        """Give each requirement as it is written, without constraints."""
        return [entry.text for entry in self.entries if not entry.constraint]


def read_requirements(folder: Path) -> Requirements:
    r"""Read what a project requires; ``requirements.txt`` if it is there, else ``pyproject.toml``.

    Example:
        >>> from pathlib import Path
        >>> _ = Path("requirements.txt").write_text("numpy>=2  # arrays\n")
        >>> read_requirements(Path()).texts()
        ['numpy>=2']

    What cannot be read or understood is among the problems; nothing is raised for it.
    """
    if (folder / REQUIREMENTS).exists():
        entries: list[Requirement] = []
        problems: list[Problem] = []
        for found in _read_file(folder, REQUIREMENTS, constraints=False, seen=set(), named_by=""):
            (entries if isinstance(found, Requirement) else problems).append(found)  # type: ignore[arg-type]
        return Requirements(REQUIREMENTS, tuple(entries), tuple(problems))
    if (folder / PYPROJECT).exists():
        return _read_pyproject(folder / PYPROJECT)
    return Requirements(None)


def _read_file(
    folder: Path, file: str, *, constraints: bool, seen: set[tuple[str, bool]], named_by: str
) -> Iterator[Requirement | Problem]:
    path = folder / file
    key = (str(path.resolve()), constraints)
    if key in seen:  # pip reads a file that is included twice once, too
        return
    seen.add(key)
    try:
        text = _decoded(_bytes(path))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        yield Problem(f"{file} cannot be read: {reason}", named_by or file)
        return
    for number, line in logical_lines(text):
        try:
            found = parse_line(line, file, number, constraint=constraints)
        except ValueError as error:
            yield Problem(str(error), f"{file}:{number}")
            continue
        if isinstance(found, Include):
            if "://" in found.path:
                yield Problem(f"{found.path} is at an address, and is not fetched", f"{file}:{number}", unknown=True)
                continue
            # Relative to the file that names it, as for pip.
            included = (Path(file).parent / found.path).as_posix()
            yield from _read_file(
                folder, included, constraints=found.constraints, seen=seen, named_by=f"{file}:{number}"
            )
        elif found is not None:
            yield _named(found, folder)


def _bytes(path: Path) -> bytes:
    """Read a file, and nothing that only looks like one: a pipe or a device may never end."""
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")
    return path.read_bytes()


def _decoded(data: bytes) -> str:
    found = next((pair for pair in zip(_BOMS, _ENCODINGS, strict=True) if data.startswith(pair[0])), (b"", "utf-8"))
    try:
        return data[len(found[0]) :].decode(found[1])
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no text: {error}") from error


def _named(requirement: Requirement, folder: Path) -> Requirement:
    """Give a requirement the name that the folder tells which it stands for."""
    if requirement.name is not None or not requirement.source:
        return requirement
    path = folder / requirement.source.removeprefix("file://").removeprefix("file:")
    try:
        name = _toml(_bytes(path / PYPROJECT)).get("project", {}).get("name")
    except (OSError, ValueError, AttributeError):
        return requirement
    return requirement._replace(name=name) if isinstance(name, str) else requirement


def _toml(data: bytes) -> dict[str, Any]:
    tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        found: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found


def _read_pyproject(path: Path) -> Requirements:
    try:
        document = _toml(_bytes(path))
    except OSError as error:
        return _unreadable(f"{PYPROJECT} cannot be read: {error.strerror}")
    except ValueError as error:
        return _unreadable(f"{PYPROJECT} cannot be read as TOML: {error}")
    project = document.get("project")
    if project is None:
        return Requirements(None)
    if not isinstance(project, dict):
        return _unreadable(f"'project' is {short(project)}, where a table is expected")
    python = project.get("requires-python", "")
    problems = []
    if not isinstance(python, str):
        problems.append(Problem(f"'requires-python' is {short(python)}, where a text is expected", PYPROJECT))
        python = ""
    entries: list[Requirement] = []
    for found in _dependencies(project):
        (entries if isinstance(found, Requirement) else problems).append(found)  # type: ignore[arg-type]
    return Requirements(PYPROJECT, tuple(entries), tuple(problems), python)


def _dependencies(project: dict[str, Any]) -> Iterator[Requirement | Problem]:
    found = project.get("dependencies", [])
    dynamic = project.get("dynamic", [])
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        yield Problem("the dependencies are dynamic, known only when the project is built", PYPROJECT, unknown=True)
    if not isinstance(found, list):
        yield Problem(f"'dependencies' is {short(found)}, where a list of texts is expected", PYPROJECT)
        return
    for entry in found:
        if not isinstance(entry, str):
            yield Problem(f"{short(entry)} in 'dependencies' is no text", PYPROJECT)
            continue
        try:
            yield parse_requirement(entry, PYPROJECT, None)
        except ValueError as error:
            yield Problem(str(error), PYPROJECT)


def _unreadable(text: str) -> Requirements:
    return Requirements(PYPROJECT, (), (Problem(text, PYPROJECT),))
