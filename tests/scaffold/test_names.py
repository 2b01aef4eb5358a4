"""Which names are taken, which are refused, and what a refusal says."""

from __future__ import annotations

import keyword
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name, is_normalized_name

from packflow.exceptions import ScaffoldError
from packflow.scaffold.names import check_distribution, check_package, class_stem, package_of
from tests.scaffold.strategies import distribution_names, usable_names


def refused(name: str) -> str | None:
    try:
        check_distribution(name)
    except ScaffoldError as error:
        return str(error)
    return None


@given(distribution_names)
def test_every_name_that_packaging_knows_is_a_distributions(name: str) -> None:
    check_distribution(name)
    assert is_normalized_name(canonicalize_name(name, validate=True))


@given(st.text())
@example("acme\n")
@example("ſk")  # noqa: RUF001  # letters that are A to Z only where case is ignored
@example("-acme")
@example("acme.")
@example("..")
@example("")
def test_what_is_refused_comes_with_a_name_that_is_not(name: str) -> None:
    told = refused(name)
    if told is None:
        assert is_normalized_name(canonicalize_name(name, validate=True))
    elif "Take " in told:
        check_distribution(told.rpartition("Take '")[2].partition("'")[0])


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("my plugin", "my-plugin"), ("Wörter", "Worter"), ("acme/words", "acme-words"), ("@acme!", "acme")],
)
def test_a_near_name_is_suggested(name: str, suggestion: str) -> None:
    assert f"Take '{suggestion}', for example." in (refused(name) or "")


@pytest.mark.parametrize("name", ["../acme", "/srv/acme", "here\\acme"])
def test_a_path_is_no_name_and_the_refusal_says_where_it_belongs(name: str) -> None:
    assert "--directory" in (refused(name) or "")


def test_where_nothing_is_left_nothing_is_suggested() -> None:
    assert "Take" not in (refused("日本") or "")


@given(usable_names)
def test_the_package_of_a_name_is_an_identifier_and_so_are_its_classes(name: str) -> None:
    package = package_of(name)
    check_package(package, "the name")
    assert package.isidentifier()
    assert package == package_of(canonicalize_name(name))  # every spelling of a name has one package
    assert class_stem(package).isidentifier()
    assert not keyword.iskeyword(class_stem(package) + "Backend")


@pytest.mark.parametrize(
    ("package", "told"),
    [
        ("3d", "no name for a module"),
        ("a-b", "no name for a module"),
        ("a.b", "no name for a module"),
        ("_a", "no name for a module"),
        ("größe", "no name for a module"),
        ("", "no name for a module"),
        ("class", "a keyword"),
        ("None", "a keyword"),
        ("json", "a module of Python's standard library"),
        ("packflow", "the name of packflow itself"),
        ("tests", "the name of the folder of the tests"),
    ],
)
def test_a_package_that_cannot_be_is_refused_with_where_it_came_from(package: str, told: str) -> None:
    with pytest.raises(ScaffoldError) as caught:
        check_package(package, "the name 'x'")
    assert all(text in str(caught.value) for text in (repr(package), told, "from the name 'x'", "--package"))


@given(st.sampled_from(sorted(sys.stdlib_module_names | set(keyword.kwlist))))
def test_no_package_hides_the_standard_library(package: str) -> None:
    with pytest.raises(ScaffoldError):
        check_package(package, "here")
