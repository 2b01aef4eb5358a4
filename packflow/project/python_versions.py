"""Which Python a project asks for: ``python_version`` as people write it, as a specifier of PEP 440."""

from __future__ import annotations

import re
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_BARE = re.compile(r"\d+(\.\d+)*", re.ASCII)
_WILDCARD = re.compile(r"\d+(\.\d+)?\.[*x]", re.ASCII)
_OPERATORS = re.compile(r"~=|===?|!=|<=|>=|<|>")
_LONGEST = 100


def as_specifier(written: str) -> str:
    """Give the specifier that a text means; a version alone means itself and what only repairs it.

    Example:
        >>> as_specifier(">=3.10, <3.14"), as_specifier("3.10"), as_specifier("3.11.7")
        ('<3.14,>=3.10', '==3.10.*', '~=3.11.7')

    Raises:
        ValueError: it is no specifier; the text says how to write one.
    """
    stripped = written.strip()
    if not stripped:
        return ""
    if len(stripped) > _LONGEST:
        raise ValueError("is too long for a version of Python.")
    if _BARE.fullmatch(stripped):
        stripped = f"~={stripped}" if stripped.count(".") > 1 else f"=={stripped}.*"
    elif _WILDCARD.fullmatch(stripped):
        stripped = f"=={stripped[:-1]}*"
    elif _is_version(stripped):
        stripped = f"~={stripped}"
    try:
        return str(SpecifierSet(stripped))
    except InvalidSpecifier:
        raise ValueError(f"is no version of Python.{_meant(stripped)}") from None


def running_version() -> str:
    """Give the version of the Python that runs, without what marks a release that is not final."""
    return ".".join(map(str, sys.version_info[:3]))


def fits(specifier: str, version: str) -> bool:
    """Whether a version of Python is among those that a specifier names.

    Example:
        >>> fits(">=3.10", "3.11.7"), fits("==3.10.*", "3.11.7"), fits("", "3.11.7")
        (True, False, True)
    """
    return SpecifierSet(specifier).contains(version)


def _is_version(text: str) -> bool:
    try:
        return len(Version(text).release) > 2
    except InvalidVersion:
        return False


def _meant(text: str) -> str:
    """Suggest the spelling of what other tools write in other ways."""
    version = re.search(r"\d+(\.\d+)*", text, re.ASCII)
    if version is None:
        return ""
    if text.endswith("+"):
        return f" Is '>={version[0]}' meant?"
    if text.startswith(("^", "~")):
        return f" Is '>={version[0]},<4' meant?"
    if len(_OPERATORS.findall(text)) > 1 and "," not in text:
        return " Put a comma between the parts."
    return ""
