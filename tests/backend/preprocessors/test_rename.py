"""Renaming: the first thing that happens to a record, and a move."""

from __future__ import annotations

import pytest

from packflow import BackendConfig
from packflow.exceptions import PreprocessorRuntimeError
from tests.backend.preprocessors.support import one, preprocess, refusal


def test_a_rename_moves_and_leaves_the_rest_alone():
    assert one({"old": 1, "other": 2}, rename_fields={"old": "new"}) == {"new": 1, "other": 2}


def test_two_fields_swap_their_names():
    assert one({"a": 1, "b": 2}, rename_fields={"a": "b", "b": "a"}) == {"b": 1, "a": 2}


def test_a_chain_of_renames_reads_the_record_as_it_came():
    assert one({"a": 1, "b": 2, "c": 3}, rename_fields={"a": "b", "b": "c"}) == {"b": 1, "c": 2}


def test_three_nested_fields_trade_places():
    renames = {"p.a": "q.b", "q.b": "r", "r": "p.a"}
    assert one({"p": {"a": 1}, "q": {"b": 2}, "r": 3}, rename_fields=renames) == {"p": {"a": 3}, "q": {"b": 1}, "r": 2}


@pytest.mark.parametrize("record", [{"a": 1, "b": 2}, {"b": 2, "a": 1}], ids=["before", "after"])
def test_a_renamed_value_wins_over_a_field_already_called_that(record):
    assert one(record, rename_fields={"a": "b"}) == {"b": 1}


def test_a_renamed_value_wins_over_a_nested_field_and_all_that_is_in_it():
    assert one({"a": 1, "b": {"c": 2}}, rename_fields={"a": "b"}) == {"b": 1}
    assert one({"a": {"x": 1}, "b": {"c": 2}}, rename_fields={"a": "b"}) == {"b": {"x": 1}}
    assert one({"a": 1, "b": {"c": 2, "d": 3}}, rename_fields={"a": "b.c"}) == {"b": {"c": 1, "d": 3}}


def test_a_renamed_none_wins_as_well():
    assert one({"a": None, "b": 2}, rename_fields={"a": "b"}) == {"b": None}


def test_an_absent_source_adds_nothing_and_overwrites_nothing():
    assert one({"b": 2}, rename_fields={"a": "b"}) == {"b": 2}
    assert one({"b": {"x": 1}}, rename_fields={"b.a": "c", "q.r": "b"}) == {"b": {"x": 1}}


def test_a_source_may_name_an_inner_node():
    assert one({"foo": {"bar": 0, "baz": {"q": 1}}}, rename_fields={"foo": "f"}) == {"f": {"bar": 0, "baz": {"q": 1}}}
    assert one({"a": {"b": {"c": 1}, "d": 2}}, rename_fields={"a.b": "e"}) == {"a": {"d": 2}, "e": {"c": 1}}


def test_with_flattening_an_inner_node_gives_its_name_to_its_leaves():
    assert one({"foo": {"bar": 0}}, rename_fields={"foo": "f"}, flatten_nested_inputs=True) == {"f.bar": 0}
    assert one({"a": {"b": {"c": 1}, "d": 2}}, rename_fields={"a.b": "e"}, flatten_nested_inputs=True) == {
        "e.c": 1,
        "a.d": 2,
    }


def test_a_name_that_only_begins_like_a_source_is_not_renamed():
    flat = {"flatten_nested_inputs": True}
    assert one({"foo": 1, "food": 2, "foo_": {"x": 3}}, rename_fields={"foo": "f"}, **flat) == {
        "f": 1,
        "food": 2,
        "foo_.x": 3,
    }


def test_a_parent_left_empty_by_a_rename_goes_away_up_to_the_first_that_holds_something():
    renames = {"a.b.c": "x"}
    assert one({"a": {"b": {"c": 1}}}, rename_fields=renames) == {"x": 1}
    assert one({"a": {"b": {"c": 1}, "d": 2}}, rename_fields=renames) == {"a": {"d": 2}, "x": 1}
    assert one({"a": {"b": {"c": 1, "d": 2}}}, rename_fields=renames) == {"a": {"b": {"d": 2}}, "x": 1}


def test_a_parent_emptied_by_two_renames_together_goes_away():
    assert one({"a": {"b": 1, "c": 2}}, rename_fields={"a.b": "x", "a.c": "y"}) == {"x": 1, "y": 2}


def test_a_dict_that_was_empty_before_stays():
    assert one({"a": {"b": 1, "e": {}}, "z": {}}, rename_fields={"a.b": "x"}) == {"a": {"e": {}}, "z": {}, "x": 1}
    assert one({"a": {}}, rename_fields={"a.b": "x"}) == {"a": {}}


def test_an_empty_dict_can_be_renamed():
    assert one({"a": {"b": {}}, "c": 1}, rename_fields={"a.b": "x"}) == {"c": 1, "x": {}}
    assert one({"a": {"b": {}}}, rename_fields={"a.b": "x"}, flatten_nested_inputs=True) == {"x": {}}


def test_a_parent_and_its_child_may_both_be_renamed():
    renames = {"a": "x", "a.b": "y"}
    assert one({"a": {"b": 1, "c": 2}}, rename_fields=renames) == {"x": {"b": 1, "c": 2}, "y": 1}
    assert one({"a": {"b": 1, "c": 2}}, rename_fields=renames, flatten_nested_inputs=True) == {
        "x.b": 1,
        "x.c": 2,
        "y": 1,
    }


def test_a_field_may_move_into_its_own_old_place():
    assert one({"a": {"b": 1}}, rename_fields={"a": "a.z"}) == {"a": {"z": {"b": 1}}}
    assert one({"a": {"b": 1, "c": 2}}, rename_fields={"a.b": "a"}) == {"a": 1}
    assert one({"a": {"b": 1, "c": 2}}, rename_fields={"a.b": "a"}, flatten_nested_inputs=True) == {"a": 1}


def test_a_field_renamed_to_its_own_name_stays():
    assert one({"a": 1, "b": {"c": 2}}, rename_fields={"a": "a", "b.c": "b.c"}) == {"a": 1, "b": {"c": 2}}


def test_a_target_with_the_delimiter_makes_the_dicts_on_its_way():
    assert one({"a": 1, "p": {"z": 0}}, rename_fields={"a": "p.q.r"}) == {"p": {"z": 0, "q": {"r": 1}}}
    assert one({"a": 1}, rename_fields={"a": "p.q"}, flatten_nested_inputs=True) == {"p.q": 1}


def test_a_deeper_target_lies_within_a_shallower_one_whatever_their_order():
    record = {"x": {"b": 1, "c": 2}, "y": 3}
    expected = {"a": {"b": 3, "c": 2}}
    assert one(record, rename_fields={"x": "a", "y": "a.b"}) == expected
    assert one(record, rename_fields={"y": "a.b", "x": "a"}) == expected


@pytest.mark.parametrize("in_the_way", [5, None, "text", [1]])
def test_a_target_whose_way_is_barred_by_a_value_is_an_error(in_the_way):
    error = refusal([{"x": 0}, {"a": in_the_way, "x": 1}], rename_fields={"x": "a.b"})
    assert "'a.b'" in str(error)
    assert "'a' on its way holds" in str(error)
    assert error.row == 1


def test_with_flattening_no_value_bars_a_name():
    flattened = one({"a": 5, "x": 1}, rename_fields={"x": "a.b"}, flatten_nested_inputs=True)
    assert flattened == {"a": 5, "a.b": 1}


def test_a_path_does_not_walk_through_lists_when_nothing_is_flattened():
    assert one({"a": [{"b": 1}]}, rename_fields={"a.0": "x", "a.0.b": "y"}) == {"a": [{"b": 1}]}


def test_with_flattened_lists_a_position_can_be_renamed():
    flat = {"flatten_nested_inputs": True, "flatten_lists": True}
    assert one({"a": [7, {"b": 8}]}, rename_fields={"a.0": "first", "a.1": "rest"}, **flat) == {
        "first": 7,
        "rest.b": 8,
    }


def test_the_old_name_cannot_be_selected_any_more():
    config = {"rename_fields": {"a": "b", "p.q": "r"}, "feature_names": ["a", "b", "p.q", "r"]}
    assert one({"a": 1, "p": {"q": 2}}, **config) == {"b": 1, "r": 2}
    assert one({"a": 1, "p": {"q": 2}}, flatten_nested_inputs=True, **config) == {"b": 1, "r": 2}


def test_a_renamed_field_that_is_not_selected_does_not_get_through():
    assert one({"a": 1, "c": 3}, rename_fields={"a": "b"}, feature_names=["c"]) == {"c": 3}
    assert one({"a": 1, "c": 3}, rename_fields={"a": "b"}, feature_names=["c"], flatten_nested_inputs=True) == {"c": 3}


def test_each_record_is_renamed_by_what_it_holds():
    records = [{"a": 1}, {"b": 2}, {}, {"a": 3, "b": 4}]
    assert preprocess(records, rename_fields={"a": "b"}) == [{"b": 1}, {"b": 2}, {}, {"b": 3}]


def test_two_sources_for_one_target_are_refused_before_any_record_comes():
    with pytest.raises(ValueError, match="both renamed to 'x'"):
        BackendConfig(rename_fields={"a": "x", "b": "x"})


def test_the_error_for_a_renamed_leaf_that_doubles_another_names_it():
    with pytest.raises(PreprocessorRuntimeError, match=r"'a\.b'.*row 0"):
        preprocess([{"x": {"b": 1}, "y": 2}], rename_fields={"x": "a", "y": "a.b"}, flatten_nested_inputs=True)
