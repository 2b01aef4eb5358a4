from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from packflow.plugin.locks import LockedPlugin, PluginLock, difference, differences

ONE = LockedPlugin("backend", "fast", "acme:Fast", "acme", "1.0", "sha256:a")
OTHER = LockedPlugin("hooks", "watch", "zenith.watch", "zenith", "2.0", "sha256:b")

plugins = st.builds(
    LockedPlugin,
    st.sampled_from(["backend", "hooks"]),
    st.sampled_from(["fast", "Fast", "slow"]),
    st.sampled_from(["acme:A", "acme:B"]),
    st.sampled_from(["acme", "Acme", "zenith"]),
    st.sampled_from(["1.0", "1.1"]),
    st.sampled_from([None, "sha256:a", "sha256:b"]),
)
locks = st.lists(plugins, max_size=5, unique_by=lambda plugin: plugin.key).map(lambda found: PluginLock(tuple(found)))


def contents(plugin: LockedPlugin) -> object:
    return plugin.value, plugin.version, plugin.record


@given(st.lists(plugins), st.randoms())
def test_equal_whatever_the_order(found, random):
    shuffled = random.sample(found, len(found))
    one, other = PluginLock(tuple(found)), PluginLock(tuple(shuffled + found))
    assert one == other
    assert hash(one) == hash(other)
    assert one.plugins == other.plugins


def test_two_spellings_of_a_distribution_have_an_order():
    two = ONE._replace(distribution="Acme")
    assert PluginLock((ONE, two)) == PluginLock((two, ONE))


@given(locks, locks)
def test_no_differences_means_the_same_plugins_and_each_is_told(locked, installed):
    told = differences(locked, installed)
    here, there = installed.by_key(), locked.by_key()
    same = {key for key in here.keys() & there.keys() if contents(here[key]) == contents(there[key])}
    assert (told == []) == (set(here) == set(there) == same)
    extra = {found.name for found in told if found.what == "extra"}
    assert extra == {here[key].name for key in here if key not in there}
    wrong = {there[key].distribution for key in there if key not in same}
    assert {found.distribution for found in told if found.what != "extra"} == wrong
    assert len(told) == len(set(told))


@given(plugins, plugins)
def test_one_difference_is_what_all_differences_say(locked, installed):
    if locked.key == installed.key:
        found = difference(locked, installed)
        assert differences(PluginLock((locked,)), PluginLock((installed,))) == ([found] if found else [])


def test_each_kind_of_difference_is_put_into_words():
    def text(**changes: str | None) -> str:
        found = difference(ONE, ONE._replace(**changes))
        assert found is not None
        return found.text

    assert text(version="1.1") == "acme 1.0 is locked, but 1.1 is installed"
    assert text(value="acme:Slow") == "the backend plugin 'fast' of acme 1.0 is acme:Slow, but acme:Fast is locked"
    assert text(record="sha256:b") == "acme 1.0 was installed from other files than those that are locked"
    assert text(record=None) == "acme 1.0 is locked, but there is no RECORD of the files that are installed"
    assert difference(ONE, None).text == "the backend plugin 'fast' of acme 1.0 is locked, but not installed"


def test_what_is_left_out_is_told_with_its_reason():
    (found,) = differences(PluginLock((ONE,)), PluginLock(), {ONE.key: "PACKFLOW_DISABLE_PLUGINS names 'acme'"})
    assert found.what == "left out"
    assert found.text.endswith("is locked, but PACKFLOW_DISABLE_PLUGINS names 'acme'")


def test_what_concerns_a_whole_distribution_is_told_once():
    two = ONE._replace(name="slow")
    told = differences(
        PluginLock((ONE, two, OTHER)), PluginLock((ONE._replace(version="2.0"), two._replace(version="2.0"), OTHER))
    )
    assert [(found.what, found.kind, found.locked, found.installed) for found in told] == [
        ("version", None, "1.0", "2.0")
    ]


def test_an_extra_plugin_is_told():
    (found,) = differences(PluginLock((ONE,)), PluginLock((ONE, OTHER)))
    assert (found.what, found.installed) == ("extra", "2.0")
    assert found.text == "the hooks plugin 'watch' of zenith 2.0 is installed, but not locked"
