"""Arrays and scalars of NumPy, by dtype."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.normalizers.support import native, refused, same

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "longlong", "intp", ">i4", "<u2"]
FLOATS = ["float16", "float32", "float64", "longdouble", ">f4", "<f8"]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_are_exact_to_their_limits(dtype: str) -> None:
    limits = np.iinfo(np.dtype(dtype))
    values = [int(limits.min), 0, int(limits.max)]
    array = np.array(values, dtype)

    assert same(native(array), values)
    assert same(native(list(array)), values)
    assert same(native(np.array(limits.max, dtype)), values[-1])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", [3, 300])
def test_floats_keep_their_value(dtype: str, size: int) -> None:
    third = np.dtype(dtype).type(1) / np.dtype(dtype).type(3)
    array = np.array([third, np.nan, -np.inf] * (size // 3), dtype)

    assert same(native(array), [float(third), None, None] * (size // 3))
    assert same(native(list(array)), [float(third), None, None] * (size // 3))
    assert same(native(array.reshape(-1, 3)), [[float(third), None, None]] * (size // 3))
    assert same(native(array[0]), float(third))


def test_small_floats_are_not_written_with_fewer_digits_than_they_have() -> None:
    assert native(np.float32(0.1)) == 0.10000000149011612


RECORD = np.dtype([("id", "i4"), ("score", "f8"), ("name", "U3"), ("raw", "S2"), ("at", "M8[D]"), ("sub", "i2", (2,))])
ROW = (1, math.nan, "x", b"q", "2024-01-02", (3, 4))
OBJECT = {"id": 1, "score": None, "name": "x", "raw": "cQ==", "at": "2024-01-02", "sub": [3, 4]}
INNER = np.dtype([("a", [("b", "i4"), ("c", "f4")])])
HALF = {"f0": 1, "f1": None}

TABLE: list[tuple[str, Any, Any]] = [
    ("bool", np.array([True, False]), [True, False]),
    ("bool scalar", np.True_, True),
    ("text", np.array(["a", "größe"]), ["a", "größe"]),
    ("text scalar", np.str_("a"), "a"),
    ("bytes", np.array([b"a", b"\xff\x01"]), ["YQ==", "/wE="]),
    ("bytes scalar", np.bytes_(b"abc"), "YWJj"),
    ("void", np.array([b"ab"], "V3"), ["YWIA"]),
    ("void scalar", np.void(b"abc"), "YWJj"),
    ("seconds", np.array(["2024-01-02T03:04:05", "NaT"], "M8[s]"), ["2024-01-02T03:04:05", None]),
    ("nanoseconds", np.array(["2024-01-02"], "M8[ns]"), ["2024-01-02T00:00:00.000000000"]),
    ("days", np.array(["2024-01-02"], "M8[D]"), ["2024-01-02"]),
    ("months", np.datetime64("2024-01"), "2024-01"),
    ("hours", np.datetime64("2024-01-02T03"), "2024-01-02T03"),
    ("big-endian dates", np.array(["2024-01-02", "NaT"], ">M8[D]"), ["2024-01-02", None]),
    ("big-endian durations", np.array([1, "NaT"], ">m8[ms]"), [0.001, None]),
    ("no time", np.datetime64("NaT", "D"), None),
    ("milliseconds", np.timedelta64(1500, "ms"), 1.5),
    ("nanoseconds passed", np.array([1, 1_500_000_000], "m8[ns]"), [1e-9, 1.5]),
    ("weeks passed", np.timedelta64(2, "W"), 1_209_600.0),
    ("multiples", np.array([1, "NaT"], "m8[25s]"), [25.0, None]),
    ("no duration", np.timedelta64("NaT", "s"), None),
    ("no duration in years", np.array(["NaT"], "m8[Y]"), [None]),
    ("objects", np.array([1, [2, np.nan], np.float32(3.5), {"a": None}], object), [1, [2, None], 3.5, {"a": None}]),
    ("one object", np.array({"a": (1,)}, object), {"a": [1]}),
    ("two axes of objects", np.array([[1, "a"], [None, b"a"]], object), [[1, "a"], [None, "YQ=="]]),
    ("structured", np.array([ROW, ROW], RECORD), [OBJECT, OBJECT]),
    ("structured scalar", np.array([ROW], RECORD)[0], OBJECT),
    ("structured without axes", np.array(ROW, RECORD), OBJECT),
    ("structured, two axes", np.array([[ROW], [ROW]], RECORD), [[OBJECT], [OBJECT]]),
    ("structured in structured", np.array([((1, math.inf),)], INNER), [{"a": {"b": 1, "c": None}}]),
    ("structured, object field", np.array([(1, [np.int8(2)])], [("n", "i4"), ("o", "O")]), [{"n": 1, "o": [2]}]),
    ("structured, no fields", np.zeros(2, []), [{}, {}]),
    ("structured, no rows", np.zeros(0, RECORD), []),
    ("recarray", np.rec.array([(1, 2.5)], names="a,b"), [{"a": 1, "b": 2.5}]),
    ("record", np.rec.array([(1, 2.5)], names="a,b")[0], {"a": 1, "b": 2.5}),
    ("masked", np.ma.array([1, 2, 3], mask=[0, 1, 0]), [1, None, 3]),
    ("masked, nothing hidden", np.ma.array([1.5, np.nan]), [1.5, None]),
    ("masked, all hidden", np.ma.array([[1], [2]], mask=True), [[None], [None]]),
    ("masked dates", np.ma.array(["2024-01-02", "2024-01-03"], "M8[D]", mask=[1, 0]), [None, "2024-01-03"]),
    ("masked objects", np.ma.array([object(), [1]], object, mask=[1, 0]), [None, [1]]),
    ("masked fields", np.ma.array([(1, 2.5)] * 2, "i4,f8", mask=[(0, 1), (0, 0)]), [HALF, {"f0": 1, "f1": 2.5}]),
    ("masked row", np.ma.array([(1, 2.5)], "i4,f8", mask=[(0, 1)])[0], HALF),
    ("the masked constant", np.ma.masked, None),
    ("no axes", np.array(5), 5),
    ("no axes, NaN", np.array(np.nan), None),
    ("no rows", np.empty((0, 2)), []),
    ("no columns", np.empty((2, 0)), [[], []]),
    ("three axes", np.arange(8).reshape(2, 2, 2), [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]),
    ("backwards", np.arange(3)[::-1], [2, 1, 0]),
    ("columns first", np.asfortranarray([[1.5, 2.5], [3.5, 4.5]]), [[1.5, 2.5], [3.5, 4.5]]),
    ("read-only", np.broadcast_to(np.float64(1.5), 2), [1.5, 1.5]),
    ("subclass", np.arange(2).view(type("Mine", (np.ndarray,), {})), [0, 1]),
]  # fmt: skip


@pytest.mark.parametrize(("obj", "expected"), [line[1:] for line in TABLE], ids=[line[0] for line in TABLE])
def test_each_dtype_becomes_what_the_rules_say(obj: Any, expected: Any) -> None:
    assert same(native(obj), expected)
    assert same(native([{"deep": obj}]), [{"deep": expected}])


def test_variable_length_text() -> None:
    if not hasattr(np.dtypes, "StringDType"):
        pytest.skip("NumPy 1 has no such dtype")
    assert native(np.array(["a", "größe"], np.dtypes.StringDType())) == ["a", "größe"]
    assert native(np.array(["a", None], np.dtypes.StringDType(na_object=None))) == ["a", None]


def test_arrays_are_not_changed() -> None:
    array = np.ma.array([1.0, np.nan, 3.0], mask=[True, False, False])
    before = array.copy()
    native(array)
    assert repr(array) == repr(before)


@pytest.mark.parametrize(
    ("obj", "words", "path"),
    [
        (np.array([1j]), "complex", ""),
        (np.complex64(1), "complex", ""),
        (np.array([(1, 1j)], "i4,c8"), "complex", ""),
        (np.timedelta64(3, "Y"), "years", ""),
        (np.dtype("i4"), "Int32DType", ""),
        (np.random.default_rng(0), "Generator", ""),
        (np.array([1, 1j], object), "complex", "[1]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_json_form_is_refused(obj: Any, words: str, path: str) -> None:
    error = refused({"meta": [obj]})
    assert error.path == f"meta[0]{path}"
    assert words in str(error)


@pytest.mark.filterwarnings("ignore:The 'generic' unit:DeprecationWarning")
def test_durations_without_a_unit() -> None:
    try:
        three = np.timedelta64(3, "generic")
        missing = np.array([np.datetime64("NaT", "generic")]), np.timedelta64("NaT", "generic")
    except (ValueError, TypeError):
        pytest.skip("this NumPy has no durations without a unit")
    assert "no unit" in str(refused([three]))
    assert native(missing) == [[None], None]


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="longdouble is float64 here")
@pytest.mark.parametrize("text", ["1e4000", "-1e4000", "1e-4900"])
def test_longdoubles_outside_the_range_of_floats_are_refused(text: str) -> None:
    beyond = np.longdouble(text)
    assert refused([beyond]).path == "[0]"
    error = refused([np.array([[1, 2], [beyond, np.nan]])])
    assert error.path == "[0][1][0]"
    assert "longdouble" in str(error)


def test_longdoubles_are_rounded_to_the_nearest_float() -> None:
    assert native(np.array([np.longdouble("0.1")])) == [0.1]


@given(hnp.arrays(st.sampled_from([np.float16, np.float32, np.float64]), hnp.array_shapes(min_dims=0, min_side=0)))
def test_any_array_of_floats_is_its_list_with_none_for_what_is_not_finite(array: Any) -> None:
    def expected(data: Any) -> Any:
        if isinstance(data, list):
            return [expected(value) for value in data]
        return data if math.isfinite(data) else None

    assert same(native(array), expected(array.tolist()))


DURATIONS = st.timedeltas(dt.timedelta(days=-106_751_991), dt.timedelta(days=106_751_991))  # 64 bits of microseconds


@given(st.lists(DURATIONS | st.none(), max_size=5))
@example([dt.timedelta(days=198_842, microseconds=262_145), None])  # more microseconds than a float holds
def test_durations_are_the_seconds_that_python_gives(durations: Any) -> None:
    expected = [None if duration is None else duration.total_seconds() for duration in durations]
    array = np.array(durations, dtype="timedelta64[us]")
    assert native(array) == expected
    assert [native(duration) for duration in array] == expected


@given(hnp.arrays(hnp.array_dtypes(max_size=3), hnp.array_shapes(max_dims=2, max_side=3)))
def test_structured_arrays_convert_like_their_rows(array: Any) -> None:
    try:
        rows = [native(row) for row in array]
    except Exception as error:
        with pytest.raises(type(error)):
            native(array)
    else:
        assert same(native(array), rows)
