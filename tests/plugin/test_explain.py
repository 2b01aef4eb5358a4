"""Why a name means what it means: every candidate, and never another answer than the look-up's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import AmbiguousPluginError, BlockedPluginError, PluginError, UnknownPluginError
from packflow.plugin.explain import OUTCOMES, Candidate, Explanation, explain, with_hint
from packflow.plugin.frozen import Frozen, as_locked
from packflow.plugin.index import Copy, Index, Problem, build
from packflow.plugin.kinds import GROUPS, name_key
from packflow.plugin.policy import Policy
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Plugin, Registration
from packflow.plugin.resolve import Surroundings, choose, needs_hooks, unlocked

NAMES = ["fast", "Fa_st", "fa-st", "numpy"]
DISTRIBUTIONS = ["acme", "other", "packflow"]

refs = st.builds(
    PluginRef,
    st.sampled_from(["backend", "preprocessor"]),
    st.sampled_from(NAMES),
    st.just("acme:Fast"),
    st.sampled_from(DISTRIBUTIONS),
    st.just("1.0"),
    st.sampled_from(["/a", "/b"]),
    st.sampled_from([None, "its value is odd"]),
)
hooks = st.builds(
    PluginRef,
    st.just("hooks"),
    st.sampled_from(["one", "two"]),
    st.just("acme.hooks"),
    st.sampled_from(["acme", "other"]),
    st.just("1.0"),
)
problems = st.builds(
    Problem,
    st.sampled_from(DISTRIBUTIONS),
    st.sampled_from([None, "1.0"]),
    st.just("/c"),
    st.sampled_from(["broken", "conflict"]),
    st.just("unfit"),
    st.one_of(st.none(), st.lists(refs, max_size=2).map(tuple)),
)
entries = st.lists(st.sampled_from([*DISTRIBUTIONS, "acme/fast", "other/numpy", "packflow/numpy"]), max_size=2)
locks = st.builds(
    lambda held, missing: Frozen("LOCK", {one.key: one for one in held}, missing=frozenset(one.key for one in missing)),
    st.lists(refs.map(as_locked), max_size=3),
    st.lists(refs.map(as_locked), max_size=1),
)
policies = st.builds(
    Policy,
    frozen=st.one_of(st.none(), locks),
    allow=st.one_of(st.none(), entries.map(tuple)),
    deny=entries.map(tuple),
    autoload=st.booleans(),
    overrides=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["acme/fast", "other/numpy", "packflow/numpy"])), max_size=1
    ).map(tuple),
)
registrations = st.builds(
    lambda kind, name, distribution: Registration(
        kind, name, "acme:Fast", distribution=distribution, version="1.0", plugin=f"{distribution}/one"
    ),
    st.sampled_from(["backend", "preprocessor"]),
    st.sampled_from(NAMES),
    st.sampled_from(["acme", "other"]),
)


@st.composite
def surroundings(draw: st.DrawFn) -> Surroundings:
    direct: dict[tuple[str, str], list[Registration]] = {}
    for entry in draw(st.lists(registrations, max_size=2)):
        mine = Registration(entry.kind, entry.name, entry.target)
        direct.setdefault((mine.kind, mine.key), []).append(mine)
    once = {"unique_by": lambda ref: (ref.kind, ref.key, ref.distribution)}  # as an index gives each name
    installed = [*draw(st.lists(refs, max_size=5, **once)), *draw(st.lists(hooks, max_size=2, **once))]
    index = Index(installed, draw(st.lists(problems, max_size=3)))
    return Surroundings(index, draw(policies), direct, draw(st.lists(registrations, max_size=2)))


asked = st.one_of(
    st.sampled_from(NAMES), st.builds("{}/{}".format, st.sampled_from(DISTRIBUTIONS), st.sampled_from(NAMES))
)


def told(
    around: Surroundings, kind: str | None, name: str, failed: dict[Plugin, str] | None = None, **absent: str | None
):
    waiting = {PluginRef("hooks", "one", "acme.hooks", owner, "1.0"): why for owner, why in absent.items()}
    return explain(around, kind, name, failure=(failed or {}).get, absent=waiting)


def outcome_of_look_up(around: Surroundings, kind: str, name: str) -> tuple[str, Plugin | None]:
    try:
        found = choose(around, kind, name)
    except AmbiguousPluginError:
        return "ambiguous", None
    except BlockedPluginError:
        return "blocked", None
    except UnknownPluginError:
        return "stale", None
    if found is None:
        return ("blocked" if unlocked(around, kind, name) else "unknown"), None
    return "resolved", found


@given(surroundings(), st.sampled_from(["backend", "preprocessor"]), asked)
def test_the_explanation_says_what_the_look_up_does(around, kind, name):
    outcome, found = outcome_of_look_up(around, kind, name)
    explanation = told(around, kind, name)
    unfit = isinstance(found, PluginRef) and found.problem is not None
    assert explanation.outcome == ("failed" if unfit else outcome)
    verdicts = [candidate.verdict for candidate in explanation.candidates]
    if found is None:
        assert explanation.chosen == ()
        assert not {"won", "failed"} & set(verdicts)
    else:
        (chosen,) = explanation.chosen
        assert chosen.verdict == ("failed" if unfit else "won")
        assert (chosen.name, chosen.value, chosen.distribution) == (found.name, found.value, found.distribution)
        assert chosen.location == getattr(found, "location", None)
    assert (verdicts.count("tied") >= 2) == (outcome == "ambiguous")
    assert not (outcome == "blocked" and "blocked" not in verdicts)
    assert all(candidate.reason for candidate in explanation.candidates)


@given(surroundings(), asked)
def test_every_plugin_that_has_the_name_is_accounted_for_once(around, name):
    explanation = told(around, "backend", name)
    bare = name_key("backend", name.rpartition("/")[2])
    owner = name.rpartition("/")[0]
    everything = [
        *around.installed.refs,
        *around.contributed,
        *([] if owner else (entry for stack in around.direct.values() for entry in stack)),
    ]
    having = [
        plugin
        for plugin in everything
        if (plugin.kind, plugin.key) == ("backend", bare) and (not owner or plugin.distribution == owner)
    ]
    usable = [candidate for candidate in explanation.candidates if candidate.verdict not in ("shadowed", "broken")]
    overriding = [target for key, target in around.policy.overrides if name_key("backend", key) == bare]
    if not overriding:
        assert len(usable) == len(having)
    assert len(usable) >= len(having)


@given(surroundings(), asked)
def test_asking_about_every_kind_is_asking_about_each(around, name):
    each = [told(around, kind, name) for kind in GROUPS]
    everything = told(around, None, name)
    assert everything.candidates == tuple(candidate for one in each for candidate in one.candidates)
    assert everything.chosen == tuple(candidate for one in each for candidate in one.chosen)
    outcomes = {one.outcome for one in each if one.candidates or one.outcome != "unknown"} or {"unknown"}
    assert everything.outcome == min(outcomes, key=OUTCOMES.index)


@given(surroundings(), asked)
def test_nothing_is_called_decided_that_a_hooks_plugin_may_still_change(around, name):
    awaited = dict.fromkeys(around.installed.of_kind("hooks"))
    explanation = explain(around, "backend", name, failure={}.get, absent=awaited)
    if not needs_hooks(around, "backend", name):
        assert explanation == told(around, "backend", name)
    elif awaited and "/" not in name and not around.policy.overrides:
        assert explanation.outcome in ("unknown", "unsettled")
        assert "not loaded yet" in explanation.notes[0]
        assert explanation.chosen == ()


def verdicts(explanation: Explanation) -> dict[str, str]:
    return {f"{one.distribution}/{one.name}": one.verdict for one in explanation.candidates}


def reason(explanation: Explanation, distribution: str | None) -> str:
    (found,) = [one for one in explanation.candidates if one.distribution == distribution]
    return found.reason


def backend(distribution: str, name: str = "fast", **more: str) -> PluginRef:
    return PluginRef("backend", name, f"{distribution}:Fast", distribution, "1.0", f"/site/{distribution}", **more)


def around(*refs: PluginRef, direct: list[Registration] | None = None, contributed=(), problems=(), **settings):
    by_name: dict[tuple[str, str], list[Registration]] = {}
    for entry in direct or []:
        by_name.setdefault((entry.kind, entry.key), []).append(entry)
    return Surroundings(Index(refs, problems), Policy(**settings), by_name, contributed)


def test_a_registration_goes_before_all_else_and_says_so():
    mine, earlier = Registration("backend", "fast", "mine:Fast"), Registration("backend", "fast", "earlier:Fast")
    explanation = told(around(backend("acme"), direct=[earlier, mine]), "backend", "fast")
    assert [one.verdict for one in explanation.candidates] == ["won", "lost", "lost"]
    assert explanation.chosen[0].value == "mine:Fast"
    assert explanation.chosen[0].location is None
    assert "stands behind it" in explanation.candidates[1].reason
    assert "ask for 'acme/fast'" in reason(explanation, "acme")


def test_an_override_is_named_with_what_it_puts_first():
    settings = {"overrides": (("numpy", "acme/quick"),)}
    own = PluginRef("preprocessor", "numpy", "packflow:Numpy", "packflow", "1.0")
    acme = PluginRef("preprocessor", "quick", "acme:Quick", "acme", "1.0")
    explanation = told(around(own, acme, **settings), "preprocessor", "numpy")
    assert verdicts(explanation) == {"acme/quick": "won", "packflow/numpy": "lost"}
    assert reason(explanation, "acme") == "configure(overrides=…) says that 'numpy' means 'acme/quick'"
    assert "ask for 'packflow/numpy'" in reason(explanation, "packflow")


def test_an_override_to_a_plugin_of_the_same_name_is_the_reason():
    settings = {"overrides": (("fast", "other/fast"),)}
    explanation = told(around(backend("acme"), backend("other"), **settings), "backend", "fast")
    assert [(one.distribution, one.verdict) for one in explanation.candidates] == [("other", "won"), ("acme", "lost")]
    assert reason(explanation, "other") == "configure(overrides=…) says that 'fast' means 'other/fast'"


def test_an_override_without_its_target_is_told_of():
    explanation = told(around(backend("acme"), overrides=(("fast", "gone/fast"),)), "backend", "fast")
    assert explanation.outcome == "resolved"
    assert "'gone/fast', which is not there, so that it has no effect" in explanation.notes[0]


def test_the_names_of_built_ins_are_reserved_even_for_one_that_is_not_declared():
    acme = PluginRef("preprocessor", "numpy", "acme:Prepared", "acme", "1.0")
    own = PluginRef("preprocessor", "numpy", "packflow:Numpy", "packflow", "1.0")
    explanation = told(around(acme, own), "preprocessor", "numpy")
    assert verdicts(explanation) == {"packflow/numpy": "won", "acme/numpy": "lost"}
    assert "PACKFLOW_PLUGIN_OVERRIDES=numpy=acme/numpy" in reason(explanation, "acme")
    explanation = told(around(acme), "preprocessor", "numpy")
    assert (explanation.outcome, verdicts(explanation)) == ("stale", {"acme/numpy": "lost"})
    assert "Reinstall packflow" in explanation.notes[0]


def test_ties_say_how_to_ask_for_each():
    explanation = told(around(backend("acme"), backend("other")), "backend", "fast")
    assert (explanation.outcome, set(verdicts(explanation).values())) == ("ambiguous", {"tied"})
    assert "'other/fast'" in reason(explanation, "other")


def test_blocking_one_lets_the_other_win():
    explanation = told(around(backend("acme"), backend("other"), deny=("other",)), "backend", "fast")
    assert verdicts(explanation) == {"acme/fast": "won", "other/fast": "blocked"}
    assert "others that have the name are blocked" in reason(explanation, "acme")
    assert reason(explanation, "other") == "configure(deny=…) names 'other'"
    assert told(around(backend("acme"), allow=()), "backend", "acme/fast").outcome == "blocked"


def test_what_is_not_as_it_was_locked_leaves_its_name_to_nobody():
    acme, other, third = backend("acme"), backend("other"), backend("third")
    held = [as_locked(acme)._replace(version="2.0"), as_locked(other)]
    lock = Frozen("LOCK", {one.key: one for one in held})
    explanation = told(around(acme, other, third, frozen=lock), "backend", "fast")
    assert explanation.outcome == "blocked"
    assert verdicts(explanation) == {"acme/fast": "blocked", "other/fast": "lost", "third/fast": "blocked"}
    assert "2.0" in reason(explanation, "acme")
    assert reason(explanation, "other") == "one that is blocked has the name, and must not leave it to others"
    assert "LOCK does not hold it" in reason(explanation, "third")


def test_what_a_hooks_plugin_registered_stands_behind_what_is_installed():
    dynamic = Registration("backend", "fast", "acme:Late", distribution="acme", version="1.0", plugin="acme/hooks")
    explanation = told(around(contributed=[dynamic]), "backend", "fast")
    assert "'acme/hooks' registered it" in reason(explanation, "acme")
    explanation = told(around(backend("other"), contributed=[dynamic]), "backend", "fast")
    assert verdicts(explanation) == {"other/fast": "won", "acme/fast": "lost"}
    explanation = told(around(backend("acme"), contributed=[dynamic]), "backend", "acme/fast")
    assert [one.verdict for one in explanation.candidates] == ["won", "lost"]
    assert "metadata declares goes before what hooks register" in explanation.candidates[1].reason


def test_a_failure_is_remembered_wherever_the_plugin_stands():
    acme, other = backend("acme"), backend("other")
    explanation = told(around(acme), "backend", "fast", {acme: "its library is gone"})
    assert (explanation.outcome, verdicts(explanation)) == ("failed", {"acme/fast": "failed"})
    assert "cannot be loaded" in explanation.text
    explanation = told(around(acme, other), "backend", "fast", {acme: "its library is gone"})
    assert explanation.outcome == "ambiguous"
    assert "its library is gone" in reason(explanation, "acme")


def test_copies_that_are_shadowed_are_shown_with_their_paths():
    entries = (("backend", "fast", "acme:Fast"),)
    index = build([Copy("acme", "2.0", "/late/acme", 1, entries), Copy("acme", "1.0", "/early/acme", 0, ())])
    explanation = told(Surroundings(index, Policy(), {}), "backend", "fast")
    (lost,) = explanation.candidates
    assert (explanation.outcome, lost.verdict, lost.version, lost.location) == (
        "unknown",
        "shadowed",
        "2.0",
        "/late/acme",
    )
    assert "/early/acme" in lost.reason
    assert "/late/acme" in explanation.text
    assert told(Surroundings(index, Policy(), {}), "backend", "other/fast").candidates == ()


def test_one_that_has_the_name_of_a_shadowed_copy_does_not_say_that_nobody_has_it():
    index = build(
        [
            Copy("acme", "2.0", "/late/acme", 1, (("backend", "fast", "acme:Fast"),)),
            Copy("acme", "1.0", "/early/acme", 0, ()),
            Copy("other", "1.0", "/site/other", 1, (("backend", "fast", "other:Fast"),)),
        ]
    )
    explanation = told(Surroundings(index, Policy(), {}), "backend", "fast")
    (other, _) = explanation.candidates
    assert (other.verdict, other.reason) == ("won", "it is installed, and nothing else that counts has the name")


def test_distributions_that_cannot_be_read_may_have_the_name():
    known = Problem("acme", None, "/acme", "broken", "its METADATA cannot be read", (backend("acme"),))
    unknown = Problem("zenith", None, "/zenith", "broken", "its entry_points.txt cannot be read", None)
    explanation = told(around(problems=[known, unknown]), "backend", "fast")
    assert verdicts(explanation) == {"acme/fast": "broken", "zenith/fast": "broken"}
    assert "cannot be known" in reason(explanation, "zenith")
    assert "cannot be known" not in reason(explanation, "acme")
    settled = told(around(backend("other"), problems=[known, unknown]), "backend", "fast")
    assert verdicts(settled) == {"other/fast": "won", "acme/fast": "broken"}  # no guesses where the name has an owner


def test_hooks_plugins_that_are_not_loaded_or_not_in_use_are_named():
    nothing = around(PluginRef("hooks", "one", "acme.hooks", "acme", "1.0"))
    explanation = told(nothing, "backend", "fast", acme=None)
    assert explanation.outcome == "unknown"
    assert "not loaded yet" in explanation.notes[0]
    assert "acme/one 1.0" in explanation.notes[0]
    (note,) = told(nothing, "backend", "fast", acme="it exits").notes
    assert "is not in use: it exits" in note
    assert told(nothing, "backend", "other/fast", acme=None).notes == ()
    assert told(nothing, "hooks", "fast", acme=None).notes == ()


def test_an_override_to_what_hooks_may_register_is_undecided_before():
    acme_hooks = PluginRef("hooks", "one", "acme.hooks", "acme", "1.0")
    found = around(backend("other"), acme_hooks, overrides=(("fast", "acme/fast"),))
    explanation = told(found, "backend", "fast", acme=None)
    assert (explanation.outcome, verdicts(explanation)) == ("unsettled", {"other/fast": "undecided"})
    assert told(found, "backend", "fast").outcome == "resolved"


def test_near_names_come_with_an_unknown_one_only():
    found = around(backend("acme"))
    assert with_hint(told(found, "backend", "fst"), found).hint == "Did you mean 'fast'?"
    assert with_hint(told(found, None, "fst"), found).hint == "There is a backend plugin called 'fast'."
    assert with_hint(told(found, "backend", "fast"), found).hint == ""
    damaged = around(problems=[Problem("acme", None, "/acme", "broken", "unfit", (backend("acme", "torhc"),))])
    assert with_hint(told(damaged, "backend", "torhc"), damaged).hint == ""
    assert with_hint(told(damaged, "backend", "torc"), damaged).hint != ""


def test_each_candidate_has_its_own_lines_whatever_its_texts_hold():
    ref = backend("acme")._replace(version="1.0\n  won       evil")
    failed = {ref: "no\nway\n" + "x" * 5000}
    lines = told(around(ref), "backend", "fast", failed).text.splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("  failed    acme 1.0")
    assert lines[2].strip() == "at /site/acme"
    assert "no way" in lines[3]
    assert all(len(line) < 700 for line in lines)


def test_the_data_has_every_field_of_the_text():
    candidate = told(around(backend("acme")), "backend", "fast").candidates[0]
    assert candidate == Candidate(
        "backend",
        "fast",
        "acme:Fast",
        "acme",
        "1.0",
        "/site/acme",
        "won",
        "it is installed, and nothing else has the name",
    )


@pytest.mark.parametrize("kind", ["backends", ""])
def test_an_unknown_kind_is_refused(kind):
    from packflow.plugin import why

    with pytest.raises(PluginError, match="no kind of plugin"):
        why(kind, "fast")
