"""What a name means: pure decisions over what is installed, what is registered and the settings. Nothing is imported.

A bare name means, in this order: what is registered directly; what an override says; the installed plugin of that
name, of which there must be one; what a hooks plugin has registered. A qualified name (``distribution/name``) means
that distribution's plugin, whoever else has the bare name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packflow.exceptions import AmbiguousPluginError, BlockedPluginError, UnknownPluginError
from packflow.plugin import errors, policy
from packflow.plugin.index import Index
from packflow.plugin.kinds import BUILT_IN_NAMES, OWN_DISTRIBUTION, fold, name_key
from packflow.plugin.policy import Policy
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Plugin, Registration


class Surroundings(NamedTuple):
    """All that a name's meaning depends on."""

    installed: Index
    policy: Policy
    #: What is registered directly, by (kind, key); the last of each is the one that counts.
    direct: Mapping[tuple[str, str], Sequence[Registration]]
    #: What hooks plugins have registered, as far as they are loaded.
    contributed: Sequence[Registration] = ()


def choose(around: Surroundings, kind: str, name: str) -> Plugin | None:
    """Give the plugin that a name means; None if there is none.

    Raises:
        AmbiguousPluginError: several distributions have the name.
        BlockedPluginError: a setting keeps it out.
        UnknownPluginError: it is a built-in that packflow's own metadata does not declare.
    """
    if "/" in name:
        return _permitted(around.policy, _qualified(around, kind, name), kind, name)
    registered = around.direct.get((kind, name_key(kind, name)))
    if registered:
        return registered[-1]
    target = policy.override(around.policy, kind, name)
    if target is not None:
        overriding = _qualified(around, kind, target)
        if overriding:
            return _permitted(around.policy, overriding, kind, target)
    installed = around.installed.named(kind, name)
    own = [ref for ref in installed if ref.built_in]
    if not own and name_key(kind, name) in BUILT_IN_NAMES[kind]:
        raise errors.stale_metadata(kind, name)
    return _permitted(around.policy, own or installed or _contributed(around, kind, name), kind, name)


def needs_hooks(around: Surroundings, kind: str, name: str) -> bool:
    """Whether a name cannot be settled before the hooks plugins are loaded, although some plugin has it.

    That is so where an override gives it to a plugin that is not installed: a hooks plugin may register that one.
    """
    target = policy.override(around.policy, kind, name)
    if target is None or (kind, name_key(kind, name)) in around.direct:
        return False
    distribution, _, bare = target.partition("/")
    installed = around.installed.named(kind, bare)
    with_hooks = {fold(ref.distribution) for ref in around.installed.of_kind("hooks")}
    return fold(distribution) in with_hooks - {fold(ref.distribution) for ref in installed}


def _qualified(around: Surroundings, kind: str, name: str) -> Sequence[Plugin]:
    distribution, _, bare = name.partition("/")
    candidates: Sequence[Plugin] = around.installed.named(kind, bare) or ()
    of_it = [plugin for plugin in candidates if fold(plugin.distribution or "") == fold(distribution)]
    if of_it or fold(distribution) != OWN_DISTRIBUTION or name_key(kind, bare) not in BUILT_IN_NAMES[kind]:
        return of_it or [
            entry for entry in _contributed(around, kind, bare) if fold(entry.distribution or "") == fold(distribution)
        ]
    raise errors.stale_metadata(kind, name)


def _contributed(around: Surroundings, kind: str, name: str) -> list[Registration]:
    key = name_key(kind, name)
    found = [entry for entry in around.contributed if (entry.kind, entry.key) == (kind, key)]
    return sorted(found, key=lambda entry: (fold(entry.distribution or ""), entry.plugin or ""))


def _permitted(settings: Policy, candidates: Sequence[Plugin], kind: str, name: str) -> Plugin | None:
    """Give the one candidate that the settings leave. Keeping others out is a way to settle a conflict."""
    if not candidates:
        return None
    open_to_use = [plugin for plugin in candidates if blocking(settings, plugin) is None]
    if not open_to_use:
        raise errors.blocked(candidates[0], blocking(settings, candidates[0]) or "")
    if len(open_to_use) > 1:
        raise errors.ambiguous(kind, name, open_to_use)
    return open_to_use[0]


def blocking(settings: Policy, plugin: Plugin) -> str | None:
    """Say which setting keeps a plugin out; None if none does.

    What a hooks plugin registers came in with its permission, so that only the deny list keeps it out. What is
    registered directly is the program's own wish, and nothing does.
    """
    if isinstance(plugin, PluginRef):
        return policy.blocked(settings, plugin)
    return policy.denied(settings, plugin) if plugin.distribution else None


def conflict(around: Surroundings, plugin: Plugin) -> str | None:
    """Say why a plugin's bare name does not mean it, and how to reach it; None if it does."""
    if plugin.kind == "hooks" and isinstance(plugin, PluginRef):
        return None  # hooks plugins are all used; none is chosen
    try:
        chosen = choose(around, plugin.kind, plugin.name)
    except (AmbiguousPluginError, BlockedPluginError, UnknownPluginError) as error:
        return str(error)  # nobody has the bare name
    if chosen is None or chosen == plugin:
        return None
    other = _holder(around, plugin, chosen)
    if plugin.distribution is None:
        return f"{other} has that name; this registration was made earlier and stands behind it"
    advice = f"ask for {plugin.qualified!r}"
    if isinstance(plugin, PluginRef) and isinstance(chosen, PluginRef) and chosen.built_in:
        advice += f", or let it win with PACKFLOW_PLUGIN_OVERRIDES={plugin.name}={plugin.qualified}"
    return f"{other} has that name; {advice}"


def _holder(around: Surroundings, plugin: Plugin, chosen: Plugin) -> str:
    if chosen.distribution is None:
        return "a plugin that is registered directly"
    if policy.override(around.policy, plugin.kind, plugin.name):
        return f"by {around.policy.origin('overrides')}, {chosen.qualified!r}"
    if isinstance(chosen, PluginRef) and chosen.built_in:
        return "a built-in of packflow"
    return f"{chosen.distribution} {chosen.version}, which is installed under it,"


def known_names(around: Surroundings) -> list[tuple[str, str, str]]:
    """Give (kind, bare name, qualified name) of everything that could be used, for the errors' suggestions."""
    direct = [entries[-1] for entries in around.direct.values() if entries]
    usable = [ref for ref in around.installed.refs if ref.problem is None]
    everything: list[Plugin] = [*usable, *direct, *around.contributed]
    return [(plugin.kind, plugin.name, plugin.qualified) for plugin in everything]


def taken(around: Surroundings, entry: Registration) -> str | None:
    """Say who has the name of a new registration already; None if nobody has."""
    earlier = around.direct.get((entry.kind, entry.key))
    installed = around.installed.named(entry.kind, entry.name)
    if earlier:
        whose = "an earlier registration"
    elif installed:
        whose = " and ".join(f"{ref.distribution} {ref.version}" for ref in installed)
    elif entry.key in BUILT_IN_NAMES[entry.kind]:
        whose = "a built-in of packflow"
    else:
        return None
    return f"{whose} has that name already; choose another, or pass replace=True to stand in front of it"
