"""Near names for error messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.utils.nearest import did_you_mean, nearest

KNOWN = ["feature_names", "flatten_lists", "flatten_nested_inputs", "input_format", "rename_fields", "verbose"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("feature_name", "feature_names"),
        ("FEATURE_NAMES", "feature_names"),
        ("featurenames", "feature_names"),
        ("verbos", "verbose"),
        ("flatten_list", "flatten_lists"),
        ("renam_fields", "rename_fields"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_is_found(name: str, meant: str | None) -> None:
    assert nearest(name, KNOWN) == meant


def test_known_names_are_given_as_they_are_spelt() -> None:
    assert nearest("myplugin", ["MyPlugin", "other"]) == "MyPlugin"


def test_names_that_differ_in_case_alone_are_told_apart_the_same_way_each_time() -> None:
    assert nearest("feature", ["FEATURES", "features"]) == nearest("feature", ["features", "FEATURES"])


def test_nothing_known_is_nothing_near() -> None:
    assert nearest("verbose", []) is None
    assert did_you_mean("verbose", []) == ""


def test_the_question_begins_with_a_space() -> None:
    assert did_you_mean("verbos", KNOWN) == " Did you mean 'verbose'?"
    assert did_you_mean("zzz", KNOWN) == ""


def test_the_cutoff_says_how_alike_two_names_must_be() -> None:
    assert nearest("verbos", KNOWN, cutoff=0.9) == "verbose"
    assert nearest("verb", KNOWN, cutoff=0.9) is None


@given(
    name=st.text("abAB_", max_size=6),
    known=st.lists(st.text("abAB_", min_size=1, max_size=6), unique=True),
    order=st.randoms(),
)
def test_the_answer_is_known_and_does_not_hang_on_order(name: str, known: list[str], order: object) -> None:
    answer = nearest(name, known)
    assert answer is None or answer in known
    shuffled = list(known)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert nearest(name, shuffled) == answer
    assert nearest(name, set(known)) == answer


@given(known=st.lists(st.text("ab_", min_size=3, max_size=8), min_size=1, unique=True))
def test_a_known_name_is_its_own_nearest(known: list[str]) -> None:
    assert all(nearest(name, known) == name for name in known)
