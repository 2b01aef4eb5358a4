"""What the requirements of a project bring with them, and what it ran with all the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from packflow.plugin.kinds import OWN_DISTRIBUTION, fold
from packflow.project.requirements.judging import Installed, applies, look_up
from packflow.project.requirements.lines import Requirement, parse_requirement

#: A distribution, and one of its extras; an empty text for the distribution itself.
Wanted = tuple[str, str]


def not_brought(
    ran_with: Iterable[str],
    imported: Collection[str],
    entries: Iterable[Requirement],
    installed: Callable[[str], Installed | None] = look_up,
) -> list[str]:
    """Give the distributions that a project ran with, though nothing that it requires brings them.

    Libraries import others that happen to be there, and say so in their extras. What only such an extra brings is
    missed by nobody where it is not installed, unless the project's own code imports it. And of what is missing, what
    the rest of it brings is not told.

    Example:
        >>> there = {"pandas": Installed("3.0", ("numpy", "pyarrow; extra == 'parquet'")), "packflow": Installed("1.0")}
        >>> entries = [parse_requirement("pandas", "requirements.txt", 1)]
        >>> not_brought(["pandas", "numpy", "pyarrow", "joblib"], [], entries, there.get)
        ['joblib']
        >>> not_brought(["pandas", "numpy", "pyarrow"], ["pyarrow"], entries, there.get)
        ['pyarrow']

    Args:
        ran_with: the names of the distributions of which modules were imported.
        imported: those among them that the project's own code imports.
        entries: what the project requires.
        installed: gives what is installed under a name.
    """
    wanted = [(OWN_DISTRIBUTION, "")]
    for entry in entries:
        if entry.name and not entry.constraint and applies(entry.marker):
            wanted += [(entry.name, extra) for extra in ("", *entry.extras)]
    own = {fold(name) for name in imported}
    brought = _closure(wanted, installed)
    missing = {fold(name): name for name in ran_with if fold(name) not in brought}
    if missing:
        explained = _with_optional(brought, installed) - own
        missing = {key: name for key, name in missing.items() if key not in explained}
    brings = {key: _with_optional(_closure([(key, "")], installed), installed) for key in missing}
    found: set[str] = set()
    for key in sorted(missing, key=lambda key: (-len(brings[key] & missing.keys()), key)):
        if key in own or not any(key in brings[other] for other in found):
            found.add(key)
    return [name for key, name in missing.items() if key in found]


def _with_optional(names: set[str], installed: Callable[[str], Installed | None]) -> set[str]:
    """Add what the extras of distributions require, with all that this requires in its turn."""
    optional = [(fold(each.name), "") for name in names for each in _required(installed(name)) if each.name]
    return names | _closure(optional, installed)


def _closure(wanted: Iterable[Wanted], installed: Callable[[str], Installed | None]) -> set[str]:
    """Give the names of all that is wanted, with all that it requires in its turn."""
    seen: set[Wanted] = set()
    left = [(fold(name), fold(extra)) for name, extra in wanted]
    while left:
        name, extra = want = left.pop()
        if want in seen:
            continue
        seen.add(want)
        for each in _required(installed(name)):
            if each.name and applies(each.marker, extra):
                left += [(fold(each.name), fold(one)) for one in ("", *each.extras)]
    return {name for name, _ in seen}


def _required(found: Installed | None) -> Iterator[Requirement]:
    """Give what a distribution requires, and what its extras do."""
    for text in found.requires if found else ():
        try:
            yield parse_requirement(text, "", None)
        except ValueError:
            continue  # it is no mistake of the project's
