"""Plugins registered without being installed, and taken back."""

from __future__ import annotations

import sys
import threading

import pytest

from packflow import InferenceBackend, plugin
from packflow.backend.preprocessors import Preprocessor
from packflow.exceptions import PluginLoadError, PluginRegistrationError, UnknownPluginError
from packflow.normalizers.base import Normalizer
from packflow.plugin.index import Index
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry


class Fast(InferenceBackend):
    def execute(self, inputs):
        return inputs


class Other(Fast):
    pass


class Prepared(Preprocessor):
    def __call__(self, records):
        return records


class Money(Normalizer):
    def to_native(self, obj):
        return 1


REFS = [
    PluginRef("backend", "installed", "acme:Fast", "acme", "1.2"),
    PluginRef("preprocessor", "numpy", "collections:Counter", "packflow", "1.0"),
]


@pytest.fixture
def registry() -> Registry:
    return Registry(scan=lambda: Index(REFS), environ={})


def test_what_is_registered_is_found_and_taken_back(registry):
    registration = registry.register("backend", "My_Fast", Fast)
    assert registry.load("backend", "my-fast") is Fast
    assert registry.find("backend", "my-fast") is registration
    (record,) = [found for found in registry.records("backend") if found.name == "My_Fast"]
    assert (record.distribution, record.version, record.state) == (None, None, "loaded")
    assert record.value == f"{__name__}:Fast"
    registration.remove()
    registration.remove()
    assert not registry.has("backend", "my-fast")
    assert [found.name for found in registry.records("backend")] == ["installed"]


def test_a_with_block_takes_it_back_even_if_it_fails(registry):
    def fail() -> None:
        with registry.register("backend", "fast", Fast):
            assert registry.has("backend", "fast")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not registry.has("backend", "fast")


def test_unregister(registry):
    registry.register("backend", "fast", Fast)
    registry.unregister("backend", "FAST")
    with pytest.raises(UnknownPluginError, match="'fast', so it cannot be unregistered"):
        registry.unregister("backend", "fast")
    with pytest.raises(UnknownPluginError, match="configure"):
        registry.unregister("backend", "installed")


@pytest.mark.parametrize(
    ("kind", "name", "target"),
    [
        ("backend", "instance", Fast(verbose=False)),
        ("preprocessor", "p", Prepared),
        ("normalizer", "acme.Money", Money),
        ("normalizer", "acme.Money", Money()),
    ],
)
def test_each_kind_takes_its_own(registry, kind, name, target):
    with registry.register(kind, name, target):
        assert registry.load(kind, name) is target


@pytest.mark.parametrize(
    ("kind", "name", "target", "said"),
    [
        ("backend", "x", Prepared, "no subclass of InferenceBackend"),
        ("backend", "x", 3, "a 'builtins.int'"),
        ("backend", "x", None, "it is None"),
        ("preprocessor", "x", Fast, "no subclass of Preprocessor"),
        ("preprocessor", "x", object(), "where a subclass of Preprocessor is expected"),
        ("normalizer", "x", Fast, "no subclass of Normalizer"),
        ("hooks", "x", Fast, "make an instance of it"),
        ("hooks", "x", None, "it is None"),
        ("backend", "a/b", Fast, "contains '/'"),
        ("backend", "a:b", Fast, "contains ':'"),
        ("backend", " ", Fast, "its name is empty"),
        ("backend", "x", "not a module!", "not of the form 'module:object'"),
        ("backend", 3, Fast, "its name is 3, where a text is expected"),
    ],
)
def test_what_cannot_be_registered_is_refused_and_leaves_nothing(registry, kind, name, target, said):
    with pytest.raises(PluginRegistrationError) as caught:
        registry.register(kind, name, target)
    assert said in str(caught.value)
    assert (caught.value.kind, caught.value.name) == (kind, name)
    assert len(registry.records()) == len(REFS)


@pytest.mark.parametrize(
    ("kind", "name", "whose"), [("backend", "Installed", "acme 1.2"), ("preprocessor", "numpy", "packflow 1.0")]
)
def test_a_name_that_is_taken_needs_replace(registry, kind, name, whose):
    target = Fast if kind == "backend" else Prepared
    with pytest.raises(PluginRegistrationError, match=f"{whose} has that name already.*replace=True"):
        registry.register(kind, name, target)
    with registry.register(kind, name, target, replace=True):
        assert registry.load(kind, name) is target
        (installed,) = [found for found in registry.records(kind) if found.distribution]
        assert installed.state == "conflict"
        assert "registered directly" in installed.reason
        assert registry.find(kind, f"{whose.split()[0]}/{name}").distribution == whose.split()[0]
    assert registry.find(kind, name).distribution == whose.split()[0]


def test_an_earlier_registration_needs_replace_and_has_the_name_again(registry):
    first = registry.register("backend", "fast", Fast)
    with pytest.raises(PluginRegistrationError, match="an earlier registration has that name already"):
        registry.register("backend", "Fast", Other)
    second = registry.register("backend", "Fast", Other, replace=True)
    assert registry.load("backend", "fast") is Other
    assert {found.value: found.state for found in registry.records("backend") if not found.distribution} == {
        f"{__name__}:Fast": "conflict",
        f"{__name__}:Other": "loaded",
    }
    second.remove()
    assert registry.load("backend", "fast") is Fast
    third = registry.register("backend", "fast", Other, replace=True)
    first.remove()
    assert registry.load("backend", "fast") is Other
    third.remove()
    assert not registry.has("backend", "fast")


def test_a_reserved_name_needs_replace_even_if_the_built_in_is_missing():
    bare = Registry(scan=Index, environ={})
    with pytest.raises(PluginRegistrationError, match="a built-in of packflow has that name"):
        bare.register("preprocessor", "records", Prepared)


def test_a_text_is_imported_when_it_is_asked_for(site):
    (site.folder / "acme_lazy.py").write_text("from packflow.backend.base import InferenceBackend as Fast\n")
    registry = site.registry()
    registry.register("backend", "lazy", "acme_lazy:Fast")
    assert registry.find("backend", "lazy").value == "acme_lazy:Fast"
    assert [found.state for found in registry.records("backend") if found.name == "lazy"] == ["ready"]
    assert "acme_lazy" not in sys.modules
    assert registry.load("backend", "lazy") is InferenceBackend
    assert [found.state for found in registry.records("backend") if found.name == "lazy"] == ["loaded"]


def test_a_text_that_leads_nowhere_is_an_error_where_it_is_used(registry):
    registry.register("backend", "gone", "acme_gone:Fast")
    with pytest.raises(PluginLoadError) as caught:
        registry.load("backend", "gone")
    assert "registered directly could not be loaded (acme_gone:Fast)" in str(caught.value)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_settings_do_not_block_what_the_program_registers(registry):
    registry.configure(allow=[], autoload=False)
    with registry.register("backend", "fast", Fast):
        assert registry.load("backend", "fast") is Fast


def test_registrations_survive_refresh(registry):
    registry.register("backend", "fast", Fast)
    registry.refresh()
    assert registry.load("backend", "fast") is Fast


def test_the_stamp_changes_with_whatever_changes_a_name(registry):
    def changed(action) -> bool:
        before = registry.stamp
        action()
        return registry.stamp is not before

    assert changed(lambda: registry.register("backend", "fast", Fast))
    assert changed(lambda: registry.unregister("backend", "fast"))
    assert changed(lambda: registry.configure(deny=["acme"]))
    assert changed(registry.refresh)
    assert changed(lambda: registry.has("backend", "zzz"))  # the hooks plugins have been asked
    assert not changed(lambda: registry.has("backend", "zzz"))
    assert not changed(registry.records)


def test_registering_in_many_threads_loses_nothing(registry):
    def register(number: int) -> None:
        for turn in range(20):
            registry.register("backend", f"n{number}-{turn}", Fast)
            registry.records("backend")

    threads = [threading.Thread(target=register, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([found for found in registry.records("backend") if not found.distribution]) == 160


def test_the_public_functions_work_on_the_process_s_registry():
    with plugin.register("backend", "public-fast", Fast) as registration:
        assert plugin.load("backend", "public-fast") is Fast
        assert plugin.find("backend", "public-fast") is registration
        assert "public-fast" in [record.name for record in plugin.plugins("backend")]
    assert not plugin.has("backend", "public-fast")
