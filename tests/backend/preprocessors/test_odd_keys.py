"""Keys that nobody expects."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.backend.preprocessors.support import one, preprocess, refusal


class Field(str, Enum):
    """Text keys with a type of their own."""

    AREA = "area"


@pytest.mark.parametrize("key", [1, None, True, 2.5, ("a", "b"), b"a", frozenset()])
def test_keys_that_are_no_strings_are_plain_keys(key):
    record = {key: 1, "a": 2, "n": {key: 3, "m": 4}}
    assert one(record, rename_fields={"a": "b"}) == {key: 1, "b": 2, "n": {key: 3, "m": 4}}
    assert one(record, rename_fields={"n.m": "b"}) == {key: 1, "a": 2, "n": {key: 3}, "b": 4}
    assert one(record, feature_names=["n"]) == {"n": {key: 3, "m": 4}}
    assert one(record, feature_names=["n.m", "a"]) == {"n": {"m": 4}, "a": 2}
    assert preprocess([record], input_format="numpy", feature_names=["n.m", "a"]).tolist() == [[4, 2]]


@pytest.mark.parametrize("key", [1, None, True, 2.5, ("a", "b"), b"a"])
@pytest.mark.parametrize("nested", [False, True])
def test_keys_that_are_no_strings_cannot_be_flattened(key, nested):
    record = {"a": {key: 1}} if nested else {key: 1}
    error = refusal([{}, record], flatten_nested_inputs=True)
    assert repr(key) in str(error)
    assert type(key).__name__ in str(error)
    assert error.row == 1


@pytest.mark.parametrize("key", [1, None, ("a", "b"), "a.b.c", "x.y"])
def test_keys_beside_those_that_lead_to_a_cell_make_no_difference(key):
    record = {key: {"c": 1, "d": 2}, "a": {"b": 3, key: 4}}
    array = preprocess([record] * 2, input_format="numpy", feature_names=["a.b"], flatten_nested_inputs=True)
    assert array.tolist() == [[3], [3]]


@pytest.mark.parametrize(
    ("record", "lists"),
    [
        ({"a": {"b": {"c": 1}}, "a.b": {"c": 2}}, False),
        ({"a": {"b": {"c": 1}, "b.c": 2}}, False),
        ({"a": {"b": {"c": 1}}, "a.b.c": {}}, False),
        ({"a.b": {"c": 1}, "a.b.c": 2}, False),
        ({"a": {"b": {"c": 1}}, "a.b": {"c": []}}, True),
    ],
)
def test_a_second_leaf_of_a_cells_name_is_refused(record, lists):
    settings = {"feature_names": ["a.b.c"], "flatten_nested_inputs": True, "flatten_lists": lists}
    error = refusal([{"a": {"b": {"c": 1}}}, record], input_format="numpy", **settings)
    assert "would both be called 'a.b.c'" in str(error)
    assert error.row == 1


@pytest.mark.parametrize(("name", "value"), [("a.0", 5), ("a.1.b", 6), ("a.2", None), ("a.00", None), ("a.-1", None)])
def test_positions_are_spelt_in_one_way(name, value):
    settings = {"input_format": "numpy", "flatten_nested_inputs": True, "flatten_lists": True}
    array = preprocess([{"a": [5, {"b": 6}]}], feature_names=[name], numpy_dtype="object", **settings)
    assert array.tolist() == [[value]]


def test_a_number_is_not_the_text_that_spells_it():
    assert one({1: "number", "1": "text"}, feature_names=["1"]) == {"1": "text"}
    assert one({1: "number"}, rename_fields={"1": "x"}) == {1: "number"}


def test_the_empty_string_is_a_name():
    assert one({"": 1, "a": 2}, rename_fields={"": "x"}) == {"x": 1, "a": 2}
    assert one({"": 1, "a": 2}, rename_fields={"a": ""}) == {"": 2}
    assert one({"": 1, "a": 2}, feature_names=[""]) == {"": 1}
    assert one({"": {"": {"b": 1}}}, flatten_nested_inputs=True) == {"..b": 1}


def test_empty_steps_of_a_path_are_empty_keys():
    record = {"a": {"": {"b": 1}}, "": {"c": 2, "": 3}}
    assert one(record, feature_names=["a..b"]) == {"a": {"": {"b": 1}}}
    assert one(record, feature_names=[".c"]) == {"": {"c": 2}}
    assert one(record, feature_names=["."]) == {"": {"": 3}}
    assert one(record, rename_fields={"a.": "x"}) == {"x": {"b": 1}, "": {"c": 2, "": 3}}
    assert one(record, feature_names=["a."], flatten_nested_inputs=True) == {"a..b": 1}
    assert one(record, rename_fields={"": "x"}, flatten_nested_inputs=True) == {"a..b": 1, "x.c": 2, "x.": 3}


def test_a_key_that_is_the_delimiter_is_in_doubt_like_any_that_contains_it():
    assert "['.']" in str(refusal([{".": 1}], feature_names=["a.b"]))
    assert "['.']" in str(refusal([{".": 1}], feature_names=["."]))
    assert one({".": 1}, feature_names=["."], ignore_delimiter_collisions=True) == {".": 1}
    assert one({".": {"a": 1}}, flatten_nested_inputs=True) == {"..a": 1}
    assert one({".": 1, "a": 2}, feature_names=["a"]) == {"a": 2}


def test_part_of_a_longer_delimiter_is_no_delimiter():
    config = {"nested_field_delimiter": "__", "feature_names": ["a__b"]}
    assert one({"a": {"b": 1}, "x_y": 2}, **config) == {"a": {"b": 1}}
    assert "['x__y']" in str(refusal([{"a": {"b": 1}, "x__y": 2}], **config))


@pytest.mark.parametrize("delimiter", [".", "|", "(", "\\", "*", "$", "^", "[a]", "\\d", "%s", "{}"])
def test_a_delimiter_is_text_and_no_pattern(delimiter):
    path = f"a{delimiter}b"
    config = {"nested_field_delimiter": delimiter}
    assert one({"a": {"b": 1}, "c": 2}, feature_names=[path], **config) == {"a": {"b": 1}}
    assert one({"a": {"b": 1}}, flatten_nested_inputs=True, **config) == {path: 1}


def test_names_are_compared_as_they_are_spelt():
    composed, decomposed = "é", "e\u0301"
    assert one({composed: 1, decomposed: 2}, feature_names=[decomposed]) == {decomposed: 2}
    assert one({"A": 1, "a": 2}, rename_fields={"a": "b"}) == {"A": 1, "b": 2}
    assert one({" a": 1, "a": 2, "a ": 3}, feature_names=["a"]) == {"a": 2}


def test_lone_surrogates_and_nuls_are_characters():
    assert one({"\ud800": {"\0": 1}}, flatten_nested_inputs=True) == {"\ud800.\0": 1}


def test_kinds_of_text_are_joined_by_what_they_spell():
    flattened = one({Field.AREA: {Field.AREA: 1}}, flatten_nested_inputs=True)
    assert flattened == {"area.area": 1}
    assert {type(name) for name in flattened} == {str}
    assert one({Field.AREA: 1, "b": 2}, feature_names=["area"]) == {"area": 1}
