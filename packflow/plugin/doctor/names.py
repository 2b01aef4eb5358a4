"""Whose are the names, and what do the settings say: which plugins are examined, and what their names lack.

Pure, like `resolve` and `policy`, whose decisions are told here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from packflow.exceptions import UnknownPluginError
from packflow.plugin import policy, resolve
from packflow.plugin.doctor.judge import entry_point
from packflow.plugin.doctor.report import Finding, finding
from packflow.plugin.kinds import fold, name_key
from packflow.plugin.refs import PluginRef
from packflow.plugin.resolve import Surroundings
from packflow.utils.errors import short


def choose_plugins(
    plugins: Sequence[PluginRef],
    names: Sequence[str],
    kind: str | None,
    others: Iterable[str] = (),
    lost: Sequence[PluginRef] = (),
) -> list[PluginRef]:
    """Give the plugins of a kind that names mean: a plugin's, ``distribution/name`` or a distribution's.

    Args:
        plugins: what is installed.
        names: what was asked for; everything, if empty.
        kind: the kind; every kind, if None.
        others: the distributions that mention packflow and may have no plugin.
        lost: the plugins of copies that are left out; a name that is theirs alone is no error, but means nothing.

    Raises:
        UnknownPluginError: a name means none of them; the text gives the nearest that does.
    """
    of_kind = [plugin for plugin in plugins if kind in (None, plugin.kind)]
    without_plugins = set(map(fold, others))
    chosen: set[PluginRef] = set()
    for name in names:
        meant = {plugin for plugin in of_kind if _means(name, plugin)}
        if not meant and fold(name) not in without_plugins and not meant_by([name], lost):
            raise _unknown(name, plugins, kind)
        chosen |= meant
    return [plugin for plugin in of_kind if plugin in chosen or not names]


def meant_by(names: Iterable[str], plugins: Iterable[PluginRef]) -> list[PluginRef]:
    """Give those of some plugins that any of the names means."""
    asked = list(names)
    return [plugin for plugin in plugins if any(_means(name, plugin) for name in asked)]


def _means(name: str, plugin: PluginRef) -> bool:
    distribution, slash, bare = name.rpartition("/")
    if slash:
        same = fold(distribution) == fold(plugin.distribution)
        return same and name_key(plugin.kind, bare) == plugin.key
    return name_key(plugin.kind, name) == plugin.key or fold(name) == fold(plugin.distribution)


def _unknown(name: str, plugins: Sequence[PluginRef], kind: str | None) -> UnknownPluginError:
    from packflow.utils.nearest import did_you_mean

    of_kind = [plugin for plugin in plugins if kind in (None, plugin.kind)]
    known = {spelt for plugin in of_kind for spelt in (plugin.name, plugin.qualified, plugin.distribution)}
    others = sorted({f"{plugin.qualified} ({plugin.kind})" for plugin in plugins if _means(name, plugin)})
    what = f"{kind} plugin" if kind else "plugin"
    hint = f" Of another kind: {' and '.join(others)}." if others else did_you_mean(name, known)
    hint = hint or " `packflow plugins list` shows what there is."
    return UnknownPluginError(
        f"No installed {what}, nor a distribution that has one, is called {short(name)}.{hint}", kind=kind, name=name
    )


def why_unexamined(around: Surroundings, plugin: PluginRef, misplaced: str | None = None) -> Finding | None:
    """Say why a plugin is not to be imported; None if it is.

    Args:
        around: what is installed, and the settings.
        plugin: the plugin.
        misplaced: from where it would be imported, if that is not the file that is locked.
    """
    blocked = resolve.blocking(around.policy, plugin)
    different = policy.mismatch(around.policy, plugin) if blocked else misplaced
    if different:
        what, _, remedy = different.partition("; ")
        return _finding("not-as-locked", plugin, what, f"{remedy}.")
    if blocked:
        what, _, remedy = blocked.partition("; ")
        return _finding("blocked", plugin, what, f"{remedy or 'change that setting to use the plugin'}.")
    if plugin.problem:
        remedy = f"Correct the entry point in the pyproject.toml of {plugin.distribution}, and install it again."
        return _finding("bad-entry-point", plugin, plugin.problem, remedy)
    return None


def judge_name(around: Surroundings, plugin: PluginRef) -> Iterator[Finding]:
    """Say who else has a plugin's name, where its bare name does not mean it."""
    if plugin.kind == "hooks":
        return  # they are all used; none is chosen
    decision = resolve.decide(around, plugin.kind, plugin.name)
    if decision.outcome == "ambiguous" and plugin in decision.rivals:
        rivals = [rival for rival in decision.rivals if rival.distribution]
        listed = " and ".join(f"{rival.distribution} {rival.version}" for rival in rivals)
        others = [rival.qualified for rival in rivals if rival is not plugin]
        what = f"the name {plugin.name!r} is declared by {listed}; to use it is an error"
        remedy = (
            f"Ask for {plugin.qualified!r}, uninstall one of them, or let a setting decide: "
            f"PACKFLOW_DISABLE_PLUGINS={','.join(others)}, "
            f"or PACKFLOW_PLUGIN_OVERRIDES={plugin.name}={plugin.qualified}."
        )
        yield _finding("name-conflict", plugin, what, remedy)
    elif decision.chosen != plugin:
        by_setting = decision.outcome == "blocked" or (decision.tier is not None and decision.tier.rule == "override")
        what, _, advice = (resolve.conflict(around, plugin) or "the name means nothing").partition("; ")
        remedy = f"{advice.rstrip('.') or f'ask for {plugin.qualified!r}'}."
        yield _finding("name-decided" if by_setting else "reserved-name", plugin, what, remedy)


def _finding(code: str, plugin: PluginRef, what: str, remedy: str) -> Finding:
    return finding(
        code,
        what,
        remedy if remedy.startswith("pip ") else f"{remedy[:1].upper()}{remedy[1:]}",
        where=entry_point(plugin),
        distribution=plugin.distribution,
    )


def judge_entries(mistakes: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Say which entries of the settings mean nothing that is installed.

    Args:
        mistakes: for each entry and the setting in which it stands, the text that says so.
    """
    for (_, setting), text in mistakes.items():
        what, _, remedy = text.partition(". ")
        yield finding("unknown-entry", what, remedy, where=setting)
