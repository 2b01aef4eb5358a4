"""What is suggested for a name that means nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.plugin.published import PUBLISHED, install_command, qualified_name, requirement
from packflow.plugin.suggest import hint

KNOWN = [
    ("backend", "fast", "acme/fast"),
    ("backend", "echo", "acme/echo"),
    ("preprocessor", "records", "packflow/records"),
    ("normalizer", "records", "acme/records"),
]


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("backend", "fst", " Did you mean 'fast'?"),
        ("backend", "acme/fst", " Did you mean 'acme/fast'?"),
        ("backend", "zzzz", ""),
        (
            "backend",
            "recrods",
            " There is a preprocessor plugin called 'records'. There is a normalizer plugin called 'records'.",
        ),
        ("backend", "onnx", " It comes with packflow-onnx: pip install packflow-onnx."),
        ("backend", "Packflow_ONNX/onnx", " It comes with packflow-onnx: pip install packflow-onnx."),
        ("backend", "onx", " Did you mean 'onnx' (pip install packflow-onnx)?"),
        (
            "preprocessor",
            "onnx",
            " There is a backend plugin called 'onnx' (pip install packflow-onnx)."
            " There is a template plugin called 'onnx' (pip install packflow-onnx).",
        ),
        ("template", "onx", " Did you mean 'onnx' (pip install packflow-onnx)?"),
        ("template", "SKlearn", " It comes with packflow-sklearn: pip install packflow-sklearn."),
        ("preprocessor", "pandas", " It comes with packflow-frames: pip install 'packflow-frames[pandas]'."),
        ("backend", "flights", " It comes with packflow-flights: pip install packflow-flights."),
        (None, "fst", " There is a backend plugin called 'fast'."),
        (
            None,
            "onnx",
            " There is a backend plugin called 'onnx' (pip install packflow-onnx)."
            " There is a template plugin called 'onnx' (pip install packflow-onnx).",
        ),
        ("backend", "acme:fast", " The qualified spelling has a slash: 'acme/fast'."),
        ("backend", "a:b:c", " No name has a colon."),
        ("backend", "acme:", " No name has a colon."),
    ],
)
def test_hints(kind, name, said):
    assert hint(kind, name, KNOWN) == said


OWNED = [("backend", "heat", "acme-home/heat"), ("hooks", "watch", "acme-home/watch"), ("hooks", "own", "own/own")]


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("backend", "Acme.Home", " 'Acme.Home' is a distribution; it has the backend plugin 'heat'."),
        (
            None,
            "acme-home",
            " 'acme-home' is a distribution; it has the backend plugin 'heat' and the hooks plugin 'watch'.",
        ),
        (
            "normalizer",
            "acme-home",
            " 'acme-home' is a distribution; it has the backend plugin 'heat' and the hooks plugin 'watch'.",
        ),
        ("backend", "own", " There is a hooks plugin called 'own'."),
    ],
)
def test_a_distribution_is_answered_with_its_plugins(kind, name, said):
    assert hint(kind, name, OWNED) == said


def test_a_distribution_that_is_published_is_answered_with_how_to_install_it():
    said = " 'packflow-onnx' is a distribution; it has the backend plugin 'onnx' (pip install packflow-onnx)."
    assert hint("backend", "packflow-onnx", KNOWN) == said


def test_of_a_large_distribution_the_first_plugins_are_shown():
    said = hint("backend", "zoo", [("backend", f"model-{number}", f"zoo/model-{number}") for number in range(9)])
    assert said.startswith(
        " 'zoo' is a distribution; it has the backend plugin 'model-0', the backend plugin 'model-1', "
    )
    assert "'model-4' and 4 more." in said
    assert "'model-5'" not in said


def test_the_very_name_of_another_kind_goes_before_a_near_one():
    known = [("backend", "acme-broken", "acme-broken/acme-broken"), ("preprocessor", "acme-tokens", "acme/acme-tokens")]
    assert hint("backend", "acme-tokens", known) == " There is a preprocessor plugin called 'acme-tokens'."


def test_what_is_installed_is_suggested_without_its_package():
    installed = [("backend", "onnx", "packflow-onnx/onnx")]
    assert hint("backend", "onx", installed) == " Did you mean 'onnx'?"
    assert hint("backend", "packflow-onnx/onx", installed) == " Did you mean 'packflow-onnx/onnx'?"


def test_an_object_in_a_module_is_no_name():
    said = hint("backend", "acme.models:Fast", KNOWN)
    assert "ModuleLoader('acme.models:Fast') loads it" in said
    assert "register('backend', NAME, 'acme.models:Fast')" in said
    assert "ModuleLoader" not in hint("preprocessor", "acme.models:Fast", KNOWN)


@given(st.sampled_from([None, "backend", "preprocessor", "normalizer", "template", "hooks"]), st.text())
def test_any_text_gets_a_hint_or_none(kind, name):
    said = hint(kind, name, KNOWN)
    assert said == "" or (said[0] == " " and said[-1] in ".?")


@pytest.mark.parametrize(("place", "needed"), PUBLISHED.items())
def test_what_is_published_is_met_with_its_package(place, needed):
    kind, name = place
    assert requirement(kind, name.upper()) == needed
    assert requirement(kind, qualified_name(name, needed)) == needed
    assert requirement("hooks", name) is None
    assert install_command(needed) in hint(kind, name, [])
