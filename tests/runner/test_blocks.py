"""Batches read in blocks are those that the plain sources give, line by line: the same records, lines and errors."""

from __future__ import annotations

import doctest
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.backend.preprocessors.cut import ReadRecords
from packflow.exceptions import PackflowError, PreprocessorRuntimeError, RecordSourceError
from packflow.runner import blocks
from packflow.runner.blocks import JsonLines, sizes
from packflow.runner.csv_blocks import CsvLines
from packflow.runner.sources import batches, read_jsonl
from tests.runner.support import Picky, outcomes, rule

KEYS = ["a", "b", "c", "a.b", "b.a", "é", "", '"\n']
SCALARS = (
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False, allow_infinity=False, width=16)
) | st.sampled_from(["", "x", "é", "null", '"', "\ud800"])
#: Objects as pairs, so that a key may come twice.
PAIRS: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=2) | st.lists(st.tuples(st.sampled_from(KEYS), inside), max_size=4).map(tuple)
    ),
    max_leaves=10,
)
OBJECTS = st.lists(st.tuples(st.sampled_from(KEYS), PAIRS), max_size=5).map(tuple)
ODD_LINES = st.sampled_from(
    [b"", b" \t", b"\r", b"nonsense", b"[]", b"1", b"null", b'{"a": 1} {"b": 2}', b"{", b'"a": 1}', b'{"c": "\xff"}',
     b'{"\xc3": 1}', b'{"a": tru}', b'{"c": [1,]}', b'{"c": 01}', b'{"c": "\\x"}', b'{"\\u0061": 1}', b'{"c": NaN}',
     b'{"c": ' + b"[" * 2000 + b"]" * 2000 + b"}"]
)  # fmt: skip
CONFIGS = [
    {"input_format": "numpy", "feature_names": ["a"]},
    {"input_format": "numpy", "feature_names": ["c", "é", "a"], "on_missing": "error"},
    {"input_format": "numpy", "feature_names": ["", '"\n', "b.", "b"]},
    {"input_format": "numpy", "feature_names": ["", '"\n', "c"]},
    {"input_format": "numpy", "feature_names": ["a.b", "c"]},
    {"input_format": "numpy", "feature_names": ["a.b", "a", "b.a"]},
    {"input_format": "numpy", "feature_names": ["a.b.c", "a.b"], "ignore_delimiter_collisions": True},
    {"input_format": "numpy", "feature_names": ["a.b", "a.c"], "flatten_nested_inputs": True},
    {"input_format": "numpy", "feature_names": ["a", "b"], "rename_fields": {"c": "a"}},
    {"feature_names": ["c", "a"]},
    {"feature_names": ["a.b"]},
    {"feature_names": ["a.b", "b"], "nested_field_delimiter": "/"},
    {"feature_names": ["a.b", "b.a"], "ignore_delimiter_collisions": True},
    {"feature_names": ["a", "b"], "rename_fields": {"c": "a"}},
]


def spelt(value: Any) -> str:
    """Spell JSON; a tuple of pairs is an object."""
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{json.dumps(key)}: {spelt(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spelt, value)) + "]"
    return json.dumps(value, ensure_ascii=value == "\ud800")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Spell an object and cut a piece out, or put one in."""
    line = spelt(draw(OBJECTS)).encode()
    start, end = sorted((draw(st.integers(0, len(line))), draw(st.integers(0, len(line)))))
    piece = draw(st.sampled_from([b"", b"{", b"}", b'"', b",", b":", b"\\", b" ", b"0", b"\xff", b"\t"]))
    return line[:start] + piece + line[end if draw(st.booleans()) else start :]


LINES = st.lists(OBJECTS.map(lambda pairs: spelt(pairs).encode()) | ODD_LINES | damaged(), max_size=9)
GOOD_LINES = st.lists(OBJECTS.map(lambda pairs: spelt(pairs).encode()), max_size=9)


def outcome(of: Callable[[], Any]) -> Any:
    """Give a result as text, or an error as its type, text and place."""
    try:
        result = of()
    except PackflowError as error:
        return type(error), str(error), getattr(error, "line", None), getattr(error, "row", None)
    return (result.dtype, result.shape, repr(result.tolist())) if isinstance(result, np.ndarray) else repr(result)


def ended(lines: list[bytes], end: bytes) -> list[bytes]:
    return [line.replace(b"\n", b" ") + end for line in lines]


@rule
@given(LINES, st.sampled_from([b"\n", b"\r\n"]), st.integers(1, 10), st.none() | st.integers(1, 10), st.booleans())
def test_json_in_blocks_is_json_by_lines(lines, end, size, limit, marked):
    lines = ended(lines, end)
    if marked and lines:
        lines[0] = b"\xef\xbb\xbf" + lines[0]
    plain = outcomes(
        batches(islice(read_jsonl(lines, "in.jsonl"), limit), size),
        lambda batch: ([line for line, _ in batch], repr([record for _, record in batch])),
    )
    quick = outcomes(
        JsonLines(lines, "in.jsonl").batches(size, limit),
        lambda batch: (list(batch.lines), repr(batch.fresh(0, len(batch)))),
    )
    assert quick == plain


@rule
@given(LINES, st.sampled_from(CONFIGS))
def test_the_fields_that_a_preprocessor_reads_are_all_that_it_needs(lines, config):
    preprocess = get_preprocessor(BackendConfig(**config))
    lines = ended(lines, b"\n")
    plain = outcomes(
        ([record for _, record in batch] for batch in batches(read_jsonl(lines, "in.jsonl"), 3)),
        lambda records: outcome(lambda: preprocess(records)),
    )
    for cells_of in (None, getattr(preprocess, "cells_of_cut", None)):
        quick = outcomes(
            JsonLines(lines, "in.jsonl", preprocess.fields_read(), cells_of).batches(3),
            lambda batch: outcome(lambda: preprocess(batch.fresh(0, len(batch)))),
        )
        assert quick == plain


@rule
@given(GOOD_LINES.filter(bool), st.sampled_from(CONFIGS[:7]), st.data())
def test_a_batch_whose_cells_are_read_can_be_had_again_in_parts(lines, config, data):
    preprocess = get_preprocessor(BackendConfig(**config))
    source = JsonLines(lines, "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut)
    (batch,) = source.batches(len(lines))
    whole = outcome(lambda: preprocess(batch.fresh(0, len(batch))))
    assert outcome(lambda: preprocess(batch.fresh(0, len(batch)))) == whole
    start, end = sorted((data.draw(st.integers(0, len(lines))), data.draw(st.integers(0, len(lines)))))
    (plain,) = JsonLines(lines, "in.jsonl").batches(len(lines))
    assert outcome(lambda: preprocess(batch.fresh(start, end))) == outcome(
        lambda: preprocess(plain.fresh(0, len(plain))[start:end])
    )


def test_no_record_is_made_where_its_cells_are_all_that_is_read():
    preprocess = get_preprocessor(BackendConfig(input_format="numpy", feature_names=["a", "b.c"]))
    lines = [
        b'{"a": 1, "b": {"c": 0.5, "d": [1]}, "e": {"f": 2}}', b'{"b": {"c": null}}', b'{"a": 3, "b": [7]}',
        b'{"a": "text"}',
    ]  # fmt: skip
    (batch,) = JsonLines(lines, "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut).batches(9)
    read = batch.fresh(0, 4)
    assert isinstance(read, ReadRecords)
    assert repr(read.cells) == "[1, 0.5, <missing>, None, 3, <missing>, 'text', <missing>]"
    assert read.records() == [{"a": 1, "b": {"c": 0.5}}, {"b": {"c": None}}, {"a": 3, "b": [7]}, {"a": "text"}]


@pytest.mark.parametrize(("collisions", "expected"), [(False, "row 1"), (True, [[0.5], [7.0]])])
def test_a_key_that_is_spelt_like_a_path_means_the_same_where_cells_are_read(collisions, expected):
    preprocess = get_preprocessor(
        BackendConfig(input_format="numpy", feature_names=["a.b"], ignore_delimiter_collisions=collisions)
    )
    lines = [b'{"a": {"b": 0.5}}', b'{"a": {"b": 1}, "a.b": 7}']
    (batch,) = JsonLines(lines, "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut).batches(9)
    if isinstance(expected, str):
        with pytest.raises(PreprocessorRuntimeError, match=expected):
            preprocess(batch.fresh(0, 2))
    else:
        assert preprocess(batch.fresh(0, 2)).tolist() == expected


@pytest.mark.parametrize("step", ['"', "\\", "\n", "\x00", "\x7f", "é", "class", "f0", "", " "])
def test_a_name_may_be_any_text(step):
    name = f"a.{step}"
    preprocess = get_preprocessor(BackendConfig(input_format="numpy", feature_names=[step, name]))
    line = json.dumps({step: 1, "a": {step: 2, "z": 3}}).encode()
    (batch,) = JsonLines([line], "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut).batches(1)
    assert preprocess(batch.fresh(0, 1)).tolist() == [[1, 2]]


@pytest.mark.parametrize("steps", [49, 50, 51, 300])
def test_a_name_may_have_many_steps(steps):
    name = ".".join(["a"] * steps)
    preprocess = get_preprocessor(BackendConfig(input_format="numpy", feature_names=[name, "b"]))
    line = b'{"b": 2, ' + b'"a": {' * (steps - 1) + b'"a": 1' + b"}" * steps
    (batch,) = JsonLines([line], "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut).batches(1)
    assert preprocess(batch.fresh(0, 1)).tolist() == [[1, 2]]


def test_fields_may_be_named_in_lists():
    (batch,) = JsonLines([b'{"a": 1, "b": 2}'], "in.jsonl", [["a"]]).batches(1)
    assert batch.fresh(0, 1) == [{"a": 1}]


def test_cells_that_are_no_numbers_are_not_decoded_again():
    preprocess = get_preprocessor(BackendConfig(input_format="numpy", feature_names=["a", "b"]))

    def refuse() -> list[dict[str, Any]]:
        raise AssertionError

    array = preprocess(ReadRecords([b"", b""], ["x", 1, None, 2.5], refuse))
    assert array.tolist() == [["x", 1], [None, 2.5]]
    with pytest.raises(AssertionError):
        preprocess(ReadRecords([b""], [{}, 1], refuse))


def test_bytes_that_are_no_utf8_are_refused_where_cells_are_read():
    preprocess = get_preprocessor(BackendConfig(input_format="numpy", feature_names=["a"]))
    source = JsonLines([b'{"a": 1, "b": "\xff"}'], "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut)
    with pytest.raises(RecordSourceError, match=r"line 1.*not UTF-8"):
        list(source.batches(9))


def test_blocks_with_and_without_cells_make_one_batch():
    """A line with half a character is read by other means, and its whole block with it."""
    preprocess = get_preprocessor(BackendConfig(input_format="numpy", feature_names=["a"]))

    def lines() -> Iterator[bytes]:
        yield b'{"a": 1}'
        yield b""
        yield b'{"a": 2, "b": "\\ud800"}'

    source = JsonLines(lines(), "in.jsonl", preprocess.fields_read(), preprocess.cells_of_cut)
    (batch,) = source.batches(2)
    assert list(batch.lines) == [1, 3]
    assert preprocess(batch.fresh(0, 2)).tolist() == [[1], [2]]


def test_most_of_those_preprocessors_do_not_need_the_whole_record():
    """So that the property above is one."""
    fields = [get_preprocessor(BackendConfig(**config)).fields_read() for config in CONFIGS]
    assert [each is not None for each in fields] == [True] * 7 + [False] * 2 + [True, False, True, True, False]


@rule
@given(GOOD_LINES.filter(bool), st.data())
def test_records_are_made_afresh_each_time(lines, data):
    (batch,) = JsonLines(lines, "in.jsonl").batches(len(lines))
    whole = batch.fresh(0, len(batch))
    before = repr(whole)
    for record in whole:
        record["changed"] = True
    start = data.draw(st.integers(0, len(lines)))
    assert repr(batch.fresh(0, start) + batch.fresh(start, len(batch))) == before


def test_a_part_is_right_whoever_asks_first():
    (batch,) = JsonLines([b'{"a": 1}', b"", b'{"a": 2}', b'{"a": 3}'], "in.jsonl").batches(9)
    assert batch.fresh(1, 3) == [{"a": 2}, {"a": 3}]
    assert batch.fresh(0, 3) == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert batch.lines == [1, 3, 4]


@pytest.mark.parametrize(
    "line", [b'{"a": 1, "b": 1e999}', b'{"b": -1e999, "a": 1}', b'{"a": 1, "b": 1' + b"0" * 5000 + b"}"]
)
def test_a_number_that_is_too_large_is_refused_only_where_it_is_read(line):
    """Whatever else is in its block."""
    for around in ([], [b'{"a": 1}'], [b""], [b'{"a": "\\ud800"}']):
        source = JsonLines([*around, line], "in.jsonl", (("a",),))
        assert [record["a"] for batch in source.batches(9) for record in batch.fresh(0, len(batch))][-1] == 1
        with pytest.raises(RecordSourceError, match=f"line {len(around) + 1}.*range"):
            list(JsonLines([*around, line], "in.jsonl", (("b",),)).batches(9))


def test_nothing_else_than_what_is_asked_for_is_made():
    line = b'{"a": 1, "b": {"c": {"d": 2, "e": 3}, "f": 4}, "g": {"h": 5, "i": 6}, "a.b": 7, "j": 8}'
    fields = (("b", "c", "d"), ("g", "h"), ("g",), ("missing", "too"), ("a.b",))
    (batch,) = JsonLines([line], "in.jsonl", fields).batches(1)
    assert batch.fresh(0, 1) == [{"b": {"c": {"d": 2}}, "g": {"h": 5, "i": 6}, "a.b": 7}]


def test_an_input_that_fails_is_told_after_the_bad_lines_before_it():
    def lines() -> Iterator[bytes]:
        yield b'{"a": 1}\n'
        yield b"bad\n"
        raise OSError("gone")

    with pytest.raises(RecordSourceError, match="line 2"):
        list(JsonLines(lines(), "in.jsonl").batches(9))
    reading = JsonLines(islice(lines(), 1), "in.jsonl").batches(1)
    assert len(next(reading)) == 1
    reading = JsonLines((line for line in lines() if line != b"bad\n"), "in.jsonl").batches(1)
    assert len(next(reading)) == 1
    with pytest.raises(OSError, match="gone"):
        next(reading)


@pytest.mark.parametrize("make", [JsonLines, CsvLines])
def test_no_line_is_read_that_is_not_needed(make):
    taken = 0

    def lines() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b'{"x": 1}\n'

    reading = make(lines(), "in").batches(10, 25)
    assert taken == 0
    header = int(make is CsvLines)
    for wanted in (10, 20, 25):
        next(reading)
        assert taken == wanted + header
    assert next(reading, None) is None
    assert taken == 25 + header


@pytest.mark.parametrize(
    ("size", "limit", "expected"), [(4, 10, [4, 4, 2]), (4, 8, [4, 4]), (4, 3, [3]), (1, 2, [1, 1])]
)
def test_the_last_batch_keeps_to_the_limit(size, limit, expected):
    assert list(sizes(size, limit)) == expected


def test_a_batch_runs_as_its_records_do():
    from packflow.runner import Runner

    rows = [{"x": number, **({"bad": True} if number in (2, 5) else {})} for number in range(8)]
    (batch,) = JsonLines([json.dumps(row).encode() for row in rows], "in.jsonl").batches(8)
    result, plain = Runner(Picky(verbose=False)).run_batch(batch), Runner(Picky(verbose=False)).run(rows)
    assert result.outputs == plain.outputs
    assert [(failure.index, failure.message) for failure in result.failures] == [
        (failure.index, failure.message) for failure in plain.failures
    ]


def test_docstrings():
    found = doctest.testmod(blocks)
    assert found.attempted > 0
    assert found.failed == 0
