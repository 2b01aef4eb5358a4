"""Why a name means what it means: every candidate with its verdict, as data and as text. Nothing is imported here.

The decision is that of :func:`packflow.plugin.resolve.decide`, which look-ups follow too; here it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from packflow.plugin import errors, policy, resolve
from packflow.plugin.index import Problem
from packflow.plugin.kinds import GROUPS, fold
from packflow.plugin.known import known_names
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Plugin
from packflow.plugin.resolve import Decision, Surroundings
from packflow.plugin.verdicts import verdict_of
from packflow.utils.errors import cut, short

#: Outcomes, the one that matters most first: where several kinds are asked about, it stands for all of them.
OUTCOMES = ("unsettled", "ambiguous", "blocked", "stale", "failed", "resolved", "unknown")


class Candidate(NamedTuple):
    """A plugin that has, or may have, the name that was asked for, and what became of it.

    Example:
        >>> from packflow.plugin import why
        >>> candidate = why("preprocessor", "records").candidates[0]
        >>> candidate.distribution, candidate.verdict
        ('packflow', 'won')
    """

    #: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``.
    kind: str
    #: The name, as its distribution spells it.
    name: str
    #: Where the object is, as ``module:object``; empty where that cannot be known.
    value: str
    #: The distribution that declares it; None if it was registered directly.
    distribution: str | None
    #: That distribution's version; None where it cannot be known.
    version: str | None
    #: The folder of the distribution's metadata; None for what is registered while the program runs.
    location: str | None
    #: ``"won"``, ``"failed"`` (the name means it, but it cannot be loaded), ``"tied"`` (others have the name with the
    #: same right), ``"lost"``, ``"undecided"`` (hooks plugins that are not loaded yet have a say), ``"blocked"``,
    #: ``"shadowed"`` (another copy of its distribution goes before it) or ``"broken"`` (its distribution is damaged).
    verdict: str
    #: Why.
    reason: str

    @property
    def qualified(self) -> str:
        """``distribution/name``; the name alone for what is registered directly."""
        return f"{self.distribution}/{self.name}" if self.distribution else self.name


class Explanation(NamedTuple):
    """How a name was resolved.

    Example:
        >>> from packflow.plugin import why
        >>> why("preprocessor", "records").outcome
        'resolved'
    """

    #: The kind that was asked about; None for all of them.
    kind: str | None
    #: The name that was asked for.
    name: str
    #: ``"resolved"``, ``"failed"``, ``"ambiguous"``, ``"blocked"``, ``"stale"`` (packflow's own metadata lacks a
    #: built-in), ``"unsettled"`` (hooks plugins decide it, which are not loaded yet) or ``"unknown"``.
    outcome: str
    #: Every plugin that has or may have the name, in the order in which the rules ask for them.
    candidates: tuple[Candidate, ...]
    #: What the name means, at most one of each kind. Its verdict is ``"won"`` or ``"failed"``.
    chosen: tuple[Candidate, ...]
    #: What else has to do with it.
    notes: tuple[str, ...]
    #: What may have been meant, and where to get it, if nothing has the name; otherwise empty.
    hint: str
    #: All of it, to be read.
    text: str


def explain(
    around: Surroundings,
    kind: str | None,
    name: str,
    *,
    failure: Callable[[Plugin], str | None],
    absent: Mapping[Plugin, str | None],
) -> Explanation:
    """Tell how a name is resolved.

    Args:
        around: all that its meaning depends on.
        kind: the kind of plugin; every kind if None.
        name: the name, bare or qualified.
        failure: says why a plugin could not be loaded, if that was tried.
        absent: the hooks plugins that are to be used and are not yet; each with the reason, or None if it is not loaded
            yet.
    """
    each = [_of_kind(around, one, name, failure, absent) for one in ([kind] if kind else GROUPS)]
    told = [found for found in each if found.candidates or found.outcome != "unknown"] or each
    outcome = min((found.outcome for found in told), key=OUTCOMES.index)
    candidates = tuple(candidate for found in told for candidate in found.candidates)
    if told is each and kind is None:
        notes = _unique(note for found in each for note in found.notes)
        text = "\n".join([f"{short(name)}: {_HEADS['unknown']}", *_indented(notes)])
        return Explanation(None, name, outcome, (), (), notes, "", text)
    return Explanation(
        kind,
        name,
        outcome,
        candidates,
        tuple(candidate for found in told for candidate in found.chosen),
        _unique(note for found in told for note in found.notes),
        "",
        "\n".join(found.text for found in told),
    )


def with_hint(explanation: Explanation, around: Surroundings) -> Explanation:
    """Add what may have been meant, where nothing has the name. To find near names takes longer than all the rest."""
    if explanation.outcome != "unknown" or any(candidate.value for candidate in explanation.candidates):
        return explanation
    from packflow.plugin.suggest import hint

    return explanation._replace(hint=hint(explanation.kind, explanation.name, known_names(around)).strip())


def _of_kind(
    around: Surroundings,
    kind: str,
    name: str,
    failure: Callable[[Plugin], str | None],
    absent: Mapping[Plugin, str | None],
) -> Explanation:
    decision = resolve.decide(around, kind, name)
    awaited = {hook: absent[hook] for hook in _awaited(around, kind, name, absent)}
    if decision.outcome != "unknown" and None in awaited.values():
        decision = Decision("unsettled", tier=decision.tier)
    judged: dict[Plugin, Candidate] = {}
    for tier in resolve.tiers(around, kind, name):
        for plugin in tier.plugins:
            if plugin not in judged:
                verdict, reason = verdict_of(around, decision, tier, plugin, name, failure(plugin))
                judged[plugin] = _candidate(plugin, verdict, reason)
    left_out = resolve.left_out(around, kind, name)
    lost = [_left_out(problem, ref, kind, name) for problem, ref in left_out if ref or not (judged or decision.tier)]
    candidates = (*judged.values(), *lost)
    chosen = tuple(candidate for candidate in candidates if candidate.verdict in ("won", "failed"))
    outcome = "failed" if chosen and chosen[0].verdict == "failed" else decision.outcome
    notes = tuple(_notes(around, kind, name, decision, awaited))
    text = _text(kind, name, outcome, candidates, notes)
    return Explanation(kind, name, outcome, candidates, chosen, notes, "", text)


def _candidate(plugin: Plugin, verdict: str, reason: str) -> Candidate:
    where = plugin.location if isinstance(plugin, PluginRef) else None
    who = (plugin.kind, plugin.name, plugin.value, plugin.distribution, plugin.version)
    return Candidate(*who, where, verdict, reason)


def _left_out(problem: Problem, ref: PluginRef | None, kind: str, name: str) -> Candidate:
    verdict = "shadowed" if problem.state == "conflict" else "broken"
    who = (problem.distribution, problem.version, problem.location, verdict)
    if ref is None:
        reason = f"{problem.reason}; whether it declares the name cannot be known before"
        return Candidate(kind, name, "", *who, reason)
    return Candidate(kind, ref.name, ref.value, *who, problem.reason)


def _awaited(around: Surroundings, kind: str, name: str, absent: Iterable[Plugin]) -> list[Plugin]:
    """Give those of some hooks plugins that could register what a name is then to mean."""
    found: dict[Plugin, None] = {}
    for tier in resolve.tiers(around, kind, name) if kind != "hooks" else ():
        distribution, slash, _ = tier.name.partition("/")
        if tier.by_hooks:
            found.update(
                (hook, None) for hook in absent if not slash or fold(hook.distribution or "") == fold(distribution)
            )
        if tier.plugins or tier.reserved:
            break
    return list(found)


def _notes(
    around: Surroundings, kind: str, name: str, decision: Decision, awaited: Mapping[Plugin, str | None]
) -> Iterable[str]:
    target = None if "/" in name else policy.override(around.policy, kind, name)
    rule = decision.tier.rule if decision.tier else ""
    if target is not None and rule not in ("registered", "override"):
        effect = "" if decision.outcome == "unsettled" else ", so that it has no effect"
        yield f"{around.policy.origin('overrides')} gives the name to {target!r}, which is not there{effect}"
    if decision.outcome == "stale" and decision.tier:
        yield str(errors.stale_metadata(kind, decision.tier.name))
    if kind == "hooks" and decision.outcome == "ambiguous":
        yield "hooks plugins are all used, whatever they are called"
    waiting = sorted(_who(hook) for hook, failure in awaited.items() if failure is None)
    if waiting:
        yield f"hooks plugins that are not loaded yet may register it when the program runs: {', '.join(waiting)}"
    for hook, failure in awaited.items():
        if failure is not None:
            yield f"the hooks plugin {_who(hook)} might register it, but is not in use: {failure}"


def _who(plugin: Plugin) -> str:
    return f"{plugin.qualified} {plugin.version or ''}".strip()


_HEADS = {
    "unsettled": "not decided before all hooks plugins are loaded",
    "ambiguous": "several have the name, and no setting says which is meant",
    "blocked": "settings keep out what has the name",
    "stale": "reserved for a built-in, which packflow's own installation lacks",
    "unknown": "nothing that can be used is called that",
}


def _text(kind: str, name: str, outcome: str, candidates: Iterable[Candidate], notes: Iterable[str]) -> str:
    """Put it into words: a line for the outcome, and a few, indented, for each candidate."""
    found = list(candidates)
    head = _HEADS.get(outcome) or next(
        f"means {_owner(one)}" + (", which cannot be loaded" if outcome == "failed" else "")
        for one in found
        if one.verdict in ("won", "failed")
    )
    lines = [f"{kind} {short(name)}: {head}"]
    for one in found:
        what = f"{_line(one.name)} = {_line(one.value)}" if one.value else _line(one.name)
        lines.append(f"  {one.verdict:<9} {_owner(one)}, {what}")
        lines += [f"            at {_line(one.location)}"] if one.location else []
        lines.append(f"            {_line(one.reason)}")
    return "\n".join([*lines, *_indented(notes)])


def _indented(notes: Iterable[str]) -> list[str]:
    return [f"  note      {_line(note)}" for note in notes]


def _owner(one: Candidate) -> str:
    if one.distribution is None:
        return "a direct registration"
    return f"{_line(one.distribution)} {_line(one.version or '')}".strip()


def _line(text: str) -> str:
    """Give a text in one line: metadata and other people's errors may hold several."""
    return cut(" ".join(text.split()))


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
