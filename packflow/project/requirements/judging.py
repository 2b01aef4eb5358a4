"""Which requirements an environment does not meet, and the command that changes that."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from packflow.plugin.kinds import OWN_DISTRIBUTION, fold
from packflow.project.requirements.lines import Requirement, parse_requirement
from packflow.utils.errors import cut
from packflow.utils.parsing import one_at_a_time


class Installed(NamedTuple):
    """A distribution that is installed."""

    version: str
    #: What it requires in its turn, as its metadata say.
    requires: tuple[str, ...] = ()


class Unmet(NamedTuple):
    """A requirement that is not met."""

    requirement: Requirement
    #: The version that is installed; None where none is.
    installed: str | None
    #: What is wrong, in a clause.
    what: str
    #: The command that changes it; an empty text where none can be given.
    remedy: str


def look_up(name: str) -> Installed | None:
    """Give a distribution that is installed where this program runs; None if it is not.

    Example:
        >>> look_up("no-such-distribution") is None
        True
    """
    import importlib_metadata

    import packflow

    try:
        found = importlib_metadata.distribution(name)
        version, requires = found.version, tuple(found.requires or ())
    except Exception:  # noqa: BLE001  # it is not there, or its metadata cannot be read; both mean that pip is needed
        version, requires = None, ()
    if fold(name) == OWN_DISTRIBUTION:  # the one that runs, wherever it comes from
        version = packflow.__version__
    return Installed(version, requires) if isinstance(version, str) else None


def judge_requirements(
    entries: Iterable[Requirement], installed: Callable[[str], Installed | None] = look_up
) -> list[Unmet]:
    """Say which requirements are not met. What an extra brings is required too; other requirements of requirements not.

    Example:
        >>> texts = ("numpy>=2", 'acme; python_version < "3"')
        >>> entries = [parse_requirement(text, "requirements.txt", 1) for text in texts]
        >>> [unmet.what for unmet in judge_requirements(entries, {"numpy": Installed("1.26")}.get)]
        ['numpy>=2 is required, and 1.26 is installed']

    Args:
        entries: what is required, and constraints.
        installed: gives what is installed under a name.
    """
    entries = list(entries)
    applying = [entry for entry in entries if applies(entry.marker)]
    required = {fold(entry.name) for entry in applying if entry.name and not entry.constraint}
    found: dict[str, Unmet] = {}
    for entry in applying:
        if entry.name is None or (entry.constraint and fold(entry.name) not in required):
            continue
        for unmet in _Judge(installed, entry, set()).judge(entry):
            found.setdefault(unmet.what, unmet)
    return list(found.values())


def unnamed(entries: Iterable[Requirement]) -> list[Requirement]:
    """Give the requirements that do not tell which distribution they mean, so that it cannot be looked for."""
    return [entry for entry in entries if entry.name is None and applies(entry.marker)]


class _Judge(NamedTuple):
    """Follows the extras of one requirement."""

    installed: Callable[[str], Installed | None]
    #: The requirement of the project itself, which is to be installed again where something is missing.
    asked: Requirement
    seen: set[tuple[str, str]]

    def judge(self, entry: Requirement, reason: str = "") -> Iterator[Unmet]:
        name = str(entry.name)
        found = self.installed(name)
        wanted = f"{name}{entry.specifier} is required{reason}"
        if found is None:
            yield Unmet(self.asked, None, f"{wanted}, and is not installed", _install(self.asked))
            return
        if not _satisfies(entry.specifier, found.version):
            what = f"{wanted}, and {found.version} is installed"
            yield Unmet(self.asked, found.version, what, _install(self.asked))
        for extra in entry.extras:
            if (fold(name), fold(extra)) not in self.seen:
                self.seen.add((fold(name), fold(extra)))
                for brought in _brought(found, extra, self.asked):
                    yield from self.judge(brought, f" by {name}[{extra}]")


def _brought(found: Installed, extra: str, asked: Requirement) -> Iterator[Requirement]:
    """Give what an extra of a distribution requires beyond the distribution itself."""
    for text in found.requires:
        try:
            brought = parse_requirement(text, asked.file, asked.line)
        except ValueError:
            continue  # it is no mistake of the project's
        if applies(brought.marker, extra) and not applies(brought.marker):
            yield brought


def applies(marker: str, extra: str = "") -> bool:
    """Whether a requirement counts here, for an extra or without any; one that cannot be understood counts."""
    from packaging.markers import InvalidMarker, Marker

    if not marker:
        return True
    try:
        with one_at_a_time:
            return Marker(marker).evaluate({"extra": extra})
    except InvalidMarker:
        return True
    except Exception:  # noqa: BLE001  # a marker may compare what cannot be compared
        return False


def _satisfies(specifier: str, version: str) -> bool:
    """Whether a version will do; a pre-release that is installed was wanted, as for ``pip check``."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, ValueError):  # what is no version satisfies only those who do not ask for one
        return not specifier


def _install(entry: Requirement) -> str:
    if entry.source and not entry.text.startswith(str(entry.name)):
        return f"pip install {'-e ' if entry.editable else ''}{shlex.quote(entry.text)}"
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    source = f" @ {entry.source}" if entry.source else ""
    return cut(f"pip install {shlex.quote(f'{entry.name}{extras}{entry.specifier}{source}')}")
