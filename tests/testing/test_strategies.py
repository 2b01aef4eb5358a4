"""The strategies make what they say."""

from __future__ import annotations

import json
import math
from copy import deepcopy

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from packflow.exceptions import PackflowError
from packflow.testing import strategies
from packflow.testing.judging.attempts import attempt
from tests.support.backends import Echo

SAMPLES = [
    {"name": "a", "n": 1, "at": {"x": 2.5}, "tags": ["new"]},
    {"name": "b", "n": 2, "at": {"x": 1.0, "y": 3}, "flag": True},
]


@given(strategies.records())
def test_records_are_dicts_of_names_and_json_values(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert all(isinstance(name, str) for name in record)


@given(strategies.records({"n": int, "label": str | None, "at": {"x": float}, "x": st.just(7)}, optional=["label"]))
def test_records_keep_to_a_schema(record):
    assert {"n", "at", "x"} <= set(record) <= {"n", "label", "at", "x"}
    assert isinstance(record["n"], int)
    assert math.isfinite(record["at"]["x"])
    assert record["x"] == 7
    assert isinstance(record.get("label"), str | None)


def test_an_optional_field_that_is_none_of_the_schema_is_refused():
    with pytest.raises(ValueError, match=r"optional names \['m'\], which are no fields of the schema \['n'\]"):
        strategies.records({"n": int}, optional=["m"])


def test_an_optional_field_may_be_there_and_may_be_missing():
    made = strategies.records({"n": int}, optional=["n"])
    assert find(made, lambda record: "n" not in record) == {}
    assert find(made, lambda record: "n" in record) == {"n": 0}


@given(strategies.nested_records(max_depth=3))
def test_nested_records_are_as_deep_as_is_said(record):
    assert depth(record) <= 3


def test_nested_records_get_deep():
    assert depth(find(strategies.nested_records(max_depth=4), lambda record: depth(record) == 4)) == 4


def depth(value):
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(strategies.batches(min_size=1, max_size=3))
def test_batches_are_as_long_as_is_said(batch):
    assert 1 <= len(batch) <= 3


def test_an_empty_batch_is_among_them():
    assert find(strategies.batches(), lambda batch: True) == []


@pytest.mark.parametrize(
    "wanted",
    [
        lambda value: value is None,
        lambda value: isinstance(value, float) and math.isnan(value),
        lambda value: value == math.inf,
        lambda value: isinstance(value, int) and abs(value) > 2**100,
        lambda value: value == "",
        lambda value: isinstance(value, str) and len(value) > 1000,
        lambda value: isinstance(value, bytes),
        lambda value: isinstance(value, dict) and value,
        lambda value: value == [],
    ],
)
def test_hostile_values_have_one_of_each(wanted):
    assert wanted(find(strategies.hostile_values(), wanted))


@given(strategies.like(SAMPLES, hostile=False))
def test_records_like_samples_have_their_fields_and_types(record):
    assert {"name", "n", "at"} <= set(record) <= {"name", "n", "at", "tags", "flag"}
    assert isinstance(record["name"], str)
    assert type(record["n"]) is int
    assert {"x"} <= set(record["at"]) <= {"x", "y"}


@pytest.mark.parametrize(
    "wanted",
    [
        lambda record: "name" not in record,
        lambda record: record.get("n", 0) is None,
        lambda record: isinstance(record.get("at"), str),
        lambda record: isinstance(record.get("at"), dict) and "x" not in record["at"],
        lambda record: set(record) - {"name", "n", "at", "tags", "flag"},
    ],
)
def test_hostile_records_like_samples_lack_and_have_what_they_should_not(wanted):
    assert wanted(find(strategies.like(SAMPLES), wanted))


def test_records_like_none_are_refused():
    with pytest.raises(ValueError, match="one sample record at least"):
        strategies.like([])


@given(st.data())
def test_samples_are_not_handed_out_themselves(data):
    before = deepcopy(SAMPLES)
    record = data.draw(strategies.like(SAMPLES, hostile=False))
    for value in record.values():
        if isinstance(value, (dict, list)):
            value.clear()
    record.clear()
    assert before == SAMPLES


@given(strategies.batches(strategies.like(SAMPLES)))
def test_a_sound_backend_loses_nothing_of_a_hostile_batch(batch):
    backend = Echo(verbose=False, feature_names=["name", "at.x"])
    done = attempt(backend, batch)
    assert len(done.value) == len(batch) if done.error is None else isinstance(done.error, PackflowError)
