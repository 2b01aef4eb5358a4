"""Comparing what a model was saved with, and what is installed here."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement

from packflow_mlflow.directory import ModelDirectory

#: Distributions that do for another.
_INSTEAD = {"mlflow": "mlflow-skinny", "mlflow-skinny": "mlflow"}


def find_mismatches(directory: ModelDirectory) -> list[str]:
    """Say what a model was saved with that is another version here, or not here at all.

    Lines of ``requirements.txt`` that name no distribution (options, files, addresses) are not looked at.
    """
    file = directory.path / "requirements.txt"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    return [*_python(directory.pyfunc.get("python_version")), *compare(lines)]


def compare(lines: Iterable[str]) -> list[str]:
    """Compare requirements with what is installed.

    Example:
        >>> compare(["no-such-distribution==1.0", "-r other.txt"])
        ['no-such-distribution==1.0 (not installed)']
    """
    found = []
    for line in lines:
        try:
            requirement = Requirement(line.partition(" #")[0].strip())
        except InvalidRequirement:
            continue
        if requirement.url or (requirement.marker and not requirement.marker.evaluate()):
            continue
        installed = _installed(requirement.name)
        if installed is None:
            found.append(f"{requirement} (not installed)")
        elif not requirement.specifier.contains(installed, prereleases=True):
            found.append(f"{requirement} (here: {installed})")
    return found


def _installed(name: str) -> str | None:
    for each in (name, _INSTEAD.get(name.lower())):
        try:
            if each:
                return version(each)
        except PackageNotFoundError:
            continue
    return None


def _python(saved_with: object) -> list[str]:
    here = platform.python_version()
    if saved_with is None or str(saved_with).split(".")[:2] == here.split(".")[:2]:
        return []
    return [f"Python {saved_with} (here: {here})"]
