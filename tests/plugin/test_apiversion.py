"""A plugin's API version: this one and the one before are taken, the older with a warning at the plugin's own line."""

from __future__ import annotations

import sys
import types
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import InferenceBackend, plugin
from packflow.exceptions import PluginLoadError, PluginRegistrationError
from packflow.plugin import apiversion, hookimpl
from packflow.plugin.apiversion import Verdict, judge, verdict
from packflow.plugin.index import Index
from packflow.plugin.kinds import GROUPS
from packflow.plugin.registry import Registry
from packflow.utils.importing import import_whole
from tests.support.backends import Echo
from tests.support.distributions import BACKEND, PREPROCESSOR

NORMALIZER = """
from packflow.normalizers import Normalizer

class Money(Normalizer):
    def to_native(self, obj):
        return 1
"""
HOOKS = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_call_finished():
    pass
"""
#: Each kind with a source, the object in it, and the line of the class (hooks: of the module) that is the plugin.
SOURCES = {
    "backend": (BACKEND, "Fast"),
    "preprocessor": (PREPROCESSOR, "Prepared"),
    "normalizer": (NORMALIZER, "Money"),
    "hooks": (HOOKS, ""),
}


def declaring(kind: str, version: object) -> tuple[str, str]:
    """Give the source and the value of a plugin that declares a version."""
    source, name = SOURCES[kind]
    line = f"plugin_api_version = {version!r}"
    if not name:
        return f"{source}\n{line}\n", ""
    head, colon, body = source.partition(f"class {name}")
    bases, end, rest = body.partition(":\n")
    return f"{head}{colon}{bases}{end}    {line}\n{rest}", f":{name}"


def use(registry: Registry, kind: str) -> object:
    return registry.load(kind, "acme.Thing" if kind == "normalizer" else "thing")


def install(site, kind: str, version: object) -> Registry:
    source, attribute = declaring(kind, version)
    name = "acme.Thing" if kind == "normalizer" else "thing"
    site.add("acme", "2.1", {kind: {name: f"acme_versioned{attribute}"}}, {"acme_versioned.py": source})
    return site.registry()


# The rule -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 50), st.integers(1, 50))
def test_this_version_and_the_one_before_are_taken(declared: int, current: int) -> None:
    problem, warning = judge(declared, current)
    assert (problem is None) == (current - 1 <= declared <= current)
    assert (warning is not None) == (declared == current - 1)
    if problem:
        assert str(declared) in problem
        assert problem.endswith("upgrade packflow" if declared > current else "upgrade the plugin")
    if warning:
        assert f"plugin API {declared}" in warning
        assert f"plugin_api_version = {current}" in warning


@pytest.mark.parametrize("declared", [True, False, "1", None, 1.0, -1, [1], 1j, property(lambda self: 1)])
def test_what_is_no_whole_number_is_refused_by_its_value(declared: object) -> None:
    problem, warning = judge(declared, current=1)
    assert problem is not None
    assert problem.startswith(f"its plugin_api_version is {str(repr(declared))[:20]}")
    assert warning is None


def test_a_number_of_any_size_can_be_refused() -> None:
    assert "upgrade packflow" in (judge(10**5000, current=1).problem or "")


# Where it is declared -----------------------------------------------------------------------------------------------


class Future(Echo):
    """From a later time."""

    plugin_api_version = 99


class FutureChild(Future):
    """Inherits what its base declares."""


class Present(Future):
    """Declares for itself."""

    plugin_api_version = 1


class Slotted:
    """Has no ``__dict__``."""

    __slots__ = ()
    plugin_api_version = 99


@pytest.mark.parametrize("found", [Future, FutureChild, Slotted(), Future(verbose=False), FutureChild(verbose=False)])
def test_a_declaration_on_the_class_or_a_base_counts(found: object) -> None:
    assert "written for plugin API 99" in (verdict(found).problem or "")


def test_the_nearest_declaration_counts() -> None:
    assert verdict(Present) == Verdict()
    instance = Future(verbose=False)
    instance.plugin_api_version = 1
    assert verdict(instance) == Verdict()


def test_a_module_declares_for_itself() -> None:
    module = types.ModuleType("acme")
    assert verdict(module) == Verdict()
    module.plugin_api_version = 99
    assert verdict(module).problem is not None


def test_what_packflows_own_classes_declare_is_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    records = plugin.load("preprocessor", "records")

    class Derived(records):
        """Somebody else's."""

    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 3)
    monkeypatch.setattr(InferenceBackend, "plugin_api_version", 1, raising=False)
    assert verdict(records).problem is not None
    assert verdict(Derived) == Verdict()
    assert verdict(Echo) == verdict(Echo(verbose=False)) == Verdict()


@pytest.mark.parametrize("kind", GROUPS)
def test_everything_of_packflows_own_declares_the_current_version(kind: str) -> None:
    for record in plugin.plugins(kind):
        if (record.distribution or "").startswith("packflow"):
            try:
                found = plugin.load(kind, f"{record.distribution}/{record.name}")
            except PluginLoadError as error:
                assert isinstance(error.__cause__, ModuleNotFoundError)  # noqa: PT017 - what it is for is not installed
            else:
                assert vars(found)["plugin_api_version"] == plugin.PLUGIN_API_VERSION


# At loading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SOURCES)
def test_the_current_version_loads_in_silence(site, kind: str) -> None:
    assert use(install(site, kind, apiversion.PLUGIN_API_VERSION), kind)


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize(
    ("version", "said"),
    [
        (99, "it was written for plugin API 99, this packflow has 1: upgrade packflow"),
        (True, "its plugin_api_version is True, where a whole number such as 1 is expected"),
    ],
)
def test_a_plugin_of_another_time_is_broken_and_harms_no_other(
    site, logs, kind: str, version: object, said: str
) -> None:
    registry = install(site, kind, version)
    with pytest.raises(PluginLoadError, match=said) as caught:
        use(registry, kind)
    assert "of acme 2.1 could not be loaded" in str(caught.value)
    assert "Repair" not in str(caught.value)  # the reason says what to do
    (record,) = [record for record in registry.records(kind) if record.distribution == "acme"]
    assert record.state == "broken"
    assert said in (record.reason or "")
    assert registry.load("preprocessor", "records")
    registry.listeners()
    assert len(logs.texts("ERROR")) == (kind == "hooks")


@pytest.mark.parametrize("kind", SOURCES)
def test_one_of_the_version_before_loads_with_one_warning_at_its_own_line(site, monkeypatch, kind: str) -> None:
    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 8)
    registry = install(site, kind, 7)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            assert use(registry, kind)
            registry.listeners()
    (warning,) = caught
    assert warning.category is DeprecationWarning
    assert "'acme/" in str(warning.message)
    assert "plugin API 7" in str(warning.message)
    assert warning.filename == str(site.folder / "acme_versioned.py")
    lines = declaring(kind, 7)[0].splitlines()
    assert lines[warning.lineno - 1].strip() == "plugin_api_version = 7"


def test_an_older_plugin_warns_once_even_if_it_is_loaded_anew(site, monkeypatch) -> None:
    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 8)
    registry = install(site, "backend", 7)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(2):
            use(registry, "backend")
            registry.refresh()
    assert len(caught) == 1


def test_the_warning_of_an_inherited_declaration_points_at_the_base(site, monkeypatch) -> None:
    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 8)
    source = declaring("backend", 7)[0]
    files = {"acme_base.py": source, "acme_child.py": "from acme_base import Fast\n\n\nclass Child(Fast):\n    pass\n"}
    site.add("acme", "1.0", {"backend": {"thing": "acme_child:Child"}}, files)
    with pytest.warns(DeprecationWarning, match="plugin API 7") as caught:
        use(site.registry(), "backend")
    assert [warning.filename for warning in caught] == [str(site.folder / "acme_base.py")]


def test_a_declaration_that_cannot_be_found_is_warned_of_at_the_class(site, monkeypatch) -> None:
    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 8)
    source = BACKEND + "\n\nsetattr(Fast, 'plugin_api' + '_version', 7)\n"
    site.add("acme", "1.0", {"backend": {"thing": "acme_set:Fast"}}, {"acme_set.py": source})
    with pytest.warns(DeprecationWarning, match="plugin API 7") as caught:
        use(site.registry(), "backend")
    (warning,) = caught
    assert source.splitlines()[warning.lineno - 1].startswith("class Fast")


def test_a_plugin_without_source_is_warned_of_too(monkeypatch) -> None:
    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 8)
    kind = type("Made", (Echo,), {"plugin_api_version": 7, "__module__": "acme_nowhere"})
    with pytest.warns(DeprecationWarning, match="'made'"):
        Registry(scan=Index, environ={}).register("backend", "made", kind)


# Registered while the program runs ----------------------------------------------------------------------------------


def test_a_direct_registration_is_refused_at_once() -> None:
    registry = Registry(scan=Index, environ={})
    with pytest.raises(PluginRegistrationError, match="written for plugin API 99"):
        registry.register("backend", "future", Future)
    hooks = types.SimpleNamespace(packflow_call_finished=hookimpl(lambda: None), plugin_api_version="one")
    with pytest.raises(PluginRegistrationError, match="plugin_api_version is 'one'"):
        registry.register("hooks", "future", hooks)
    assert registry.records("backend") == registry.records("hooks") == []


def test_an_older_hooks_plugin_that_is_registered_directly_is_warned_of_once(monkeypatch) -> None:
    monkeypatch.setattr(apiversion, "PLUGIN_API_VERSION", 2)
    registry = Registry(scan=Index, environ={})
    hooks = types.SimpleNamespace(packflow_call_finished=hookimpl(lambda: None), plugin_api_version=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        registry.register("hooks", "old", hooks)
        registry.listeners()
        registry.refresh()
    assert len(caught) == 1


def test_a_text_that_is_registered_is_judged_when_it_is_loaded(site) -> None:
    (site.folder / "acme_versioned.py").write_text(declaring("backend", 99)[0])
    registry = Registry(scan=Index, environ={})
    registry.register("backend", "thing", "acme_versioned:Fast")
    with pytest.raises(PluginLoadError, match="written for plugin API 99"):
        registry.load("backend", "thing")


@pytest.mark.parametrize("lazy", [False, True])
def test_what_a_hooks_plugin_registers_is_judged_too(site, logs, lazy: bool) -> None:
    (site.folder / "acme_versioned.py").write_text(declaring("backend", 99)[0])
    target = '"acme_versioned:Fast"' if lazy else "__import__('acme_versioned').Fast"
    source = f"""
from packflow.plugin import hookimpl

@hookimpl
def packflow_register_backends(registry):
    registry.register("thing", {target})
"""
    site.add("acme", "1.0", {"hooks": {"zoo": "acme_zoo"}}, {"acme_zoo.py": source})
    registry = site.registry()
    if lazy:
        with pytest.raises(PluginLoadError, match="written for plugin API 99"):
            use(registry, "backend")
    else:
        assert not registry.has("backend", "thing")
        assert "written for plugin API 99" in logs.texts("ERROR")[0]


def test_looking_at_a_plugin_runs_none_of_its_code(site) -> None:
    source = """
import sys
from packflow import InferenceBackend

class Meta(type(InferenceBackend)):
    def __getattribute__(cls, name):
        if name == "plugin_api_version":
            sys.acme_asked = True
        return super().__getattribute__(name)

class Fast(InferenceBackend, metaclass=Meta):
    def execute(self, inputs):
        return inputs
"""
    site.add("acme", "1.0", {"backend": {"thing": "acme_meta:Fast"}}, {"acme_meta.py": source})
    use(site.registry(), "backend")
    assert import_whole("acme_meta").Fast
    assert not hasattr(sys, "acme_asked")
