"""Every hook is documented, with an example that runs; and what packflow calls is what the specifications say."""

from __future__ import annotations

import inspect
import re
import types
import warnings
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from packflow import plugin
from packflow.exceptions import PluginRegistrationError
from packflow.plugin import Listeners, hookimpl, hookspec, hookspecs
from packflow.plugin.index import Index
from packflow.plugin.kinds import GROUPS
from packflow.plugin.manager import REGISTRATION_HOOKS, HookManager, Registrar
from packflow.plugin.registration import Registration
from packflow.plugin.registry import Registry
from tests.support.backends import executing

#: In the order in which the specifications stand.
HOOKS = [name for name in vars(hookspecs) if name.startswith("packflow_")]
LIFE = [name for name in HOOKS if name not in REGISTRATION_HOOKS]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"


def parameters(function: Any) -> list[tuple[str, Any]]:
    """Give a function's arguments with their annotations, as they are written."""
    signature = inspect.signature(function)
    return [(each.name, each.annotation) for each in signature.parameters.values() if each.name != "self"]


def example(name: str) -> types.ModuleType:
    """Make a hooks plugin of a hook's example."""
    lines = inspect.getdoc(getattr(hookspecs, name)).splitlines()
    module = types.ModuleType("acme_example")
    exec("\n".join(line.strip()[4:] for line in lines if line.strip().startswith((">>> ", "... "))), vars(module))
    del module.hookimpl
    return module


# The specifications -------------------------------------------------------------------------------------------------


def test_there_are_hooks_for_registration_and_for_the_whole_life_of_a_backend():
    assert HOOKS == [
        "packflow_register_backends",
        "packflow_register_preprocessors",
        "packflow_register_normalizers",
        "packflow_backend_initialized",
        "packflow_call_finished",
        "packflow_call_failed",
        "packflow_backend_closing",
    ]


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_typed_and_each_of_its_arguments_is_documented(name):
    spec = getattr(hookspecs, name)
    assert parameters(spec)
    documentation = inspect.getdoc(spec)
    for argument, annotation in parameters(spec):
        assert annotation is not inspect.Parameter.empty
        assert f"{argument}: " in documentation.partition("Args:")[2]
    assert inspect.signature(spec).return_annotation == "None"


def test_the_page_of_the_hooks_lists_them_in_their_order_with_their_arguments():
    rows = re.findall(
        r"^\| \{func\}`~packflow\.plugin\.hookspecs\.(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE
    )
    assert [(name, re.findall(r"`(\w+)`", arguments)) for name, arguments in rows] == [
        (name, [argument for argument, _ in parameters(getattr(hookspecs, name))]) for name in HOOKS
    ]


# The typed methods that packflow calls ------------------------------------------------------------------------------


def test_listeners_have_one_method_and_one_attribute_for_each_hook_in_the_order_of_the_specifications():
    methods = [name for name in vars(Listeners) if name.startswith("notify_")]
    assert methods == [name.replace("packflow_", "notify_") for name in LIFE]
    attributes = [name for name, kind in inspect.get_annotations(Listeners).items() if kind == "Heard"]
    assert attributes == [name.removeprefix("packflow_") for name in LIFE]


@pytest.mark.parametrize("name", LIFE)
def test_a_method_takes_what_the_specification_says(name):
    method = getattr(Listeners, name.replace("packflow_", "notify_"))
    assert parameters(method) == parameters(getattr(hookspecs, name))
    assert inspect.signature(method).return_annotation == "None"


@pytest.mark.parametrize("name", LIFE)
def test_a_method_hands_every_argument_on_by_its_name(name):
    heard: list[dict[str, Any]] = []
    listeners = Listeners()
    listeners.take_in(lambda hook: (("acme", lambda **given: heard.append(given)),) if hook == name else ())
    arguments = {argument: object() for argument, _ in parameters(getattr(hookspecs, name))}
    getattr(listeners, name.replace("packflow_", "notify_"))(**arguments)
    assert heard == [arguments]


def test_each_registration_hook_is_for_a_kind_and_gets_a_registrar():
    assert list(REGISTRATION_HOOKS) == [name for name in HOOKS if name.startswith("packflow_register_")]
    # Templates are for people at a command line, who choose among what is installed.
    assert list(REGISTRATION_HOOKS.values()) == [kind for kind in GROUPS if kind not in ("hooks", "template")]
    for name in REGISTRATION_HOOKS:
        hints = get_type_hints(getattr(hookspecs, name), vars(hookspecs) | {"Registrar": Registrar})
        assert hints == {"registry": Registrar, "return": type(None)}


@pytest.mark.parametrize("name", REGISTRATION_HOOKS)
def test_a_registration_hook_is_called_with_just_that(name):
    heard: list[dict[str, Any]] = []

    def listen(registry):
        heard.append({"registry": registry})

    Registry(scan=Index, environ={}).register("hooks", "acme", types.SimpleNamespace(**{name: hookimpl(listen)}))
    ((given),) = heard
    assert list(given) == ["registry"]
    assert given["registry"].kind == REGISTRATION_HOOKS[name]


# The examples -------------------------------------------------------------------------------------------------------

REGISTERED = {
    "packflow_register_backends": [("acme-large", "acme.models:Large"), ("acme-small", "acme.models:Small")],
    "packflow_register_preprocessors": [("acme-tokens", "acme.text:TokenPreprocessor")],
    "packflow_register_normalizers": [("acme.money.Money", "acme.packflow:MoneyNormalizer")],
}
SAID = {
    "packflow_backend_initialized": "ready: Stepping",
    "packflow_call_finished": r"2 records in [\d.e-]+ ms",
    "packflow_call_failed": "Stepping failed in execute with ZeroDivisionError",
    "packflow_backend_closing": "closing: Stepping",
}


@pytest.mark.parametrize("name", REGISTRATION_HOOKS)
def test_the_example_of_a_registration_hook_registers(name):
    registry = Registry(scan=Index, environ={})
    registry.register("hooks", "example", example(name))
    found = [(record.name, record.value) for record in registry.records(REGISTRATION_HOOKS[name])]
    assert found == REGISTERED[name]


@pytest.mark.parametrize("name", LIFE)
def test_the_example_of_a_hook_hears_of_a_real_backend(name, capsys):
    registration = plugin.register("hooks", "example", example(name))
    with registration, executing(lambda rows: [{"half": 1 / row["x"]} for row in rows]) as backend:
        backend([{"x": 1}, {"x": 2}])
        with pytest.raises(Exception, match="division"):
            backend({"x": 0})
    assert re.fullmatch(SAID[name], capsys.readouterr().out.strip())


# Hooks that go away -------------------------------------------------------------------------------------------------


@hookspec
def packflow_new(backend):
    """Stays."""


@hookspec(warn_on_impl=DeprecationWarning("packflow_old goes away: implement packflow_new"))
def packflow_old(backend):
    """Goes away."""


SPECS = types.SimpleNamespace(**vars(hookspecs), packflow_new=packflow_new, packflow_old=packflow_old)


def hearing(hook: str) -> Any:
    return types.SimpleNamespace(**{hook: hookimpl(lambda backend: None)})


def test_a_hook_that_goes_away_is_warned_of_at_the_plugins_own_line():
    manager = HookManager(SPECS)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager.add(hearing("packflow_old"), Registration("hooks", "old", None))
        manager.add(hearing("packflow_new"), Registration("hooks", "new", None))
    (warning,) = caught
    assert warning.category is DeprecationWarning
    assert "implement packflow_new" in str(warning.message)
    assert warning.filename == __file__
    assert [name for name, _ in manager.listening("packflow_old")] == ["old"]


def test_where_that_warning_is_an_error_the_plugin_is_refused_and_leaves_nothing():
    manager = HookManager(SPECS)
    with pytest.raises(PluginRegistrationError, match="DeprecationWarning: packflow_old goes away"):
        manager.add(hearing("packflow_old"), Registration("hooks", "old", None))
    assert manager.listening("packflow_old") == ()
    assert manager.get_plugins() == set()
