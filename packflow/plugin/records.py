"""What ``packflow plugins list`` shows. Everything in it comes from metadata and memory; no plugin is imported."""

from __future__ import annotations

from typing import NamedTuple

from packflow.plugin import resolve
from packflow.plugin.hooks import Hooks
from packflow.plugin.index import Problem
from packflow.plugin.kinds import GROUPS, fold
from packflow.plugin.loader import Loader
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Plugin
from packflow.plugin.resolve import Surroundings


class PluginRecord(NamedTuple):
    """One line of the list of plugins.

    Example:
        >>> from packflow.plugin import plugins
        >>> [record.name for record in plugins("preprocessor") if record.distribution == "packflow"]
        ['numpy', 'passthrough', 'records']
    """

    #: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``; ``"distribution"``
    #: where a whole distribution was left out: its metadata cannot be read, or another copy goes before it.
    kind: str
    #: The name, as its distribution spells it.
    name: str
    #: The distribution that declares it; None if it was registered directly.
    distribution: str | None
    #: That distribution's version.
    version: str | None
    #: Where the object is, ``module:object``; for a distribution, the folder of its metadata.
    value: str
    #: ``"ready"`` (not imported yet), ``"loaded"``, ``"blocked"``, ``"conflict"`` (its bare name does not mean it) or
    #: ``"broken"`` (it cannot be loaded).
    state: str
    #: Why it is in that state, where that needs saying.
    reason: str | None
    #: The folder of the distribution's metadata; None for what is registered while the program runs.
    location: str | None = None


def list_records(around: Surroundings, loader: Loader, hooks: Hooks, kind: str | None = None) -> list[PluginRecord]:
    """List every plugin, sorted by kind, name and distribution; then what was left out."""
    direct = [entry for entries in around.direct.values() for entry in entries]
    everything: list[Plugin] = [*around.installed.refs, *direct, *around.contributed]
    kinds = list(GROUPS)
    everything.sort(key=lambda plugin: (kinds.index(plugin.kind), plugin.key, fold(plugin.distribution or "")))
    records = [_record(plugin, around, loader, hooks) for plugin in everything if kind in (None, plugin.kind)]
    if kind is None:
        records += [_left_out(problem) for problem in around.installed.problems]
    return records


def _left_out(found: Problem) -> PluginRecord:
    name, version, place = found.distribution, found.version, found.location
    return PluginRecord("distribution", name, name, version, place, found.state, found.reason, place)


def _record(plugin: Plugin, around: Surroundings, loader: Loader, hooks: Hooks) -> PluginRecord:
    state, reason = _state(plugin, around, loader, hooks)
    path = plugin.location if isinstance(plugin, PluginRef) else None
    return PluginRecord(
        plugin.kind, plugin.name, plugin.distribution, plugin.version, plugin.value, state, reason, path
    )


def _state(plugin: Plugin, around: Surroundings, loader: Loader, hooks: Hooks) -> tuple[str, str | None]:
    reason = resolve.blocking(around.policy, plugin)
    if reason:
        return "blocked", reason
    reason = (
        (plugin.problem if isinstance(plugin, PluginRef) else None)
        or loader.failure(plugin)
        or hooks.failures.get(plugin)
    )
    if reason:
        return "broken", reason
    reason = resolve.conflict(around, plugin)
    if reason:
        return "conflict", reason
    return ("loaded" if loader.is_loaded(plugin) else "ready"), None
