"""Outputs as records: which axis is read, which rows are unwrapped, what is one record, what is no batch."""

from __future__ import annotations

import dataclasses
import enum
from collections import deque
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest

from packflow.exceptions import NormalizationError
from packflow.utils.normalize import ensure_valid_output
from tests.normalizers.support import check_native, same


class Box(NamedTuple):
    left: int
    right: int


@dataclasses.dataclass
class Point:
    x: int


class Colour(enum.Enum):
    RED = "red"


def cells(*values: Any) -> Any:
    """An object array of one axis, whatever the values are."""
    array = np.empty(len(values), object)
    for index, value in enumerate(values):
        array[index] = value
    return array


def out(*rows: Any) -> list[dict[str, Any]]:
    return [{"output": row} for row in rows]


RECORDS = np.array([(1, 2.5), (3, 4.5)], [("a", "i4"), ("b", "f8")])

TABLE: list[tuple[str, Any, list[dict[str, Any]]]] = [
    ("nothing", [], []),
    ("numbers", [1, 2.5, None], out(1, 2.5, None)),
    ("texts", ["ab", "c"], out("ab", "c")),
    ("tuple", (1, 2), out(1, 2)),
    ("records", [{"a": np.int8(1)}, {}], [{"a": 1}, {}]),
    ("records among other rows", [{"a": 1}, 2, [3]], [{"a": 1}, {"output": 2}, {"output": [3]}]),
    ("objects", [Point(1), Box(1, 2), MappingProxyType({"a": 1})], [{"x": 1}, {"left": 1, "right": 2}, {"a": 1}]),
    ("one-element rows", [[1], [2]], out(1, 2)),
    ("one-element tuples and arrays", [(1,), np.array([2])], out(1, 2)),
    ("one-element rows of records", [[{"a": 1}], [{"a": 2}]], [{"a": 1}, {"a": 2}]),
    ("one-element rows of rows", [[[1]], [[2]]], out([1], [2])),
    ("rows of several lengths", [[1], [2, 3]], out([1], [2, 3])),
    ("one row of one", [[1]], out(1)),
    ("one empty row", [[]], out([])),
    ("zip", zip([1, 2], "ab", strict=True), out([1, "a"], [2, "b"])),
    ("generator", (row for row in ([1], [2])), out(1, 2)),
    ("an iterator over nothing", iter(()), []),
    ("deque", deque([1, 2]), out(1, 2)),
    ("range", range(2), out(0, 1)),
    ("values of a dict", {"a": 1, "b": 2}.values(), out(1, 2)),
    ("one axis", np.array([1.5, np.nan]), out(1.5, None)),
    ("two axes", np.array([[1, 2], [3, 4]]), out([1, 2], [3, 4])),
    ("(n, 1)", np.array([[2], [4]]), out(2, 4)),
    ("(1, 1)", np.array([[2]]), out(2)),
    ("(n, 1, k)", np.ones((2, 1, 2)), out([1.0, 1.0], [1.0, 1.0])),
    ("(n, k, 1)", np.ones((1, 2, 1)), out([[1.0], [1.0]])),
    ("(n, 0)", np.empty((2, 0)), out([], [])),
    ("(0,)", np.empty(0), []),
    ("(0, 1)", np.empty((0, 1)), []),
    ("(0, 3)", np.empty((0, 3)), []),
    ("cells that are one-element lists", cells([1], [2]), out([1], [2])),
    ("cells that are records", cells({"a": 1}, [2]), [{"a": 1}, {"output": [2]}]),
    ("(n, 1) of cells", cells([1], {"a": 2})[:, None], [{"output": [1]}, {"a": 2}]),
    ("masked (n, 1)", np.ma.array([[1], [2]], mask=[[0], [1]]), out(1, None)),
    ("matrix (n, 1)", np.array([[1], [2]]).view(np.matrix), out(1, 2)),
    ("matrix", np.array([[1, 2]]).view(np.matrix), out([1, 2])),
    ("texts of NumPy", np.array(["a", "b"]), out("a", "b")),
    ("dates of NumPy", np.array(["2024-01-02"], "M8[D]"), out("2024-01-02")),
    ("structured", RECORDS, [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]),
    ("structured (n, 1)", RECORDS[:, None], [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]),
    ("structured (1, n)", RECORDS[None], out([{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}])),
    ("recarray", RECORDS.view(np.recarray), [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]),
    ("a dict", {"a": np.arange(2)}, [{"a": [0, 1]}]),
    ("an empty dict", {}, [{}]),
    ("a mapping", MappingProxyType({"a": 1}), [{"a": 1}]),
    ("a dataclass", Point(1), [{"x": 1}]),
    ("a named tuple", Box(1, 2), [{"left": 1, "right": 2}]),
    ("one structured row", RECORDS[0], [{"a": 1, "b": 2.5}]),
    ("structured without axes", RECORDS[0:1].reshape(()), [{"a": 1, "b": 2.5}]),
    ("an object array without axes", np.array({"a": 1}, object), [{"a": 1}]),
]


@pytest.mark.parametrize(("outputs", "expected"), [line[1:] for line in TABLE], ids=[line[0] for line in TABLE])
def test_outputs_become_records(outputs: Any, expected: list[dict[str, Any]]) -> None:
    records = ensure_valid_output(outputs)
    check_native(records)
    assert same(records, expected)
    assert ensure_valid_output(records) == records


@pytest.mark.parametrize(
    "outputs",
    ["text", b"bytes", 5, 2.5, True, None, {1, 2}, frozenset(), np.array(5), np.float64(1), np.str_("a"), Colour.RED,
     date(2024, 1, 2), np.ma.masked, np.datetime64("NaT", "D"), bytearray(b"a")],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_has_no_rows_is_refused_with_its_type_and_what_to_do(outputs: Any) -> None:
    with pytest.raises(NormalizationError) as caught:
        ensure_valid_output(outputs)
    kind = type(outputs)
    assert kind.__name__ in str(caught.value)
    assert "[value]" in str(caught.value)
    assert caught.value.path == ""


@pytest.mark.parametrize(
    ("outputs", "path"),
    [
        ([1, [2, 1j]], "[1][1]"),
        ({"meta": {"ts": 1j}}, "meta.ts"),
        (iter([0, {"a": object()}]), "[1].a"),
        (cells(1, {"a": 1j}), "[1].a"),
        (cells(1, {"a": 1j})[:, None], "[1][0].a"),
        (np.array([[1], [np.nan]]), "[1][0]"),
        (np.array([[1, 2], [3, np.inf]]), "[1][1]"),
        (np.array([(1, np.nan)], "i4,f8"), "[0].f1"),
        ([[1.5], [np.nan]], "[1][0]"),
    ],
)
def test_the_path_counts_in_the_outputs_as_they_were_given(outputs: Any, path: str) -> None:
    with pytest.raises(NormalizationError) as caught:
        ensure_valid_output(outputs, nan="error")
    assert caught.value.path == path


def test_what_an_iterator_raises_is_the_callers_own() -> None:
    def rows() -> Any:
        yield 1
        raise LookupError("the model is gone")

    with pytest.raises(LookupError):
        ensure_valid_output(rows())
