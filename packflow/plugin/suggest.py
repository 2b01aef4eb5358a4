"""What somebody may have meant by a name that means nothing: near names of every kind, and where to get them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packflow.plugin.kinds import GROUPS, fold, name_key
from packflow.plugin.published import PUBLISHED, install_command, qualified_name
from packflow.plugin.refs import parse_value
from packflow.utils.errors import short

#: How many plugins of a distribution are listed.
_SHOWN = 5

_GUESS = " Did you mean"


class Known(NamedTuple):
    """A name that means something, here or after an installation."""

    kind: str
    name: str
    qualified: str
    #: The requirement to install for it; None if it is there.
    needed: str | None = None


def hint(kind: str | None, name: str, known: Iterable[tuple[str, str, str]]) -> str:
    """Give sentences on what a name may have meant, each with a leading space.

    Example:
        >>> hint("backend", "onx", [])
        " Did you mean 'onnx' (pip install packflow-onnx)?"
        >>> hint("backend", "recrods", [("preprocessor", "records", "packflow/records")])
        " There is a preprocessor plugin called 'records'."

    Args:
        kind: the kind that was asked for; None for every kind.
        name: the name that means nothing.
        known: the kind, the bare and the qualified name of what is there.
    """
    here = [Known(*entry) for entry in known]
    if ":" in name:
        return _for_colon(kind, name, here)
    everything = [*here, *_published(here)]
    if owned := _of_distribution(kind, name, everything):
        return owned
    by_kind = {each: [entry for entry in everything if entry.kind == each] for each in GROUPS}
    own = _of_asked_kind(name, by_kind.pop(kind)) if kind else ""
    if own and not own.startswith(_GUESS):
        return own
    others = [entry for entry in (_nearest(name, entries) for entries in by_kind.values()) if entry]
    exact = [entry for entry in others if fold(_spelling(entry, name)) == fold(name)]
    if exact and own.startswith(_GUESS):
        own = ""  # the very name, if of another kind, tells more than one that is near
    shown = exact or ([] if own else others)
    return own + "".join(f" There is a {entry.kind} plugin called {_quoted(entry, name)}." for entry in shown)


def _of_asked_kind(name: str, entries: list[Known]) -> str:
    entry = _nearest(name, entries)
    if entry is None:
        return ""
    if entry.needed and name_key(entry.kind, _spelling(entry, name)) == name_key(entry.kind, name):
        return f" It comes with {entry.needed.partition('[')[0]}: {install_command(entry.needed)}."
    return f"{_GUESS} {_quoted(entry, name)}?"


def _of_distribution(kind: str | None, name: str, known: list[Known]) -> str:
    """Say what plugins a distribution has, where its name was given for theirs."""
    owned = [
        entry for entry in known if "/" in entry.qualified and fold(entry.qualified.partition("/")[0]) == fold(name)
    ]
    if any(fold(entry.name) == fold(name) for entry in owned):
        return ""
    of_kind = [entry for entry in owned if entry.kind == kind] or owned
    shown = [f"the {entry.kind} plugin {_quoted(entry, name)}" for entry in of_kind[:_SHOWN]]
    more = [f"{len(of_kind) - _SHOWN} more"] if len(of_kind) > _SHOWN else []
    *first, last = [*shown, *more] or [""]
    listed = f"{', '.join(first)} and {last}" if first else last
    return f" {name!r} is a distribution; it has {listed}." if last else ""


def _published(here: list[Known]) -> Iterator[Known]:
    there = {(entry.kind, fold(entry.qualified)) for entry in here}
    for (kind, name), needed in PUBLISHED.items():
        qualified = qualified_name(name, needed)
        if (kind, fold(qualified)) not in there:
            yield Known(kind, name, qualified, needed)


def _nearest(name: str, entries: list[Known]) -> Known | None:
    from packflow.utils.nearest import nearest

    by_spelling: dict[str, Known] = {}
    for entry in entries:
        by_spelling.setdefault(_spelling(entry, name), entry)
    exact = [entry for spelling, entry in by_spelling.items() if fold(spelling) == fold(name)]
    if exact:
        return exact[0]
    close = nearest(name, by_spelling)
    return by_spelling[close] if close else None


def _spelling(entry: Known, like: str) -> str:
    """Give a name as qualified as the one that was asked for."""
    return entry.qualified if "/" in like else entry.name


def _quoted(entry: Known, like: str) -> str:
    where = f" ({install_command(entry.needed)})" if entry.needed else ""
    return f"{_spelling(entry, like)!r}{where}"


def _for_colon(kind: str | None, name: str, here: list[Known]) -> str:
    """Say how that is spelt which has a colon: no name has one."""
    owner, _, bare = name.partition(":")
    for entry in here:
        if fold(entry.qualified) == fold(f"{owner}/{bare}"):
            return f" The qualified spelling has a slash: {entry.qualified!r}."
    if not bare or parse_value(name) is None:
        return " No name has a colon."
    ways = [f"packflow.plugin.register({kind or 'backend'!r}, NAME, {short(name)}) gives it one"]
    if kind in (None, "backend"):
        ways.insert(0, f"ModuleLoader({short(name)}) loads it")
    return f" That is spelt like an object in a module, which has no name: {', and '.join(ways)}."
