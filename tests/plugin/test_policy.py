from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import PluginError
from packflow.plugin.index import Index
from packflow.plugin.policy import blocked, covers, read
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry

REF = PluginRef("backend", "fast", "acme:Fast", "acme", "1.0")
names = st.sampled_from(["acme", "Acme", "other", "acme/fast", "acme/other", "other/fast", "ACME/FAST"])
lists = st.one_of(st.none(), st.lists(names, max_size=3))


@given(lists, lists, st.booleans())
def test_deny_goes_before_allow_and_allow_before_autoload(allow, deny, autoload):
    policy = read({}, {"allow": allow, "deny": deny, "autoload": autoload})
    named = {"acme", "Acme", "acme/fast", "ACME/FAST"}
    if set(deny or ()) & named:
        expected = True
    elif allow is not None:
        expected = not set(allow) & named
    else:
        expected = not autoload
    assert (blocked(policy, REF) is not None) == expected


@given(lists, st.lists(names, max_size=3))
def test_a_variable_that_is_set_wins(configured, variable):
    policy = read({"PACKFLOW_PLUGINS": ",".join(variable)}, {"allow": configured})
    assert policy.allow == tuple(variable)


def test_nothing_set_means_that_everything_installed_may_be_used():
    policy = read({})
    assert blocked(policy, REF) is None
    assert (policy.allow, policy.deny, policy.autoload, policy.strict, policy.overrides) == (None, (), True, False, ())


@pytest.mark.parametrize("text", ["1", "true", "YES", " on "])
def test_flags_are_read(text):
    assert read({"PACKFLOW_STRICT_PLUGINS": text}).strict is True


@pytest.mark.parametrize(("text", "expected"), [("0", False), ("no", False), ("", True), ("1", True)])
def test_autoload_is_read(text, expected):
    assert read({"PACKFLOW_PLUGIN_AUTOLOAD": text}).autoload is expected


@pytest.mark.parametrize(
    ("environ", "configured", "said"),
    [
        ({"PACKFLOW_STRICT_PLUGINS": "maybe"}, {}, "PACKFLOW_STRICT_PLUGINS='maybe' is neither on (1) nor off (0)"),
        ({"PACKFLOW_PLUGIN_OVERRIDES": "numpy"}, {}, "not of the form 'distribution/name'"),
        ({"PACKFLOW_PLUGIN_OVERRIDES": "numpy=acme"}, {}, "PACKFLOW_PLUGIN_OVERRIDES: 'numpy' is to stand for 'acme'"),
        ({}, {"overrides": {"numpy": "acme/"}}, "configure(overrides=…)"),
        ({}, {"overrides": [("a", "b/c")]}, "where a dict such as"),
        ({"PACKFLOW_PLUGIN_OVERRIDES": "a-b=x/b,A_b=y/b"}, {}, "'A_b' is to stand for 'x/b' and for 'y/b'"),
        ({}, {"allow": "acme"}, "configure(allow=…) is 'acme', where a list"),
        ({}, {"deny": [1]}, "every entry is expected to be a text"),
        ({}, {"strict": "yes"}, "where True or False is expected"),
    ],
)
def test_settings_that_make_no_sense_are_refused(environ, configured, said):
    with pytest.raises(PluginError) as caught:
        read(environ, configured)
    assert said in str(caught.value)


@pytest.mark.parametrize("entry", ["", "/", "acme/", "/fast", "fast", "acme/fast/x"])
def test_what_is_no_entry_covers_nothing(entry):
    assert not covers(entry, REF)


def registry(*refs: PluginRef, environ=None, **settings) -> Registry:
    made = Registry(scan=lambda: Index([REF, *refs]), environ={} if environ is None else environ)
    made.configure(**settings)
    return made


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"deny": ["acne"]},
            "configure(deny=…) names 'acne', but no installed packflow plugin is called that. Did you mean 'acme'?",
        ),
        ({"allow": ["acme", "acme/fats"]}, "Did you mean 'acme/fast'?"),
        ({"deny": ["fast"]}, "Did you mean 'acme/fast'?"),
        ({"deny": ["acme:fast"]}, "Entries are 'distribution' or 'distribution/name'"),
        ({"overrides": {"x": "acme/gone"}}, "configure(overrides=…) names 'acme/gone'"),
    ],
)
def test_entries_that_mean_nothing_are_reported_once_with_the_nearest(logs, settings, said):
    made = registry(**settings)
    for _ in range(2):
        made.has("backend", "fast") if "allow" not in settings else made.find("backend", "fast")
        made.records()
    (warning,) = logs.texts("WARNING")
    assert said in warning


def test_in_strict_mode_they_are_errors(logs):
    made = registry(deny=["acne"], strict=True)
    for _ in range(2):
        with pytest.raises(PluginError, match="'acne'"):
            made.find("backend", "fast")
        with pytest.raises(PluginError, match="'acne'"):
            made.listeners()
    for _ in range(2):
        assert [record.name for record in made.records()] == ["fast"]  # the list shows what there is all the same
    (warning,) = logs.texts("WARNING")  # and says what is wrong, once
    assert "'acne'" in warning


def test_what_a_hooks_plugin_may_register_is_not_unknown(logs):
    hooks = PluginRef("hooks", "h", "acme_gone", "hooked", "1.0")
    registry(hooks, deny=["hooked/later"]).find("backend", "fast")
    assert logs.texts("WARNING") == []


HOOKS = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_register_backends(registry):
    registry.register("zoo", "acme_models:Zoo")
"""


def add_hooked(site) -> None:
    site.add("acme-tox", "1.0", {"hooks": {"tox-watch": "acme_tox"}}, {"acme_tox.py": HOOKS})


@pytest.mark.parametrize("variable", ["PACKFLOW_DISABLE_PLUGINS", "PACKFLOW_PLUGIN_OVERRIDES"])
def test_once_the_hooks_have_registered_what_they_would_the_rest_is_a_mistake(site, logs, variable):
    add_hooked(site)
    entry = "zo=acme-tox/zoe" if variable.endswith("OVERRIDES") else "acme-tox/zoe"
    made = site.registry(**{variable: entry})
    made.records()
    assert logs.texts("WARNING") == []  # who knows what the hooks register
    for _ in range(2):
        made.listeners()
        made.find("backend", "zoo")
    (warning,) = logs.texts("WARNING")
    assert f"{variable} names 'acme-tox/zoe'" in warning
    assert "Did you mean 'acme-tox/zoo'?" in warning


def test_a_misspelt_hooks_plugin_is_a_mistake_in_strict_mode_too(site):
    add_hooked(site)
    made = site.registry(PACKFLOW_DISABLE_PLUGINS="acme-tox/tox-wach", PACKFLOW_STRICT_PLUGINS="1")
    for _ in range(2):
        with pytest.raises(PluginError, match="Did you mean 'acme-tox/tox-watch'"):
            made.listeners()


def test_what_hooks_have_registered_may_be_named(site, logs):
    add_hooked(site)
    made = site.registry(PACKFLOW_DISABLE_PLUGINS="acme-tox/zoo")
    made.listeners()
    assert logs.texts("WARNING") == []


def test_an_allow_list_that_misspells_the_only_hooks_plugin_is_reported_at_once(site, logs):
    add_hooked(site)
    site.registry(PACKFLOW_PLUGINS="acme-tox/tox-wach").listeners()
    (warning,) = logs.texts("WARNING")
    assert "Did you mean 'acme-tox/tox-watch'?" in warning


def test_settings_change_one_by_one_and_go_back_to_the_default():
    made = registry(deny=["acme"])
    made.configure(strict=True)
    assert made.records()[0].state == "blocked"
    made.configure(deny=None)
    assert made.records()[0].state == "ready"


def test_a_setting_that_is_refused_changes_nothing():
    made = registry(deny=["acme"])
    with pytest.raises(PluginError):
        made.configure(deny="acme", strict=True)
    assert made.records()[0].state == "blocked"


def test_the_environment_is_read_again_at_refresh():
    environ: dict[str, str] = {}
    made = registry(environ=environ)
    assert made.find("backend", "fast") == REF
    environ["PACKFLOW_DISABLE_PLUGINS"] = "acme"
    assert made.records()[0].state == "ready"
    made.refresh()
    assert made.records()[0].state == "blocked"
