from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from packflow.plugin.versions import version_key

numbers = st.integers(0, 12).map(str)
versions = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "v", "1!"]),
        st.lists(numbers, min_size=1, max_size=4).map(".".join),
        st.one_of(
            st.just(""),
            st.builds(
                "{}{}{}".format,
                st.sampled_from(["", ".", "-", "_"]),
                st.sampled_from(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"]),
                numbers,
            ),
        ),
        st.one_of(
            st.just(""), st.builds("{}{}".format, st.sampled_from([".post", "-", "post", ".rev", "-r"]), numbers)
        ),
        st.one_of(st.just(""), st.builds(".dev{}".format, numbers)),
        st.one_of(st.just(""), st.sampled_from(["+local", "+1", "+cu118", "+ubuntu.1", "+1.a"])),
    ),
)


@given(versions, versions)
def test_versions_compare_as_packaging_compares_them(one, other):
    assert (version_key(one) < version_key(other)) == (Version(one) < Version(other))
    assert (version_key(one) == version_key(other)) == (Version(one) == Version(other))


@given(st.text(), st.text())
def test_any_texts_can_be_compared(one, other):
    assert sorted([one, other], key=version_key) == sorted([other, one], key=version_key) or version_key(
        one
    ) == version_key(other)


def test_what_is_no_version_comes_first():
    assert sorted(["0.dev0", "main", "", "1.0"], key=version_key) == ["", "main", "0.dev0", "1.0"]


def test_numbers_that_python_refuses_to_read_are_no_versions():
    endless = "9" * 5000
    assert max(["1.0", endless, f"1.0+{endless}"], key=version_key) == "1.0"
