"""Every hook is documented, with an example that is a right implementation of it."""

from __future__ import annotations

import inspect
import types

import pytest

from packflow.plugin import hookspecs
from packflow.plugin.index import Index
from packflow.plugin.manager import REGISTRATION_HOOKS
from packflow.plugin.registry import Registry

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("packflow_"))


def example(name: str) -> str:
    """Give the code of a hook's example, without its prompts."""
    lines = inspect.getdoc(getattr(hookspecs, name)).splitlines()
    return "\n".join(line.strip()[4:] for line in lines if line.strip().startswith((">>> ", "... ")))


def test_there_are_hooks_for_registration_and_for_the_life_of_a_backend():
    assert set(HOOKS) == {
        *REGISTRATION_HOOKS,
        "packflow_backend_initialized",
        "packflow_call_finished",
        "packflow_call_failed",
    }


@pytest.mark.parametrize("name", HOOKS)
def test_every_argument_is_documented(name):
    documentation = inspect.getdoc(getattr(hookspecs, name))
    for argument in inspect.signature(getattr(hookspecs, name)).parameters:
        assert f"{argument}: " in documentation.partition("Args:")[2]


@pytest.mark.parametrize("name", HOOKS)
def test_the_example_is_accepted_and_runs(name, capsys):
    plugin = types.ModuleType("acme_example")
    exec(example(name), vars(plugin))
    del plugin.hookimpl
    registry = Registry(scan=Index, environ={})
    registry.register("hooks", "example", plugin)
    if name in REGISTRATION_HOOKS:
        assert [record.kind for record in registry.records(REGISTRATION_HOOKS[name])]
        return
    arguments = {
        "backend": object(),
        "metrics": types.SimpleNamespace(batch_size=3, total_execution_time=1.5),
        "step": "execute",
        "error": ValueError("x"),
    }
    listeners = registry.listeners()
    tell = getattr(listeners, name.replace("packflow_", "notify_"))
    tell(**{argument: arguments[argument] for argument in inspect.signature(tell).parameters})
    assert capsys.readouterr().out
