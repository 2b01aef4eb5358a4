"""Where the project would run: is this Python one that it asks for, and is what it requires installed?"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from packflow.project.config import ProjectConfig
from packflow.project.python_versions import fits, running_version
from packflow.project.requirements import Installed, Requirements, Unmet, judge_requirements, look_up
from packflow.project.requirements.bringing import not_brought
from packflow.project.requirements.judging import unnamed
from packflow.project.requirements.reading import PYPROJECT, REQUIREMENTS
from packflow.project.validation.report import Check


def check_python(config: ProjectConfig | None, requirements: Requirements, running: str | None = None) -> Check:
    """Say whether this Python will do.

    Args:
        config: what ``packflow.yaml`` says; None where it cannot be read.
        requirements: what ``pyproject.toml`` says, as far as it counts.
        running: the version of this Python; found out, if None.
    """
    running = running or running_version()
    asked = []
    if config is not None:
        line = config.line_of("python_version")
        asked.append(("packflow.yaml" + (f":{line}" if line else ""), "python_version", config.python_version))
    asked.append((PYPROJECT, "requires-python", requirements.requires_python))
    for where, field, specifier in asked:
        try:
            suits = fits(specifier, running)
        except ValueError:
            what = f"{field} is {specifier!r}, which is no specifier"
            return Check("python", "failed", what, "Write one such as '>=3.10'.", where)
        if not suits:
            what = f"{field} asks for Python {specifier}, and this is Python {running}"
            remedy = f"Run it with a Python that suits, or change {field} if it works with this one."
            return Check("python", "failed", what, remedy, where)
    wanted = " and ".join(dict.fromkeys(specifier for _, _, specifier in asked if specifier))
    return Check("python", "passed", f"Python {running}" + (f" suits {wanted}" if wanted else ""))


def check_requirements(requirements: Requirements, folder: Path) -> Check:
    """Say whether what the project requires is installed."""
    if requirements.file is None:
        what = f"there is neither a {REQUIREMENTS} nor a {PYPROJECT} with a [project]: what to install is not known"
        remedy = f"Write into {REQUIREMENTS} what the code imports, one requirement a line."
        return Check("requirements", "warning", what, remedy)
    unmet = judge_requirements(requirements.entries)
    wrong = [f"{problem.where}: {problem.text}" for problem in requirements.problems if not problem.unknown]
    unknown = [f"{problem.where}: {problem.text}" for problem in requirements.problems if problem.unknown]
    unknown += [
        f"{each.where}: {each.text} does not tell which distribution it is" for each in unnamed(requirements.entries)
    ]
    if wrong or unmet:
        lines = (*wrong, *(line for each in unmet for line in _lines_of(each)), *unknown)
        return Check("requirements", "failed", _told(wrong, unmet), _remedy(requirements, unmet, folder), "", lines)
    count = len(requirements.texts())
    found = f"{requirements.file}: {count} requirement{'s' * (count != 1)}"
    if unknown:
        what = f"{found}; what else there is cannot be checked"
        remedy = "Write each requirement out, as NAME>=VERSION or NAME @ ADDRESS."
        return Check("requirements", "warning", what, remedy, "", tuple(unknown))
    return Check("requirements", "passed", f"{found}, all met")


def check_used(
    check: Check,
    requirements: Requirements,
    ran_with: Mapping[str, str],
    imported: Collection[str],
    installed: Callable[[str], Installed | None] = look_up,
) -> Check:
    """Say whether what the project requires brings all that its samples ran with.

    Args:
        check: whether it is installed; where not even that is so, or is not known, there is nothing to add.
        requirements: what the project requires.
        ran_with: the versions of the distributions that the samples ran with, by their names.
        imported: those of them that the project's own code imports.
        installed: gives what is installed under a name.
    """
    if check.status != "passed":
        return check
    lacking = not_brought(ran_with, imported, requirements.entries, installed)
    if not lacking:
        return check
    names = ", ".join(lacking)
    what = f"the samples ran with {names}, which {requirements.file} does not bring"
    lines = " ".join(f"{name}=={ran_with[name]}" for name in lacking)
    remedy = f"Add to {requirements.file} what of it the project needs: {lines}"
    return Check("requirements", "warning", what, remedy)


def _told(problems: list[str], unmet: list[Unmet]) -> str:
    parts = [
        f"{len(found)} {one if len(found) == 1 else many}"
        for found, one, many in (
            (problems, "line cannot be understood", "lines cannot be understood"),
            (unmet, "requirement is not met", "requirements are not met"),
        )
        if found
    ]
    return ", and ".join(parts)


def _lines_of(unmet: Unmet) -> list[str]:
    return [f"{unmet.requirement.where}: {unmet.what}", f"  {unmet.remedy}"]


def _remedy(requirements: Requirements, unmet: list[Unmet], folder: Path) -> str:
    """Give one command for all that is not met."""
    if not unmet:
        return f"Correct {requirements.file}."
    if requirements.file == REQUIREMENTS:
        return f"pip install -r {shlex.quote(str(folder / REQUIREMENTS))}"
    return " ".join(["pip install", *dict.fromkeys(each.remedy.removeprefix("pip install ") for each in unmet)])
