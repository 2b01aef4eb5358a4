"""Frames, series, indexes and scalars of pandas: every dtype, compared with reading the values one by one."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import InferenceBackend
from packflow.exceptions import NormalizationError
from packflow.testing import NormalizerSuite
from packflow.utils.normalize import ensure_valid_output
from tests.normalizers.support import check_native, native, refused, same

NAN = math.nan
LOCAL = pd.to_datetime(["2024-01-02 03:04:05", None, "2024-07-02 03:04:05.25"], format="ISO8601")
NEW_YORK = ["2024-01-02T03:04:05-05:00", None, "2024-07-02T03:04:05.250000-04:00"]


def arrow(values: list[Any], kind: Any) -> Any:
    return pd.arrays.ArrowExtensionArray(pa.array(values, kind))


# Each array with what its values become.
ARRAYS: dict[str, tuple[Any, list[Any]]] = {
    "bool": (np.array([True, False]), [True, False]),
    "int64": (np.array([-(2**63), 2**63 - 1]), [-(2**63), 2**63 - 1]),
    "uint64": (np.array([0, 2**64 - 1], "u8"), [0, 2**64 - 1]),
    "float64": (np.array([0.1, NAN, -math.inf]), [0.1, None, None]),
    "float32": (np.array([0.1, NAN], "f4"), [0.10000000149011612, None]),
    "text": (pd.Series(["a", "größe", ""], dtype=object), ["a", "größe", ""]),
    "text with None": (pd.Series(["a", None], dtype=object), ["a", None]),
    "text with NaN": (pd.Series(["a", NAN], dtype=object), ["a", None]),
    "objects": (np.array([1, 2.5, "a", True, None, NAN, 10**30], object), [1, 2.5, "a", True, None, None, 10**30]),
    "missing objects": (np.array([pd.NA, pd.NaT, None], object), [None, None, None]),
    "odd objects": (np.array([[1, NAN], {"a": np.int8(1)}, b"abc"], object), [[1, None], {"a": 1}, "YWJj"]),
    "Int64": (pd.array([1, None, -(2**63)], dtype="Int64"), [1, None, -(2**63)]),
    "Int8": (pd.array([1, None], dtype="Int8"), [1, None]),
    "UInt64": (pd.array([2**64 - 1, None], dtype="UInt64"), [2**64 - 1, None]),
    "Float64": (pd.array([0.1, None], dtype="Float64"), [0.1, None]),
    "Float32": (pd.array([0.1, None], dtype="Float32"), [0.10000000149011612, None]),
    "boolean": (pd.array([True, None, False], dtype="boolean"), [True, None, False]),
    "string": (pd.array(["a", None], dtype="string"), ["a", None]),
    "string, python": (pd.array(["a", None], dtype="string[python]"), ["a", None]),
    "string, pyarrow": (pd.array(["a", None], dtype="string[pyarrow]"), ["a", None]),
    "categories of text": (pd.Categorical(["b", None, "a", "b"]), ["b", None, "a", "b"]),
    "categories of ints": (pd.Categorical([3, 1, None]), [3, 1, None]),
    "categories of floats": (pd.Categorical([0.5, math.inf, None, math.inf]), [0.5, None, None, None]),
    "categories of dates": (pd.Categorical(LOCAL[:1]), ["2024-01-02T03:04:05"]),
    "categories, none": (pd.Categorical([None, None]), [None, None]),
    "bins": (pd.cut([1, 2, 5], [0, 3, 9]), [{"left": 0, "right": 3, "closed": "right"}] * 2
             + [{"left": 3, "right": 9, "closed": "right"}]),
    "datetimes": (LOCAL, ["2024-01-02T03:04:05", None, "2024-07-02T03:04:05.250000"]),
    "datetimes in s": (np.array(["2024-01-02T03:04:05", "NaT"], "M8[s]"), ["2024-01-02T03:04:05", None]),
    "datetimes in ns": (np.array(["2024-01-02", "2024-01-02T00:00:00.000000001"], "M8[ns]"),
                        ["2024-01-02T00:00:00", "2024-01-02T00:00:00.000000001"]),
    "far datetimes": (np.array(["0001-02-03", "9999-12-31"], "M8[s]"), ["0001-02-03T00:00:00", "9999-12-31T00:00:00"]),
    "New York": (LOCAL.tz_localize("America/New_York"), NEW_YORK),
    "UTC": (LOCAL[:1].tz_localize("UTC"), ["2024-01-02T03:04:05+00:00"]),
    "Kathmandu": (LOCAL[:1].tz_localize("Asia/Kathmandu"), ["2024-01-02T03:04:05+05:45"]),
    "no datetimes": (pd.to_datetime([None, None]).tz_localize("UTC"), [None, None]),
    "timedeltas": (pd.to_timedelta(["1.5s", None, "-1D"]), [1.5, None, -86400.0]),
    "months": (pd.PeriodIndex(["2024-01", None], freq="M"), ["2024-01", None]),
    "weeks": (pd.PeriodIndex(["2024-01-03"], freq="W"), ["2024-01-01/2024-01-07"]),
    "intervals": (pd.interval_range(0, 1, closed="left"), [{"left": 0, "right": 1, "closed": "left"}]),
    "sparse floats": (pd.arrays.SparseArray([NAN, 1.5, NAN]), [None, 1.5, None]),
    "sparse ints": (pd.arrays.SparseArray([0, 0, 2]), [0, 0, 2]),
    "sparse bools": (pd.arrays.SparseArray([True, False]), [True, False]),
    "arrow int": (arrow([1, None, 2**63 - 1], pa.int64()), [1, None, 2**63 - 1]),
    "arrow float": (arrow([0.1, None, NAN], pa.float64()), [0.1, None, None]),
    "arrow float16": (arrow([np.float16(0.5)], pa.float16()), [0.5]),
    "arrow bool": (arrow([True, None], pa.bool_()), [True, None]),
    "arrow text": (arrow(["a", None], pa.string()), ["a", None]),
    "arrow bytes": (arrow([b"abc", None], pa.binary()), ["YWJj", None]),
    "arrow dates": (arrow([datetime.date(2024, 1, 2), None], pa.date32()), ["2024-01-02", None]),
    "arrow times": (arrow([datetime.time(1, 2), None], pa.time64("us")), ["01:02:00", None]),
    "arrow datetimes": (arrow([datetime.datetime(2024, 1, 2), None], pa.timestamp("us", "Asia/Tokyo")),
                        ["2024-01-02T09:00:00+09:00", None]),
    "arrow durations": (arrow([datetime.timedelta(seconds=1.5), None], pa.duration("ms")), [1.5, None]),
    "arrow decimals": (arrow([decimal.Decimal("1.50"), None], pa.decimal128(5, 2)), [1.5, None]),
    "arrow lists": (arrow([[1, 2], None, []], pa.list_(pa.int8())), [[1, 2], None, []]),
    "arrow structs": (arrow([{"a": 1, "b": None}, None], pa.struct([("a", pa.int8()), ("b", pa.string())])),
                      [{"a": 1, "b": None}, None]),
    "arrow maps": (arrow([[("k", 1)], None], pa.map_(pa.string(), pa.int8())), [[["k", 1]], None]),
    "arrow categories": (arrow(["x", None, "x"], pa.dictionary(pa.int8(), pa.string())), ["x", None, "x"]),
    "arrow nulls": (arrow([None], pa.null()), [None]),
    "nothing": (np.array([], "f8"), []),
    "no objects": (np.array([], object), []),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
def test_series_indexes_arrays_and_columns(name: str) -> None:
    array, expected = ARRAYS[name]
    series = pd.Series(array)
    frame = pd.DataFrame({"a": series, "b": range(len(series))})
    extra = [{"a": value, "b": place} for place, value in enumerate(expected)]

    assert same(native({"deep": [series]}), {"deep": [expected]})
    assert same(native(series.array), expected)
    assert same(ensure_valid_output(series, "row"), [v if type(v) is dict else {"row": v} for v in expected])
    assert same(native(frame), extra)
    assert same(ensure_valid_output(frame), extra)
    assert same(ensure_valid_output(frame[["a"]]), [{"a": value} for value in expected])
    assert same(native(frame.iloc[::-2]), extra[::-2])
    if not name.startswith("arrow"):
        assert same(native(pd.Index(array)), expected)


@pytest.mark.parametrize("name", ARRAYS)
def test_columns_convert_as_their_values_do(name: str) -> None:
    series = pd.Series(ARRAYS[name][0])
    if name in ("timedeltas", "arrow durations") or not name.startswith("arrow"):
        assert same(native(series), native(series.tolist()))


def test_refusing_nan_does_not_touch_what_is_missing() -> None:
    for name, (array, expected) in ARRAYS.items():
        missing_is_nan = {"float64", "float32", "text with NaN", "objects", "odd objects", "sparse floats",
                          "categories of floats", "arrow float"}  # fmt: skip
        frame = pd.DataFrame({"fine": 1.5, "a": array})
        if name in missing_is_nan:
            error = refused({"t": frame}, nan="error")
            assert error.path.startswith("t["), name
            assert ".a" in error.path, name
            assert refused(pd.Series(array), nan="error").path.startswith("["), name
        else:
            assert same(native(frame, nan="error"), [{"fine": 1.5, "a": value} for value in expected]), name


@pytest.mark.parametrize(
    ("columns", "path"),
    [
        ({"a": [1.0, NAN], "b": [2.0, 3.0]}, "[1].a"),
        ({"a": [1, 2], "b": [1.0, NAN]}, "[1].b"),
        ({"a": [[1], [2]], "b": [1.0, NAN]}, "[1].b"),
        ({"a": [[1], [NAN]], "b": [1.0, 2.0]}, "[1].a[0]"),
        ({"a": pd.Series(["x", NAN], dtype=object), "b": [[1], []]}, "[1].a"),
        ({"two words": [1.0, NAN]}, '[1]["two words"]'),
    ],
)
def test_the_place_of_nan(columns: dict[str, Any], path: str) -> None:
    with pytest.raises(NormalizationError) as caught:
        ensure_valid_output(pd.DataFrame(columns), nan="error")
    assert caught.value.path == path


# Names of columns ---------------------------------------------------------------------------------------------------

NAMES: list[tuple[str, Any, list[str]]] = [
    ("text", ["b", "a", "ü"], ["b", "a", "ü"]),
    ("numbers", [0, 1.5, True], ["0", "1.5", "true"]),
    ("none", pd.Index([None, "a"], dtype=object), ["null", "a"]),
    ("dates", pd.to_datetime(["2024-01-02"]), ["2024-01-02T00:00:00"]),
    ("categories", pd.CategoricalIndex(["x", "y"]), ["x", "y"]),
    ("levels", pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "")]), ["a.x", "a.y", "b"]),
    ("numbers in levels", pd.MultiIndex.from_product([["a"], [1, 2]]), ["a.1", "a.2"]),
    ("empty levels", pd.MultiIndex.from_tuples([("", ""), ("", "x")]), ["", "x"]),
]


@pytest.mark.parametrize(("columns", "expected"), [line[1:] for line in NAMES], ids=[line[0] for line in NAMES])
def test_names_of_columns(columns: Any, expected: list[str]) -> None:
    for cell in (1, "x", [1]):
        frame = pd.DataFrame([[cell] * len(columns)] * 2, columns=columns)
        assert ensure_valid_output(frame) == [dict.fromkeys(expected, cell)] * 2
        assert [list(row) for row in native(frame)] == [expected] * 2


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["a", "b", "a"], "the name 'a'"),
        ([1, "1"], "the name '1'"),
        (pd.MultiIndex.from_tuples([("a", "b"), ("a.b", "")]), "the name 'a.b'"),
        ([NAN], "a column's name: nan"),
        ([b"a"], "a column's name: "),
        ([frozenset("a")], "a column's name: "),
    ],
)
def test_names_that_cannot_be_told_apart_or_written_are_refused(columns: Any, words: str) -> None:
    error = refused({"t": pd.DataFrame([[1] * len(columns)], columns=columns)})
    assert error.path == "t"
    assert words in str(error)


# Shapes -------------------------------------------------------------------------------------------------------------


def test_frames_without_rows_or_columns() -> None:
    assert ensure_valid_output(pd.DataFrame()) == []
    assert ensure_valid_output(pd.DataFrame(index=[1, 2])) == [{}, {}]
    for frame in (pd.DataFrame({"a": [1.5]}), pd.DataFrame({"a": ["x"], "b": [1]}), pd.DataFrame({"a": [[1]]})):
        assert ensure_valid_output(frame.iloc[:0]) == []


def test_the_index_is_left_away() -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key"))
    assert native(frame) == [{"a": 1}, {"a": 2}]
    assert native(frame["a"]) == [1, 2]
    assert native(frame.reset_index()) == [{"key": "x", "a": 1}, {"key": "y", "a": 2}]


def test_rows_of_series_are_not_unwrapped_by_what_they_hold() -> None:
    assert ensure_valid_output(pd.Series([[1], [2]])) == [{"output": [1]}, {"output": [2]}]
    assert ensure_valid_output(pd.Series([{"a": 1}, {"b": 2}])) == [{"a": 1}, {"b": 2}]
    assert ensure_valid_output(pd.MultiIndex.from_product([[1], ["a", "b"]])) == [
        {"output": [1, "a"]},
        {"output": [1, "b"]},
    ]
    assert ensure_valid_output([pd.Series([1, 2]), pd.Series([3])]) == [{"output": [1, 2]}, {"output": [3]}]


def test_frames_share_no_container_with_what_comes_out() -> None:
    cell = [1]
    frame = pd.DataFrame({"a": [cell, cell], "b": pd.cut([1, 2], [0, 3])})
    first, second = native(frame)
    assert first["a"] is not second["a"] is not cell
    assert first["b"] is not second["b"]
    before = frame.copy()
    native(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_subclasses_of_frames() -> None:
    class Mine(pd.DataFrame):
        @property
        def _constructor(self) -> Callable[..., Any]:
            return Mine

    assert ensure_valid_output(Mine({"a": [1, 2]})) == [{"a": 1}, {"a": 2}]


# Scalars, and what is refused ---------------------------------------------------------------------------------------


def test_scalars() -> None:
    scalars = [
        (pd.NaT, None),
        (pd.NA, None),
        (pd.Timestamp("2024-01-02 03:04:05"), "2024-01-02T03:04:05"),
        (pd.Timestamp("2024-07-02", tz="Europe/Paris"), "2024-07-02T00:00:00+02:00"),
        (pd.Timestamp("2024-01-02 00:00:00.000000001"), "2024-01-02T00:00:00.000000001"),
        (pd.Timedelta("1.5s"), 1.5),
        (pd.Timedelta(1, "ns"), 1e-9),
        (pd.Period("2024Q1"), "2024Q1"),
        (pd.Interval(0.5, 1.5), {"left": 0.5, "right": 1.5, "closed": "right"}),
        (pd.Interval(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-03")),
         {"left": "2024-01-02T00:00:00", "right": "2024-01-03T00:00:00", "closed": "right"}),
    ]  # fmt: skip
    assert same(native([scalar for scalar, _ in scalars]), [expected for _, expected in scalars])
    for scalar, expected in scalars:
        if type(expected) is dict:
            continue
        with pytest.raises(NormalizationError, match="have no rows"):
            ensure_valid_output(scalar)
    assert native({pd.Timestamp("2024-01-02"): 1, pd.NaT: 2}) == {"2024-01-02T00:00:00": 1, "null": 2}


@pytest.mark.parametrize(
    ("obj", "path", "words"),
    [
        (pd.DataFrame({"a": [1], "z": [1j]}), "[0].z", "complex"),
        (pd.DataFrame({"a": ["x", "y"], "o": [1, object()]}, dtype=object), "[1].o", "builtins.object"),
        (pd.Series([1, object()]), "[1]", "object"),
        (pd.Series([1j]), "", "complex"),
        (pd.Series([10**5000], dtype=object), "[0]", "4300 digits"),
        (pd.offsets.Day(1), "", "no JSON form"),
        (pd.DataFrame({"a": [1]}).groupby("a"), "", "no JSON form"),
        (pd.Int64Dtype(), "", "no JSON form"),
        (pd.DataFrame, "", "no JSON form"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_json_form_is_refused(obj: Any, path: str, words: str) -> None:
    error = refused({"deep": [obj]})
    assert error.path == f"deep[0]{path}"
    assert words.removeprefix("builtins.") in str(error)


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="longdouble is float64 here")
def test_the_place_of_a_number_beyond_floats() -> None:
    frame = pd.DataFrame({"a": np.array([1, np.longdouble("1e4000")])})
    assert refused([frame]).path == "[0][1].a"


# Any data -----------------------------------------------------------------------------------------------------------

values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.lists(st.floats(), max_size=2)
)


@given(st.lists(st.tuples(values, st.floats(), st.integers(-9, 9)), max_size=6))
def test_any_frame_is_its_rows(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["o", "x", "n"]).astype({"o": object})
    frame["o"] = pd.Series([row[0] for row in rows], dtype=object)
    assert same(native(frame), native([dict(zip(("o", "x", "n"), row, strict=True)) for row in rows]))


moments = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1))
zones = st.sampled_from([None, "UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


@given(st.lists(st.one_of(st.none(), moments), max_size=6), zones, st.sampled_from(["s", "ms", "us", "ns"]))
def test_any_datetimes_are_written_as_isoformat_does(times: list[Any], zone: str | None, unit: str) -> None:
    series = pd.Series(pd.DatetimeIndex(times, dtype="M8[us]").as_unit(unit).tz_localize("UTC").tz_convert(zone))
    expected = [None if time is pd.NaT else time.isoformat() for time in series]
    assert same(native(series), expected)


def test_a_frame_in_a_backend() -> None:
    class Scored(InferenceBackend):
        def transform_inputs(self, inputs: Any) -> Any:
            return pd.DataFrame(inputs)

        def execute(self, inputs: Any) -> Any:
            return inputs.assign(score=inputs["a"] * 2, at=pd.Timestamp("2024-01-02", tz="UTC"))

        def transform_outputs(self, inputs: Any) -> Any:
            return ensure_valid_output(inputs)

    found = Scored(verbose=False).validate([{"a": 1.5}, {"a": NAN}])
    check_native(found)
    assert found == [
        {"a": 1.5, "score": 3.0, "at": "2024-01-02T00:00:00+00:00"},
        {"a": None, "score": None, "at": "2024-01-02T00:00:00+00:00"},
    ]


class TestConformance(NormalizerSuite):
    plugin = "pandas"
    cases = [
        (lambda: pd.DataFrame({"a": [1.5, NAN], "b": ["x", None]}), [{"a": 1.5, "b": "x"}, {"a": None, "b": None}]),
        (lambda: pd.Series([[1], [2]]), [[1], [2]]),
        (lambda: pd.Timestamp("2024-01-02", tz="UTC"), "2024-01-02T00:00:00+00:00"),
        (lambda: pd.cut([1], [0, 3]), [{"left": 0, "right": 3, "closed": "right"}]),
        (lambda: pd.NaT, None),
    ]
    batch_cases = [
        (lambda: pd.DataFrame({"a": [1, 2]}), [{"a": 1}, {"a": 2}]),
        (lambda: pd.Index(["x", "y"]), [{"output": "x"}, {"output": "y"}]),
    ]
    refused = [lambda: pd.Series([1j]), lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]), lambda: pd.offsets.Day(1)]
