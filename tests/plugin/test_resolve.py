"""What a name means: conflicts, reserved names, overrides, blocking, and what the errors say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import (
    AmbiguousPluginError,
    BlockedPluginError,
    PluginError,
    PluginLoadError,
    UnknownPluginError,
)
from packflow.plugin.index import Index
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry

OWN = [
    PluginRef("preprocessor", name, "collections:Counter", "packflow", "1.0")
    for name in ("numpy", "passthrough", "records")
]


def registry(*refs: PluginRef, environ=None, own=OWN, **settings) -> Registry:
    made = Registry(scan=lambda: Index([*own, *refs]), environ={} if environ is None else environ)
    made.configure(**settings)
    return made


def backend(name: str, distribution: str, version: str = "1.0") -> PluginRef:
    return PluginRef("backend", name, f"{distribution}:Fast", distribution, version)


def preprocessor(name: str, distribution: str) -> PluginRef:
    return PluginRef("preprocessor", name, f"{distribution}:Prepared", distribution, "1.0")


def state(made: Registry, qualified: str) -> tuple[str, str | None]:
    (record,) = [found for found in made.records() if f"{found.distribution}/{found.name}" == qualified]
    return record.state, record.reason


@pytest.mark.parametrize("spelling", ["Fast_Net", "fast-net", "FAST.NET", "acme/fast_net", "ACME/Fast.Net"])
def test_a_name_is_found_in_every_spelling(spelling):
    assert registry(backend("Fast_Net", "Acme")).find("backend", spelling).name == "Fast_Net"


def test_one_name_of_two_distributions_is_an_error_where_it_is_used():
    made = registry(backend("fast", "acme-fast", "1.2"), backend("Fast", "other", "0.3"), backend("good", "other"))
    with pytest.raises(AmbiguousPluginError) as caught:
        made.find("backend", "fast")
    for said in ("acme-fast 1.2", "'acme-fast/fast'", "other 0.3", "'other/Fast'"):
        assert said in str(caught.value)
    assert made.find("backend", "good").distribution == "other"
    assert made.find("backend", "other/fast").distribution == "other"
    assert made.find("backend", "acme_fast/fast").distribution == "acme-fast"
    assert state(made, "acme-fast/fast") == ("conflict", "other 0.3 has that name too; ask for 'acme-fast/fast'")
    assert state(made, "other/Fast") == ("conflict", "acme-fast 1.2 has that name too; ask for 'other/Fast'")
    assert state(made, "other/good") == ("ready", None)


@given(st.permutations([backend("x", "a"), backend("x", "b"), backend("y", "a"), backend("y", "packflow")]))
def test_the_outcome_does_not_depend_on_the_order(refs):
    made = registry(*refs)
    assert [(found.name, found.distribution, found.state) for found in made.records("backend")] == [
        ("x", "a", "conflict"),
        ("x", "b", "conflict"),
        ("y", "a", "conflict"),
        ("y", "packflow", "ready"),
    ]


@pytest.mark.parametrize("spelling", ["numpy", "NumPy"])
def test_the_names_of_built_ins_are_reserved(spelling):
    made = registry(preprocessor(spelling, "acme"))
    assert made.find("preprocessor", "numpy").distribution == "packflow"
    assert made.find("preprocessor", "acme/numpy").distribution == "acme"
    found, reason = state(made, f"acme/{spelling}")
    assert found == "conflict"
    assert f"PACKFLOW_PLUGIN_OVERRIDES={spelling}=acme/{spelling}" in reason
    assert state(made, "packflow/numpy") == ("ready", None)


@pytest.mark.parametrize("by", ["environment", "configure"])
def test_an_override_lets_a_third_party_win(by):
    refs = preprocessor("numpy", "acme")
    if by == "environment":
        made = registry(refs, environ={"PACKFLOW_PLUGIN_OVERRIDES": " numpy = acme/numpy ,"})
    else:
        made = registry(refs, overrides={"numpy": "acme/numpy"})
    assert made.find("preprocessor", "NUMPY").distribution == "acme"
    assert made.find("preprocessor", "packflow/numpy").distribution == "packflow"
    assert state(made, "acme/numpy") == ("ready", None)
    found, reason = state(made, "packflow/numpy")
    assert found == "conflict"
    assert "'acme/numpy'" in reason
    assert ("PACKFLOW_PLUGIN_OVERRIDES" if by == "environment" else "configure(overrides=…)") in reason


def test_an_override_settles_a_clash_of_third_parties():
    made = registry(backend("x", "a"), backend("x", "b"), overrides={"x": "b/x"})
    assert made.find("backend", "x").distribution == "b"


def test_an_override_is_for_the_kinds_that_its_target_has():
    made = registry(backend("numpy", "acme"), overrides={"numpy": "acme/numpy"})
    assert made.find("backend", "numpy").distribution == "acme"
    assert made.find("preprocessor", "numpy").distribution == "packflow"


def test_a_blocked_override_does_not_fall_back():
    made = registry(preprocessor("numpy", "acme"), overrides={"numpy": "acme/numpy"}, deny=["acme"])
    with pytest.raises(BlockedPluginError, match="acme"):
        made.find("preprocessor", "numpy")


def test_blocking_one_of_two_settles_a_clash():
    made = registry(backend("x", "a"), backend("x", "b"), deny=["a/x"])
    assert made.find("backend", "x").distribution == "b"
    assert state(made, "b/x") == ("ready", None)
    assert state(made, "a/x")[0] == "blocked"


@pytest.mark.parametrize(
    ("settings", "environ", "said"),
    [
        ({"deny": ["acme"]}, {}, "configure(deny=…) names 'acme'"),
        ({"deny": ["acme/fast"]}, {}, "names 'acme/fast'"),
        ({"allow": ["other"]}, {}, "configure(allow=…) does not name 'acme' or 'acme/fast'"),
        ({"allow": []}, {}, "configure(allow=…) does not name"),
        ({"autoload": False}, {}, "configure(autoload=…)"),
        ({"allow": ["acme"], "deny": ["acme/FAST"]}, {}, "configure(deny=…)"),
        ({}, {"PACKFLOW_DISABLE_PLUGINS": "other, acme"}, "PACKFLOW_DISABLE_PLUGINS names 'acme'"),
        ({}, {"PACKFLOW_PLUGINS": "other"}, "PACKFLOW_PLUGINS does not name"),
        ({}, {"PACKFLOW_PLUGINS": ""}, "PACKFLOW_PLUGINS does not name"),
        ({"allow": ["acme"]}, {"PACKFLOW_PLUGINS": "other"}, "PACKFLOW_PLUGINS does not name"),
        ({"autoload": True}, {"PACKFLOW_PLUGIN_AUTOLOAD": "0"}, "PACKFLOW_PLUGIN_AUTOLOAD"),
    ],
)
def test_blocked_plugins_say_which_setting_blocks_them(settings, environ, said):
    made = registry(backend("fast", "acme", "1.2"), backend("other", "other"), environ=environ, **settings)
    for name in ("fast", "acme/fast"):
        with pytest.raises(BlockedPluginError) as caught:
            made.find("backend", name)
        assert said in str(caught.value)
        assert "'fast' of acme 1.2" in str(caught.value)
    found, reason = state(made, "acme/fast")
    assert (found, said in reason) == ("blocked", True)
    assert made.find("preprocessor", "numpy").distribution == "packflow"


@pytest.mark.parametrize(
    "settings", [{"allow": ["acme/fast"]}, {"allow": ["Acme"]}, {"allow": ["acme"], "autoload": False}, {"deny": ["x"]}]
)
def test_allowed_plugins_are_found(settings):
    made = registry(backend("fast", "acme"), backend("x", "x"), **settings)
    assert made.find("backend", "fast").distribution == "acme"


def test_built_ins_are_blocked_by_the_deny_list_alone():
    made = registry(preprocessor("numpy", "acme"), deny=["packflow/numpy"], allow=["acme"], autoload=False)
    with pytest.raises(BlockedPluginError, match="packflow/numpy"):
        made.find("preprocessor", "numpy")  # the name stays reserved
    assert made.find("preprocessor", "records").built_in
    assert made.find("preprocessor", "acme/numpy").distribution == "acme"


def test_a_built_in_that_metadata_does_not_declare_says_so():
    made = registry(preprocessor("numpy", "acme"), own=OWN[1:])
    for name in ("numpy", "packflow/numpy"):
        with pytest.raises(UnknownPluginError) as caught:
            made.find("preprocessor", name)
        assert "packflow's own installation metadata is stale or missing" in str(caught.value)
        assert "Reinstall packflow" in str(caught.value)
    assert made.find("preprocessor", "records").built_in
    assert state(made, "acme/numpy")[0] == "conflict"


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("backend", "fst", "Did you mean 'fast'?"),
        ("backend", "acme/fst", "Did you mean 'acme/fast'?"),
        ("backend", "recrods", "There is a preprocessor plugin called 'records'."),
        ("preprocessor", "fst", "There is a backend plugin called 'fast'."),
        ("backend", "onnx", "It comes with packflow-onnx: pip install packflow-onnx. Available: fast."),
        ("backend", "acme:fast", "The qualified spelling has a slash: 'acme/fast'."),
        ("preprocessor", "zzzz", "Available: numpy, passthrough, records."),
        ("normalizer", "zzzz", "No normalizer plugin is installed."),
        ("backend", "zzzz", "entry-point group 'packflow.backends'"),
    ],
)
def test_unknown_names_are_met_with_near_ones(kind, name, said):
    made = registry(backend("fast", "acme"))
    with pytest.raises(UnknownPluginError) as caught:
        made.find(kind, name)
    assert said in str(caught.value)
    assert (caught.value.kind, caught.value.name) == (kind, name)
    assert not made.has(kind, name)


def test_a_distribution_that_is_there_is_not_told_to_declare_its_own_name():
    with pytest.raises(UnknownPluginError) as caught:
        registry(backend("fast", "acme-home")).find("backend", "acme-home")
    assert "'acme-home' is a distribution; it has the backend plugin 'fast'." in str(caught.value)
    assert "entry-point group" not in str(caught.value)


@pytest.mark.parametrize("method", ["find", "load", "has", "unregister"])
def test_an_unknown_kind_is_refused(method):
    with pytest.raises(PluginError, match=r"'backends' is no kind of plugin\. Did you mean 'backend'"):
        getattr(registry(), method)("backends", "x")


def test_a_broken_name_can_be_looked_up_and_not_loaded():
    ref = backend("fast", "acme")._replace(problem="its value is odd")
    made = registry(ref)
    assert made.find("backend", "fast") == ref
    with pytest.raises(PluginLoadError, match="its value is odd"):
        made.load("backend", "fast")


def test_a_name_that_can_never_be_used_is_not_suggested():
    unusable = backend("acme/fast", "acme")._replace(problem="its name contains '/'")
    made = registry(unusable, backend("slow", "acme"))
    with pytest.raises(UnknownPluginError) as caught:
        made.find("backend", "acme-fast")
    assert "Available: slow." in str(caught.value)
    assert "acme/fast" not in str(caught.value)
