"""Reading one field of all records into a column. Every bad cell is an error that names its row and field."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from packflow.exceptions import PreprocessorRuntimeError

Record: TypeAlias = dict[str, Any]
Column: TypeAlias = npt.NDArray[np.float64]

#: What stands for a value that is not there; the flights' CSV file writes NA.
MISSING = (None, "NA", "")

_PLAIN = (int, float)

#: Integers beyond this are no floats.
_GREATEST = 10**300


def number_column(records: Sequence[Record], field: str, *, optional: bool = False) -> Column:
    """Read a field of numbers; where it may be missing, a missing one is NaN.

    Example:
        >>> number_column([{"dep_delay": 5}, {"dep_delay": "NA"}], "dep_delay", optional=True)
        array([ 5., nan])

    Raises:
        PreprocessorRuntimeError: a cell is no finite number, or is missing where it may not be.
    """
    cells = [record.get(field) for record in records]
    if not set(map(type, cells)) <= {*_PLAIN}:  # the common case needs no second look
        cells = [cell if type(cell) in _PLAIN else _number(cell, row, field) for row, cell in enumerate(cells)]
    try:
        column = np.array(cells, dtype=np.float64)
    except OverflowError:
        row = next(row for row, cell in enumerate(cells) if isinstance(cell, int) and abs(cell) > _GREATEST)
        raise _bad_cell(row, field, cells[row], "a number of a size that occurs") from None
    refuse(np.isinf(column), column, field, "a finite number")
    if not optional:
        refuse_missing(np.isnan(column), field)
    return column


def text_column(records: Sequence[Record], field: str) -> list[str]:
    """Read a field of texts.

    Raises:
        PreprocessorRuntimeError: a cell is missing, or is no text.
    """
    cells: list[Any] = [record.get(field) for record in records]
    if set(map(type, cells)) <= {str} and {"", "NA"}.isdisjoint(cells):
        return cells
    for row, cell in enumerate(cells):
        if any(cell is none or cell == none for none in MISSING):
            raise _missing(row, field)
        if not isinstance(cell, str):
            raise _bad_cell(row, field, cell, "a text")
    return cells


def name_column(records: Sequence[Record], field: str) -> list[Any]:
    """Read a field that names something by a text or a number, such as a flight's; one that is missing is None.

    Raises:
        PreprocessorRuntimeError: a cell is neither a text nor a number.
    """
    cells: list[Any] = [record.get(field) for record in records]
    if set(map(type, cells)) == {int} and -_GREATEST <= min(cells) <= max(cells) <= _GREATEST:
        return cells  # the common case needs no second look
    for row, cell in enumerate(cells):
        is_number = isinstance(cell, numbers.Real) and not isinstance(cell, (bool, np.bool_))
        if not (cell is None or isinstance(cell, str) or is_number) or (is_number and abs(cell) > _GREATEST):
            raise _bad_cell(row, field, cell, "a number or a text, such as 1545")
    return cells


def integer_column(records: Sequence[Record], field: str, lowest: int, highest: int) -> npt.NDArray[np.int64]:
    """Read a field of integers within bounds.

    Raises:
        PreprocessorRuntimeError: a cell is missing, no integer, or out of bounds.
    """
    column = number_column(records, field)
    bad = (column < lowest) | (column > highest) | (column != np.floor(column))
    refuse(bad, column, field, f"an integer from {lowest} to {highest}")
    return column.astype(np.int64)


def code_column(texts: Sequence[str], known: dict[str, int]) -> Column:
    """Give each code its number; one that is not known is NaN, which the models take for "some other".

    Example:
        >>> code_column(["JFK", "XYZ"], {"JFK": 0})
        array([ 0., nan])
    """
    nan = float("nan")
    find: Callable[[str, float], float] = known.get
    return np.array([find(text, nan) for text in texts], dtype=np.float64)


def refuse(bad: npt.NDArray[np.bool_], column: npt.NDArray[Any], field: str, expected: str) -> None:
    """Raise for the first row that is bad."""
    if bad.any():
        row = int(bad.argmax())
        raise _bad_cell(row, field, column[row].item(), expected)


def refuse_missing(missing: npt.NDArray[np.bool_], field: str) -> None:
    """Raise for the first row that is missing."""
    if missing.any():
        raise _missing(int(missing.argmax()), field)


def check_records(records: Sequence[Any]) -> None:
    """Refuse what is no record."""
    if set(map(type, records)) <= {dict}:  # the common case needs no second look
        return
    for row, record in enumerate(records):
        if not isinstance(record, dict):
            raise PreprocessorRuntimeError(
                f"Expected a record (a dict), found {type(record).__name__} (row {row}).", row=row
            )


def _number(cell: Any, row: int, field: str) -> Any:
    if isinstance(cell, numbers.Real) and not isinstance(cell, (bool, np.bool_)):
        return cell
    if any(cell is none or cell == none for none in MISSING):
        return float("nan")
    raise _bad_cell(row, field, cell, "a number")


def _missing(row: int, field: str) -> PreprocessorRuntimeError:
    return PreprocessorRuntimeError(
        f"The field {field!r} is missing (row {row}). Give it; where another field has it, use rename_fields.",
        row=row,
    )


def _bad_cell(row: int, field: str, cell: Any, expected: str) -> PreprocessorRuntimeError:
    try:
        shown = f"{cell!r:.100}"
    except ValueError:  # Python writes no integer of thousands of digits
        shown = "a giant integer"
    return PreprocessorRuntimeError(f"The field {field!r} is {shown} (row {row}); expected {expected}.", row=row)
