"""CSV: a header line, and records whose cells are what they spell."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import RecordSourceError
from packflow.runner.sources import CellValues, batches, cell_value, read_csv
from tests.runner.support import rule

BOM = b"\xef\xbb\xbf"


def read(content: bytes, types: Any = "auto") -> list[tuple[int, dict[str, Any]]]:
    """Read a file's content, cut at line feeds as binary files are."""
    return list(read_csv(io.BytesIO(content), "in.csv", types))


def refusal(content: bytes) -> RecordSourceError:
    with pytest.raises(RecordSourceError) as caught:
        read(content)
    assert caught.value.source == "in.csv"
    assert str(caught.value).startswith("in.csv")
    if caught.value.line is not None:
        assert f"line {caught.value.line}:" in str(caught.value)
    return caught.value


def test_the_header_names_the_cells():
    assert read(b"x,y\n1,a\n2,b\n") == [(2, {"x": 1, "y": "a"}), (3, {"x": 2, "y": "b"})]


def test_a_header_alone_is_no_record():
    assert read(b"x,y\n") == []


def test_the_last_line_need_not_end():
    assert read(b"x\n1") == [(2, {"x": 1})]


def test_windows_line_ends_are_line_ends():
    assert read(b"x,y\r\n1,a\r\n\r\n2,b\r\n") == [(2, {"x": 1, "y": "a"}), (4, {"x": 2, "y": "b"})]


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b'"x",y\n1,2\n'])
def test_a_byte_order_mark_is_no_part_of_the_first_name(content):
    assert read(BOM + content) == [(2, {"x": 1, "y": 2})]


def test_blank_lines_are_passed_over_and_counted():
    assert read(b"\nx,y\n\n1,2\n\n\n3,4\n") == [(4, {"x": 1, "y": 2}), (7, {"x": 3, "y": 4})]


def test_a_blank_line_in_a_csv_of_one_column_is_an_empty_cell():
    assert read(b"\nx\n1\n\n2\n") == [(3, {"x": 1}), (4, {"x": None}), (5, {"x": 2})]
    assert read(b"x\r\n\r\n") == [(2, {"x": None})]
    assert read(b"x\n") == []


def test_quoted_cells_may_hold_commas_quotes_and_line_breaks():
    content = b'x,y\n"a,b","say ""hi"""\n"two\nlines","cr\r\nlf"\n'
    assert read(content) == [(2, {"x": "a,b", "y": 'say "hi"'}), (3, {"x": "two\nlines", "y": "cr\r\nlf"})]


def test_a_record_has_the_number_of_its_first_line():
    content = b'x,y\n"one\ntwo\nthree",1\n2,"a\nb"\n3,4\n'
    assert [number for number, _ in read(content)] == [2, 5, 7]


def test_an_error_after_line_breaks_in_cells_has_the_right_line():
    assert refusal(b'x,y\n"a\nb\nc",1\n5\n').line == 5
    assert refusal(b'x,y\n"a\nb\nc"\n5,6\n').line == 2


def test_names_may_hold_line_breaks_and_commas():
    assert read(b'"a\nb","c,d"\n1,2\n') == [(3, {"a\nb": 1, "c,d": 2})]


@pytest.mark.parametrize(("row", "found"), [(b"1", 1), (b"1,2,3", 3), (b"1,2,", 3), (b'"1,2"', 1), (b" ", 1)])
def test_too_many_or_too_few_cells_are_refused_by_their_line(row, found):
    error = refusal(b"x,y\n1,2\n" + row + b"\n3,4\n")
    assert error.line == 3
    assert "expected 2 cells" in str(error)
    assert f"found {found}" in str(error)


@pytest.mark.parametrize("content", [b"", b"\n\n", BOM, b"\r\n"])
def test_a_missing_header_is_refused(content):
    error = refusal(content)
    assert "header" in str(error)
    assert error.line is None


@pytest.mark.parametrize(
    ("header", "reason"),
    [(b"x,y,x", "'x' twice"), (b"x,,z", "column 2 has no name"), (b"x,y,", "column 3"), (b'"",y', "column 1")],
)
@pytest.mark.parametrize("blank", [0, 2])
def test_a_bad_header_is_refused_by_its_line(header, reason, blank):
    error = refusal(b"\n" * blank + header + b"\n1,2,3\n")
    assert reason in str(error)
    assert error.line == 1 + blank


def test_the_index_that_pandas_writes_is_told_how_to_leave_out():
    assert "to_csv(index=False)" in str(refusal(b",x,y\n0,1,2\n"))
    assert "pandas" not in str(refusal(b"x,,y\n0,1,2\n"))


def test_a_cell_above_the_limit_is_told_by_its_line():
    before = csv.field_size_limit(100)
    try:
        error = refusal(b"x\n1\n" + b"y" * 101 + b"\n")
    finally:
        csv.field_size_limit(before)
    assert error.line == 3
    assert "(100) characters in a cell" in str(error)


@pytest.mark.parametrize("content", [b'x\n"a"b\n', b'x\n1\n"unclosed\n2\n', b'x\n"a\n'])
def test_what_is_no_csv_is_refused(content):
    error = refusal(content)
    assert "not valid CSV" in str(error)
    assert error.__cause__ is not None


def test_an_unclosed_quote_is_told_by_the_line_where_it_opens():
    assert refusal(b'x\n1\n"unclosed\n2\n3\n').line == 3


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"\xff\n1\n", 1), (b"x\n1\n\xff\n", 3), (b'x\n"a\n\xe9"\n', 3), ("x\n1\n".encode("utf-16"), 1)],
)
def test_bytes_that_are_no_utf8_are_refused_by_their_line(content, line):
    error = refusal(content)
    assert error.line == line
    assert "UTF-8" in str(error)


NUMBERS = {
    "0": 0,
    "7": 7,
    "-7": -7,
    "10": 10,
    "1.5": 1.5,
    "-0.5": -0.5,
    "1.0": 1.0,
    "1.50": 1.5,
    "1e3": 1000.0,
    "1E-3": 0.001,
    "2.5e+2": 250.0,
    "9007199254740993": 2**53 + 1,
    "18446744073709551616": 2**64,
    "-123456789012345678901234567890": -123456789012345678901234567890,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_cell_that_is_spelt_as_a_json_number_is_one(text):
    value = cell_value(text)
    assert value == NUMBERS[text]
    assert type(value) is type(NUMBERS[text])


TEXTS = [
    "01234", "007", "00", "-01", "+1", "1.", ".5", "-.5", "1e", "e5", "1e5.0", "1_000", "1,5", "0x10", "0b1", "1 ",
    " 1", "1\n", "- 1", "--1", "NaN", "nan", "inf", "-inf", "Infinity", "true", "True", "false", "null", "None", "NA",
    "1/2", "1e400", "-1e400", "٣", "\uff11", "2020-01-01", "1j", "€5", " ", "\t", "-", ".", "\x001", "1\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_any_other_cell_is_text_as_it_stands(text):
    assert cell_value(text) == text


def test_a_number_too_long_for_python_is_text():
    assert cell_value("9" * 4300) == int("9" * 4300)
    assert cell_value("9" * 5000) == "9" * 5000


def test_an_empty_cell_is_none_even_if_it_is_quoted():
    assert read(b'x,y,z\n,"",a\n') == [(2, {"x": None, "y": None, "z": "a"})]


def test_cells_are_read_for_what_they_are_each_time():
    rows = [record["x"] for _, record in read(b"x\n1\n1.0\n01\n1\n1.0\n01\n")]
    assert rows == [1, 1.0, "01", 1, 1.0, "01"]
    assert [type(value) for value in rows] == [int, float, str, int, float, str]


def test_as_text_every_cell_is_as_it_stands():
    assert read(b"x,y,z\n1,,1.50\n", "text") == [(2, {"x": "1", "y": "", "z": "1.50"})]


def test_lines_are_read_one_at_a_time():
    taken = 0

    def lines() -> Iterator[bytes]:
        nonlocal taken
        yield b"x,y\n"
        while True:
            taken += 1
            yield b"1,2\n"

    reading = batches(read_csv(lines(), "in.csv"), 10)
    assert taken == 0
    assert len(next(reading)) == 10
    assert taken == 10


def test_memory_does_not_grow_with_the_input():
    def lines() -> Iterator[bytes]:
        yield b"x\n"
        for number in range(600):
            yield b"%d" % number + b"y" * 100_000 + b"\n"  # 60 MB

    tracemalloc.start()
    try:
        for _ in batches(read_csv(lines(), "in.csv"), 10):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


def test_only_so_many_cells_are_remembered_and_none_is_mistaken():
    values = CellValues()
    for number in range(150_000):
        assert values[str(number)] == number
    assert len(values) < 100_000
    assert values["x" * 1_000] == "x" * 1_000
    assert "x" * 1_000 not in values


@rule
@given(st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
                                    min_size=width, max_size=width), max_size=4)))  # fmt: skip
def test_whatever_python_writes_is_read_as_it_was(rows):
    width = len(rows[0]) if rows else 1
    names = [f"c{number}" for number in range(width)]
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    found = [record for _, record in read(written.getvalue().encode(), "text")]
    assert found == [dict(zip(names, row, strict=True)) for row in rows]


@rule
@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_python_spells_in_json_comes_back(number):
    value = cell_value(repr(number))
    assert value == number
    assert type(value) is type(number)
