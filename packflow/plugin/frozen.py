"""What a lock that is in force allows: pure decisions about one plugin at a time, made before it is imported.

An installed plugin has to be exactly what the lock holds. What the lock does not hold is as good as not installed: its
name is free for others, and asking for it says why. What the lock holds and the environment lacks, or has otherwise,
keeps its name and cannot be used, so that no name comes to mean something else than when it was locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from packflow.plugin.kinds import fold
from packflow.plugin.locks import Difference, LockedPlugin, PluginLock, difference
from packflow.plugin.places import misplaced, places_of
from packflow.plugin.refs import PluginRef, parse_value

if TYPE_CHECKING:
    from packflow.plugin.recorded import Recorded
    from packflow.plugin.registration import Plugin, Registration

#: Stands for the folder of the metadata of what is locked, but not installed.
NOWHERE = ""


class Frozen(NamedTuple):
    """A lock that is in force, and what it has to be compared with here."""

    #: The setting that put it in force, as messages name it.
    origin: str
    #: What is locked, by its key.
    held: Mapping[tuple[str, str, str], LockedPlugin] = MappingProxyType({})
    #: The hash of what was recorded of each distribution here, by the folder of its metadata.
    records: Mapping[str, str | None] = MappingProxyType({})
    #: The keys of what is locked, but not installed.
    missing: frozenset[tuple[str, str, str]] = frozenset()
    #: Kind and value of what a direct registration may name to be imported.
    importable: frozenset[tuple[str, str]] = frozenset()
    #: The files that the modules of what is locked are to be imported from, by module.
    places: Mapping[str, frozenset[str]] = MappingProxyType({})
    #: Why the lock cannot be read; everything is refused then.
    unreadable: str | None = None
    #: What to do where the lock is what should change.
    again: str = "lock again with 'packflow plugins lock'"

    def refusal(self, ref: PluginRef) -> str | None:
        """Say why an installed plugin may not be used; None if it is exactly what is locked."""
        if self.unreadable is not None:
            return f"{self.origin} is set, but its lock cannot be read"
        if not self.holds(ref) and ref.problem:  # it never comes into a lock
            return f"{self.origin} does not hold it, as it is broken ({ref.problem}); repair it, and {self.again}"
        if not self.holds(ref):
            return f"{self.origin} does not hold it; to use it, {self.again}"
        return self.mismatch(ref)

    def holds(self, ref: PluginRef) -> bool:
        """Whether the lock has an entry for a plugin, be it installed like that or not."""
        return self.unreadable is not None or as_locked(ref).key in self.held

    def mismatch(self, ref: PluginRef) -> str | None:
        """Say in what a plugin that the lock holds is not installed as it is locked; None if it is, or is not held."""
        locked = self.held.get(as_locked(ref).key)
        if locked is None:
            return None
        installed = None if locked.key in self.missing else as_locked(ref, self.records.get(ref.location))
        found = difference(locked, installed)
        return f"by {self.origin}, {found.text}; {remedy(locked, found)}, or {self.again}" if found else None

    def refuses_text(self, entry: Registration) -> str | None:
        """Say why the text of a direct registration may not be imported; None if it may, or is no text."""
        if not entry.lazy or (self.unreadable is None and (entry.kind, _plain(entry.value)) in self.importable):
            return None
        return (
            f"{self.origin} holds no {entry.kind} plugin that is {entry.value}; register the object itself, or install "
            "and lock what has it"
        )

    def misplaced(self, plugin: Plugin) -> str | None:
        """Say from where the module of a plugin would be imported, if that is not the file that is locked."""
        found = misplaced(self.places, plugin)
        return f"by {self.origin}, {found}" if found else None


def remedy(locked: LockedPlugin, found: Difference) -> str:
    """Say what to do about a difference."""
    wanted = f"'{locked.distribution}=={locked.version}'"
    return f"pip install {'' if found.what in ('missing', 'version') else '--force-reinstall '}{wanted}"


def _plain(value: str) -> str:
    """Give a value as ``module:object``, whatever spaces and extras stand in it."""
    return ":".join(parse_value(value) or (value,))


def as_locked(ref: PluginRef, record: str | None = None) -> LockedPlugin:
    """Give the entry that locks an installed plugin.

    Example:
        >>> as_locked(PluginRef("backend", "fast", "acme:Fast", "acme", "1.0")).qualified
        'acme/fast'
    """
    return LockedPlugin(ref.kind, ref.name, ref.value, ref.distribution, ref.version, record)


def freeze(
    lock: PluginLock,
    origin: str,
    refs: Iterable[PluginRef],
    read_record: Callable[[str], Recorded],
    registered: Iterable[tuple[str, str]] = (),
) -> tuple[Frozen, list[PluginRef]]:
    """Put a lock in force.

    Args:
        lock: the lock.
        origin: the setting that it comes from, as messages name it.
        refs: what is installed.
        read_record: gives what was recorded of a distribution, by the folder of its metadata; called once for each
            distribution that is locked.
        registered: kind and value of what may be imported besides.

    Returns:
        The lock in force; and what is locked but not installed, as references that keep its names.
    """
    refs, held = tuple(refs), lock.by_key()
    distributions = {fold(plugin.distribution) for plugin in lock.plugins}
    folders = sorted({ref.location for ref in refs if fold(ref.distribution) in distributions})
    records = {folder: read_record(folder) for folder in folders}
    digests = {folder: record.digest for folder, record in records.items()}
    absent = held.keys() - {as_locked(ref).key for ref in refs}
    frozen = Frozen(origin, held, digests, frozenset(absent))
    sound = [ref for ref in refs if frozen.refusal(ref) is None]
    importable = frozenset((kind, _plain(value)) for kind, value in [*((r.kind, r.value) for r in sound), *registered])
    frozen = frozen._replace(importable=importable, places=_places(sound, records))
    return frozen, [
        PluginRef(plugin.kind, plugin.name, plugin.value, plugin.distribution, plugin.version, NOWHERE)
        for plugin in lock.plugins
        if plugin.key in absent
    ]


def _places(refs: Iterable[PluginRef], records: Mapping[str, Recorded]) -> Mapping[str, frozenset[str]]:
    """Give the files that the modules of plugins are to be imported from, by module."""
    values: dict[str, set[str]] = {}
    for ref in refs:
        values.setdefault(ref.location, set()).add(ref.value)
    found: dict[str, frozenset[str]] = {}
    for folder, named in values.items():
        for module, files in places_of(named, folder, records[folder].rows):
            found[module] = found.get(module, frozenset()) | files
    return found
