"""What the errors about plugins say. The classes are in ``packflow.exceptions``; here are their texts.

Each says what it was about, what was expected and what to do, and carries the plugin's kind, name, distribution and
version as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from packflow.exceptions import (
    AmbiguousPluginError,
    BlockedPluginError,
    PluginError,
    PluginLoadError,
    PluginLockError,
    PluginRegistrationError,
    UnknownPluginError,
)
from packflow.plugin.kinds import GROUPS, fold
from packflow.utils.errors import short

if TYPE_CHECKING:
    from packflow.plugin.index import Problem
    from packflow.plugin.refs import PluginRef
    from packflow.plugin.registration import Plugin

#: How many names are listed in a message.
_MANY = 20


def unknown_kind(kind: str) -> PluginError:
    """There is no such kind of plugin."""
    from packflow.utils.nearest import did_you_mean

    kinds = ", ".join(repr(known) for known in GROUPS)
    return PluginError(
        f"{short(kind)} is no kind of plugin.{did_you_mean(kind, GROUPS)} The kinds are {kinds}.", kind=kind
    )


def unknown(
    kind: str,
    name: str,
    known: Iterable[tuple[str, str, str]],
    left_out: Iterable[tuple[Problem, PluginRef | None]],
    kept_out: Mapping[str, Iterable[str]],
) -> UnknownPluginError:
    """No plugin has that name.

    Args:
        kind: the kind that was asked for.
        name: the name that was asked for.
        known: the kind, the bare and the qualified name of what there is.
        left_out: the distributions that are left out and have the name (with the plugin), or may have it (with None).
        kept_out: the names, of that kind, that a setting alone keeps from being available, by that setting.
    """
    from packflow.plugin.published import PUBLISHED, requirement
    from packflow.plugin.suggest import hint

    known = list(known)
    lost = _lost(name, left_out)
    same = {entry[1] for entry in known if entry[0] == kind}
    available = same.difference(*kept_out.values())
    advice = lost or hint(kind, name, known)
    advice += f" Available: {_listed(available)}." if available else ""
    for setting, names in sorted(kept_out.items()):
        advice += f" Installed, but blocked by {setting}: {_listed(names)}."
    advice += "" if same else f" No {kind} plugin is installed."
    owners = {fold(qualified.partition("/")[0]) for _, _, qualified in known if "/" in qualified}
    owners.update(fold(needed.partition("[")[0]) for needed in PUBLISHED.values())
    elsewhere = lost or fold(name) in owners or requirement(kind, name) is not None  # it is known where it is
    if not elsewhere and ":" not in name:
        advice += (
            f" If its package is installed, it must declare the name under the entry-point group {GROUPS[kind]!r}."
        )
    return UnknownPluginError(f"No {kind} plugin is called {short(name)}.{advice}", kind=kind, name=name)


def _listed(names: Iterable[str]) -> str:
    first = sorted(names)
    return ", ".join(first[:_MANY]) + (f" and {len(first) - _MANY} more" if len(first) > _MANY else "")


def _lost(name: str, left_out: Iterable[tuple[Problem, PluginRef | None]]) -> str:
    """Say which distributions would have had a name, were they not left out."""
    said = []
    for problem, ref in left_out:
        if ref is None and "/" not in name and (not name or fold(name) not in fold(problem.distribution)):
            continue  # it may have any name; that this one is among them is a guess
        version = f" {problem.version}" if problem.version else ""
        verb = "declares it" if ref else "may declare it"
        said.append(
            f" {problem.distribution}{version} at {problem.location} {verb}, but is left out: {problem.reason}."
        )
    return "".join(said)


def not_registered(kind: str, name: str, registered: Iterable[str]) -> UnknownPluginError:
    """Nothing is registered directly under that name, so nothing can be taken back."""
    from packflow.utils.nearest import did_you_mean

    return UnknownPluginError(
        f"No {kind} plugin is registered directly under the name {short(name)}, so it cannot be unregistered."
        f"{did_you_mean(name, registered)} An installed plugin is kept out with configure(deny=[…]).",
        kind=kind,
        name=name,
    )


def stale_metadata(kind: str, name: str) -> UnknownPluginError:
    """A built-in is not declared, so packflow's own installation is at fault."""
    return UnknownPluginError(
        f"The built-in {kind} {name!r} was not found: packflow's own installation metadata is stale or missing. "
        "Reinstall packflow.",
        kind=kind,
        name=name,
        distribution="packflow",
    )


def ambiguous(kind: str, name: str, candidates: Sequence[Plugin]) -> AmbiguousPluginError:
    """Several distributions have that name."""
    listed = ", ".join(f"{plugin.distribution} {plugin.version} ({plugin.qualified!r})" for plugin in candidates)
    return AmbiguousPluginError(
        f"Several installed distributions register a {kind} plugin called {name!r}: {listed}. "
        f"Ask for one by its qualified spelling, such as {candidates[0].qualified!r}.",
        kind=kind,
        name=name,
    )


def _identity(plugin: Plugin) -> dict[str, str | None]:
    """Give what an error carries of the plugin that it is about."""
    return {
        "kind": plugin.kind,
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
    }


def blocked(plugin: Plugin, reason: str) -> BlockedPluginError:
    """A setting keeps it out."""
    return BlockedPluginError(
        f"The {plugin.kind} plugin {plugin.name!r} of {plugin.distribution} {plugin.version} is installed but "
        f"blocked: {reason}. Change that setting to use it.",
        **_identity(plugin),
    )


def not_as_locked(plugin: Plugin, reason: str) -> BlockedPluginError:
    """The lock that is in force does not allow it; `reason` says what to do."""
    who = f"of {plugin.distribution} {plugin.version}" if plugin.distribution else "that is registered directly"
    return BlockedPluginError(
        f"The {plugin.kind} plugin {plugin.name!r} {who} is blocked: {reason}.",
        **_identity(plugin),
    )


def hooks_refused(plugin: Plugin, reason: str) -> PluginLockError:
    """The lock that is in force keeps out a hooks plugin that is counted on."""
    who = f"of {plugin.distribution} {plugin.version}" if plugin.distribution else "that is registered directly"
    return PluginLockError(
        f"The hooks plugin {plugin.name!r} {who} is to be used, but is not what is locked: {reason}.",
        **_identity(plugin),
    )


def load_failed(
    plugin: Plugin, reason: str, cause: BaseException | None = None, *, advised: bool = False
) -> PluginLoadError:
    """It could not be imported, or is of the wrong kind.

    `reason` is a clause that goes on from "it"; `advised` tells that it ends in what to do.
    """
    group = GROUPS[plugin.kind]
    if plugin.distribution is None:
        who, where, remedy = "registered directly", plugin.value, "Correct the registration, or take it back."
    elif plugin.plugin is not None:
        who = f"registered by the hooks plugin {plugin.plugin!r} {plugin.version}"
        where, remedy = plugin.value, f"{_repair(plugin, cause)} or upgrade {plugin.distribution}."
    else:
        who, where = f"of {plugin.distribution} {plugin.version}", f"{group}: {plugin.name} = {plugin.value}"
        first = "Or" if advised else f"{_repair(plugin, cause)}, upgrade or"
        remedy = (
            f"{first} uninstall {plugin.distribution}, or set PACKFLOW_DISABLE_PLUGINS={plugin.qualified} to leave the "
            "plugin out."
        )
    return PluginLoadError(
        f"The {plugin.kind} plugin {plugin.name!r} {who} could not be loaded ({where}): {reason}. {remedy}",
        **_identity(plugin),
    )


def _repair(plugin: Plugin, cause: BaseException | None) -> str:
    """Say what to try first: a module that is lacking is mostly an extra that was not installed."""
    lacking = (cause.name or "") if isinstance(cause, ModuleNotFoundError) else ""
    top = lacking.partition(".")[0]
    if not top or top == plugin.value.partition(":")[0].partition(".")[0].strip():
        return "Repair"
    return f"Install what has the module {top!r} (an extra of {plugin.distribution} may bring it), or else repair"


def registration(plugin: Plugin, reason: str) -> PluginRegistrationError:
    """A direct registration or a hooks plugin is not what it has to be."""
    who = f" of {plugin.distribution} {plugin.version}" if plugin.distribution else ""
    return PluginRegistrationError(
        f"The {plugin.kind} plugin {plugin.name!r}{who} cannot be registered: {reason}.",
        **_identity(plugin),
    )


def unknown_entry(entry: str, setting: str, installed: Iterable[tuple[str, str, str]]) -> str:
    """Say that an entry of a list means nothing; `installed` are (bare name, distribution, qualified name)."""
    from packflow.utils.nearest import did_you_mean

    installed = list(installed)
    by_bare_name = sorted({qualified for bare, _, qualified in installed if bare == entry})
    if by_bare_name:
        hint = f" Did you mean {by_bare_name[0]!r}?"
    else:
        which = 2 if "/" in entry else 1
        hint = did_you_mean(entry, [plugin[which] for plugin in installed])
    return (
        f"{setting} names {short(entry)}, but no installed packflow plugin is called that.{hint} "
        "Entries are 'distribution' or 'distribution/name'."
    )
