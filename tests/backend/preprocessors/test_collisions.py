"""Keys that contain the delimiter: when they put a path in doubt, and what happens then."""

from __future__ import annotations

import pytest

from tests.backend.preprocessors.support import one, preprocess, refusal

COLUMNS = {"input_format": "numpy", "feature_names": ["a.b", "c"]}


def test_a_key_with_the_delimiter_is_refused_where_a_path_is_configured():
    error = refusal([{"field.name": 42, "a": {"b": 1}}], feature_names=["a.b"])
    assert str(error).startswith("Keys containing the delimiter '.' were found: ['field.name']")


def test_all_such_keys_are_named_with_the_row():
    error = refusal([{"a": {"b": 1}}, {"x.y": 1, "a": {"b": 1}, "p.q": 2}], feature_names=["a.b"])
    assert str(error).startswith("Keys containing the delimiter '.' were found: ['x.y', 'p.q']")
    assert error.row == 1
    assert "row 1" in str(error)


@pytest.mark.parametrize(
    "config",
    [
        {"feature_names": ["a.b"]},
        {"rename_fields": {"a.b": "c"}},
        {"rename_fields": {"c": "a.b"}},
        {"rename_fields": {"c": "d"}, "feature_names": ["x", "a.b"]},
        {"rename_fields": {"a.b": "d"}, "feature_names": ["x"]},
    ],
    ids=["feature", "source", "target", "feature beside a plain rename", "source beside a plain feature"],
)
def test_any_configured_path_makes_such_keys_doubtful(config):
    assert "['x.y']" in str(refusal([{"x.y": 1, "a": {"b": 2}, "c": 3, "x": 4}], **config))


def test_the_key_spelt_like_the_path_itself_is_refused():
    assert "['a.b']" in str(refusal([{"a.b": 1}], feature_names=["a.b"]))
    assert "['a.b']" in str(refusal([{"a.b": 1}], rename_fields={"a.b": "c"}))


def test_the_dicts_that_a_path_walks_through_are_looked_at_too():
    assert "['c.d']" in str(refusal([{"a": {"b": 1, "c.d": 2}}], feature_names=["a.b"]))
    assert "['c.d']" in str(refusal([{"a": {"b": {"c.d": 2}}}], feature_names=["a.b.c"]))


def test_dicts_beside_or_beyond_the_path_are_not_looked_at():
    record = {"a": {"b": {"c.d": 1}}, "e": {"f.g": 2}, "h": [{"i.j": 3}]}
    assert one(record, feature_names=["a.b", "e"]) == {"a": {"b": {"c.d": 1}}, "e": {"f.g": 2}}


def test_the_dicts_walked_through_are_those_after_the_rename():
    config = {"rename_fields": {"a": "b"}, "feature_names": ["b.c"]}
    assert "['x.y']" in str(refusal([{"a": {"c": 1, "x.y": 2}}], **config))


def test_an_absent_path_does_not_hide_a_doubtful_key():
    assert "['x.y']" in str(refusal([{"x.y": 1}], feature_names=["a.b"]))


def test_without_a_configured_path_such_keys_are_plain_keys():
    record = {"a.b": 1, "c": {"d.e": 2}, "f": 3}
    assert one(record, feature_names=["c", "f"]) == {"c": {"d.e": 2}, "f": 3}
    assert one(record, rename_fields={"f": "g"}) == {"a.b": 1, "c": {"d.e": 2}, "g": 3}


def test_with_another_delimiter_a_name_with_a_dot_is_a_plain_key():
    record = {"a.b": 1, "a": {"b": 2}}
    assert one(record, feature_names=["a.b"], nested_field_delimiter=":") == {"a.b": 1}
    assert one(record, rename_fields={"a.b": "c"}, nested_field_delimiter=":") == {"c": 1, "a": {"b": 2}}


def test_with_flattening_the_check_is_off():
    assert one({"field.name": 42, "a": {"b": 1}}, feature_names=["a.b"], flatten_nested_inputs=True) == {"a.b": 1}


def test_ignoring_collisions_turns_the_check_off():
    record = {"field.name": 42, "a": {"b": 1}}
    assert one(record, feature_names=["a.b"], ignore_delimiter_collisions=True) == {"a": {"b": 1}}


def test_a_literal_key_then_wins_over_a_path():
    record = {"a.b": 1, "a": {"b": 2, "c": 3}}
    config = {"ignore_delimiter_collisions": True}
    assert one(record, feature_names=["a.b"], **config) == {"a.b": 1}
    assert one(record, feature_names=["a.b", "a.c"], **config) == {"a.b": 1, "a": {"c": 3}}
    assert one(record, rename_fields={"a.b": "x"}, **config) == {"a": {"b": 2, "c": 3}, "x": 1}


def test_a_literal_key_wins_even_if_it_holds_none():
    record = {"a.b": None, "a": {"b": 2}}
    assert one(record, feature_names=["a.b"], ignore_delimiter_collisions=True) == {"a.b": None}


def test_a_rename_onto_a_literal_key_overwrites_it():
    record = {"a.b": 1, "x": 2}
    assert one(record, rename_fields={"x": "a.b"}, ignore_delimiter_collisions=True) == {"a.b": 2}


@pytest.mark.parametrize("delimiter", [":", "__", "→"])
def test_the_error_has_the_delimiter_that_is_configured(delimiter):
    error = refusal([{f"x{delimiter}y": 1}], feature_names=[f"a{delimiter}b"], nested_field_delimiter=delimiter)
    assert str(error).startswith(f"Keys containing the delimiter {delimiter!r} were found: ['x{delimiter}y']")


# For arrays only a key that is spelt like a configured path is in doubt.


def test_in_arrays_a_key_spelt_like_a_configured_path_is_refused():
    error = refusal([{"a": {"b": 1}}, {"a.b": 1, "a": {"b": 2}}], **COLUMNS)
    assert str(error).startswith("Keys containing the delimiter '.' were found: ['a.b']")
    assert error.row == 1


def test_in_arrays_it_is_refused_even_if_the_path_leads_nowhere():
    assert "['a.b']" in str(refusal([{"a.b": 1}], **COLUMNS))


def test_in_arrays_any_other_key_with_the_delimiter_does_no_harm():
    record = {"x.y": 1, "a": {"b": 2, "p.q": 3}, "c": 4}
    assert preprocess([record], **COLUMNS).tolist() == [[2, 4]]


def test_in_arrays_a_literal_key_spelt_like_a_renamed_path_is_refused():
    config = {"input_format": "numpy", "feature_names": ["x"], "rename_fields": {"p.q": "x"}}
    assert "['p.q']" in str(refusal([{"p.q": 1, "p": {"q": 2}}], **config))


def test_in_arrays_ignoring_collisions_lets_the_literal_key_win():
    record = {"a.b": 1, "a": {"b": 2}, "c": 4}
    assert preprocess([record], ignore_delimiter_collisions=True, **COLUMNS).tolist() == [[1, 4]]


def test_in_arrays_with_flattening_both_have_one_name():
    error = refusal([{"a.b": 1, "a": {"b": 2}, "c": 4}], flatten_nested_inputs=True, **COLUMNS)
    assert "'a.b'" in str(error)
    assert preprocess([{"a.b": 1, "c": 4}], flatten_nested_inputs=True, **COLUMNS).tolist() == [[1, 4]]
