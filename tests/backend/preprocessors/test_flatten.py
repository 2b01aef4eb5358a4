"""Flattening: one level of joined names."""

from __future__ import annotations

from typing import Any

import pytest

from packflow import BackendConfig
from tests.backend.preprocessors.support import one, preprocess, refusal

FLAT = {"flatten_nested_inputs": True}
LISTS = {"flatten_nested_inputs": True, "flatten_lists": True}


def test_nested_dicts_become_joined_names():
    assert one({"foo": {"bar": 0}}, **FLAT) == {"foo.bar": 0}
    assert one({"a": {"b": {"c": {"d": 1}}, "e": 2}, "f": 3}, **FLAT) == {"a.b.c.d": 1, "a.e": 2, "f": 3}


def test_the_order_of_the_record_is_kept():
    assert list(one({"z": {"y": 1, "x": 2}, "a": 3, "m": {"n": 4}}, **FLAT)) == ["z.y", "z.x", "a", "m.n"]


def test_lists_are_values_unless_they_are_asked_for():
    assert one({"foo": {"bar": [0, 1]}}, **FLAT) == {"foo.bar": [0, 1]}
    assert one({"foo": {"bar": [0, 1]}}, **LISTS) == {"foo.bar.0": 0, "foo.bar.1": 1}


def test_dicts_within_lists_are_flattened_with_them():
    assert one({"a": [{"b": 1}, [2, {"c": 3}]]}, **LISTS) == {"a.0.b": 1, "a.1.0": 2, "a.1.1.c": 3}
    assert one({"a": [{"b": 1}]}, **FLAT) == {"a": [{"b": 1}]}


def test_the_positions_of_long_lists_are_in_order():
    assert list(one({"a": list(range(12))}, **LISTS)) == [f"a.{position}" for position in range(12)]


def test_flatten_lists_alone_flattens_nothing():
    records = [{"a": [1, {"b": 2}]}]
    assert preprocess(records, flatten_lists=True) is records
    assert one({"a": {"b": [1]}, "c": 1}, flatten_lists=True, feature_names=["a"]) == {"a": {"b": [1]}}


@pytest.mark.parametrize("config", [FLAT, LISTS], ids=["dicts", "lists"])
def test_empty_dicts_and_lists_stay_as_values(config):
    assert one({"a": {}, "b": {"c": {}, "d": []}, "e": []}, **config) == {"a": {}, "b.c": {}, "b.d": [], "e": []}


def test_empty_dicts_and_lists_within_lists_stay_as_values():
    assert one({"a": [{}, [], None]}, **LISTS) == {"a.0": {}, "a.1": [], "a.2": None}


def test_tuples_and_sets_are_values():
    assert one({"a": {"b": (1, 2), "c": {3}}}, **LISTS) == {"a.b": (1, 2), "a.c": {3}}


def test_none_and_false_values_are_kept():
    assert one({"a": {"b": None, "c": False, "d": 0, "e": ""}}, **FLAT) == {
        "a.b": None,
        "a.c": False,
        "a.d": 0,
        "a.e": "",
    }


def test_an_empty_record_stays_empty():
    assert one({}, **FLAT) == {}


@pytest.mark.parametrize("delimiter", [":", "__", "->", "é", " ", "ab", "\n"])
def test_the_delimiter_can_be_chosen(delimiter):
    flattened = one({"foo": {"bar": {"baz": 1}}}, nested_field_delimiter=delimiter, **FLAT)
    assert flattened == {f"foo{delimiter}bar{delimiter}baz": 1}


def test_two_leaves_that_would_get_one_name_are_an_error_that_names_it():
    error = refusal([{"x": 1}, {"a": {"b": 1}, "a.b": 2}], **FLAT)
    assert "'a.b'" in str(error)
    assert "row 1" in str(error)
    assert error.row == 1


def test_doubled_names_are_an_error_even_if_their_values_are_equal():
    assert "'a.b'" in str(refusal([{"a": {"b": 1}, "a.b": 1}], **FLAT))


def test_a_list_position_and_a_key_may_double_a_name():
    record = {"a": {"b": [1]}, "a.b": {"0": 2}}
    assert "'a.b.0'" in str(refusal([record], **LISTS))
    assert one(record, **FLAT) == {"a.b": [1], "a.b.0": 2}


def test_doubled_names_that_are_not_selected_do_no_harm():
    record = {"a": {"b": 1}, "a.b": 2, "c": 3}
    assert one(record, feature_names=["c"], **FLAT) == {"c": 3}
    assert "'a.b'" in str(refusal([record], feature_names=["a"], **FLAT))
    assert "'a.b'" in str(refusal([record], feature_names=["a.b"], **FLAT))


def test_doubled_names_of_which_a_rename_overwrites_both_do_no_harm():
    assert one({"a": {"b": 1}, "a.b": 2, "c": 3}, rename_fields={"c": "a.b"}, **FLAT) == {"a.b": 3}


def test_ignoring_collisions_does_not_let_doubled_names_through():
    error = refusal([{"a": {"b": 1}, "a.b": 2}], ignore_delimiter_collisions=True, **FLAT)
    assert "'a.b'" in str(error)


def test_a_literal_key_with_the_delimiter_is_a_name_like_any_other():
    assert one({"a.b": 1, "a": {"c": 2}}, **FLAT) == {"a.b": 1, "a.c": 2}
    assert one({"a.b": 1, "c": 2}, feature_names=["a.b"], **FLAT) == {"a.b": 1}


def test_flat_records_come_out_equal_but_not_the_same():
    record = {"a": 1}
    flattened = one(record, **FLAT)
    assert flattened == record
    assert flattened is not record


def test_the_example_of_nested_delimiters_in_a_configuration():
    config = {
        "flatten_nested_inputs": True,
        "nested_field_delimiter": ":",
        "rename_fields": {"foo:bar": "feature_1", "fizz:buzz": "feature_2"},
        "feature_names": ["feature_1", "feature_2"],
    }
    assert one({"foo": {"bar": 0, "baz": [1]}, "fizz": {"buzz": 2}}, **config) == {"feature_1": 0, "feature_2": 2}


def test_an_empty_delimiter_is_refused_before_any_record_comes():
    with pytest.raises(ValueError, match="nested_field_delimiter"):
        BackendConfig(nested_field_delimiter="")


def test_an_empty_dict_into_which_a_field_is_renamed_is_a_value_no_longer():
    renamed = {"rename_fields": {"x": "a.b"}, **FLAT}
    assert one({"a": {}, "x": 1}, **renamed) == {"a.b": 1}
    assert one({"a": {}}, **renamed) == {"a": {}}


@pytest.mark.parametrize("form", ["records", "numpy"])
@pytest.mark.parametrize("renames", [{}, {"p": "q"}], ids=["as is", "renamed"])
def test_what_no_name_leads_to_is_not_looked_at(form, renames):
    beside: dict[str, Any] = {1: 2}
    beside["itself"] = beside
    record = {"a": {"b": 1, "beside": beside}, "beside": beside, "list": [beside]}
    config = {"flatten_nested_inputs": True, "flatten_lists": True, "rename_fields": renames, "input_format": form}
    result = preprocess([record], feature_names=["a.b"], **config)
    assert list(result) == ([{"a.b": 1}] if form == "records" else [[1]])
    assert refusal([record], feature_names=["a"], **config).row == 0
