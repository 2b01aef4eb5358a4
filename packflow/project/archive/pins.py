"""Which distributions a project runs with, and from where they were installed: read off the environment.

Nothing is resolved anew: the samples ran with these versions and no others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement as Parsed

from packflow.exceptions import ArchiveError
from packflow.plugin.kinds import fold
from packflow.utils.parsing import one_at_a_time


class Distribution(NamedTuple):
    """A distribution that is installed."""

    name: str
    version: str
    #: What it requires, as its metadata say.
    requires: tuple[str, ...] = ()
    #: Where it was installed from, as pip's commands spell it; None for an index, or where nobody knows.
    origin: str | None = None
    #: Whether that is a wheel, and not something that one has to be built from.
    is_wheel: bool = False
    #: Whether it is installed so that changes of its source count at once.
    editable: bool = False


class Wanted(NamedTuple):
    """A distribution that is needed."""

    name: str
    extras: tuple[str, ...] = ()
    #: What needs it, for messages.
    asked_by: str = "the project"


def closure(wanted: Iterable[Wanted], installed: Callable[[str], Distribution | None]) -> list[Distribution]:
    """Give everything that is needed, with all that it requires in its turn, sorted by name.

    Example:
        >>> there = {"a": Distribution("a", "1.0", ("b>=2", "c; extra == 'more'")), "b": Distribution("b", "2.1")}
        >>> [f"{each.name} {each.version}" for each in closure([Wanted("a")], there.get)]
        ['a 1.0', 'b 2.1']

    Args:
        wanted: what is needed.
        installed: gives what is installed under a name.

    Raises:
        ArchiveError: something that is required is not installed.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    left = [(want, extra) for want in wanted for extra in ("", *want.extras)]
    while left:
        want, extra = left.pop()
        key = (fold(want.name), fold(extra))
        if key in seen:
            continue
        seen.add(key)
        distribution = installed(want.name)
        if distribution is None:
            raise ArchiveError(
                f"{want.asked_by} requires {want.name}, which is not installed, so there is no wheel to put in. "
                f"Install it: pip install {want.name}"
            )
        found[key[0]] = distribution
        left += [(brought, each) for brought in _brought(distribution, extra) for each in ("", *brought.extras)]
    return [found[name] for name in sorted(found)]


def _brought(distribution: Distribution, extra: str) -> Iterator[Wanted]:
    for text in distribution.requires:
        with one_at_a_time:
            parsed = Parsed(text)
        if applies(str(parsed.marker or ""), extra):
            yield Wanted(parsed.name, tuple(sorted(parsed.extras)), f"{distribution.name} {distribution.version}")


def applies(marker: str, extra: str = "") -> bool:
    """Tell whether a requirement counts here.

    Example:
        >>> applies("python_version < '3'"), applies("extra == 'more'", "more"), applies("")
        (False, True, True)
    """
    with one_at_a_time:
        return not marker or Marker(marker).evaluate({"extra": extra})


def look_up(name: str) -> Distribution | None:
    """Give what is installed under a name where this program runs; None if nothing is."""
    import importlib_metadata

    try:
        found = importlib_metadata.distribution(name)
    except (importlib_metadata.PackageNotFoundError, ValueError):
        return None
    direct_url = found.read_text("direct_url.json")
    origin, is_wheel = origin_of(direct_url, found.metadata["Name"])
    editable = bool(direct_url) and json.loads(direct_url or "{}").get("dir_info", {}).get("editable") is True
    return Distribution(found.metadata["Name"], found.version, tuple(found.requires or ()), origin, is_wheel, editable)


def origin_of(direct_url: str | None, name: str) -> tuple[str | None, bool]:
    """Say where a distribution was installed from, and whether that is a wheel.

    Example:
        >>> origin_of('{"url": "file:///src/acme", "dir_info": {"editable": true}}', "acme")
        ('acme @ file:///src/acme', False)
        >>> origin_of('{"url": "https://a.org/b", "vcs_info": {"vcs": "git", "commit_id": "1f"}}', "acme")
        ('acme @ git+https://a.org/b@1f', False)

    Args:
        direct_url: what :pep:`610` has an installer write down; None where it has not.
        name: the distribution's name.
    """
    if not direct_url:
        return None, False
    data = json.loads(direct_url)
    url = data["url"]
    if vcs := data.get("vcs_info"):
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    below = f"#subdirectory={data['subdirectory']}" if data.get("subdirectory") else ""
    return f"{name} @ {url}{below}", url.endswith(".whl")
