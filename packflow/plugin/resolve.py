"""What a name means: pure decisions over what is installed, what is registered and the settings. Nothing is imported.

A bare name means, in this order: what is registered directly; what an override says; the built-in of that name; the
installed plugin of that name, of which there must be one; what a hooks plugin has registered. A qualified name
(``distribution/name``) means that distribution's plugin, whoever else has the bare name.

That order is written down once, in :func:`tiers`. :func:`decide` takes the first of them that has something to say;
:func:`choose` gives or raises what was decided, and :mod:`packflow.plugin.explain` tells why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from packflow.exceptions import PluginError
from packflow.plugin import errors, policy
from packflow.plugin.index import Index, Problem
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


class Tier(NamedTuple):
    """What one rule has to say about a name. The first tier that says anything decides; those after it lose."""

    #: ``"registered"``, ``"override"``, ``"built-in"``, ``"installed"``, ``"contributed"``, or ``"unlocked"``: what is
    #: installed, but not in the lock that is in force.
    rule: str
    #: The name that it looks for: the one that was asked for, or what an override puts in its place.
    name: str
    plugins: Sequence[Plugin]
    #: Whether nobody else may have the name, even if the tier has no plugin.
    reserved: bool = False
    #: Whether hooks plugins fill it, so that it may not be whole before all of them are loaded.
    by_hooks: bool = False


class Decision(NamedTuple):
    """What came of a look-up."""

    #: ``"resolved"``, ``"ambiguous"``, ``"blocked"``, ``"stale"`` (a built-in that packflow's own metadata does not
    #: declare) or ``"unknown"``.
    outcome: str
    #: What the name means; None if the outcome is another than ``"resolved"``.
    chosen: Plugin | None = None
    #: The tier that decided; None if none did.
    tier: Tier | None = None
    #: The plugins of that tier that no setting keeps out.
    rivals: tuple[Plugin, ...] = ()


def tiers(around: Surroundings, kind: str, name: str) -> Iterator[Tier]:
    """Give, in order, what each rule has to say about a name; it may be nothing."""
    if "/" in name:
        yield from _of_distribution(around, kind, name)
        return
    for entry in reversed(around.direct.get((kind, name_key(kind, name)), ())):
        yield Tier("registered", name, (entry,))
    target = policy.override(around.policy, kind, name)
    if target is not None:
        for tier in _of_distribution(around, kind, target):
            yield tier._replace(rule="override")
    installed, outside = _parted_by_lock(around, kind, name)
    reserved = name_key(kind, name) in BUILT_IN_NAMES[kind]
    yield Tier("built-in", name, [ref for ref in installed if ref.built_in], reserved)
    yield Tier("installed", name, [ref for ref in installed if not ref.built_in])
    yield Tier("contributed", name, _contributed(around, kind, name), by_hooks=True)
    yield Tier("unlocked", name, outside)


def _of_distribution(around: Surroundings, kind: str, name: str) -> Iterator[Tier]:
    distribution, _, bare = name.partition("/")
    own = fold(distribution) == OWN_DISTRIBUTION
    reserved = own and name_key(kind, bare) in BUILT_IN_NAMES[kind]
    has_hooks = any(fold(ref.distribution) == fold(distribution) for ref in around.installed.of_kind("hooks"))
    installed, outside = _parted_by_lock(around, kind, bare)
    for rule, candidates, by_hooks in (
        ("built-in" if own else "installed", installed, False),
        ("contributed", _contributed(around, kind, bare), has_hooks),
        ("unlocked", outside, False),
    ):
        of_it = [plugin for plugin in candidates if fold(plugin.distribution or "") == fold(distribution)]
        yield Tier(rule, name, of_it, reserved, by_hooks)


def _parted_by_lock(around: Surroundings, kind: str, name: str) -> tuple[list[PluginRef], list[PluginRef]]:
    """Give what is installed under a (bare) name, and apart from it what only a lock keeps out by not holding it.

    The latter is as good as not installed, but for a built-in: nobody else may have its name.
    """
    reserved = name_key(kind, name) in BUILT_IN_NAMES[kind]
    found = around.installed.named(kind, name)
    outside = [ref for ref in found if policy.unlocked(around.policy, ref) and not (reserved and ref.built_in)]
    return [ref for ref in found if ref not in outside], outside


def decide(around: Surroundings, kind: str, name: str) -> Decision:
    """Say what a name means, and which rule says so."""
    for tier in tiers(around, kind, name):
        if tier.plugins:
            # Keeping others out is a way to settle a conflict.
            rivals = tuple(plugin for plugin in tier.plugins if blocking(around.policy, plugin) is None)
            if _mismatched(around, tier):
                return Decision("blocked", None, tier)
            if len(rivals) == 1:
                return Decision("resolved", rivals[0], tier, rivals)
            return Decision("ambiguous" if rivals else "blocked", None, tier, rivals)
        if tier.reserved:
            return Decision("stale", None, tier)
    return Decision("unknown")


def choose(around: Surroundings, kind: str, name: str) -> Plugin | None:
    """Give the plugin that a name means; None if there is none.

    Raises:
        AmbiguousPluginError: several distributions have the name.
        BlockedPluginError: a setting keeps it out.
        UnknownPluginError: it is a built-in that packflow's own metadata does not declare.
    """
    decision = decide(around, kind, name)
    error = _error(around, kind, decision)
    if error and not _only_unlocked(decision):
        raise error
    return decision.chosen


def unlocked(around: Surroundings, kind: str, name: str) -> PluginError | None:
    """Give the error for a name that only what is not in the lock has; None if that is not so."""
    decision = decide(around, kind, name)
    return _error(around, kind, decision) if _only_unlocked(decision) else None


def _only_unlocked(decision: Decision) -> bool:
    return decision.tier is not None and decision.tier.rule == "unlocked"


def _mismatched(around: Surroundings, tier: Tier) -> list[PluginRef]:
    """Give what is locked under a name and is not here as it was locked: that must not leave the name to others."""
    return [ref for ref in tier.plugins if isinstance(ref, PluginRef) and policy.mismatch(around.policy, ref)]


def _error(around: Surroundings, kind: str, decision: Decision) -> PluginError | None:
    """Give the error that a decision means, for those that are neither a plugin nor the lack of one."""
    tier = decision.tier
    if tier is None or decision.chosen is not None:
        return None
    if decision.outcome == "stale":
        return errors.stale_metadata(kind, tier.name)
    if decision.outcome == "ambiguous":
        return errors.ambiguous(kind, tier.name, decision.rivals)
    plugin = (_mismatched(around, tier) or tier.plugins)[0]
    reason = blocking(around.policy, plugin) or ""
    if blocking(around.policy._replace(frozen=None), plugin) is None:
        return errors.not_as_locked(plugin, reason)
    return errors.blocked(plugin, reason)


def needs_hooks(around: Surroundings, kind: str, name: str) -> bool:
    """Whether what hooks plugins register may decide what a name means, so that all of them are to be loaded first.

    That one has registered it already is no answer: another may yet register the same name.
    """
    if kind == "hooks":
        return False
    for tier in tiers(around, kind, name):
        if tier.by_hooks:
            return True
        if tier.plugins or tier.reserved:
            return False
    return True


def _contributed(around: Surroundings, kind: str, name: str) -> list[Registration]:
    key = name_key(kind, name)
    found = [entry for entry in around.contributed if (entry.kind, entry.key) == (kind, key)]
    return sorted(found, key=lambda entry: (fold(entry.distribution or ""), entry.plugin or ""))


def blocking(settings: Policy, plugin: Plugin) -> str | None:
    """Say which setting keeps a plugin out; None if none does.

    What a hooks plugin registers came in with its permission, so that only the deny list keeps it out. What is
    registered directly is the program's own wish, and nothing does; but a text is still to be imported, and a lock
    decides on that.
    """
    if isinstance(plugin, PluginRef):
        return policy.blocked(settings, plugin)
    if plugin.distribution:
        return policy.denied(settings, plugin)
    return settings.frozen.refuses_text(plugin) if settings.frozen else None


def conflict(around: Surroundings, plugin: Plugin) -> str | None:
    """Say why a plugin's bare name does not mean it, and how to reach it; None if it does."""
    if plugin.kind == "hooks" and isinstance(plugin, PluginRef):
        return None  # hooks plugins are all used; none is chosen
    decision = decide(around, plugin.kind, plugin.name)
    if plugin in decision.rivals and len(decision.rivals) > 1:
        others = [f"{rival.distribution} {rival.version}" for rival in decision.rivals if rival != plugin]
        return (
            f"{' and '.join(others)} {'have' if len(others) > 1 else 'has'} that name too; ask for {plugin.qualified!r}"
        )
    if decision.chosen is None:
        held = _mismatched(around, decision.tier) if decision.tier else []
        if held and plugin not in held:
            owner = f"{held[0].distribution} {held[0].version}"
            return f"{owner} has that name and is not as it was locked; ask for {plugin.qualified!r}"
        error = _error(around, plugin.kind, decision)
        return str(error) if error else None  # nobody has the bare name
    return None if decision.chosen == plugin else behind(around, decision, plugin)


def behind(around: Surroundings, decision: Decision, plugin: Plugin) -> str:
    """Say who has the name in place of a plugin, and how to reach that plugin."""
    chosen = decision.chosen
    other = _holder(around, decision)
    if plugin.distribution is None:
        return f"{other} has that name; this registration was made earlier and stands behind it"
    if chosen and fold(plugin.qualified) == fold(chosen.qualified):
        return f"{other} has that name; what metadata declares goes before what hooks register"
    advice = f"ask for {plugin.qualified!r}"
    if isinstance(plugin, PluginRef) and isinstance(chosen, PluginRef) and chosen.built_in:
        advice += f", or let it win with PACKFLOW_PLUGIN_OVERRIDES={plugin.name}={plugin.qualified}"
    return f"{other} has that name; {advice}"


def _holder(around: Surroundings, decision: Decision) -> str:
    chosen, rule = decision.chosen, decision.tier.rule if decision.tier else ""
    if chosen is None or chosen.distribution is None:
        return "a plugin that is registered directly"
    if rule == "override":
        return f"by {around.policy.origin('overrides')}, {chosen.qualified!r}"
    if rule == "built-in":
        return "a built-in of packflow"
    return f"{chosen.distribution} {chosen.version}, which is installed under it,"


def left_out(around: Surroundings, kind: str, name: str) -> list[tuple[Problem, PluginRef | None]]:
    """Give the distributions that are left out and have a name, each with the plugin; with None if they may have it."""
    distribution, slash, bare = name.partition("/")
    found = around.installed.left_out(kind, bare if slash else name)
    return [pair for pair in found if not slash or fold(pair[0].distribution) == fold(distribution)]


def hidden_rivals(around: Surroundings, kind: str, name: str, found: Plugin | None) -> dict[tuple[str, str], str]:
    """Say which distributions have a bare name too, and do not get it only because another copy of them is in front.

    An old copy that somebody left behind must not hand a name over to others in silence.
    """
    if "/" in name or not isinstance(found, PluginRef) or found.built_in:
        return {}
    hidden = [(problem, ref) for problem, ref in left_out(around, kind, name) if problem.state == "conflict" and ref]
    return {
        (problem.location, name): f"The name {name!r} means the {kind} plugin of {found.distribution} {found.version}, "
        f"but {problem.distribution} {problem.version} at {problem.location} has it too, and is {problem.reason}. "
        f"Until then, say which is meant: {found.qualified!r}."
        for problem, _ in hidden
        if fold(problem.distribution) != fold(found.distribution)
    }


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
