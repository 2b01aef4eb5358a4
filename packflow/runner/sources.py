"""Where records come from: JSON Lines and CSV, read line by line, each record with the number of its line."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from math import isinf
from typing import Any, Literal

import msgspec

from packflow.exceptions import RecordSourceError
from packflow.utils.strict_json import refuse_constant

Record = dict[str, Any]
Located = tuple[int, Record]
Format = Literal["jsonl", "csv"]
CellTypes = Literal["auto", "text"]

#: What some programs put before UTF-8 text.
BOM = b"\xef\xbb\xbf"
_NO_NUMBER = re.compile(rb"(?:NaN|Infinity)\b")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
#: What is remembered is bounded, as memory must not grow with the input; long texts seldom repeat themselves.
_LONGEST_REMEMBERED, _MOST_REMEMBERED = 32, 1 << 16
_decode = msgspec.json.Decoder().decode
_JSON_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


def format_of(name: str) -> Format | None:
    """Tell a file's format by its name; None where the name does not say.

    Example:
        >>> format_of("events.jsonl"), format_of("events.CSV"), format_of("events")
        ('jsonl', 'csv', None)
    """
    ending = name.lower().rpartition(".")[2]
    formats: dict[str, Format] = {"jsonl": "jsonl", "ndjson": "jsonl", "csv": "csv"}
    return formats.get(ending)


def read_jsonl(lines: Iterable[bytes], source: str) -> Iterator[Located]:
    """Read JSON Lines: one JSON object a line, UTF-8; blank lines are passed over.

    Where an object has a key twice, the last one holds.

    Example:
        >>> list(read_jsonl([b'{"a": 1}', b'', b'{"a": 2}'], "events.jsonl"))
        [(1, {'a': 1}), (3, {'a': 2})]

    Raises:
        RecordSourceError: a line is no JSON object; the text names the source, the line and the reason.

    Format: JSON Lines, https://jsonlines.org.
    """
    first = True
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(BOM) if number == 1 else raw
        if is_blank(line):
            continue
        yield number, read_object(line, source, number, first=first)
        first = False


def is_blank(line: bytes) -> bool:
    """Tell whether a line has no record to it."""
    return not line or line.isspace()


def read_object(line: bytes, source: str, number: int, *, first: bool) -> Record:
    """Read one line that is not blank; ``first``: no record came before it."""
    try:
        record = _decode(line)
    except UnicodeDecodeError as error:
        raise _at_line(source, number, f"not UTF-8 text: {error}") from error
    except msgspec.DecodeError as error:
        record = _with_lone_surrogates(line)
        if record is None:
            raise _at_line(source, number, _not_json(line, error, first=first)) from error
    except RecursionError as error:
        raise _at_line(source, number, "the JSON is nested too deeply") from error
    if not isinstance(record, dict):
        found = _JSON_KINDS.get(type(record), "a number")
        raise _at_line(source, number, f"found {found}; {_expected(line, first=first)}")
    return record


def _with_lone_surrogates(line: bytes) -> Any:
    r"""Read a line that escapes half a character (``\ud800``), which JSON allows and msgspec refuses; else None."""
    if rb"\u" not in line:
        return None
    try:
        return json.loads(line.decode("utf-8"), parse_constant=refuse_constant)
    except ValueError:
        return None


def _not_json(line: bytes, error: msgspec.DecodeError, *, first: bool) -> str:
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "not UTF-8 text: it begins as UTF-16 does"
    place = re.search(r"\(byte (\d+)\)", str(error))
    if place and (found := _NO_NUMBER.match(line, int(place[1]))):
        return f"not valid JSON: {found[0].decode()} is no JSON; write null for it"
    return f"not valid JSON: {str(error).removesuffix('.')}; {_expected(line, first=first)}"


def _expected(line: bytes, *, first: bool) -> str:
    """Say what a line should have been, by what it seems to be."""
    text = line.strip()
    if text.startswith((b"[", b"]", b"}")) or (text.startswith(b"{") and not text.endswith(b"}")):
        return "expected one whole JSON object in each line, neither indented nor in an array"
    hint = " (for CSV, give --format csv)" if first and not text.startswith(b"{") else ""
    return f"expected one JSON object in each line{hint}"


def read_csv(lines: Iterable[bytes], source: str, types: CellTypes = "auto") -> Iterator[Located]:
    """Read CSV with a header line, UTF-8. Quoted cells may hold line breaks; the line is the record's first.

    Example:
        >>> list(read_csv([b"x,zip,note", b"1.5,01234,"], "events.csv"))
        [(2, {'x': 1.5, 'zip': '01234', 'note': None})]

    Args:
        lines: the file's lines.
        source: its name, for errors.
        types: CSV has no types. ``"auto"``: a cell that is spelt as a JSON number is one, an empty cell is None, any
            other is text (so ``01234``, ``+1`` and ``NA`` stay text). ``"text"``: every cell is text as it stands.

    Blank lines are passed over; where there is one column alone, a blank line below the header is an empty cell.

    Raises:
        RecordSourceError: the header is missing, empty or says a name twice; a line has too many or too few cells,
            or is no CSV; the text names the source, the line and the reason.

    Format: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180.
    """
    rows = csv_rows(lines, source)
    _, header = next(rows)
    value_of = CellValues().__getitem__
    for number, row in rows:
        cells = row if types == "text" else map(value_of, row)
        yield number, dict(zip(header, cells, strict=True))


def csv_rows(lines: Iterable[bytes], source: str) -> Iterator[tuple[int, list[str]]]:
    """Give the header, then each row, as wide as the header; each with the number of its first line."""
    rows = _numbered_rows(lines, source, 1)
    number, header = next(((number, row) for number, row in rows if row), (0, None))
    if header is None:
        raise RecordSourceError(f"{source}: no header line; a CSV needs one that names its columns.", source=source)
    _check_header(header, source, number)
    yield number, header
    yield from _as_wide(len(header), rows, source)


def csv_rows_from(first: int, lines: Iterable[bytes], source: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of lines of which the first has the number ``first``, as :func:`csv_rows` does."""
    return _as_wide(width, _numbered_rows(lines, source, first), source)


def _as_wide(width: int, rows: Iterable[tuple[int, list[str]]], source: str) -> Iterator[tuple[int, list[str]]]:
    for number, row in rows:
        if len(row) == width:
            yield number, row
        elif row:
            raise _at_line(source, number, f"expected {width} cells, as in the header, found {len(row)}")
        elif width == 1:  # nothing else tells a blank line from an empty cell
            yield number, [""]


def cell_value(text: str) -> str | int | float | None:
    """Give the value that a CSV cell spells: a JSON number, None for an empty cell, or the text itself.

    Example:
        >>> cell_value("1e3"), cell_value("007"), cell_value("")
        (1000.0, '007', None)
    """
    if not text:
        return None
    number = _JSON_NUMBER.fullmatch(text)
    if number is None:
        return text
    if number[1] is None and number[2] is None:
        return int(text) if len(text) <= 4300 else text
    value = float(text)
    return text if isinf(value) else value


def is_code(value: Any) -> bool:
    """Tell whether a cell's value is text though it is nothing but digits.

    Example:
        >>> is_code("01234"), is_code(1234), is_code("")
        (True, False, False)
    """
    return type(value) is str and value.isdecimal()


class CellValues(dict[str, "str | int | float | None"]):
    """Remembers what short cells spell: columns repeat themselves, and to look up costs a tenth of a match."""

    def __init__(self) -> None:
        super().__init__()
        #: Whether a cell was text though it is nothing but digits, as ``01234``.
        self.met_code = False

    def __missing__(self, text: str) -> str | int | float | None:
        value = cell_value(text)
        self.met_code = self.met_code or is_code(value)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = value
        return value


def batches(located: Iterable[Located], size: int) -> Iterator[list[Located]]:
    """Group what a source gives into batches of a size; the last may be smaller."""
    iterator = iter(located)
    while batch := list(islice(iterator, size)):
        yield batch


def _text_lines(lines: Iterable[bytes], source: str, first: int) -> Iterator[str]:
    for number, raw in enumerate(lines, start=first):
        try:
            yield (raw.removeprefix(BOM) if number == 1 else raw).decode("utf-8")
        except UnicodeDecodeError as error:
            raise _at_line(source, number, f"not UTF-8 text: {error}") from error


def _numbered_rows(lines: Iterable[bytes], source: str, first: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_text_lines(lines, source, first), strict=True)
    number = first
    try:
        for row in reader:
            yield number, row
            number = first + reader.line_num
    except csv.Error as error:
        hint = " characters in a cell; is there a quote that never ends?" if "field limit" in str(error) else ""
        raise _at_line(source, number, f"not valid CSV: {error}{hint}") from error


def _check_header(header: list[str], source: str, number: int) -> None:
    seen: set[str] = set()
    for position, name in enumerate(header, start=1):
        if not name:
            hint = "; if it is an index that pandas wrote, leave it out: to_csv(index=False)" if position == 1 else ""
            raise _at_line(source, number, f"column {position} has no name in the header{hint}")
        if name in seen:
            raise _at_line(source, number, f"the header names column {name!r} twice")
        seen.add(name)


def _at_line(source: str, line: int, reason: str) -> RecordSourceError:
    return RecordSourceError(f"{source}, line {line}: {reason}.", source=source, line=line)
