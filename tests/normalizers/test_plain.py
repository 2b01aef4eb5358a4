"""The rules for Python's own types, one line each."""

from __future__ import annotations

import dataclasses
import enum
import itertools
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque, namedtuple
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from tests.normalizers.support import native, refused, same


class Colour(enum.Enum):
    RED = "red"
    DEEP = Decimal("1.5")


class Word(str, enum.Enum):
    YES = "yes"


class Number(enum.IntEnum):
    TWO = 2


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Box(NamedTuple):
    left: int
    label: object = None


Pair = namedtuple("Pair", "a b")


@dataclasses.dataclass
class Point:
    x: float
    tags: object = None


@dataclasses.dataclass(frozen=True)
class Frozen:
    __slots__ = ("x",)
    x: int


class Text(str):
    def __str__(self) -> str:
        return "something else"


class Whole(int):
    def __int__(self) -> int:
        return -1


class Real(float):
    pass


class Table(dict):
    pass


class Rows(list):
    pass


TABLE: list[tuple[Any, Any]] = [
    ("text", "text"),
    ("\ud800", "\ud800"),
    (7, 7),
    (10**4299, 10**4299),
    (0.1, 0.1),
    (True, True),
    (None, None),
    (Text("text"), "text"),
    (Whole(3), 3),
    (Real(2), 2.0),
    (float("nan"), None),
    (float("-inf"), None),
    (Real("inf"), None),
    ((1, "a"), [1, "a"]),
    (Rows([1]), [1]),
    (Table(a=1), {"a": 1}),
    (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    (defaultdict(list, a=[1]), {"a": [1]}),
    (Counter("aab"), {"a": 2, "b": 1}),
    (ChainMap({"a": 1}), {"a": 1}),
    (MappingProxyType({"a": (1,)}), {"a": [1]}),
    (UserDict(a=1), {"a": 1}),
    (UserList([1]), [1]),
    (UserString("abc"), "abc"),
    (deque([1, 2]), [1, 2]),
    (range(3), [0, 1, 2]),
    ({"b": 1, "a": 2}.keys(), ["b", "a"]),
    ({"b": 1, "a": 2}.values(), [1, 2]),
    ({"b": 1, "a": 2}.items(), [["b", 1], ["a", 2]]),
    ({3, 1, 2}, [1, 2, 3]),
    (frozenset("ba"), ["a", "b"]),
    ({Word.YES, "no"}, ["no", "yes"]),
    ({frozenset({2, 1}), frozenset({0})}, [[0], [1, 2]]),
    (datetime(2024, 2, 29, 1, 2, 3), "2024-02-29T01:02:03"),
    (datetime(2024, 2, 29, tzinfo=timezone.utc), "2024-02-29T00:00:00+00:00"),
    (date(2024, 2, 29), "2024-02-29"),
    (time(1, 2), "01:02:00"),
    (timedelta(days=1, microseconds=1), 86400.000001),
    (timedelta(seconds=5), 5.0),
    (Decimal(12), 12),
    (Decimal("1E+3"), 1000),
    (Decimal(12345678901234567890), 12345678901234567890),
    (Decimal("12.00"), 12.0),
    (Decimal("0.1"), 0.1),
    (Decimal("-0.0"), -0.0),
    (Decimal("NaN"), None),
    (Decimal("sNaN"), None),
    (Decimal("-Infinity"), None),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (PurePosixPath("a/b"), "a/b"),
    (b"\x00\xff", "AP8="),
    (bytearray(b"abc"), "YWJj"),
    (memoryview(b"abcabc")[::2], "YWNi"),
    (Colour.RED, "red"),
    (Colour.DEEP, 1.5),
    (Word.YES, "yes"),
    (Number.TWO, 2),
    (Permission.READ | Permission.WRITE, 3),
    (Box(1, Word.YES), {"left": 1, "label": "yes"}),
    (Pair(1, (2,)), {"a": 1, "b": [2]}),
    (Point(1.5, {Pair(1, 2)}), {"x": 1.5, "tags": [{"a": 1, "b": 2}]}),
    (Frozen(1), {"x": 1}),
]


@pytest.mark.parametrize(("obj", "expected"), TABLE, ids=lambda value: type(value).__name__)
def test_each_type_becomes_what_the_rules_say(obj: Any, expected: Any) -> None:
    assert same(native(obj), expected)
    assert same(native({"deep": [obj, "beside"]}), {"deep": [expected, "beside"]})


def test_the_result_shares_no_container_with_the_input() -> None:
    inner: list[Any] = [1]
    obj = {"inner": inner, "texts": ["a"]}

    data = native(obj)
    data["inner"].append(2)
    data["texts"].append("b")
    data["more"] = 1

    assert obj == {"inner": [1], "texts": ["a"]}


def test_a_set_of_values_without_an_order_keeps_its_own() -> None:
    mixed = {1, "a", None}
    assert native(mixed) == list(mixed)


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (1j, "complex"),
        (object(), "'object'"),
        (object, "'type'"),
        (len, "builtin_function_or_method"),
        (SimpleNamespace(a=1), "SimpleNamespace"),
        (Fraction(1, 2), "fractions.Fraction"),
        (ValueError("no"), "ValueError"),
        (iter([1]), "list(value)"),
        ((row for row in [1]), "list(value)"),
        (zip([1], [2], strict=True), "list(value)"),
        (itertools.count(), "list(value)"),
        (Decimal(1) / 3, "str(value)"),
        (Decimal("0.1000000000000000055511151231257827"), "str(value)"),
        (Decimal("1E-400"), "str(value)"),
        (Decimal("1E+5000"), "4300 digits"),
        (10**4300, "4300 digits"),
        (-(10**4300), "4300 digits"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_json_form_is_refused_where_it_stands(obj: Any, words: str) -> None:
    assert refused(obj).path == ""
    for data in ({"a": [0, obj]}, {"a": (None, obj)}):
        error = refused(data)
        assert error.path == "a[1]"
        assert str(error).startswith("a[1]: ")
        assert words in str(error)


def test_the_error_names_the_name_to_register_a_normalizer_under() -> None:
    assert "'tests.normalizers.test_plain.Unknown'" in str(refused([Unknown()]))


class Unknown:
    pass


def test_a_field_that_cannot_be_read_is_an_error_with_its_path_and_cause() -> None:
    broken = Point(1.0)
    del broken.x

    error = refused([{"point": broken}])

    assert error.path == "[0].point"
    assert isinstance(error.__cause__, AttributeError)
