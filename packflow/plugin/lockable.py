"""What can be locked: the installed plugins that may be used now, exactly; and what is left out, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from packflow.exceptions import PluginLockError
from packflow.plugin import policy, recorded
from packflow.plugin.frozen import as_locked
from packflow.plugin.index import Index
from packflow.plugin.locks import Difference, LockedPlugin, PluginLock
from packflow.plugin.places import places_of
from packflow.plugin.policy import Policy
from packflow.plugin.recorded import Recorded


class Lockable(NamedTuple):
    """What an environment has to lock."""

    lock: PluginLock
    #: Why an installed plugin is not among it, by the key of what would be its entry.
    left_out: dict[tuple[str, str, str], tuple[LockedPlugin, str]]
    #: What was recorded of each distribution that is locked, by its name, version, and the folder of its metadata.
    records: dict[tuple[str, str, str], Recorded]


def lockable(
    installed: Index,
    settings: Policy,
    *,
    broken: bool = False,
    read_record: Callable[[str], Recorded] = recorded.read_record,
) -> Lockable:
    """Say what can be locked. Nothing is imported.

    Args:
        installed: what is installed.
        settings: the settings that hold.
        broken: take in those, too, whose metadata show that they cannot be loaded.
        read_record: reads what was recorded of a distribution; called once for each.
    """
    records: dict[tuple[str, str, str], Recorded] = {}
    entries: list[LockedPlugin] = []
    left_out: dict[tuple[str, str, str], tuple[LockedPlugin, str]] = {}
    for ref in installed.refs:
        reason = policy.blocked(settings, ref) or (None if broken else ref.problem)
        if reason is not None:
            entry = as_locked(ref)
            left_out[entry.key] = (entry, reason)
            continue
        place = (ref.distribution, ref.version, ref.location)
        if place not in records:
            records[place] = read_record(ref.location)
        entries.append(as_locked(ref, records[place].digest))
    return Lockable(PluginLock(tuple(entries)), left_out, records)


def refuse_unrecorded(found: Lockable) -> None:
    """Refuse to lock distributions of whose files nothing is recorded.

    Raises:
        PluginLockError: there are such; the text names all of them and says what to do.
    """
    problems = [
        f"{name} {version} at {location} {record.problem}"
        for (name, version, location), record in sorted(found.records.items())
        if record.problem
    ]
    if problems:
        raise PluginLockError(
            f"These plugins cannot be locked: {'; '.join(problems)}. Reinstall each with pip (pip install "
            "--force-reinstall NAME==VERSION), delete it if an older version left it behind, or keep it out with "
            "PACKFLOW_DISABLE_PLUGINS."
        )


def changed_since(found: Lockable) -> list[Difference]:
    """Say which files of the distributions that can be locked were changed after they were installed."""
    return [
        Difference("file", name, None, None, version, version, f"{path} of {name} {version} {change}")
        for (name, version, location), record in found.records.items()
        for path, change in recorded.changed_files(location, record.rows)
    ]


def unnoticed_changes(found: Lockable) -> list[str]:
    """Say of which distributions that can be locked the files may change without any installer, or lock, knowing."""
    told = []
    for (name, version, location), record in found.records.items():
        if record.editable:
            told.append(f"{name} {version} is installed editably")
            continue
        values = sorted({plugin.value for plugin in found.lock.plugins if plugin.distribution == name})
        told += [
            f"the RECORD of {name} {version} does not list the module of {value}"
            for value in values
            if not any(places_of([value], location, record.rows))
        ]
    return told
