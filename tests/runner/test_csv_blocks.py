"""CSV read in blocks is what the plain source gives, line by line: the same records, lines and errors."""

from __future__ import annotations

from io import BytesIO
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import RecordSourceError
from packflow.runner import csv_blocks
from packflow.runner.csv_blocks import CsvLines
from packflow.runner.sources import batches, csv_rows_from, read_csv
from tests.runner.support import outcomes, rule

CELLS = st.sampled_from(["", "1", "2.5", "01", "x", '"a\nb"', '"a,b"', '"', "é", "1e999", "\r", "\0", "\udcff"])
PATHS = [("a",), ("b", "x"), ("b",), ("c",), ("d",)]
#: Most have a cell for each name; some are blank lines, or have too few or too many.
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3) | st.sampled_from([[], ["1"], ["1"] * 4]), max_size=12)


@rule
@given(
    st.permutations(["a", "b", "c"]), ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["auto", "text"]),
    st.integers(1, 8), st.none() | st.integers(1, 9), st.none() | st.sets(st.sampled_from(PATHS)),
)  # fmt: skip
def test_csv_in_blocks_is_csv_by_lines(header, rows, end, types, size, limit, fields):
    text = "".join(",".join(row) + end for row in [header, *rows])
    lines = BytesIO(text.encode(errors="surrogateescape")).readlines()
    names = {path[0] for path in fields} if fields is not None else set(header)
    plain = outcomes(
        batches(islice(read_csv(lines, "in.csv", types), limit), size),
        lambda batch: (
            [line for line, _ in batch],
            [{name: cell for name, cell in record.items() if name in names} for _, record in batch],
        ),
    )
    quick = outcomes(
        CsvLines(lines, "in.csv", types, None if fields is None else tuple(fields)).batches(size, limit),
        lambda batch: (list(batch.lines), batch.fresh(0, len(batch))),
    )
    assert quick == plain


def test_rows_are_made_afresh_each_time():
    (batch,) = CsvLines([b"x\n", b"1\n", b"2\n"], "in.csv").batches(9)
    batch.fresh(0, 2)[0].clear()
    assert batch.fresh(0, 1) == [{"x": 1}]


def test_cells_with_line_breaks_among_others_keep_the_numbers_of_their_lines():
    rows = [b'1,"a\n', b'b"\n', b"2,c\n"] * 2_000
    read = list(CsvLines([b"x,y\n", *rows], "in.csv").batches(2))
    assert [record for batch in read for record in batch.fresh(0, 2)] == [
        {"x": 1, "y": "a\nb"},
        {"x": 2, "y": "c"},
    ] * 2_000
    assert [line for batch in read for line in batch.lines] == [
        line for start in range(2, 6_002, 3) for line in (start, start + 2)
    ]


def test_a_row_is_given_as_soon_as_its_line_is_there():
    taken = []

    def lines():
        for line in (b"x\n", b"1\n", b'"2\n', b'3"\n', b"4\n"):
            taken.append(line)
            yield line

    reading = CsvLines(lines(), "in.csv").batches(1)
    assert [(next(reading).fresh(0, 1), len(taken)) for _ in range(3)] == [
        ([{"x": 1}], 2), ([{"x": "2\n3"}], 4), ([{"x": 4}], 5),
    ]  # fmt: skip


def test_an_input_that_fails_is_told_after_the_bad_rows_before_it():
    def lines():
        yield from (b"x\n", b"1\n", b"1,2\n")
        raise OSError("gone")

    with pytest.raises(RecordSourceError, match="line 3: expected 1 cell"):
        list(CsvLines(lines(), "in.csv").batches(9))
    with pytest.raises(OSError, match="gone"):
        list(CsvLines((line for line in lines() if line != b"1,2\n"), "in.csv").batches(9))


@pytest.mark.parametrize(("size", "blank"), [(1, b""), (9, b"\n")])
def test_rows_that_are_read_line_by_line_take_one_reader(size, blank, monkeypatch):
    made = []
    monkeypatch.setattr(csv_blocks, "csv_rows_from", lambda *args: made.append(args) or csv_rows_from(*args))
    lines = [b"x,y\n", *[b"1,2\n", blank] * 50]
    assert sum(map(len, CsvLines(lines, "in.csv").batches(size))) == 50
    assert len(made) == 1


@pytest.mark.parametrize("limit", [None, 5, 20])
def test_an_input_that_fails_within_a_batch_is_told_and_the_batch_is_not_given(limit):
    def lines():
        yield from (b"x\n", b"1\n")
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        next(CsvLines(lines(), "in.csv").batches(9, limit))


@pytest.mark.parametrize("size", [1, 2, 9])
def test_a_blank_line_in_one_column_is_an_empty_cell(size):
    read = list(CsvLines([b"x\n", b"1\n", b"\n", b"2\n"], "in.csv").batches(size))
    assert [line for batch in read for line in batch.lines] == [2, 3, 4]
    assert [record for batch in read for record in batch.fresh(0, len(batch))] == [{"x": 1}, {"x": None}, {"x": 2}]
