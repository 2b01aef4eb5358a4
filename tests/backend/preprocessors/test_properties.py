"""The rules of records for any record and any configuration, compared with a second reading of them."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from packflow.exceptions import PreprocessorRuntimeError
from tests.backend.preprocessors import reading
from tests.backend.preprocessors.support import (
    DELIMITERS,
    KEYS,
    names_with,
    one,
    preprocess,
    records_of,
    refusal,
    renames_with,
    rule,
)

FEATURES = 4


@st.composite
def nested_cases(
    draw: st.DrawFn, keys: st.SearchStrategy[str] = KEYS
) -> tuple[dict[str, Any], dict[str, str], list[str], str]:
    """A record whose keys are free of the delimiter, renames, names and the delimiter."""
    delimiter = draw(DELIMITERS)
    record = draw(records_of(keys))
    renames = draw(renames_with(delimiter, keys))
    names = draw(st.lists(names_with(delimiter, keys), max_size=FEATURES))
    return record, renames, names, delimiter


@st.composite
def literal_cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str], list[str], str]:
    """The same, but keys may be names with the delimiter in them."""
    delimiter = draw(DELIMITERS)
    keys = names_with(delimiter)
    record = draw(records_of(keys))
    renames = draw(renames_with(delimiter))
    names = draw(st.lists(keys, max_size=FEATURES))
    return record, renames, names, delimiter


def outcome(record: dict[str, Any], **config: Any) -> Any:
    """Give what a record becomes, or None where it is refused."""
    try:
        return one(record, **config)
    except PreprocessorRuntimeError:
        return None


def expected(compute: Any, *arguments: Any) -> Any:
    """Give what the second reading makes of a record, or None where it has no answer."""
    try:
        return compute(*arguments)
    except reading.RefusedError:
        return None


@rule
@given(nested_cases())
def test_rename_and_select_without_flattening(case):
    record, renames, names, delimiter = case
    result = outcome(record, rename_fields=renames, feature_names=names, nested_field_delimiter=delimiter)
    wanted = expected(reading.rename_nested, record, renames, delimiter)
    if wanted is not None and names:
        wanted = expected(reading.select_nested, wanted, names, delimiter)
    assert result == wanted


@rule
@given(literal_cases(), st.booleans())
def test_rename_flatten_and_select(case, lists):
    record, renames, names, delimiter = case
    config = {"flatten_nested_inputs": True, "flatten_lists": lists, "nested_field_delimiter": delimiter}
    result = outcome(record, rename_fields=renames, feature_names=names, **config)
    assert result == expected(reading.flat, record, renames, names, delimiter, lists)


@rule
@given(nested_cases(st.sampled_from(["a", "b", "c", ""])))  # joined names are never ambiguous
def test_flattening_is_done_to_the_renamed_record(case):
    record, renames, _, delimiter = case
    targets = list(renames.values())
    within = [a for a in targets for b in targets if a != b and reading.at_or_below(a, b, delimiter)]
    assume(not within)  # one target within another is doubled when flat, and placed inside when nested
    nested = expected(reading.rename_nested, record, renames, delimiter)
    assume(nested is not None)
    flat = {"flatten_nested_inputs": True, "nested_field_delimiter": delimiter}
    result = outcome(record, rename_fields=renames, **flat)
    ways = {delimiter.join(target.split(delimiter)[:depth]) for target in targets for depth in range(1, 9)}
    assume(not any(value == {} and name in ways for name, value in (result or {}).items()))
    assert result == outcome(nested, **flat)


@rule
@given(nested_cases())
def test_the_top_level_follows_the_order_of_the_names(case):
    record, _, names, delimiter = case
    assume(names)
    selected = outcome(record, feature_names=names, nested_field_delimiter=delimiter)
    there = [name for name in names if reading.reach(record, name, delimiter, missing=...) is not ...]
    assert list(selected) == list(dict.fromkeys(name.split(delimiter)[0] for name in there))


@rule
@given(literal_cases())
def test_flat_selections_follow_the_order_of_the_names(case):
    record, _, names, delimiter = case
    assume(names)
    config = {"flatten_nested_inputs": True, "nested_field_delimiter": delimiter}
    selected = outcome(record, feature_names=names, **config)
    assume(selected is not None)
    ranks = [
        min(rank for rank, wanted in enumerate(names) if reading.at_or_below(name, wanted, delimiter))
        for name in selected
    ]
    assert ranks == sorted(ranks)


@rule
@given(literal_cases())
def test_the_collision_rule(case):
    record, renames, names, delimiter = case
    configured = [*renames, *renames.values(), *names]
    config = {"rename_fields": renames, "feature_names": names, "nested_field_delimiter": delimiter}
    looked_at = reading.walked_keys(record, [*renames, *renames.values()], delimiter)
    if not renames:
        looked_at |= reading.walked_keys(record, names, delimiter)
    doubtful = [key for key in looked_at if delimiter in key]
    if any(delimiter in name for name in configured) and doubtful:
        error = refusal([record], **config)
        assert str(error).startswith(f"Keys containing the delimiter {delimiter!r} were found: ")
        assert any(repr(key) in str(error) for key in doubtful)
    elif not any(delimiter in name for name in configured):
        wanted = reading.rename_nested(record, renames, delimiter)
        assert one(record, **config) == (reading.select_nested(wanted, names, delimiter) if names else wanted)


@rule
@given(literal_cases())
def test_a_literal_key_wins_over_a_path_where_collisions_are_ignored(case):
    record, _, names, delimiter = case
    assume(names)
    config = {"nested_field_delimiter": delimiter, "ignore_delimiter_collisions": True}
    selected = one(record, feature_names=names, **config)
    for name in names:
        if name in record:
            assert selected[name] == record[name]
        else:
            value = reading.reach(record, name, delimiter, missing=...)
            assert reading.reach(selected, name, delimiter, missing=...) == value


@rule
@given(literal_cases())
def test_names_without_the_delimiter_are_plain_keys(case):
    record, _, names, delimiter = case
    plain = [name for name in names if delimiter not in name]
    assume(plain)
    selected = one(record, feature_names=plain, nested_field_delimiter=delimiter)
    assert selected == {name: record[name] for name in plain if name in record}
    renamed = one(record, rename_fields={plain[0]: "new"}, nested_field_delimiter=delimiter)
    assert renamed == {
        **{key: value for key, value in record.items() if key not in (plain[0], "new" if plain[0] in record else ...)},
        **({"new": record[plain[0]]} if plain[0] in record else {}),
    }


@rule
@given(st.lists(records_of(), max_size=4), st.lists(KEYS, max_size=2))
def test_a_batch_is_its_records_one_by_one(records, names):
    config = {"feature_names": names, "rename_fields": {"a": "b"}}
    assert preprocess(records, **config) == [one(record, **config) for record in records]
