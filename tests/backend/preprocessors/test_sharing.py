"""The caller's records are left alone, and what comes out shares no dict with them."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import PreprocessorRuntimeError
from tests.backend.preprocessors.support import names_with, one, preprocess, records_of, renames_with, rule

RECORD = {"a": {"b": {"c": 1}, "d": [1, {"e": 2}]}, "x": {}, "y": {"z": {}}}
CONFIGS = pytest.mark.parametrize(
    "config",
    [
        {"rename_fields": {"x": "w"}},
        {"rename_fields": {"a": "w"}},
        {"rename_fields": {"a.b": "w.v"}},
        {"rename_fields": {"a": "w", "a.b": "v"}},
        {"rename_fields": {"a": "a.a"}},
        {"feature_names": ["a", "x", "y"]},
        {"feature_names": ["a.b", "x", "y.z"]},
        {"feature_names": ["a", "a.b"]},
        {"flatten_nested_inputs": True},
        {"flatten_nested_inputs": True, "flatten_lists": True},
        {"flatten_nested_inputs": True, "feature_names": ["a.d", "x", "y"]},
        {"flatten_nested_inputs": True, "rename_fields": {"x": "w"}},
        {"feature_names": ["a", "x"], "ignore_delimiter_collisions": True},
        {"rename_fields": {"a.b": "w"}, "ignore_delimiter_collisions": True},
    ],
    ids=str,
)


def dicts_of(node: Any) -> list[dict[Any, Any]]:
    """List the dicts that are reached through dicts; what is within a list is the list's."""
    if not isinstance(node, dict):
        return []
    return [node, *(found for value in node.values() for found in dicts_of(value))]


@CONFIGS
def test_records_are_not_modified(config):
    record = deepcopy(RECORD)
    one(record, **config)
    assert record == RECORD


@CONFIGS
def test_no_dict_is_shared(config):
    record = deepcopy(RECORD)
    given_dicts = {id(found) for found in dicts_of(record)}
    result = one(record, **config)
    assert given_dicts.isdisjoint(id(found) for found in dicts_of(result))


@CONFIGS
def test_changing_a_result_changes_neither_the_record_nor_the_next_result(config):
    record = deepcopy(RECORD)
    first = one(record, **config)
    untouched = deepcopy(first)
    for found in dicts_of(first):
        found["added"] = 1
    assert record == RECORD
    assert one(record, **config) == untouched


def test_a_dict_that_is_reached_twice_is_two_dicts():
    record = {"a": {"b": 1}}
    result = one(record, rename_fields={"a": "x", "a.b": "y"})
    assert result == {"x": {"b": 1}, "y": 1}
    inner = {"b": {"c": 1}}
    result = one({"a": inner}, rename_fields={"a": "x", "a.b": "y"})
    assert result["y"] is not result["x"]["b"]


def test_the_rows_of_a_batch_share_no_dict_with_each_other():
    shared = {"b": 1}
    first, second = preprocess([{"a": shared}, {"a": shared}], feature_names=["a"])
    assert first["a"] is not second["a"]


def test_values_that_are_no_dicts_are_handed_on_as_they_are():
    value = [object()]
    assert one({"a": {"b": value}}, feature_names=["a.b"])["a"]["b"] is value
    assert one({"a": {"b": value}}, rename_fields={"a.b": "c"})["c"] is value
    assert one({"a": {"b": value}}, flatten_nested_inputs=True)["a.b"] is value


@pytest.mark.parametrize("input_format", ["records", "passthrough"])
def test_nothing_configured_hands_records_through_untouched(input_format):
    records = [{"a": {"b.c": 1}, 5: 2}]
    assert preprocess(records, input_format=input_format) is records


@pytest.mark.parametrize("config", [{}, {"rename_fields": {"x": "w"}}, {"ignore_delimiter_collisions": True}], ids=str)
def test_the_cells_of_an_array_share_no_dict_either(config):
    record = deepcopy(RECORD)
    array = preprocess([record], input_format="numpy", feature_names=["a.b", "y", "w"], **config)
    for cell in array[0]:
        for found in dicts_of(cell):
            found["added"] = 1
    assert array[0, 0] == {"c": 1, "added": 1}
    assert record == RECORD


@pytest.mark.parametrize(
    "config",
    [
        {"feature_names": ["a.b.c", "q", "p.q"]},
        {"rename_fields": {"a.b.c": "x", "q": "r"}},
        {"rename_fields": {"p": "a.q.r"}},
        {"flatten_nested_inputs": True, "feature_names": ["a.b.c", "q"]},
        {"feature_names": ["a.b.c"], "ignore_delimiter_collisions": True},
        {"input_format": "numpy", "feature_names": ["a.b.c", "q"]},
    ],
    ids=str,
)
def test_looking_into_a_defaultdict_gives_it_no_keys(config):
    record = defaultdict(dict, {"a": defaultdict(dict, {"z": 1}), "p": 2})
    preprocess([record], **config)
    assert record == {"a": {"z": 1}, "p": 2}


def test_kinds_of_dict_are_read_like_dicts_and_come_out_plain():
    record = OrderedDict(a=OrderedDict(b=1), c=defaultdict(list, d=2))
    result = one(record, feature_names=["a.b", "c"])
    assert result == {"a": {"b": 1}, "c": {"d": 2}}
    assert {type(found) for found in dicts_of(result)} == {dict}
    assert one(record, flatten_nested_inputs=True) == {"a.b": 1, "c.d": 2}


@rule
@given(
    records_of(),
    renames_with("."),
    st.lists(names_with("."), max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_whatever_is_configured_the_record_stays_and_no_dict_is_shared(record, renames, names, flat, ignore):
    config = {
        "rename_fields": renames,
        "feature_names": names,
        "flatten_nested_inputs": flat,
        "ignore_delimiter_collisions": ignore,
    }
    before, given_dicts = deepcopy(record), {id(found) for found in dicts_of(record)}
    try:
        result = one(record, **config)
    except PreprocessorRuntimeError:
        result = {}
    assert record == before
    if renames or names or flat:
        assert given_dicts.isdisjoint(id(found) for found in dicts_of(result))
