"""What an error about a name that means nothing offers in its place, and what it says is kept out."""

from __future__ import annotations

import re

import pytest

from packflow.exceptions import UnknownPluginError
from packflow.plugin.registry import Registry
from tests.plugin.test_resolve import backend, preprocessor, registry
from tests.support.backends import Echo


def said(made: Registry, name: str = "echo", kind: str = "backend") -> str:
    with pytest.raises(UnknownPluginError) as caught:
        made.find(kind, name)
    return str(caught.value).partition(" If its package")[0]


@pytest.mark.parametrize(
    ("environ", "tail"),
    [
        ({}, " Available: fast, slow."),
        ({"PACKFLOW_PLUGINS": "acmee"}, " Installed, but blocked by PACKFLOW_PLUGINS: fast, slow."),
        ({"PACKFLOW_PLUGINS": "acme"}, " Available: fast. Installed, but blocked by PACKFLOW_PLUGINS: slow."),
        (
            {"PACKFLOW_PLUGINS": "acme", "PACKFLOW_DISABLE_PLUGINS": "acme"},
            " Installed, but blocked by PACKFLOW_DISABLE_PLUGINS: fast. "
            "Installed, but blocked by PACKFLOW_PLUGINS: slow.",
        ),
        ({"PACKFLOW_PLUGIN_AUTOLOAD": "0"}, " Installed, but blocked by PACKFLOW_PLUGIN_AUTOLOAD: fast, slow."),
    ],
)
def test_what_is_blocked_is_not_offered(environ: dict[str, str], tail: str) -> None:
    made = registry(backend("fast", "acme"), backend("slow", "other"), environ=environ)
    assert said(made) == f"No backend plugin is called 'echo'.{tail}"


def test_what_a_lock_keeps_out_is_not_offered() -> None:
    from packflow.plugin.locks import PluginLock

    made = registry(backend("fast", "acme"), lock=PluginLock(()))
    assert said(made).endswith(" Installed, but blocked by configure(lock=…): fast.")


def test_a_name_that_one_of_two_may_still_have_is_offered() -> None:
    made = registry(backend("fast", "acme"), backend("fast", "other"), deny=["other"])
    assert said(made).endswith("Available: fast.")


def test_a_near_name_that_is_blocked_is_said_to_be() -> None:
    text = said(registry(backend("fast", "acme"), deny=["acme/fast"]), "fasst")
    assert text.endswith(" Did you mean 'fast'? Installed, but blocked by configure(deny=…): fast.")


def test_other_kinds_are_not_listed() -> None:
    made = registry(preprocessor("tidy", "acme"), deny=["acme", "packflow/numpy"])
    assert said(made).endswith(" No backend plugin is installed.")
    text = said(made, "zzzz", "preprocessor")
    assert " Available: passthrough, records. Installed, but blocked by configure(deny=…): numpy, tidy." in text


def test_what_is_registered_directly_is_offered_whatever_is_allowed() -> None:
    made = registry(backend("fast", "acme"), allow=[])
    with made.register("backend", "mine", Echo):
        assert re.search(r" Available: mine\. Installed, but blocked by .*: fast\.$", said(made))
