"""Is what a distribution requires installed? Requirements and versions in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from packflow.plugin.doctor.report import Finding, finding
from packflow.plugin.kinds import OWN_DISTRIBUTION, fold
from packflow.utils.parsing import one_at_a_time

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from packflow.plugin.doctor.distributions import Metadata


def required_names(requires: Iterable[str]) -> set[str]:
    """Give the folded names of what is required, whatever the markers say.

    Example:
        >>> sorted(required_names(["NumPy>=1.26", "torch; extra == 'gpu'", "no requirement!"]))
        ['numpy', 'torch']
    """
    return {fold(requirement.name) for text in requires if (requirement := _parse(text))}


def judge_requirements(
    copy: Metadata, extras: Iterable[str], versions: Mapping[str, str], packflow: str
) -> Iterator[Finding]:
    """Say which requirements of a distribution are not met.

    Args:
        copy: the distribution's metadata.
        extras: the extras that are asked for; a requirement of any other extra does not count.
        versions: the version of each distribution that is installed, by folded name.
        packflow: the version of the packflow that runs.
    """
    asked_for = ("", *sorted(extras))
    for text in copy.requires:
        requirement = _parse(text)
        if requirement is None:
            what = f"{copy.name} {copy.version} requires {text!r}, which is no requirement"
            yield _finding(copy, "requirement-unreadable", what, f"Upgrade {copy.name}, or tell its authors.")
        elif _applies(requirement, asked_for):
            own = fold(requirement.name) == OWN_DISTRIBUTION
            installed = packflow if own else versions.get(fold(requirement.name))
            yield from _judge(copy, requirement, installed, own)


def _judge(copy: Metadata, requirement: Requirement, installed: str | None, own: bool) -> Iterator[Finding]:
    wanted = f"{requirement.name}{requirement.specifier}"
    said = f"{copy.name} {copy.version} requires {wanted}"
    if installed is None:
        yield _finding(copy, "requirement-missing", f"{said}, which is not installed", _install(wanted))
    elif not _satisfies(requirement, installed):
        what = f"{said}, and {requirement.name} {installed} {'runs' if own else 'is installed'}"
        remedy = f"Install versions that fit each other: pip install {copy.name} {wanted!r}"
        yield _finding(copy, "packflow-requirement" if own else "requirement-version", what, remedy)


def _install(wanted: str) -> str:
    return f"pip install {wanted!r}"


def _parse(text: str) -> Requirement | None:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        with one_at_a_time:
            return Requirement(text)
    except InvalidRequirement:
        return None


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    if requirement.marker is None:
        return True
    try:
        return any(requirement.marker.evaluate({"extra": extra}) for extra in extras)
    except Exception:  # noqa: BLE001  # a marker may compare what cannot be compared
        return False


def _satisfies(requirement: Requirement, installed: str) -> bool:
    """Whether a version satisfies a requirement; a pre-release that is installed was wanted, as for ``pip check``."""
    try:
        return requirement.specifier.contains(installed, prereleases=True)
    except ValueError:  # what is no version satisfies only those who do not ask for one
        return not requirement.specifier


def _finding(copy: Metadata, code: str, what: str, remedy: str) -> Finding:
    return finding(code, what, remedy, where=copy.location, distribution=copy.name)
