"""What a project requires, as the dependencies of a distribution. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from packaging.specifiers import SpecifierSet

from packflow.exceptions import ScaffoldError
from packflow.plugin.kinds import OWN_DISTRIBUTION, fold
from packflow.project.requirements import Requirement, Requirements
from packflow.utils.secrets import MASK

_MINORS = range(10, 14)
_MICROS = range(40)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Dependencies(NamedTuple):
    """What stands in ``pyproject.toml`` of what a project requires."""

    texts: tuple[str, ...]
    #: Whether some of them come from an address, which has to be allowed.
    direct: bool
    #: What is not taken along, a line each.
    warnings: tuple[str, ...]


def dependencies_of(requirements: Requirements, name: str, own_versions: str, also: str | None = None) -> Dependencies:
    """Give a project's requirements as dependencies, packflow among them.

    Args:
        requirements: what the project requires.
        name: what the new distribution is called.
        own_versions: which versions of packflow will do, where the project does not say.
        also: another requirement, in case that nothing else names its distribution.

    Raises:
        ScaffoldError: one of them cannot be required by a distribution.
    """
    entries = [entry for entry in requirements.entries if not entry.constraint]
    problems = [f"{entry.where}: {problem}" for entry in entries if (problem := _problem(entry, name))]
    problems += [f"{problem.where}: {problem.text}" for problem in requirements.problems]
    if problems:
        raise ScaffoldError("\n- ".join(["What the project requires, a package cannot:", *problems]))
    texts = [_text(entry) for entry in entries]
    named = {fold(entry.name) for entry in entries if entry.name}
    added = (f"{OWN_DISTRIBUTION}{own_versions}", also or "")
    texts += [text for text in added if text and fold(_name_of(text)) not in named]
    return Dependencies(
        tuple(dict.fromkeys(texts)), any(entry.source for entry in entries), tuple(_warnings(requirements))
    )


def _problem(entry: Requirement, name: str) -> str | None:
    if MASK in entry.text:
        return "there is a password in it, which would be in the package; take it out"
    if entry.name and fold(entry.name) == fold(name):
        return f"{entry.name!r} is what the new distribution would be called itself; choose another name"
    if entry.editable or (entry.source and not _ADDRESS.match(entry.source)):
        return f"{entry.text!r} is a folder or a file, which is not there for others; publish it, and require its name"
    if entry.source and not entry.name:
        return f"{entry.text!r} does not say what it is called; write 'name @ {entry.source}'"
    return None


def _text(entry: Requirement) -> str:
    if not entry.source or "@" in entry.text.partition("://")[0]:
        return entry.text
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    return f"{entry.name}{extras} @ {entry.source}" + (f" ; {entry.marker}" if entry.marker else "")


def _name_of(text: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", text)
    return found[0] if found else text


def _warnings(requirements: Requirements) -> Iterator[str]:
    for entry in requirements.entries:
        if entry.constraint:
            yield f"{entry.where}: {entry.text!r} is a constraint, which a package cannot have; it is not taken along."
        elif entry.source:
            yield f"{entry.where}: {entry.name} comes from an address; indexes such as PyPI take no such package."


def minor_versions(specifier: str) -> list[str]:
    """Give the versions of Python to test with, of those that packflow runs with.

    Example:
        >>> minor_versions(">=3.11,<3.13"), minor_versions("==3.10.*"), minor_versions("~=3.12.1")
        (['3.11', '3.12'], ['3.10'], ['3.12'])
    """
    wanted = SpecifierSet(specifier)
    found = [f"3.{minor}" for minor in _MINORS if any(wanted.contains(f"3.{minor}.{micro}") for micro in _MICROS)]
    return found or [f"3.{_MINORS[-1]}"]
