"""What is locked, as data: plugins with where each comes from, and how two such things differ.

A lock file (:mod:`packflow.plugin.lockfile`) and a selection for worker processes (:mod:`packflow.plugin.selection`)
are two forms of it. Nothing here touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from packflow.plugin.kinds import GROUPS, fold, name_key


class LockedPlugin(NamedTuple):
    """One plugin of one distribution, exactly.

    Example:
        >>> LockedPlugin("backend", "fast", "acme:Fast", "Acme", "1.0").qualified
        'Acme/fast'
    """

    #: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``.
    kind: str
    #: The name, as the distribution spells it.
    name: str
    #: Where the object is, as ``module:object``.
    value: str
    #: The distribution's name.
    distribution: str
    #: The distribution's version.
    version: str
    #: The hash over what the installer recorded of the wheel's files; None where it recorded nothing.
    record: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, name and distribution as they are compared; two entries with one key mean the same plugin."""
        return (self.kind, name_key(self.kind, self.name), fold(self.distribution))

    @property
    def qualified(self) -> str:
        """``distribution/name``."""
        return f"{self.distribution}/{self.name}"


@dataclass(frozen=True)
class PluginLock:
    """Plugins that may be used, and no others. Equal if they hold the same plugins, in whatever order they were given.

    Example:
        >>> one, two = (LockedPlugin("backend", name, "acme:Fast", "acme", "1.0") for name in ("one", "two"))
        >>> PluginLock((two, one)) == PluginLock((one, two))
        True

    Attributes:
        plugins: what is locked, sorted by distribution, kind and name.
    """

    plugins: tuple[LockedPlugin, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "plugins", tuple(sorted(set(self.plugins), key=_order)))

    def by_key(self) -> dict[tuple[str, str, str], LockedPlugin]:
        """Give the plugins by what identifies each."""
        return {plugin.key: plugin for plugin in self.plugins}


def _order(plugin: LockedPlugin) -> tuple[object, ...]:
    kind, name, distribution = plugin.key
    rank = list(GROUPS).index(kind) if kind in GROUPS else len(GROUPS)
    return (
        distribution,
        plugin.distribution,
        rank,
        kind,
        name,
        plugin.name,
        plugin.value,
        plugin.version,
        plugin.record or "",
    )


class Difference(NamedTuple):
    """One way in which what is installed is not what is locked."""

    #: ``"missing"``, ``"extra"``, ``"version"``, ``"record"``, ``"value"``, ``"left out"`` (it is installed, but cannot
    #: or may not be used) or ``"file"`` (a file was changed after it was installed).
    what: str
    distribution: str
    #: The plugin; None where the difference is one of the whole distribution.
    kind: str | None
    #: Its name.
    name: str | None
    #: What the lock holds; None where it holds nothing.
    locked: str | None
    #: What is installed; None where nothing is.
    installed: str | None
    #: All of it in a sentence without its full stop.
    text: str


def difference(locked: LockedPlugin, installed: LockedPlugin | None) -> Difference | None:
    """Say in what an installed plugin is not the locked one; None if it is.

    Example:
        >>> one = LockedPlugin("backend", "fast", "acme:Fast", "acme", "1.0", "sha256:a")
        >>> difference(one, one._replace(version="1.1")).text
        'acme 1.0 is locked, but 1.1 is installed'
        >>> difference(one, one) is None
        True
    """
    whole = (locked.distribution, None, None)
    own = (locked.distribution, locked.kind, locked.name)
    who = f"{locked.distribution} {locked.version}"
    if installed is None:
        what = f"the {locked.kind} plugin {locked.name!r} of {who} is locked, but not installed"
        return Difference("missing", *own, locked.version, None, what)
    if installed.version != locked.version:
        text = f"{who} is locked, but {installed.version} is installed"
        return Difference("version", *whole, locked.version, installed.version, text)
    if installed.value != locked.value:
        text = f"the {locked.kind} plugin {locked.name!r} of {who} is {installed.value}, but {locked.value} is locked"
        return Difference("value", *own, locked.value, installed.value, text)
    if installed.record != locked.record:
        text = f"{who} was installed from other files than those that are locked"
        if installed.record is None:
            text = f"{who} is locked, but there is no RECORD of the files that are installed"
        return Difference("record", *whole, locked.record, installed.record, text)
    return None


def differences(
    locked: PluginLock,
    installed: PluginLock,
    left_out: Mapping[tuple[str, str, str], str] = MappingProxyType({}),
) -> list[Difference]:
    """Give every difference between what is locked and what is installed.

    Args:
        locked: what is locked.
        installed: what may be used here.
        left_out: why an installed plugin cannot or may not be used, by the key of its entry.

    Returns:
        Those of what is locked, then what is installed beyond it. A difference that concerns a whole distribution is
        given once.
    """
    here = installed.by_key()
    found: list[Difference] = []
    for plugin in locked.plugins:
        reason = left_out.get(plugin.key)
        if plugin.key not in here and reason is not None:
            text = f"the {plugin.kind} plugin {plugin.name!r} of {plugin.distribution} is locked, but {reason}"
            own = (plugin.distribution, plugin.kind, plugin.name)
            found.append(Difference("left out", *own, plugin.version, None, text))
        elif (differs := difference(plugin, here.get(plugin.key))) is not None:
            found.append(differs)
    return [*dict.fromkeys(found), *_extra(locked, installed.plugins)]


def _extra(locked: PluginLock, installed: Iterable[LockedPlugin]) -> list[Difference]:
    known = locked.by_key()
    return [
        Difference(
            "extra",
            plugin.distribution,
            plugin.kind,
            plugin.name,
            None,
            plugin.version,
            f"the {plugin.kind} plugin {plugin.name!r} of {plugin.distribution} {plugin.version} is installed, but not "
            "locked",
        )
        for plugin in installed
        if plugin.key not in known
    ]
