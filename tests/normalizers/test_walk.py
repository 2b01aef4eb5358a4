"""Nested data: paths, keys, depth, and what becomes of NaN."""

from __future__ import annotations

import enum
import math
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.normalizers.refusal import path_text
from packflow.normalizers.walk import MAX_DEPTH
from tests.normalizers.support import native, refused


class Key(str):
    pass


class Colour(enum.Enum):
    RED = "red"
    NONE = None
    PAIR = (1, 2)


@pytest.mark.parametrize(
    ("obj", "path"),
    [
        ([0, 0, 0, {"meta": {"ts": 1j}}], "[3].meta.ts"),
        ({"meta": {"ts": 1j}}, "meta.ts"),
        ([[1], [[2, 1j]]], "[1][0][1]"),
        ({"a b": {"c": 1j}}, '["a b"].c'),
        ({"": 1j}, '[""]'),
        ({"x": {'say "hi"': 1j}}, 'x["say \\"hi\\""]'),
        ({"größe": [1j]}, "größe[0]"),
        ({1: {2: [1j]}}, '["1"]["2"][0]'),
        ([{Key("k"): 1j}], "[0].k"),
        (np.array([{"a": 1}, {"a": 1j}], dtype=object), "[1].a"),
        ([np.array([1.0, 2.0]), {"a": np.array([1j])}], "[1].a"),
    ],
)
def test_the_path_leads_to_the_value(obj: Any, path: str) -> None:
    assert refused(obj).path == path


@given(st.lists(st.one_of(st.integers(0, 99), st.text()), max_size=6))
def test_any_path_can_be_followed(steps: list[int | str]) -> None:
    obj: Any = 1j
    for step in reversed(steps):
        obj = {step: obj} if isinstance(step, str) else [0] * step + [obj]

    assert refused(obj).path == path_text(steps)


KEYS: list[tuple[Any, str]] = [
    (Key("a"), "a"),
    (np.str_("a"), "a"),
    (1, "1"),
    (-(10**30), "-" + "1" + "0" * 30),
    (np.int64(1), "1"),
    (np.uint8(255), "255"),
    (1.5, "1.5"),
    (1e300, "1e+300"),
    (np.float32(0.5), "0.5"),
    (True, "true"),
    (np.False_, "false"),
    (None, "null"),
    (Colour.RED, "red"),
    (Colour.NONE, "null"),
    (date(2024, 1, 2), "2024-01-02"),
    (datetime(2024, 1, 2), "2024-01-02T00:00:00"),
    (time(1), "01:00:00"),
    (np.datetime64("2024-01-02"), "2024-01-02"),
    (UUID(int=0), "00000000-0000-0000-0000-000000000000"),
    (PurePosixPath("a/b"), "a/b"),
]


@pytest.mark.parametrize(("key", "expected"), KEYS, ids=lambda value: type(value).__name__)
def test_keys_become_text_as_json_writes_them(key: Any, expected: str) -> None:
    assert native({"first": 0, key: 1}) == {"first": 0, expected: 1}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ((1, 2), "'tuple'"),
        (b"a", "'bytes'"),
        (np.bytes_(b"a"), "'numpy.bytes_'"),
        (frozenset({1}), "'frozenset'"),
        (Decimal("1.5"), "'decimal.Decimal'"),
        (1j, "'complex'"),
        (np.complex64(1), "complex"),
        (float("nan"), "nan"),
        (np.float64("inf"), "inf"),
        (Colour.PAIR, "Colour"),
        (object(), "'object'"),
        (10**4300, "4300"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_keys_are_refused_at_the_dict_that_has_them(key: Any, words: str) -> None:
    assert refused({key: 1}).path == ""
    error = refused([{"rows": {"fine": 1, key: 2}}])
    assert error.path == "[0].rows"
    assert words in str(error)


@pytest.mark.parametrize(
    ("obj", "name"),
    [({1: 0, "1": 0}, "1"), ({"1": 0, 1: 0}, "1"), ({None: 0, "null": 0}, "null"), ({Colour.RED: 0, "red": 0}, "red")],
)
def test_two_keys_that_become_one_are_an_error(obj: dict[Any, int], name: str) -> None:
    error = refused([obj])
    assert error.path == "[0]"
    assert repr(name) in str(error)


def nested(levels: int, wrap: Any = lambda inner: [inner]) -> Any:
    obj = wrap(0)
    for _ in range(levels - 1):
        obj = wrap(obj)
    return obj


WRAPS = [lambda x: [x], lambda x: {"a": x}, lambda x: {"a": x, 1: 1}, lambda x: (x, 1), lambda x: {"a": Colourful(x)}]


class Colourful(list):  # an object that a rule has to simplify first
    def __init__(self, inner: Any) -> None:
        super().__init__([inner])


@pytest.mark.parametrize("wrap", WRAPS[:4])
def test_depth_is_bounded_by_what_is_stated(wrap: Any) -> None:
    native(nested(MAX_DEPTH, wrap))
    error = refused(nested(MAX_DEPTH + 1, wrap))
    assert str(MAX_DEPTH) in str(error)
    assert len(str(error)) < 500  # the whole path is in the attribute
    assert error.path.count("[0]") + error.path.count("a") == MAX_DEPTH


def test_objects_that_are_simplified_first_count_as_levels_too() -> None:
    native(nested(MAX_DEPTH // 2, WRAPS[4]))
    refused(nested(MAX_DEPTH // 2 + 1, WRAPS[4]))


@pytest.mark.parametrize("wrap", WRAPS)
def test_far_too_deep_is_no_recursion_error(wrap: Any) -> None:
    refused(nested(50_000, wrap))


def test_data_that_contains_itself_is_refused() -> None:
    rows: list[Any] = []
    rows.append({"again": rows})
    assert "contain itself" in str(refused(rows))

    cells = np.empty(1, object)
    cells[0] = cells
    assert "contain itself" in str(refused(cells))


def test_little_room_on_the_stack_is_a_packflow_error_too() -> None:
    obj = nested(MAX_DEPTH)

    def call(levels: int) -> Any:
        return call(levels - 1) if levels else refused(obj)

    error = call(600)
    assert isinstance(error.__cause__, RecursionError)


NAN = float("nan")


@pytest.mark.parametrize(
    ("obj", "expected", "path"),
    [
        (NAN, None, ""),
        ([1.0, NAN], [1.0, None], "[1]"),
        ((math.inf, 1.0), [None, 1.0], "[0]"),
        ([1, NAN, "a"], [1, None, "a"], "[1]"),
        ({"a": {"b": -math.inf}}, {"a": {"b": None}}, "a.b"),
        ([np.float32("nan")], [None], "[0]"),
        ({"a": np.array([[1, 2], [np.inf, 4]])}, {"a": [[1.0, 2.0], [None, 4.0]]}, "a[1][0]"),
        (np.array([1, NAN], dtype=object), [1, None], "[1]"),
        (np.array([(1, NAN)], dtype=[("n", int), ("x y", float)]), [{"n": 1, "x y": None}], '[0]["x y"]'),
        (np.full(1000, NAN)[:, None], [[None]] * 1000, "[0][0]"),
        (Decimal("NaN"), None, ""),
    ],
)
def test_nan_and_infinities_are_replaced_or_refused(obj: Any, expected: Any, path: str) -> None:
    assert native(obj) == expected
    error = refused(obj, nan="error")
    assert error.path == path
    assert 'nan="null"' in str(error)


def test_finite_floats_whose_sum_is_not_stay_what_they_are() -> None:
    assert native([1e308, 1e308], nan="error") == [1e308, 1e308]
    assert native(np.array([1e308, 1e308]), nan="error") == [1e308, 1e308]
