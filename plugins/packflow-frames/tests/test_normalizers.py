"""The normalizers keep every rule that packflow has for normalizers, and give what the libraries' own values become."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import polars
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing.parametric import dataframes
from pyarrow import compute

from packflow import InferenceBackend
from packflow.exceptions import NormalizationError
from packflow.testing import NormalizerSuite
from packflow.utils.normalize import ensure_native_types, ensure_valid_output

BERLIN = "Europe/Berlin"
#: One column of each kind; the values of two rows, and what they become.
POLARS: dict[str, tuple[polars.Series, list[Any]]] = {
    "integers": (polars.Series([2**63 - 1, None]), [2**63 - 1, None]),
    "large integers": (polars.Series([2**100, None], dtype=polars.Int128), [2**100, None]),
    "booleans": (polars.Series([True, None]), [True, None]),
    "floats": (polars.Series([0.1, None]), [0.1, None]),
    "float32": (polars.Series([0.1, None], dtype=polars.Float32), [float(np.float32(0.1)), None]),
    "odd floats": (polars.Series([math.nan, math.inf]), [None, None]),
    "text": (polars.Series(["x", None]), ["x", None]),
    "nothing": (polars.Series([None, None]), [None, None]),
    "categories": (polars.Series(["x", None], dtype=polars.Categorical), ["x", None]),
    "choices": (polars.Series(["x", None], dtype=polars.Enum(["y", "x"])), ["x", None]),
    "bytes": (polars.Series([b"ab", None]), ["YWI=", None]),
    "decimals": (polars.Series([Decimal("1.50"), None]), [1.5, None]),
    "dates": (polars.Series([date(2024, 2, 29), None]), ["2024-02-29", None]),
    "times": (polars.Series([time(1, 2, 3), None]), ["01:02:03", None]),
    "fine times": (polars.Series([5, None]).cast(polars.Time), ["00:00:00.000000005", None]),
    "datetimes": (polars.Series([datetime(2024, 1, 1, 2, microsecond=5), None]), ["2024-01-01T02:00:00.000005", None]),
    "zones": (
        polars.Series([datetime(2024, 1, 1)]).dt.replace_time_zone(BERLIN).extend_constant(None, 1),
        ["2024-01-01T00:00:00+01:00", None],
    ),
    "fine": (
        polars.Series([-1, 10**9]).cast(polars.Datetime("ns")),
        ["1969-12-31T23:59:59.999999999", "1970-01-01T00:00:01"],
    ),
    "fine zones": (
        polars.Series([1, None]).cast(polars.Datetime("ns", BERLIN)),
        ["1970-01-01T01:00:00.000000001+01:00", None],
    ),
    "last moments": (
        polars.Series([datetime.min, datetime.max]),
        ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"],
    ),
    "durations": (polars.Series([timedelta(days=1, microseconds=1), None]), [86400.000001, None]),
    "fine durations": (polars.Series([1500, None]).cast(polars.Duration("ns")), [1.5e-06, None]),
    "long durations": (polars.Series([2**60, None]).cast(polars.Duration("ms")), [2**60 / 1000, None]),
    "lists": (polars.Series([[1, None], None]), [[1, None], None]),
    "arrays": (polars.Series([[1, 2], None], dtype=polars.Array(polars.Int8, 2)), [[1, 2], None]),
    "structs": (polars.Series([{"a": 1, "b": "x"}, None]), [{"a": 1, "b": "x"}, None]),
    "nested times": (
        polars.Series([{"a": [1], "b": None}, None]).cast(
            polars.Struct({"a": polars.List(polars.Datetime("ns")), "b": polars.Time})
        ),
        [{"a": ["1970-01-01T00:00:00.000000001"], "b": None}, None],
    ),
    "arrays of times": (
        polars.Series([[5, None], None], dtype=polars.Array(polars.Int64, 2)).cast(polars.Array(polars.Time, 2)),
        [["00:00:00.000000005", None], None],
    ),
    "objects": (polars.Series([UUID(int=0), {1}], dtype=polars.Object), [str(UUID(int=0)), [1]]),
}


def arrow(values: list[Any], kind: pyarrow.DataType) -> pyarrow.Array:
    return pyarrow.array(values, kind)


NS = pyarrow.timestamp("ns")
FINE = "1970-01-01T00:00:00.000000001"
ARROW: dict[str, tuple[pyarrow.Array, list[Any]]] = {
    "integers": (arrow([2**64 - 1, None], pyarrow.uint64()), [2**64 - 1, None]),
    "booleans": (arrow([True, None], pyarrow.bool_()), [True, None]),
    "floats": (arrow([0.1, None], pyarrow.float64()), [0.1, None]),
    "float16": (arrow([np.float16(1.5), None], pyarrow.float16()), [1.5, None]),
    "odd floats": (arrow([math.nan, math.inf], pyarrow.float32()), [None, None]),
    "text": (arrow(["x", None], pyarrow.string()), ["x", None]),
    "nothing": (arrow([None, None], pyarrow.null()), [None, None]),
    "dictionary": (arrow(["x", None], pyarrow.string()).dictionary_encode(), ["x", None]),
    "runs": (compute.run_end_encode(pyarrow.array([1, 1])), [1, 1]),
    "bytes": (arrow([b"ab", None], pyarrow.binary()), ["YWI=", None]),
    "decimals": (arrow([Decimal("1.50"), None], pyarrow.decimal128(5, 2)), [1.5, None]),
    "dates": (arrow([date(2024, 2, 29), None], pyarrow.date32()), ["2024-02-29", None]),
    "times": (arrow([time(1, 2, 3), None], pyarrow.time64("us")), ["01:02:03", None]),
    "fine times": (arrow([5, None], pyarrow.int64()).cast(pyarrow.time64("ns")), ["00:00:00.000000005", None]),
    "datetimes": (arrow([datetime(2024, 1, 1, 2), None], pyarrow.timestamp("s")), ["2024-01-01T02:00:00", None]),
    "fine": (arrow([-1, None], NS), ["1969-12-31T23:59:59.999999999", None]),
    "fine zones": (
        arrow([1, None], pyarrow.timestamp("ns", "+01:00")),
        ["1970-01-01T01:00:00.000000001+01:00", None],
    ),
    "durations": (arrow([timedelta(seconds=1, microseconds=1), None], pyarrow.duration("us")), [1.000001, None]),
    "fine durations": (arrow([1500, None], pyarrow.duration("ns")), [1.5e-06, None]),
    "months": (
        pyarrow.array([pyarrow.MonthDayNano([1, 2, 3]), None]),
        [{"months": 1, "days": 2, "nanoseconds": 3}, None],
    ),
    "lists": (arrow([[1, None], None], pyarrow.list_(pyarrow.int8())), [[1, None], None]),
    "structs": (arrow([{"a": 1}, None], pyarrow.struct([("a", pyarrow.int8())])), [{"a": 1}, None]),
    "maps": (arrow([[("a", 1)], None], pyarrow.map_(pyarrow.string(), pyarrow.int8())), [[["a", 1]], None]),
    "lists of times": (arrow([[1, None], None], pyarrow.list_(NS)), [[FINE, None], None]),
    "large lists of times": (arrow([[1], None], pyarrow.large_list(NS)), [[FINE], None]),
    "short lists of times": (arrow([[1], None], pyarrow.list_(NS, 1)), [[FINE], None]),
    "structs of times": (arrow([{"a": 1}, None], pyarrow.struct([("a", NS)])), [{"a": FINE}, None]),
    "maps of times": (arrow([[("a", 1)], None], pyarrow.map_(pyarrow.string(), NS)), [[["a", FINE]], None]),
    "dictionaries of times": (arrow([1, None], NS).dictionary_encode(), [FINE, None]),
    "runs of times": (compute.run_end_encode(arrow([1, None], NS)), [FINE, None]),
    "union": (
        pyarrow.UnionArray.from_sparse(
            arrow([0, 1], pyarrow.int8()), [pyarrow.array([1, 2]), pyarrow.array(["a", "b"])]
        ),
        [1, "b"],
    ),
}


#: What copying a scalar loses nanoseconds of, or the comparing of copies cannot index.
LONE_SCALARS = ("fine times", "fine", "fine zones", "fine durations", "maps", "maps of times")


def records(columns: dict[str, tuple[Any, list[Any]]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*(cells for _, cells in columns.values()), strict=True)]


def frame() -> polars.DataFrame:
    return polars.DataFrame({name: series for name, (series, _) in POLARS.items()})


def table() -> pyarrow.Table:
    return pyarrow.table({name: array for name, (array, _) in ARROW.items()})


class TestPolars(NormalizerSuite):
    plugin = "polars"
    cases = [
        (frame, records(POLARS)),
        (lambda: polars.DataFrame({"a": [1, 2]}), [{"a": 1}, {"a": 2}]),
        *[(series.clone, cells) for series, cells in POLARS.values()],
    ]
    batch_cases = [
        (frame, records(POLARS)),
        (lambda: polars.Series([1, 2]), [{"output": 1}, {"output": 2}]),
        (lambda: polars.Series([[1], [2]]), [{"output": [1]}, {"output": [2]}]),
        (lambda: polars.Series([{"a": 1}]), [{"a": 1}]),
        (polars.DataFrame, []),
    ]
    refused = [
        polars.DataFrame().lazy,
        lambda: polars.col("a"),
        polars.Int64,
        lambda: polars.Series([object()], dtype=polars.Object),
        lambda: polars.Series([2**62]).cast(polars.Datetime("ms")),
        lambda: polars.Series([datetime.max]).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
        lambda: polars.Series([2**31 - 1], dtype=polars.Int32).cast(polars.Date),
    ]


class TestArrow(NormalizerSuite):
    plugin = "pyarrow"
    cases = [
        (table, records(ARROW)),
        (lambda: table().to_batches()[0], records(ARROW)),
        *[(lambda array=array: array, cells) for array, cells in ARROW.values()],
        *[(lambda name=name: ARROW[name][0][0], ARROW[name][1][0]) for name in ARROW if name not in LONE_SCALARS],
        (lambda: pyarrow.chunked_array([[1], [2]], NS), [FINE, FINE[:-1] + "2"]),
    ]
    batch_cases = [
        (table, records(ARROW)),
        (lambda: pyarrow.array([1, 2]), [{"output": 1}, {"output": 2}]),
        (lambda: pyarrow.chunked_array([[1.5], [2.5]]), [{"output": 1.5}, {"output": 2.5}]),
        (lambda: pyarrow.scalar({"a": 1}), [{"a": 1}]),
        (lambda: pyarrow.table({}), []),
        (lambda: pyarrow.table({"a": [1, 2]}).select([]), [{}, {}]),
    ]
    refused = [
        lambda: pyarrow.table([[1], [2]], names=["a", "a"]),
        lambda: arrow([2**40], pyarrow.timestamp("s")),
        lambda: pyarrow.schema([]),
        pyarrow.int8,
        lambda: pyarrow.StructArray.from_arrays([pyarrow.array([1])] * 2, ["a", "a"]),
        lambda: pyarrow.StructArray.from_arrays([arrow([1], NS)] * 2, ["a", "a"]),
        lambda: pyarrow.UnionArray.from_sparse(arrow([0], pyarrow.int8()), [arrow([1], NS)]),
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (polars.DataFrame({"a": [1]}).lazy(), r"no values yet; give what its collect\(\) gives"),
        (pyarrow.table([[1], [2]], names=["a", "a"]), "two columns have the name 'a'; rename"),
        (
            pyarrow.table({"t": arrow([2**40], pyarrow.timestamp("s"))}),
            "the column 't' cannot be converted: date value",
        ),
        (polars.DataFrame({"t": [2**62]}).cast(polars.Datetime("us")), "the column 't' .* before the year 1 or after"),
    ],
)
def test_refusals_say_what_to_do(given: Any, reason: str) -> None:
    for convert in (ensure_valid_output, ensure_native_types):
        with pytest.raises(NormalizationError, match=reason):
            convert(given)


@pytest.mark.parametrize("name", LONE_SCALARS)
def test_lone_scalars(name: str) -> None:
    array, cells = ARROW[name]
    assert list(map(ensure_native_types, array)) == cells


def test_a_scalar_has_no_rows() -> None:
    for scalar in (pyarrow.scalar(1), pyarrow.scalar([1])):
        with pytest.raises(NormalizationError, match="have no rows"):
            ensure_valid_output(scalar)


@pytest.mark.skipif(not hasattr(polars, "Map"), reason="this polars has no maps")
def test_maps_of_polars() -> None:
    series = polars.Series([{"k": 1}, None], dtype=polars.Map(polars.String, polars.Int64))
    assert ensure_native_types(series) == [{"k": 1}, None]
    with pytest.raises(
        NormalizationError, match=r"times inside a value of type Map\(String, Time\) are not read; cast"
    ):
        ensure_native_types(polars.Series([{"k": time(1)}], dtype=polars.Map(polars.String, polars.Time)))


@pytest.mark.skipif(not hasattr(polars, "BaseExtension"), reason="this polars has no extensions")
def test_extensions_of_polars() -> None:
    class Instant(polars.BaseExtension):
        def __init__(self) -> None:
            super().__init__("instant", polars.Datetime("ns"))

    series = polars.Series([1, None]).cast(polars.Datetime("ns")).ext.to(Instant())
    assert ensure_native_types(series) == [FINE, None]


@pytest.mark.parametrize("make", [polars.DataFrame, pyarrow.table])
def test_nan_is_refused_by_row_and_column_where_that_is_wanted(make: Any) -> None:
    with pytest.raises(NormalizationError, match=r"\[1\]\.b"):
        ensure_valid_output(make({"a": [1, 2], "b": [0.5, math.nan]}), nan="error")
    assert ensure_valid_output(make({"a": [1, 2], "b": [0.5, None]}), nan="error")[1] == {"a": 2, "b": None}


@pytest.mark.parametrize("input_format", ["pandas", "polars", "arrow"])
def test_a_backend_gives_back_the_frame_that_it_was_given(input_format: str) -> None:
    class Same(InferenceBackend):
        def execute(self, inputs: Any) -> Any:
            return ensure_valid_output(inputs)

    rows = [{"a": 1, "t": "x", "f": 0.5, "d": {"l": [1]}}, {"a": 2, "t": None, "f": 1.5, "d": {"l": []}}]
    assert Same(input_format=input_format, verbose=False)(rows) == rows


DTYPES = [
    *(polars.Int8, polars.UInt64, polars.Float32, polars.Float64, polars.Boolean, polars.String, polars.Binary),
    *(
        polars.Categorical,
        polars.Null,
        polars.Date,
        polars.Datetime("us"),
        polars.Duration("us"),
        polars.List,
        polars.Struct,
    ),
]


@given(dataframes(allowed_dtypes=DTYPES, max_size=5, allow_time_zones=False))
def test_polars_gives_what_its_values_become(made: polars.DataFrame) -> None:
    expected = ensure_native_types(made.to_dicts())
    assert ensure_valid_output(made) == expected
    assert ensure_native_types(made) == expected


CELLS = [
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([timezone.utc])),
    st.timedeltas(timedelta(-(10**5)), timedelta(10**5)),
    st.lists(st.integers(0, 9)),
    st.fixed_dictionaries({"a": st.integers(0, 9), "b": st.text()}),
]


@given(st.data(), st.integers(0, 5))
def test_arrow_gives_what_its_values_become(data: st.DataObject, rows: int) -> None:
    drawn = data.draw(st.lists(st.sampled_from(CELLS), max_size=4))
    columns = [data.draw(st.lists(st.none() | cells, min_size=rows, max_size=rows)) for cells in drawn]
    made = pyarrow.table({f"c{place}": pyarrow.array(column) for place, column in enumerate(columns)})
    expected = ensure_native_types(made.to_pylist())
    assert ensure_valid_output(made) == expected
    for batch in made.to_batches():
        assert ensure_native_types(batch) == expected
