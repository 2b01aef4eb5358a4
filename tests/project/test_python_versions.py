"""What ``python_version`` means, as people write it."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from packflow.project.python_versions import as_specifier, fits, running_version


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("3.10", ["3.10.0", "3.10.14"], ["3.1.0", "3.1.10", "3.11.0", "3.9.18", "4.0.0"]),
        ("3.1", ["3.1.5"], ["3.10.0", "3.11.0"]),
        ("3", ["3.10.0", "3.13.1"], ["2.7.18", "4.0.0"]),
        ("3.11.7", ["3.11.7", "3.11.9"], ["3.11.6", "3.12.0", "3.10.14"]),
        ("3.11.*", ["3.11.0"], ["3.12.0"]),
        ("3.11.x", ["3.11.0"], ["3.12.0"]),
        ("3.x", ["3.10.0"], ["4.0.0"]),
        (">=3.10", ["3.10.0", "3.14.0"], ["3.9.18"]),
        (" >= 3.10 , < 3.13 ", ["3.12.9"], ["3.13.0", "3.9.0"]),
        ("==3.11.7", ["3.11.7"], ["3.11.8"]),
        ("~=3.10", ["3.10.0", "3.13.0"], ["4.0.0"]),
        ("!=3.11.*", ["3.10.0", "3.12.0"], ["3.11.3"]),
        ("3.13.0rc1", ["3.13.0", "3.13.1"], ["3.12.9", "3.14.0"]),
        ("", ["3.10.0", "2.7.0"], []),
    ],
)
def test_which_pythons_are_meant(written, inside, outside):
    specifier = as_specifier(written)

    assert [version for version in inside if not fits(specifier, version)] == []
    assert [version for version in outside if fits(specifier, version)] == []


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("3.10+", "'>=3.10'"),
        ("^3.10", "'>=3.10,<4'"),
        (">=3.10 <4", "comma"),
        ("python3.10", ""),
        ("three", ""),
        ("3.10 - 3.12", ""),
        ("3,10", ""),
        (">=", ""),
        ("=>3.10", ""),
        ("\u0663.\u0661\u0660", ""),
        ("9" * 5000, "too long"),
        ("3." + "9" * 5000, "too long"),
    ],
)
def test_what_is_no_version_is_refused(written, remedy):
    with pytest.raises(ValueError) as caught:
        as_specifier(written)

    assert remedy in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_a_specifier_means_itself():
    assert as_specifier(as_specifier("3.10")) == as_specifier("3.10")


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_bare_version_means_that_version(major, minor):
    specifier = SpecifierSet(as_specifier(f"{major}.{minor}"))

    assert specifier.contains(f"{major}.{minor}.0")
    assert not specifier.contains(f"{major}.{minor + 1}.0")
    assert not specifier.contains(f"{major}.{minor}0.0") or minor == 0


def test_the_running_version_has_three_numbers():
    assert running_version() == ".".join(str(part) for part in sys.version_info[:3])
    assert fits(f"=={running_version()}", running_version())
