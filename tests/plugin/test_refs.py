from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importlib_metadata import Distribution, EntryPoint

from packflow.plugin.kinds import fold, name_key, name_problem
from packflow.plugin.refs import PluginRef, import_value, parse_entry_points, parse_value

parts = st.lists(st.sampled_from(["acme", "fast", "_x", "A1"]), min_size=1, max_size=3).map(".".join)


@given(parts, st.one_of(st.just(""), parts), st.sampled_from(["", " ", "  "]), st.sampled_from(["", "[extra]"]))
def test_values_are_read_as_packaging_reads_them(module, attribute, space, extras):
    value = f"{module}{space}:{space}{attribute}{space}{extras}" if attribute else f"{module}{space}{extras}"
    expected = EntryPoint(name="x", group="y", value=value)
    assert parse_value(value) == (expected.module, expected.attr or "")


lines = st.one_of(
    st.sampled_from(["", "# comment", "[packflow.backends]", " [packflow.plugins] ", "[other]", "[]"]),
    st.builds("{} = {}".format, st.sampled_from(["a", "A b", "", "x.y"]), st.sampled_from(["m:o", "m", "m:o[x]"])),
    st.just("a=m:o"),
)


@given(st.lists(lines, max_size=8).map("\n".join))
def test_entry_points_are_read_as_packaging_reads_them(text):
    class Made(Distribution):
        def read_text(self, filename):
            return text

        def locate_file(self, path):
            return path

    groups = {"packflow.backends", "packflow.plugins"}
    expected = [(found.group, found.name, found.value) for found in Made().entry_points if found.group in groups]
    assert parse_entry_points(text, groups) == expected


def test_a_line_that_is_no_entry_is_named_and_other_groups_do_not_matter():
    assert parse_entry_points("[other]\nno entry\n[mine]\na = b:c", {"mine"}) == [("mine", "a", "b:c")]
    with pytest.raises(ValueError, match="line 2 is 'no entry'"):
        parse_entry_points("[mine]\nno entry", {"mine"})


@pytest.mark.parametrize("value", ["", ":", "a:", ":b", "a b", "a:b:c", "a-b:c", "not a module!", "a:b c", ".a:b"])
def test_what_is_no_value_is_none(value):
    assert parse_value(value) is None
    with pytest.raises(ValueError, match="not of the form"):
        import_value(value)


@given(st.text(alphabet="aB1-_.", min_size=1, max_size=8))
def test_folding_twice_changes_nothing_and_case_and_separators_do_not_count(name):
    assert fold(fold(name)) == fold(name)
    assert fold(name.upper()) == fold(name)
    assert fold(name.replace("_", "-").replace(".", "-")) == fold(name)


@given(st.text())
def test_names_of_normalizers_are_compared_as_they_are(name):
    assert name_key("normalizer", name) == name


@given(st.text(max_size=6))
def test_a_name_may_be_anything_that_a_spelling_does_not_need(name):
    assert (name_problem(name) is None) == (bool(name.strip()) and "/" not in name and ":" not in name)


@pytest.mark.parametrize(("distribution", "expected"), [("packflow", True), ("Packflow", True), ("packflow-x", False)])
def test_built_ins_are_those_of_packflow(distribution, expected):
    assert PluginRef("backend", "x", "a:b", distribution, "1.0").built_in is expected
