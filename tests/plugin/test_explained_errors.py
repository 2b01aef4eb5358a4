"""The errors that a user meets carry how the name was resolved: as an attribute, as a note, through pickle."""

from __future__ import annotations

import pickle
import sys
import traceback
import types

import pytest

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import (
    AmbiguousPluginError,
    BlockedPluginError,
    InferenceBackendLoadError,
    PackflowError,
    PluginError,
    PluginLoadError,
    PluginRegistrationError,
    PreprocessorInitError,
    UnknownPluginError,
    UnknownPreprocessorError,
)
from packflow.loaders import ModuleLoader
from packflow.plugin import api, hookimpl
from packflow.plugin.index import Index, Problem
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry

FAST = PluginRef("backend", "fast", "acme_gone:Fast", "acme", "1.0", "/site/acme-1.0.dist-info")
TWIN = FAST._replace(distribution="other", location="/site/other-1.0.dist-info")
BROKEN = Problem("gone", None, "/site/gone.dist-info", "broken", "its METADATA cannot be read", (FAST,))


def registry(*refs: PluginRef, problems=(), **settings) -> Registry:
    made = Registry(scan=lambda: Index(refs, problems), environ={})
    made.configure(**settings)
    return made


CASES = {
    "unknown": (registry(FAST), "find", "backend", "fst", UnknownPluginError),
    "ambiguous": (registry(FAST, TWIN), "find", "backend", "fast", AmbiguousPluginError),
    "blocked": (registry(FAST, deny=["acme"]), "has", "backend", "acme/fast", BlockedPluginError),
    "stale": (registry(FAST), "find", "preprocessor", "numpy", UnknownPluginError),
    "failed": (registry(FAST), "load", "backend", "FAST", PluginLoadError),
    "misdeclared": (registry(FAST._replace(problem="it is odd")), "load", "backend", "fast", PluginLoadError),
    "lost": (registry(problems=[BROKEN]), "find", "backend", "fast", UnknownPluginError),
}


@pytest.mark.parametrize("case", CASES)
def test_the_explanation_is_that_of_why(case):
    made, method, kind, name, error = CASES[case]
    with pytest.raises(error) as caught:
        getattr(made, method)(kind, name)
    explanation = caught.value.explanation
    assert explanation == made.why(kind, name).text
    assert caught.value.__notes__ == [explanation]
    assert explanation not in str(caught.value)


@pytest.mark.parametrize("case", CASES)
def test_it_survives_pickling(case):
    made, method, kind, name, error = CASES[case]
    with pytest.raises(error) as caught:
        getattr(made, method)(kind, name)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.explanation, again.__notes__, again.kind) == (
        str(caught.value),
        caught.value.explanation,
        [caught.value.explanation],
        kind,
    )


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes are printed since Python 3.11")
def test_the_stack_trace_ends_with_it():
    with pytest.raises(AmbiguousPluginError) as caught:
        registry(FAST, TWIN).find("backend", "fast")
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.rstrip().endswith(caught.value.explanation)


def test_a_failure_in_strict_mode_is_explained_for_the_hooks_plugin_that_failed():
    made = registry(PluginRef("hooks", "ears", "acme_gone", "acme", "1.0"), strict=True)
    with pytest.raises(PluginLoadError) as caught:
        made.find("backend", "fast")
    assert caught.value.explanation == made.why("hooks", "acme/ears").text
    assert "hooks 'acme/ears': means acme 1.0, which cannot be loaded" in caught.value.explanation


def test_a_hooks_plugin_that_is_refused_is_explained_too():
    made = registry(strict=True)
    sys.modules["acme_misspelt"] = types.ModuleType("acme_misspelt")
    try:
        sys.modules["acme_misspelt"].packflow_call_finishd = hookimpl(lambda: None)
        made.register("hooks", "ears", "acme_misspelt")
        with pytest.raises(PluginRegistrationError) as caught:
            made.listeners()
    finally:
        del sys.modules["acme_misspelt"]
    assert "hooks 'ears'" in caught.value.explanation


def test_telling_more_never_stands_in_the_way(monkeypatch):
    def fails(*arguments, **options):
        raise RecursionError

    made = registry(FAST, TWIN)
    monkeypatch.setattr("packflow.plugin.explain.explain", fails)
    with pytest.raises(AmbiguousPluginError) as caught:
        made.find("backend", "fast")
    assert caught.value.explanation is None
    assert not hasattr(caught.value, "__notes__")


def test_the_first_explanation_stays():
    error = PackflowError("no").explained(None).explained("one").explained("two")
    assert (error.explanation, error.__notes__) == ("one", ["one"])


@pytest.fixture
def shared(monkeypatch):
    def use(made: Registry) -> Registry:
        monkeypatch.setattr(api, "_shared", made)
        return made

    return use


@pytest.mark.parametrize("case", ["unknown", "ambiguous", "blocked", "failed", "lost"])
def test_the_loader_hands_it_on(shared, case):
    made, _, kind, name, error = CASES[case]
    shared(made)
    with pytest.raises(InferenceBackendLoadError) as caught:
        ModuleLoader(name).load()
    assert isinstance(caught.value.__cause__, error)
    assert caught.value.explanation == made.why(kind, name).text
    assert pickle.loads(pickle.dumps(caught.value)).explanation == caught.value.explanation


@pytest.mark.parametrize(
    ("refs", "settings", "error"),
    [
        ([], {}, UnknownPreprocessorError),
        ([FAST._replace(kind="preprocessor")], {"deny": ["acme"]}, PreprocessorInitError),
        ([FAST._replace(kind="preprocessor")], {}, PreprocessorInitError),
    ],
)
def test_input_format_hands_it_on(shared, refs, settings, error):
    made = shared(registry(*refs, **settings))
    with pytest.raises(error) as caught:
        get_preprocessor(BackendConfig(input_format="fast"))
    assert isinstance(caught.value.__cause__, PluginError)
    assert caught.value.explanation == made.why("preprocessor", "fast").text


def test_a_name_in_a_distribution_that_is_left_out_is_said_to_be_there():
    with pytest.raises(UnknownPluginError) as caught:
        registry(problems=[BROKEN]).find("backend", "fast")
    assert "gone at /site/gone.dist-info declares it, but is left out: its METADATA cannot be read." in str(
        caught.value
    )
    assert "entry-point group" not in str(caught.value)


@pytest.mark.parametrize(("name", "said"), [("gone", True), ("fast", False), ("gone/fast", True), ("acme/gone", False)])
def test_a_guess_is_made_only_where_the_names_are_alike(name, said):
    unreadable = BROKEN._replace(lost=None, distribution="packflow-gone" if "/" not in name else "gone")
    with pytest.raises(UnknownPluginError) as caught:
        registry(problems=[unreadable]).find("backend", name)
    assert ("may declare it" in str(caught.value)) == said
    assert ("its METADATA cannot be read" in caught.value.explanation) == (name != "acme/gone")
