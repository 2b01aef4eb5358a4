"""Records and arrays agree, cell by cell, whatever is renamed, flattened and selected."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import PreprocessorRuntimeError
from tests.backend.preprocessors import reading
from tests.backend.preprocessors.support import DELIMITERS, names_with, preprocess, records_of, renames_with, rule

ABSENT = object()


def cell_of(row: dict[str, Any], name: str, flat: bool, literal_first: bool, delimiter: str) -> Any:
    """Give what a feature's name leads to in a row of the records preprocessor."""
    if flat or (literal_first and name in row):
        return row.get(name, ABSENT)
    return reading.reach(row, name, delimiter, missing=ABSENT)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    delimiter = draw(DELIMITERS)
    literal = draw(st.booleans())
    keys = names_with(delimiter) if literal else st.sampled_from(["a", "b", "c", ""])
    return (
        draw(st.lists(records_of(keys), min_size=1, max_size=3)),
        {
            "rename_fields": draw(renames_with(delimiter)),
            "feature_names": draw(st.lists(names_with(delimiter), min_size=1, max_size=4)),
            "nested_field_delimiter": delimiter,
            "flatten_nested_inputs": draw(st.booleans()),
            "flatten_lists": draw(st.booleans()),
            "ignore_delimiter_collisions": draw(st.booleans()),
        },
    )


def outcome(records: list[dict[str, Any]], config: dict[str, Any]) -> Any:
    try:
        return preprocess(records, **config)
    except PreprocessorRuntimeError as error:
        return error


@rule
@given(cases())
def test_the_cells_are_the_values(case):
    records, config = case
    rows = outcome(records, config)
    array = outcome(records, {**config, "input_format": "numpy", "numpy_dtype": "object"})
    flat, literal = config["flatten_nested_inputs"], config["ignore_delimiter_collisions"]
    if isinstance(array, PreprocessorRuntimeError):
        # the only thing that arrays refuse and records do not is a node where one cell is asked for
        assert isinstance(rows, PreprocessorRuntimeError) or (flat and "leaves" in str(array))
        return
    if isinstance(rows, PreprocessorRuntimeError):
        # what arrays need not refuse: keys in doubt, and two leaves of a name, beside the one that is a cell
        assert "Keys containing the delimiter" in str(rows) or (flat and "would both be called" in str(rows))
        return
    for row, line in zip(rows, array, strict=True):
        for name, cell in zip(config["feature_names"], line, strict=True):
            value = cell_of(row, name, flat, literal, config["nested_field_delimiter"])
            if value is ABSENT:
                assert cell is None
            else:
                assert type(cell) is type(value)
                assert cell == value


@pytest.mark.parametrize(
    "config",
    [
        {"feature_names": ["b", "a.x", "a.y"]},
        {"feature_names": ["k", "a.x"], "rename_fields": {"b": "k"}},
        {"feature_names": ["b", "a.x"], "flatten_nested_inputs": True},
        {"feature_names": ["c.x", "b"], "rename_fields": {"a": "c"}, "flatten_nested_inputs": True},
    ],
    ids=str,
)
def test_what_is_absent_from_a_record_is_a_missing_cell(config):
    records = [{"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"y": 5}}, {"b": 6}, {}]
    rows = preprocess(records, **config)
    array = preprocess(records, input_format="numpy", numpy_dtype="object", **config)
    for row, line in zip(rows, array, strict=True):
        flat = bool(config.get("flatten_nested_inputs"))
        values = [cell_of(row, name, flat, False, ".") for name in config["feature_names"]]
        assert [None if value is ABSENT else value for value in values] == line.tolist()
    assert any(cell is None for line in array for cell in line)
