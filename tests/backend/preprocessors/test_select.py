"""Selecting: what is named gets through, in the order in which it is named."""

from __future__ import annotations

import pytest

from tests.backend.preprocessors.support import one, preprocess

FLAT = {"flatten_nested_inputs": True}
BOTH = pytest.mark.parametrize("config", [{}, FLAT], ids=["nested", "flat"])


@BOTH
def test_only_what_is_named_gets_through(config):
    assert one({"a": 1, "b": 2, "c": 3}, feature_names=["b"], **config) == {"b": 2}


@BOTH
def test_the_order_is_that_of_the_names(config):
    selected = one({"a": 1, "b": 2, "c": 3}, feature_names=["c", "a", "b"], **config)
    assert list(selected.items()) == [("c", 3), ("a", 1), ("b", 2)]


@BOTH
def test_a_name_that_does_not_exist_is_left_out_silently(config, logs):
    assert one({"a": 1}, feature_names=["x", "a", "p.q", "a.b"], **config) == {"a": 1}
    assert [line for line in logs if line.level not in ("DEBUG", "INFO")] == []


@BOTH
def test_a_record_without_any_of_the_names_becomes_empty(config):
    assert preprocess([{"a": 1}, {}, {"b": 2}], feature_names=["b"], **config) == [{}, {}, {"b": 2}]


@BOTH
@pytest.mark.parametrize("value", [None, False, 0, "", [], {}, float("inf")])
def test_a_key_that_exists_is_kept_whatever_its_value(config, value):
    assert one({"a": value, "n": {"v": value}}, feature_names=["a", "n.v"], **config) == (
        {"a": value, "n.v": value} if config else {"a": value, "n": {"v": value}}
    )


@BOTH
def test_a_name_given_twice_selects_once(config):
    assert list(one({"a": 1, "b": 2}, feature_names=["a", "b", "a"], **config)) == ["a", "b"]


def test_a_path_is_reached_and_its_structure_kept():
    assert one({"a": {"b": 10}, "x": 5}, feature_names=["a.b", "x"]) == {"a": {"b": 10}, "x": 5}
    assert one({"a": {"b": 10, "c": 1}, "x": 5, "y": 6}, feature_names=["x", "a.b"]) == {"x": 5, "a": {"b": 10}}


def test_paths_into_one_dict_come_out_together_in_the_order_of_the_names():
    record = {"a": {"p": 1, "q": {"r": 2, "s": 3}, "t": 4}, "z": 5}
    selected = one(record, feature_names=["a.q.s", "z", "a.p"])
    assert selected == {"a": {"q": {"s": 3}, "p": 1}, "z": 5}
    assert list(selected) == ["a", "z"]
    assert list(selected["a"]) == ["q", "p"]


def test_a_path_that_ends_at_an_inner_node_brings_all_of_it():
    record = {"a": {"b": {"c": 1, "d": [2]}, "e": 3}}
    assert one(record, feature_names=["a.b"]) == {"a": {"b": {"c": 1, "d": [2]}}}
    assert one(record, feature_names=["a"]) == record


@pytest.mark.parametrize("names", [["a", "a.b"], ["a.b", "a"]])
def test_a_node_and_a_leaf_in_it_give_the_whole_node(names):
    assert one({"a": {"b": 1, "c": 2}, "d": 3}, feature_names=names) == {"a": {"b": 1, "c": 2}}


def test_a_path_through_something_that_is_no_dict_leads_nowhere():
    records = [{"a": 1}, {"a": None}, {"a": "b"}, {"a": ["b"]}, {"a": {"b": {}}}]
    assert preprocess(records, feature_names=["a.b.c"]) == [{}] * 5


def test_with_flattening_an_inner_node_selects_all_the_leaves_under_it():
    record = {"a": {"b": {"c": 1, "d": 2}, "e": 3}, "f": 4}
    assert one(record, feature_names=["f", "a.b"], **FLAT) == {"f": 4, "a.b.c": 1, "a.b.d": 2}
    assert list(one(record, feature_names=["f", "a"], **FLAT)) == ["f", "a.b.c", "a.b.d", "a.e"]


def test_with_flattening_a_leaf_before_its_node_comes_first():
    record = {"a": {"b": 1, "c": 2}}
    assert list(one(record, feature_names=["a.c", "a"], **FLAT)) == ["a.c", "a.b"]


def test_with_flattened_lists_a_list_is_an_inner_node():
    lists = {"flatten_nested_inputs": True, "flatten_lists": True}
    assert one({"a": [1, 2], "b": [3]}, feature_names=["b", "a.1"], **lists) == {"b.0": 3, "a.1": 2}
    assert one({"a": [1, 2], "b": [3]}, feature_names=["a"], **lists) == {"a.0": 1, "a.1": 2}


def test_a_node_is_not_every_name_that_begins_like_it():
    assert one({"a": {"b": 1}, "ab": 2, "a_": {"c": 3}}, feature_names=["a"], **FLAT) == {"a.b": 1}


def test_a_key_that_ends_as_the_delimiter_begins_is_still_a_node():
    config = {"nested_field_delimiter": "__", **FLAT}
    record = {"price_": {"eur": 1}, "q": 2}
    assert one(record, **config) == {"price___eur": 1, "q": 2}
    assert one(record, feature_names=["price_"], **config) == {"price___eur": 1}
    assert one(record, rename_fields={"price_": "cost"}, **config) == {"cost__eur": 1, "q": 2}


def test_a_new_name_is_selected_after_a_rename():
    config = {"rename_fields": {"other_field": "feature_0", "number": "feature_1"}}
    record = {"number": 0, "other_field": 1, "left": 2}
    selected = one(record, feature_names=["feature_0", "feature_1"], **config)
    assert list(selected.items()) == [("feature_0", 1), ("feature_1", 0)]
