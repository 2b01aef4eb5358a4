"""From rows of cells to one array, of the dtype that the cells themselves ask for.

``None`` stands for a missing cell here.
"""

from __future__ import annotations

from itertools import chain
from types import NoneType
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Rows = list[list[Any]]

#: From here on, float64 does not hold every integer.
EXACT_LIMIT = 2.0**53
#: NumPy gives every cell of a text array the room of the longest, so a batch with a longer text is one of objects.
LONGEST_TEXT = 1000

_NUMBERS = (bool, int, float, complex, np.number, np.bool_)


def loose_array(rows: Rows, width: int) -> Array:
    """Give the array that the cells ask for.

    Example:
        >>> loose_array([[1, None], [2, 0.5]], 2)
        array([[1. , nan],
               [2. , 0.5]])
        >>> loose_array([[1, "a"]], 2)
        array([[1, 'a']], dtype=object)

    Returns:
        An array of shape ``(len(rows), width)``. Numbers: the dtype that NumPy infers, unless that would round an
        integer. All text: NumPy's text dtype, unless that would cut or bloat it. NumPy scalars of one dtype: that
        dtype. Anything else, and numbers beside text: the cells themselves, as objects.
    """
    if not rows:
        return np.empty((0, width))
    kinds = cell_kinds(rows)
    present = kinds - {NoneType}
    if all(map(is_number, present)):
        filled = rows if present == kinds else [[np.nan if cell is None else cell for cell in row] for row in rows]
        numbers = np.array(filled)
        if not has_integers(kinds) or _keeps_integers(numbers, rows):
            return numbers
    elif _fits_text_dtype(rows, kinds) or _shares_dtype(rows, kinds):
        return np.array(rows)
    return object_array(rows, width)


def plain_numbers(cells: list[Any], kinds: set[type]) -> Array | None:
    """Give what :func:`loose_array` gives, without its rows, for builtin numbers and ``None``; None where it must look.

    Example:
        >>> plain_numbers([1, 0.5, None], {int, float, type(None)})
        array([1. , 0.5, nan])
        >>> plain_numbers([2**53 + 1, 0.5], {int, float}) is None
        True
    """
    if not kinds <= _PLAIN:
        return None
    floating = float in kinds or NoneType in kinds
    try:
        numbers = np.fromiter(cells, _FLOAT if floating else _INTEGER if int in kinds else _BOOLEAN, len(cells))
    except OverflowError:
        return None
    if not floating or int not in kinds:
        return numbers
    if len(cells) > _FEW:
        exact = bool(np.fmin.reduce(numbers) > -EXACT_LIMIT and np.fmax.reduce(numbers) < EXACT_LIMIT)
        return numbers if exact else None
    for cell in cells:
        if type(cell) is int and not -EXACT_LIMIT < cell < EXACT_LIMIT:
            return None
    return numbers


_PLAIN = frozenset({bool, int, float, NoneType})
_FLOAT, _INTEGER, _BOOLEAN = np.dtype(float), np.dtype(int), np.dtype(bool)
#: So many cells are looked at faster one by one.
_FEW = 32


def object_array(rows: Rows, width: int) -> Array:
    """Give the cells themselves, whatever they are."""
    cells = np.empty((len(rows), width), dtype=object)
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            cells[index, column] = cell
    return cells


def cell_kinds(rows: Rows) -> set[type]:
    """Give the types of the cells. They decide first: NumPy alone would make text of what stands beside text."""
    return set(map(type, chain.from_iterable(rows)))


def is_number(kind: type) -> bool:
    """Tell whether values of a type are numbers; a time span is none, though NumPy counts it among its integers."""
    return issubclass(kind, _NUMBERS) and not issubclass(kind, np.timedelta64)


def is_integer(kind: type) -> bool:
    """Tell whether values of a type are integers that a float may have to round."""
    return issubclass(kind, (int, np.integer)) and is_number(kind) and kind is not bool


def has_integers(kinds: set[type]) -> bool:
    """Tell whether any of the types is one of integers."""
    return any(map(is_integer, kinds))


def _keeps_integers(numbers: Array, rows: Rows) -> bool:
    """Tell whether an array of numbers holds every integer among the cells as it was."""
    if numbers.dtype.kind not in "fc":
        return bool(numbers.dtype.kind != "O")
    with np.errstate(all="ignore"):
        if not (np.abs(numbers) >= EXACT_LIMIT).any():
            return True
    return all(
        holds(numbers[index, column].real, cell)
        for index, row in enumerate(rows)
        for column, cell in enumerate(row)
        if is_integer(type(cell))
    )


def holds(held: Any, cell: Any) -> bool:
    """Tell whether a NumPy float is exactly an integer; ``==`` would round the integer first."""
    return bool(np.isfinite(held)) and int(held) == int(cell)


def _fits_text_dtype(rows: Rows, kinds: set[type]) -> bool:
    nul: str | bytes
    if all(issubclass(kind, str) for kind in kinds):
        nul = "\0"
    elif all(issubclass(kind, bytes) for kind in kinds):
        nul = b"\0"
    else:
        return False
    # NumPy drops NULs at the end of fixed-width text
    return all(len(cell) <= LONGEST_TEXT and not cell.endswith(nul) for row in rows for cell in row)


def _shares_dtype(rows: Rows, kinds: set[type]) -> bool:
    if not all(issubclass(kind, np.generic) for kind in kinds):
        return False
    return len({cell.dtype for row in rows for cell in row}) == 1
