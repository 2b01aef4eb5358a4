"""Which plugins are asked for, and what their names lack."""

from __future__ import annotations

from typing import Any

import pytest

from packflow.exceptions import UnknownPluginError
from packflow.plugin.doctor.names import choose_plugins, judge_entries, judge_name, why_unexamined
from packflow.plugin.frozen import as_locked
from packflow.plugin.index import Index
from packflow.plugin.locks import PluginLock
from packflow.plugin.policy import Policy, read
from packflow.plugin.recorded import Recorded, digest
from packflow.plugin.refs import PluginRef
from packflow.plugin.resolve import Surroundings
from packflow.plugin.settled import Mistakes, settle

ONE = PluginRef("backend", "Fast_Net", "acme:Fast", "acme-one", "1.0")
TWO = PluginRef("backend", "fast-net", "zenith:Fast", "zenith", "2.0")
OWN = PluginRef("preprocessor", "numpy", "packflow:Numpy", "packflow", "1.0.0")
THIRD = PluginRef("preprocessor", "numpy", "acme:Numpy", "acme-one", "1.0")
HOOKS = PluginRef("hooks", "fast-net", "acme.hooks", "acme-one", "1.0")
HOOKS_TOO = PluginRef("hooks", "fast-net", "zenith.hooks", "zenith", "2.0")
BAD = PluginRef("backend", "bad", "not a module!", "zenith", "2.0", "", "its value is wrong")
EVERYTHING = (ONE, TWO, BAD, OWN, THIRD, HOOKS, HOOKS_TOO)


def around(**environ: str) -> Surroundings:
    return Surroundings(Index(EVERYTHING), read({f"PACKFLOW_{name}": text for name, text in environ.items()}), {})


def judged(plugin: PluginRef, **environ: str) -> list[Any]:
    return [(found.code, found.remedy) for found in judge_name(around(**environ), plugin)]


@pytest.mark.parametrize(
    ("names", "kind", "chosen"),
    [
        ([], None, EVERYTHING),
        ([], "hooks", (HOOKS, HOOKS_TOO)),
        (["FAST.net"], None, (ONE, TWO, HOOKS, HOOKS_TOO)),
        (["fast-net"], "backend", (ONE, TWO)),
        (["acme_one/fast-net"], None, (ONE, HOOKS)),
        (["Zenith"], None, (TWO, BAD, HOOKS_TOO)),
        (["bad", "packflow"], None, (BAD, OWN)),
    ],
)
def test_plugins_are_chosen_by_name_by_qualified_name_and_by_distribution(
    names: list[str], kind: str | None, chosen: tuple[PluginRef, ...]
) -> None:
    assert choose_plugins(EVERYTHING, names, kind) == list(chosen)


@pytest.mark.parametrize(
    ("name", "kind", "near"),
    [
        ("fastnet", None, "Fast_Net"),
        ("zeniht", None, "zenith"),
        ("acme-one/fast-nett", None, "acme-one/fast-net"),
        ("numpi", "preprocessor", "numpy"),
        ("numpy", "backend", r"Of another kind: acme-one/numpy \(preprocessor\) and packflow/numpy \(preprocessor\)\."),
        ("wholly-different", "backend", "packflow plugins list"),
    ],
)
def test_a_name_of_nothing_is_an_error_with_the_nearest(name: str, kind: str | None, near: str) -> None:
    with pytest.raises(UnknownPluginError, match=near) as caught:
        choose_plugins(EVERYTHING, [name], kind)
    assert repr(name) in str(caught.value)


def test_a_name_of_two_distributions_is_an_error_of_both() -> None:
    for plugin, other in ((ONE, TWO), (TWO, ONE)):
        ((code, remedy),) = judged(plugin)
        assert code == "name-conflict"
        assert f"PACKFLOW_DISABLE_PLUGINS={other.qualified}" in remedy
        assert f"PACKFLOW_PLUGIN_OVERRIDES={plugin.name}={plugin.qualified}" in remedy


def test_a_setting_settles_it() -> None:
    assert judged(ONE, DISABLE_PLUGINS="zenith") == []
    settled = {"PLUGIN_OVERRIDES": "fast-net=zenith/fast-net"}
    assert judged(TWO, **settled) == []
    assert judged(ONE, **settled) == [("name-decided", "Ask for 'acme-one/Fast_Net'.")]


def test_a_built_ins_name_is_reserved_until_a_setting_gives_it_away() -> None:
    assert judged(OWN) == []
    ((code, remedy),) = judged(THIRD)
    assert code == "reserved-name"
    assert "acme-one/numpy" in remedy
    given = {"PLUGIN_OVERRIDES": "numpy=acme-one/numpy"}
    assert judged(THIRD, **given) == []
    assert [code for code, _ in judged(OWN, **given)] == ["name-decided"]


def test_hooks_plugins_may_share_a_name() -> None:
    assert judged(HOOKS) == judged(HOOKS_TOO) == []


def test_a_blocked_plugin_and_an_unusable_one_are_not_to_be_imported() -> None:
    assert why_unexamined(around(), ONE) is None
    blocked = why_unexamined(around(DISABLE_PLUGINS="acme-one"), ONE)
    assert blocked is not None
    assert (blocked.code, blocked.what) == ("blocked", "PACKFLOW_DISABLE_PLUGINS names 'acme-one'")
    unusable = why_unexamined(around(), BAD)
    assert unusable is not None
    assert (unusable.code, unusable.what) == ("bad-entry-point", "its value is wrong")


def entries(denied: str) -> Mistakes:
    return settle(Index(EVERYTHING), read({"PACKFLOW_DISABLE_PLUGINS": denied})).mistakes


def test_what_is_not_as_it_was_locked_is_an_error_and_what_is_not_locked_is_not() -> None:
    record = digest(())
    gone = PluginRef("backend", "gone", "acme:Gone", "acme-gone", "3.0")
    locked = [as_locked(plugin, record) for plugin in (ONE, TWO._replace(version="1.9"), gone)]
    settings = Policy(lock=PluginLock(tuple(locked)), origins={"lock": "PACKFLOW_PLUGIN_LOCK"})
    settled = settle(Index(EVERYTHING), settings, read_record=lambda place: Recorded())
    judged = {
        plugin.qualified: why_unexamined(Surroundings(settled.installed, settled.policy, {}), plugin)
        for plugin in settled.installed.refs
        if plugin.kind == "backend"
    }
    codes = {name: found and found.code for name, found in judged.items()}
    assert codes == {
        "acme-one/Fast_Net": None,
        "zenith/fast-net": "not-as-locked",
        "zenith/bad": "blocked",
        "acme-gone/gone": "not-as-locked",
    }
    gone_found = judged["acme-gone/gone"]
    assert gone_found is not None
    assert gone_found.what.startswith("by PACKFLOW_PLUGIN_LOCK, ")
    assert gone_found.remedy.startswith("pip install 'acme-gone==3.0'")


def test_a_name_whose_locked_plugin_differs_is_decided_by_the_lock() -> None:
    locked = [as_locked(ONE, digest(())), as_locked(TWO._replace(version="1.9"), digest(()))]
    settings = Policy(lock=PluginLock(tuple(locked)), origins={"lock": "PACKFLOW_PLUGIN_LOCK"})
    settled = settle(Index((ONE, TWO)), settings, read_record=lambda place: Recorded())
    (found,) = judge_name(Surroundings(settled.installed, settled.policy, {}), ONE)
    assert (found.code, found.what) == ("name-decided", "zenith 2.0 has that name and is not as it was locked")
    assert found.remedy == "Ask for 'acme-one/Fast_Net'."


def test_entries_that_mean_nothing_are_told_with_the_nearest() -> None:
    assert list(judge_entries(entries("zenith,acme-one/fast-net"))) == []
    (found,) = judge_entries(entries("zenith,zeniht"))
    assert (found.code, found.where) == ("unknown-entry", "PACKFLOW_DISABLE_PLUGINS")
    assert "'zeniht'" in found.what
    assert "'zenith'" in found.remedy
