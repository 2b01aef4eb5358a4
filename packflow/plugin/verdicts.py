"""What became of each plugin that has a name, and why, in words; drawn from the decision about that name."""

from __future__ import annotations

from packflow.plugin import resolve
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Plugin
from packflow.plugin.resolve import Decision, Surroundings, Tier


def verdict_of(
    around: Surroundings, decision: Decision, tier: Tier, plugin: Plugin, name: str, failure: str | None
) -> tuple[str, str]:
    """Tell what became of a plugin, and why.

    Args:
        around: all that the name's meaning depends on.
        decision: what was decided about the name.
        tier: the tier in which the plugin stands.
        plugin: the plugin.
        name: the name that was asked for.
        failure: why it could not be loaded, if that was tried.

    Returns:
        The verdict, as :class:`packflow.plugin.Candidate` lists them, and the reason.
    """
    blocking = resolve.blocking(around.policy, plugin)
    if blocking:
        return "blocked", blocking
    failure = (plugin.problem if isinstance(plugin, PluginRef) else None) or failure
    if plugin == decision.chosen:
        return ("failed", failure) if failure else ("won", _merit(around, tier, plugin, name))
    verdict, reason = "lost", _beaten(around, decision, tier)
    if decision.chosen is not None:
        reason = resolve.behind(around, decision, plugin)
    elif decision.outcome == "unsettled":
        verdict, reason = "undecided", "hooks plugins that are not loaded yet have a say in it"
    elif decision.outcome == "ambiguous" and tier == decision.tier:
        verdict, reason = "tied", f"others have the name with the same right; ask for {plugin.qualified!r}"
    return verdict, f"{reason}; and it could not be loaded: {failure}" if failure else reason


def _merit(around: Surroundings, tier: Tier, plugin: Plugin, name: str) -> str:
    """Say what gives a plugin the name."""
    if tier.rule == "registered":
        return "what is registered directly goes before all else"
    if tier.rule == "override":
        return f"{around.policy.origin('overrides')} says that {name!r} means {tier.name!r}"
    if tier.rule == "contributed":
        return f"the hooks plugin {plugin.plugin!r} registered it, and nothing that is installed has the name"
    if "/" in name:
        return "the qualified spelling means it, whoever else has the bare name"
    if tier.rule == "built-in":
        return "the names of packflow's built-ins are reserved for them"
    if len(tier.plugins) > 1:
        return "it is installed, and the others that have the name are blocked"
    counts = " that counts" if any(ref for _, ref in resolve.left_out(around, plugin.kind, name)) else ""
    return f"it is installed, and nothing else{counts} has the name"


def _beaten(around: Surroundings, decision: Decision, tier: Tier) -> str:
    """Say which rule decided, though it led to no plugin."""
    rule = decision.tier.rule if decision.tier else ""
    if decision.tier == tier:
        return "one that is blocked has the name, and must not leave it to others"
    if rule == "override":
        return f"{around.policy.origin('overrides')} gives the name to another"
    if rule == "built-in":
        return "the names of packflow's built-ins are reserved for them"
    return "what is installed under the name goes before it"
