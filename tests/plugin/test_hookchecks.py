"""Everything that can be seen wrong with a hooks plugin is found when it is registered, and names the nearest hook."""

from __future__ import annotations

import types

import pluggy
import pytest

from packflow.exceptions import PluginRegistrationError
from packflow.plugin import hookimpl, hookspec
from packflow.plugin.index import Index
from packflow.plugin.registry import Registry

foreign = pluggy.HookimplMarker("llm")


def module(**functions):
    made = types.ModuleType("acme_hooks")
    vars(made).update(functions)
    return made


@hookimpl
def packflow_call_finished(backend):
    pass


@hookimpl
def packflow_call_finnished(backend):
    pass


@hookimpl
def something_else(backend):
    pass


@hookimpl(specname="packflow_call_fnished")
def renamed_wrongly(backend):
    pass


def unmarked(backend):
    pass


@foreign
def marked_for_llm(backend):
    pass


@hookspec
def marked_as_spec(backend):
    pass


@hookimpl
def wrong_argument(backend, metrix):
    pass


@hookimpl
def wrong_default(backend, metrix=None):
    pass


@hookimpl
def starred(*args):
    pass


@hookimpl
def keywords(**kwargs):
    pass


@hookimpl(wrapper=True)
def wrapper(backend):
    return (yield)


@hookimpl
async def coroutine(backend):
    pass


@hookimpl
def generator(backend):
    yield


CASES = {
    "misspelt": (
        {"packflow_call_finnished": packflow_call_finnished},
        ["'packflow_call_finnished'", "no hook", "nearest is 'packflow_call_finished'"],
    ),
    "misspelt and unmarked": (
        {"packflow_call_finnished": unmarked},
        ["not the marker", "nearest is 'packflow_call_finished'"],
    ),
    "no hook": ({"something_else": something_else}, ["'something_else', which is no hook of packflow"]),
    "wrong specname": ({"fine": renamed_wrongly}, ["nearest is 'packflow_call_finished'"]),
    "unmarked": ({"packflow_call_finished": unmarked}, ["not the marker", "@packflow.plugin.hookimpl"]),
    "foreign marker": ({"packflow_call_finished": marked_for_llm}, ["the marker of 'llm'", "packflow.plugin.hookimpl"]),
    "spec marker": ({"packflow_call_finished": marked_as_spec}, ["marked with hookspec"]),
    "wrong argument": (
        {"packflow_call_finished": wrong_argument},
        ["'metrix'", "nearest is 'metrics'", "backend, metrics"],
    ),
    "wrong default": ({"packflow_call_finished": wrong_default}, ["'metrix'", "nearest is 'metrics'"]),
    "starred": ({"packflow_call_finished": starred}, ["takes *args", "by name: backend, metrics"]),
    "keywords": ({"packflow_call_finished": keywords}, ["takes **kwargs"]),
    "wrapper": ({"packflow_call_finished": wrapper}, ["wrapper"]),
    "coroutine": ({"packflow_call_finished": coroutine}, ["coroutine"]),
    "generator": ({"packflow_call_finished": generator}, ["generator"]),
    "no function": ({"packflow_call_finished": print.__call__}, ["made with def"]),
    "nothing": ({"helper": unmarked}, ["implements no hook", "packflow_register_backends"]),
}


@pytest.fixture
def registry() -> Registry:
    return Registry(scan=Index, environ={})


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", ["module", "instance", "static"])
def test_a_mistake_is_an_error_that_names_plugin_and_hook(registry, case, form):
    functions, said = CASES[case]
    if form == "module":
        target = module(**functions)
    elif form == "static":
        target = type("Hooks", (), {name: staticmethod(function) for name, function in functions.items()})()
    else:
        target = types.SimpleNamespace(**functions)
    with pytest.raises(PluginRegistrationError) as caught:
        registry.register("hooks", "acme", target)
    for part in ("'acme' cannot be registered", *said):
        assert part in str(caught.value)
    assert registry.listeners().call_finished == ()
    assert registry.records("hooks") == []


def test_a_hook_that_is_spelt_right_is_not_its_own_nearest(registry):
    with pytest.raises(PluginRegistrationError) as caught:
        registry.register("hooks", "acme", module(packflow_call_finished=unmarked))
    assert "nearest" not in str(caught.value)


def test_the_same_functions_in_a_module_that_is_right(registry):
    registry.register("hooks", "acme", module(packflow_call_finished=packflow_call_finished, helper=unmarked))
    assert [name for name, _ in registry.listeners().call_finished] == ["acme"]


def test_methods_are_checked_without_their_self(registry):
    class Hooks:
        @hookimpl
        def packflow_call_finished(self, metrics):
            self.seen = metrics

        @property
        def packflow_trap(self):
            raise AssertionError("a check must not run properties")

    hooks = Hooks()
    registry.register("hooks", "acme", hooks)
    registry.listeners().notify_call_finished("the backend", "the metrics")
    assert hooks.seen == "the metrics"


def test_a_class_is_refused(registry):
    class Hooks:
        @hookimpl
        def packflow_call_finished(self, metrics):
            pass

    with pytest.raises(PluginRegistrationError, match="where a module or an instance is expected; make an instance"):
        registry.register("hooks", "acme", Hooks)


def test_imported_modules_and_classes_whose_names_begin_like_a_hook_do_no_harm(registry):
    extra = {"packflow_helpers": types.ModuleType("packflow_helpers"), "packflow_Class": int}
    registry.register("hooks", "acme", module(packflow_call_finished=packflow_call_finished, **extra))


def test_an_optional_hook_of_another_version_is_accepted(registry):
    @hookimpl(optionalhook=True)
    def packflow_hook_of_tomorrow(backend):
        pass

    registry.register("hooks", "acme", module(packflow_hook_of_tomorrow=packflow_hook_of_tomorrow))


def test_an_object_that_fails_when_it_is_looked_at_is_a_registration_error(registry):
    class Hostile:
        def __dir__(self):
            raise RuntimeError("go away")

    with pytest.raises(PluginRegistrationError, match="RuntimeError: go away"):
        registry.register("hooks", "acme", Hostile())
