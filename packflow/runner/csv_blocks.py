"""Batches of CSV rows, read a block of lines at a time.

As in ``blocks``: what ``sources`` says of a row holds. As long as each line is a row, a block is taken as a whole; from
the first one on that has line breaks in its cells, blank lines or faults, and in batches of a few rows, rows go through
the functions there.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from packflow.backend.preprocessors.base import Fields
from packflow.runner.blocks import sizes
from packflow.runner.lines import Lines
from packflow.runner.sources import CellTypes, CellValues, Record, csv_rows, csv_rows_from
from packflow.runner.suspicions import CodesAmongNumbers, warn_of_other_separators

#: The fewest rows, in a batch, that are read sooner as a block.
_LEAST_BLOCK = 5


class CsvBatch:
    """Rows of a CSV."""

    def __init__(self, lines: Sequence[int], rows: list[list[str]], maker: _Maker) -> None:
        self.lines = lines
        self._rows = rows
        self._maker = maker

    def __len__(self) -> int:
        return len(self._rows)

    def fresh(self, start: int, end: int) -> list[Record]:
        """Give the records from ``start`` to ``end``, in dicts of their own."""
        return self._maker.records(self.lines[start:end], self._rows[start:end])


class CsvLines:
    r"""A source of CSV with a header line.

    Example:
        >>> source = CsvLines([b"x,zip\n", b"1.5,01234\n"], "events.csv", "auto", (("x",),))
        >>> [(list(batch.lines), batch.fresh(0, len(batch))) for batch in source.batches(10)]
        [([2], [{'x': 1.5}])]

    Args:
        lines: the lines, in bytes.
        name: the source's name, for errors.
        types: as for ``read_csv``.
        fields: what of a record is asked for; None for everything.
    """

    def __init__(
        self, lines: Iterable[bytes], name: str, types: CellTypes = "auto", fields: Fields | None = None
    ) -> None:
        self._lines, self._name, self._types = Lines(lines), name, types
        self._wanted = None if fields is None else {path[0] for path in fields}
        self._by_line: Iterator[tuple[int, list[str]]] | None = None  # the rows, once they are read line by line

    def batches(self, size: int, limit: int | None = None) -> Iterator[CsvBatch]:
        """Group the records into batches of a size; the last may be smaller.

        Args:
            size: records in a batch.
            limit: the most records of all batches; what comes after them is not read.

        Raises:
            RecordSourceError: as ``read_csv``. The batch that the line is in is not given.
        """
        _, header = next(csv_rows(self._lines, self._name))
        warn_of_other_separators(header, self._name)
        maker = _Maker(header, self._name, self._types, self._wanted)
        for wanted in sizes(size, limit):
            lines, rows = self._rows(wanted, len(header))
            if not rows:
                return
            yield CsvBatch(lines, rows, maker)

    def _rows(self, wanted: int, width: int) -> tuple[Sequence[int], list[list[str]]]:
        """Give rows with the numbers of their first lines."""
        first = self._lines.taken + 1
        if self._by_line is None:
            rows = self._block(wanted, width) if wanted >= _LEAST_BLOCK else None
            if rows is not None:
                return range(first, first + len(rows)), rows
            # From here on: more of the kind may come, and to read each block twice takes longer.
            self._by_line = csv_rows_from(first, self._lines, self._name, width)
        located = list(islice(self._by_line, wanted))
        return [number for number, _ in located], [row for _, row in located]

    def _block(self, wanted: int, width: int) -> list[list[str]] | None:
        """Give the rows of lines that are a row each; None, with the lines put back, where one is not."""
        block = self._lines.take(wanted)
        rows = _rows_of(block, width)
        if rows is None:
            self._lines.give_back(block)
        elif len(rows) < wanted:
            self._lines.take(1)  # there is none, and where the input has failed, this raises
        return rows


def _rows_of(lines: list[bytes], width: int) -> list[list[str]] | None:
    """Give the rows of lines that are a row each, as wide as they should be; None where one is not."""
    try:
        rows = list(csv.reader(map(bytes.decode, lines), strict=True))
    except (ValueError, csv.Error):  # told by whoever reads line by line
        return None
    return rows if len(rows) == len(lines) and set(map(len, rows)) <= {width} else None


class _Maker:
    """Makes records of rows, and warns of what they show."""

    def __init__(self, header: list[str], source: str, types: CellTypes, wanted: Collection[str] | None) -> None:
        self._values = CellValues()
        self._codes = CodesAmongNumbers(source)
        self._make = record_maker(header, str if types == "text" else self._values.__getitem__, wanted)

    def records(self, lines: Sequence[int], rows: list[list[str]]) -> list[Record]:
        records = list(map(self._make, rows))
        if self._values.met_code:
            self._codes.look(lines, records)
        return records


def record_maker(
    header: list[str], value_of: Callable[[str], Any], wanted: Collection[str] | None
) -> Callable[[list[str]], Record]:
    """Give the function that makes a record of a row's cells.

    Example:
        >>> record_maker(["a", "b", "c"], str.upper, {"a", "c"})(["x", "y", "z"])
        {'a': 'X', 'c': 'Z'}
    """
    places = [place for place, name in enumerate(header) if wanted is None or name in wanted]
    if len(places) == len(header):
        return lambda row: dict(zip(header, map(value_of, row), strict=True))
    if len(places) < 2:  # itemgetter would give no tuple
        return lambda row: {header[place]: value_of(row[place]) for place in places}
    pick = itemgetter(*places)
    names = pick(header)
    return lambda row: dict(zip(names, map(value_of, pick(row)), strict=True))
