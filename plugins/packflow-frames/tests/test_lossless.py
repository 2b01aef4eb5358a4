"""No value loses a part on its way into a column, and what no column can hold is refused by row."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import polars
import pytest

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PackflowError, PreprocessorInitError, PreprocessorRuntimeError

FORMATS = ("pandas", "polars", "arrow")

UTC = timezone.utc
#: Columns of which a library would keep a part: a fraction of a second, a time of day, the lack of a time zone.
PARTLY_HELD = {
    "durations": [timedelta(days=999_999_999), timedelta(microseconds=1)],
    "dates and times": [date(2020, 1, 1), datetime(2020, 1, 1, 5, tzinfo=UTC)],
    "with and without a zone": [datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2)],
    "nested": [{"a": date(2020, 1, 1)}, {"a": datetime(2020, 1, 1, 7, tzinfo=UTC)}],
    "decimals that are none": [Decimal("1.5"), Decimal("NaN")],
    "large decimals": [Decimal("1.10"), Decimal("1E+90")],
    "half a character": ["\ud800", "a"],
    "booleans in lists": [[True, 1], [2]],
}


def column(input_format: str, values: list[Any]) -> list[Any]:
    made = get_preprocessor(BackendConfig(input_format=input_format))([{"c": value} for value in values])
    if input_format == "arrow":
        return list(made["c"].to_pylist())
    return list(made["c"].to_list())


def same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and (first == second or first != first)


@pytest.mark.parametrize("values", PARTLY_HELD.values(), ids=PARTLY_HELD)
def test_frames_hold_each_value_whole(values: list[Any]):
    for input_format in ("pandas", "polars"):
        assert all(map(same, column(input_format, values), values)), input_format


@pytest.mark.parametrize("values", PARTLY_HELD.values(), ids=PARTLY_HELD)
def test_arrow_refuses_what_it_cannot_hold_whole(values: list[Any]):
    with pytest.raises(PreprocessorRuntimeError, match="The column 'c'") as caught:
        column("arrow", values)
    assert caught.value.row in (0, 1)


def test_numbers_in_lists_may_be_floats():
    for input_format in FORMATS:
        assert column(input_format, [[1, 2.5], [3]]) == [[1, 2.5], [3]]


@pytest.mark.parametrize(
    "dtype", ["datetime64[s]", "datetime64[Y]", "datetime64[D]", "timedelta64[h]", "timedelta64[us]"]
)
def test_units_of_time_that_polars_lacks(dtype: str):
    config = BackendConfig(input_format="polars", feature_names=["a"], numpy_dtype=dtype)
    made = get_preprocessor(config)([{"a": 1}, {"a": None}])["a"]
    assert made.dtype != polars.Object
    assert made.is_null().to_list() == [False, True]
    assert made.to_numpy()[0].astype(dtype) == np.array(1, dtype=dtype)


@pytest.mark.parametrize("input_format", FORMATS)
def test_what_is_no_record_and_what_is_no_name(input_format: str):
    preprocess = get_preprocessor(BackendConfig(input_format=input_format))
    for row in ([1, 2], None, "text"):
        with pytest.raises(PreprocessorRuntimeError, match=r"Row 1 is of type \w+, where a record") as caught:
            preprocess([{"a": 1}, row])
        assert caught.value.row == 1
    with pytest.raises(PackflowError, match="expected to be text"):
        preprocess([{"\ud800": 1}])


@pytest.mark.parametrize("input_format", FORMATS)
def test_a_column_that_is_named_twice(input_format: str):
    with pytest.raises(PreprocessorInitError, match="names 'a' twice"):
        get_preprocessor(BackendConfig(input_format=input_format, feature_names=["a", "b", "a"]))
