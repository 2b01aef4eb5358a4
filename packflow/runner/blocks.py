"""Batches of records, read a block of lines at a time; they give the records afresh as often as they are asked.

``sources`` says what a line is and what is wrong with one. Here is the same, faster: a block that decodes as a whole is
taken as a whole, and any other goes line by line through the functions there, so that results and errors are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Protocol

from packflow.backend.preprocessors.base import Fields
from packflow.backend.preprocessors.cut import CellsOfCut, ReadRecords
from packflow.runner.lines import Lines
from packflow.runner.narrow import ObjectDecoder
from packflow.runner.sources import BOM, Record, is_blank, read_object


class LocatedBatch(Protocol):
    """A batch for ``Runner.run_batch`` that knows the line of each record."""

    @property
    def lines(self) -> Sequence[int]:
        """The number of each record's first line."""

    def __len__(self) -> int:
        """Say how many records there are."""

    def fresh(self, start: int, end: int) -> list[Record]:
        """Give the records from ``start`` to ``end``, in dicts and lists of their own."""


@dataclass
class _Block:
    """Lines of JSON that were taken together, and what they were decoded to: the cells, or the records."""

    lines: Sequence[int]
    texts: list[bytes]
    cells: list[Any] | None = None
    records: list[Record] | None = None


def _joined(blocks: list[_Block]) -> _Block:
    """Make one block of several; where not all were decoded to the same, to none."""
    lines = list(chain.from_iterable(block.lines for block in blocks))
    texts = list(chain.from_iterable(block.texts for block in blocks))
    records = [block.records for block in blocks if block.records is not None]
    return _Block(lines, texts, records=list(chain.from_iterable(records)) if len(records) == len(blocks) else None)


class JsonBatch:
    """Lines of JSON. They are decoded already, for the first who asks, and decoded again for whoever asks later."""

    def __init__(self, block: _Block, source: JsonLines) -> None:
        self.lines = block.lines
        self._texts = block.texts
        self._decoded: _Block | None = block
        self._source = source

    def __len__(self) -> int:
        return len(self.lines)

    def fresh(self, start: int, end: int) -> list[Record]:
        """Give the records from ``start`` to ``end``, in dicts and lists of their own, or with their cells read."""
        decoded, self._decoded = self._decoded, None
        decode = partial(self._source.decode, self.lines[start:end], self._texts[start:end])
        if decoded is None or end - start < len(self):
            return decode()
        if decoded.cells is not None:
            return ReadRecords(self._texts, decoded.cells, decode)
        return decode() if decoded.records is None else decoded.records


class JsonLines:
    r"""A source of JSON Lines.

    Example:
        >>> source = JsonLines([b'{"a": 1, "b": 2}\n', b'\n', b'{"a": 3}\n'], "events.jsonl", (("a",),))
        >>> [(batch.lines, batch.fresh(0, len(batch))) for batch in source.batches(10)]
        [([1, 3], [{'a': 1}, {'a': 3}])]

    Args:
        lines: the lines, in bytes.
        name: the source's name, for errors.
        fields: what of a record is asked for; None for everything.
        cells_of: reads the cells of the fields for a preprocessor that reads nothing else; given, batches have them.
    """

    def __init__(
        self, lines: Iterable[bytes], name: str, fields: Fields | None = None, cells_of: CellsOfCut | None = None
    ) -> None:
        self._lines = Lines(lines)
        self._name = name
        self._decoder = ObjectDecoder(fields, cells_of)
        self._begun = False  # with records

    def batches(self, size: int, limit: int | None = None) -> Iterator[JsonBatch]:
        """Group the records into batches of a size; the last may be smaller.

        Args:
            size: records in a batch.
            limit: the most records of all batches; what comes after them is not read.

        Raises:
            RecordSourceError: a line is no JSON object. The batch that it is in is not given.
        """
        for wanted in sizes(size, limit):
            batch = self._batch(wanted)
            if not len(batch):
                return
            yield batch

    def decode(self, numbers: Sequence[int], texts: list[bytes]) -> list[Record]:
        """Decode lines that are not blank."""
        try:
            return self._decoder.decode_all(texts)
        except (ValueError, RecursionError):
            return [self._decode_one(number, text) for number, text in zip(numbers, texts, strict=True)]

    def _decode_one(self, number: int, text: bytes) -> Record:
        try:
            (record,) = self._decoder.decode_all([text])
        except (ValueError, RecursionError):  # what is wrong, if anything is, is to be told as everywhere
            record = read_object(text, self._name, number, first=not self._begun)
        self._begun = True
        return record

    def _batch(self, size: int) -> JsonBatch:
        blocks: list[_Block] = []
        while size > 0 and (taken := self._lines.take(size)):
            first = self._lines.taken - len(taken) + 1
            if first == 1:
                taken[0] = taken[0].removeprefix(BOM)
            block = self._decoded(range(first, first + len(taken)), taken)
            self._begun = self._begun or bool(block.texts)
            blocks.append(block)
            size -= len(block.texts)
        return JsonBatch(blocks[0] if len(blocks) == 1 else _joined(blocks), self)

    def _decoded(self, lines: Sequence[int], texts: list[bytes]) -> _Block:
        """Decode lines, of which some may be blank."""
        cells = self._decoder.cells_of_all(texts)
        if cells is not None:
            return _Block(lines, texts, cells=cells)
        try:
            return _Block(lines, texts, records=self._decoder.decode_all(texts))
        except (ValueError, RecursionError):  # a blank line is enough
            filled = [(number, text) for number, text in zip(lines, texts, strict=True) if not is_blank(text)]
            lines, texts = [number for number, _ in filled], [text for _, text in filled]
            return _Block(lines, texts, records=self.decode(lines, texts))


def sizes(size: int, limit: int | None) -> Iterator[int]:
    """Give the sizes of batches that keep to a limit, without end where there is none.

    Example:
        >>> list(sizes(4, 10))
        [4, 4, 2]
    """
    left = limit
    while left is None or left > 0:
        yield size if left is None else min(size, left)
        left = None if left is None else left - size
