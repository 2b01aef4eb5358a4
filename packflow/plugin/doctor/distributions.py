"""What the metadata of the installed distributions says, read for the doctor: those alone that mention packflow.

This is the edge: it reads files, and judges nothing. `metadata` and `requirements` do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from packflow.plugin.doctor.requirements import required_names
from packflow.plugin.index import location_of
from packflow.plugin.kinds import OWN_DISTRIBUTION, fold

if TYPE_CHECKING:
    from packflow.plugin.index import Distribution

#: As importlib.metadata has it, blanks in a heading and a byte-order mark in front of it make it another group's.
_HEADING = re.compile(r"^\s*(\ufeff?\[[^\]\n]+)\]\s*$", re.MULTILINE)
_EXTRAS = re.compile(r"\[([^\]\n]*)\]\s*$")


class Metadata(NamedTuple):
    """One metadata folder of a distribution."""

    name: str
    version: str
    location: str
    #: The entry-point groups, as they are spelt, each with the text of its lines.
    groups: tuple[tuple[str, str], ...]
    #: The requirements, as they are written.
    requires: tuple[str, ...]

    def entries(self, groups: Iterable[str]) -> tuple[str, ...]:
        """Give the lines of some groups, sorted."""
        wanted = set(groups)
        lines = [line.strip() for group, text in self.groups if group in wanted for line in text.splitlines()]
        return tuple(sorted(line for line in lines if line and not line.startswith("#")))

    def extras(self, groups: Iterable[str]) -> set[str]:
        """Give the extras that entry points of some groups ask for."""
        found = [match[1] for line in self.entries(groups) if (match := _EXTRAS.search(line))]
        return {extra.strip() for extras in found for extra in extras.split(",") if extra.strip()}


class Environment(NamedTuple):
    """The distributions that mention packflow, and the versions of what they require."""

    #: Every copy of each, in the order in which they are found, by folded name.
    copies: Mapping[str, tuple[Metadata, ...]]
    #: The version of each distribution that is required and installed, by folded name.
    versions: Mapping[str, str]


def read_environment(path: Sequence[str] | None = None) -> Environment:
    """Read the metadata of every distribution that mentions packflow.

    Args:
        path: the folders to search, in order; ``sys.path`` if None.

    Returns:
        What could be read. What could not is among the problems of :func:`packflow.plugin.index.scan`.
    """
    import importlib_metadata

    find: Callable[..., Iterable[Any]] = importlib_metadata.distributions
    options: dict[str, Any] = {} if path is None else {"path": list(path)}
    names = {OWN_DISTRIBUTION} | {
        read.name for found in find(**options) if _mentions_packflow(found) and (read := _read(found))
    }
    copies: dict[str, tuple[Metadata, ...]] = {}
    for name in sorted(names):
        everywhere = {read.location: read for found in find(name=name, **options) if (read := _read(found))}
        copies[fold(name)] = tuple(everywhere.values())
    required = {name for several in copies.values() for copy in several for name in required_names(copy.requires)}
    versions = {name: version for name in sorted(required) if (version := _version(find(name=name, **options)))}
    return Environment(copies, versions)


def _mentions_packflow(distribution: Distribution) -> bool:
    try:
        return "packflow" in (distribution.read_text("entry_points.txt") or "").casefold()
    except Exception:  # noqa: BLE001  # a stranger's metadata: the index tells of it
        return False


def _read(distribution: Distribution) -> Metadata | None:
    try:
        location = location_of(distribution)
        metadata = distribution.metadata
        name, version = metadata["Name"], metadata["Version"]
        if not name or not version or location.replace("\\", "/").rpartition("/")[2].startswith("~"):
            return None
        groups = _sections(distribution.read_text("entry_points.txt") or "")
        return Metadata(str(name), str(version), location, groups, tuple(metadata.get_all("Requires-Dist") or ()))
    except Exception:  # noqa: BLE001  # as above
        return None


def _version(copies: Iterable[Distribution]) -> str | None:
    return next((read.version for copy in copies if (read := _read(copy))), None)


def _sections(text: str) -> tuple[tuple[str, str], ...]:
    _, *parts = _HEADING.split(text)
    groups = (heading.replace("[", "") for heading in parts[::2])
    return tuple(zip(groups, parts[1::2], strict=True))
