"""Which class the plugin of a project derives from, where that is an installed one."""

from __future__ import annotations

import pytest

from packflow import plugin
from packflow.exceptions import ScaffoldError
from packflow.plugin.refs import PluginRef
from packflow.project.config import ProjectConfig
from packflow.project.plugins.bases import Base, installed_base
from tests.support.backends import Echo


def config(target: str) -> ProjectConfig:
    return ProjectConfig(name="prices", version="1.0", loader="module", inference_backend=target)


def test_a_module_and_its_object_are_it() -> None:
    assert installed_base(config("acme.models:Outer.Fast")) == Base("acme.models", "Outer.Fast")


def test_of_a_name_it_is_what_the_metadata_say_and_that_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    ref = PluginRef("backend", "fast", "acme.models:Fast", "acme-fast", "2.1")
    monkeypatch.setattr(plugin, "find", lambda kind, name: {("backend", "acme-fast/fast"): ref}[kind, name])
    assert installed_base(config("acme-fast/fast")) == Base("acme.models", "Fast", "acme-fast>=2.1")


def test_a_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(ScaffoldError, match="no-such-backend"):
        installed_base(config("no-such-backend"))


def test_what_running_code_registers_is_refused() -> None:
    with plugin.register("backend", "fast-echo", Echo), pytest.raises(ScaffoldError, match="in no package's metadata"):
        installed_base(config("fast-echo"))
