"""What records become in each library; and that a frame's columns are what packflow's own array has in its columns."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PreprocessorRuntimeError

FORMATS = ("pandas", "polars", "arrow")


def frame(input_format: str, records: list[dict[str, Any]], **settings: Any) -> Any:
    return get_preprocessor(BackendConfig(input_format=input_format, **settings))(records)


def columns(made: Any) -> dict[str, list[Any]]:
    """Give a frame's columns as lists, a missing value as None."""
    if isinstance(made, pa.Table):
        return {name: made[name].to_pylist() for name in made.column_names}
    if isinstance(made, pl.DataFrame):
        return {name: made[name].to_list() for name in made.columns}
    return {name: [None if _missing(value) else value for value in made[name].tolist()] for name in made.columns}


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def all_exact(cells: Any) -> bool:
    """Whether Arrow has a type for a column: not for integers beside floats, where float64 would round one."""
    present = [cell for cell in cells if cell is not None]
    return len(set(map(type, present))) < 2 or all(abs(cell) <= 2**53 for cell in present if type(cell) is int)


def length(made: Any) -> int:
    return int(made.num_rows) if isinstance(made, pa.Table) else len(made)


RECORDS = [
    {"id": 1, "pos": {"lat": 40.5, "lon": -73.5}, "tags": ["a"], "name": "x"},
    {"id": 2, "pos": {"lat": 41.0}, "tags": [], "name": None},
]


@pytest.mark.parametrize("input_format", FORMATS)
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"feature_names": ["name", "id"]}, {"name": ["x", None], "id": [1, 2]}),
        ({"feature_names": ["pos.lon", "id"]}, {"pos.lon": [-73.5, None], "id": [1, 2]}),
        ({"rename_fields": {"pos.lat": "lat"}, "feature_names": ["lat"]}, {"lat": [40.5, 41.0]}),
        ({"flatten_nested_inputs": True, "feature_names": ["pos.lat", "id"]}, {"pos.lat": [40.5, 41.0], "id": [1, 2]}),
        (
            {"flatten_nested_inputs": True, "flatten_lists": True, "nested_field_delimiter": "/"},
            {
                "id": [1, 2],
                "pos/lat": [40.5, 41.0],
                "pos/lon": [-73.5, None],
                "tags/0": ["a", None],
                "name": ["x", None],
                "tags": [None, []],
            },
        ),
        ({"rename_fields": {"id": "key"}, "feature_names": ["key"], "numpy_dtype": "float32"}, {"key": [1.0, 2.0]}),
    ],
)
def test_every_setting_of_the_records_is_honoured(input_format: str, settings: Any, expected: Any):
    found = columns(frame(input_format, RECORDS, **settings))
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize("input_format", FORMATS)
def test_without_settings_the_fields_of_all_records_are_the_columns(input_format: str):
    found = columns(frame(input_format, [{"a": 1}, {"b": "x", "a.c": True}, {"a": 3}]))
    assert found == {"a": [1, None, 3], "b": [None, "x", None], "a.c": [None, True, None]}


@pytest.mark.parametrize("input_format", FORMATS)
def test_literal_keys_and_paths(input_format: str):
    records = [{"a.b": 1, "a": {"b": 2}}]
    with pytest.raises(PreprocessorRuntimeError, match=r"Keys containing the delimiter '\.' were found"):
        frame(input_format, records, feature_names=["a.b"])
    assert columns(frame(input_format, records, feature_names=["a.b"], ignore_delimiter_collisions=True)) == {
        "a.b": [1]
    }
    assert columns(frame(input_format, [{"a.b": 1}, {"a": {"b": 2}}], feature_names=None or [])) == {
        "a.b": [1, None],
        "a": [None, {"b": 2}],
    }


@pytest.mark.parametrize("input_format", FORMATS)
def test_missing_values_are_refused_where_that_is_wanted(input_format: str):
    for settings in ({"feature_names": ["a", "b"]}, {}):
        with pytest.raises(PreprocessorRuntimeError, match="Feature 'b' is missing") as caught:
            frame(input_format, [{"a": 1, "b": 2}, {"a": 1}], on_missing="error", **settings)
        assert caught.value.row == 1


@pytest.mark.parametrize("input_format", FORMATS)
def test_numpy_dtype_is_the_dtype_of_every_column(input_format: str):
    for settings in ({"feature_names": ["a", "b"]}, {}):
        made = frame(input_format, [{"a": 1, "b": 2}, {"a": 3, "b": None}], numpy_dtype="float32", **settings)
        if input_format == "pandas":
            assert set(made.dtypes.astype(str)) == {"float32"}
        elif input_format == "polars":
            assert set(made.dtypes) == {pl.Float32}
        else:
            assert set(made.schema.types) == {pa.float32()}
        with pytest.raises(PreprocessorRuntimeError, match=r"'b' of row 1 holds 300.*'int8'"):
            frame(input_format, [{"a": 1, "b": 2}, {"a": 1, "b": 300}], numpy_dtype="int8", **settings)


@pytest.mark.parametrize("input_format", FORMATS)
def test_no_rows(input_format: str):
    made = frame(input_format, [], feature_names=["b", "a"])
    assert (length(made), list(columns(made))) == (0, ["b", "a"])
    assert length(frame(input_format, [])) == 0


def test_rows_without_fields_are_still_rows():
    assert length(frame("pandas", [{}, {}])) == 2


@pytest.mark.parametrize("input_format", FORMATS)
def test_names_that_are_no_text_are_refused(input_format: str):
    with pytest.raises(PreprocessorRuntimeError, match=r"row 1 has the key 7 \(int\)"):
        frame(input_format, [{"a": 1}, {7: 2}])


@pytest.mark.parametrize("input_format", FORMATS)
def test_names_with_any_character(input_format: str):
    records = [{"a\0b": 1, "c.d": 2, "": 3}]
    assert columns(frame(input_format, records)) == {"a\0b": [1], "c.d": [2], "": [3]}


LEAVES: list[st.SearchStrategy[Any]] = [
    st.integers(-(2**63), 2**63 - 1),
    st.one_of(st.integers(-(2**54), 2**54), st.floats(allow_nan=False)),
    st.text(max_size=3),
    st.booleans(),
    st.floats(allow_nan=False),
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
    st.binary(max_size=3),
    st.lists(st.integers(0, 9), max_size=2),
    st.dictionaries(st.sampled_from("pq"), st.integers(0, 9), min_size=1, max_size=2),
]


@given(data=st.data(), rows=st.integers(1, 5))
@pytest.mark.parametrize("input_format", FORMATS)
def test_a_column_holds_the_very_values_of_packflows_array(input_format: str, data: st.DataObject, rows: int):
    leaves = [data.draw(st.sampled_from(LEAVES)) for _ in range(2)]
    records = [
        {name: data.draw(st.one_of(leaf, st.none())) for name, leaf in zip("ab", leaves, strict=True)}
        for _ in range(rows)
    ]
    settings = {"feature_names": ["b", "a"]}
    cells = frame("numpy", records, numpy_dtype="object", **settings)
    if input_format == "arrow" and any(not all_exact(cells[:, place]) for place in (0, 1)):
        with pytest.raises(PreprocessorRuntimeError, match="has no type in Arrow"):
            frame(input_format, records, **settings)
        return
    found = columns(frame(input_format, records, **settings))
    for place, name in enumerate(settings["feature_names"]):
        for held, cell in zip(found[name], cells[:, place], strict=True):
            assert _same(held, cell), (found[name], cells[:, place])


def _same(held: Any, cell: Any) -> bool:
    """Whether a value is the cell, or the cell as a float or a date of the library's; fields may be added as null."""
    if isinstance(cell, dict):
        return all(_same(held[key], value) for key, value in cell.items()) and all(
            held[key] is None for key in set(held) - set(cell)
        )
    if isinstance(cell, bool) or isinstance(held, bool):
        return held is cell
    return bool(held == cell)


@pytest.mark.parametrize("input_format", ["pandas", "polars"])
@pytest.mark.parametrize(
    "values",
    [
        [1, "a"],
        ["a", 1],
        [True, 2],
        [2**53 + 1, 0.5],
        [2**70, None],
        [{"p": 1}, 2],
        [Decimal("0.1"), 1],
        [1.5, "x", None],
    ],
)
def test_values_of_several_kinds_stay_what_they_are(input_format: str, values: list[Any]):
    found = columns(frame(input_format, [{"x": value} for value in values]))["x"]
    assert [(type(value), value) for value in found] == [(type(value), value) for value in values]


@pytest.mark.parametrize(
    ("values", "row"),
    [([1, "a"], 1), ([None, "a", "b", 3], 3), ([2**53 + 1, 0.5], 1), ([1, 2, 2**64], 2), ([[1], [2], ["x"]], 2)],
)
def test_arrow_refuses_values_of_several_kinds_by_row(values: list[Any], row: int):
    with pytest.raises(PreprocessorRuntimeError, match=f"column 'x' has no type in Arrow: row {row} holds") as caught:
        frame("arrow", [{"x": value} for value in values])
    assert caught.value.row == row


def test_pandas_has_what_a_frame_of_the_records_has():
    records = [{"i": 1, "f": 0.5, "t": "a", "d": dt.datetime(2013, 1, 1)}, {"i": 2, "f": 2, "t": "b", "d": None}]
    pd.testing.assert_frame_equal(frame("pandas", records), pd.DataFrame(records))


def test_a_missing_number_is_nan_in_pandas_and_null_elsewhere():
    records = [{"x": 1}, {"x": None}]
    assert np.isnan(frame("pandas", records)["x"][1])
    assert frame("polars", records)["x"].null_count() == 1
    assert frame("arrow", records)["x"].null_count == 1


def test_polars_keeps_fields_that_only_some_rows_have():
    found = frame("polars", [{"x": {"p": 1}}, {"x": {"q": "z"}}])["x"].to_list()
    assert found == [{"p": 1, "q": None}, {"p": None, "q": "z"}]
