"""From rows of cells to one array: which dtype they ask for, and whether each fits the one that was asked for.

``None`` stands for a missing cell here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from packflow.backend.validation import type_name
from packflow.exceptions import PreprocessorRuntimeError

Array = np.ndarray[Any, Any]
Rows = list[list[Any]]

#: From here on, float64 does not hold every integer.
_EXACT_LIMIT = 2.0**53
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
        integer. All text: NumPy's text dtype. Anything else, and numbers beside text: the cells themselves, as objects.
    """
    if not rows:
        return np.empty((0, width))
    inferred = _infer(rows, width)
    if inferred is None:
        return object_array(rows, width)
    if inferred.dtype.kind == "O" and any(cell is None for row in rows for cell in row):
        filled = [[np.nan if cell is None else cell for cell in row] for row in rows]
        if all(isinstance(cell, _NUMBERS) for row in filled for cell in row):
            numbers = _infer(filled, width)
            if numbers is not None and _keeps_all(numbers, filled):
                return numbers
        return object_array(rows, width)
    return inferred if _keeps_all(inferred, rows) else object_array(rows, width)


def object_array(rows: Rows, width: int) -> Array:
    """Give the cells themselves, whatever they are."""
    cells = np.empty((len(rows), width), dtype=object)
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            cells[index, column] = cell
    return cells


def _infer(rows: Rows, width: int) -> Array | None:
    """Give what NumPy makes of the rows; None where cells are containers of their own."""
    try:
        inferred: Array = np.array(rows)
    except (ValueError, OverflowError, TypeError):
        return None
    return inferred if inferred.shape == (len(rows), width) else None


def _keeps_all(inferred: Array, rows: Rows) -> bool:
    """Tell whether an inferred array holds every cell as it was."""
    kind = inferred.dtype.kind
    if kind in "biuO":
        return True
    if kind in "fc":
        return _keeps_integers(inferred, rows)
    cells = (cell for row in rows for cell in row)
    if kind == "U":  # NumPy drops NULs at the end of fixed-width text, and spells out numbers
        return all(isinstance(cell, str) and not cell.endswith("\0") for cell in cells)
    if kind == "S":
        return all(isinstance(cell, bytes) and not cell.endswith(b"\0") for cell in cells)
    return all(isinstance(cell, np.generic) and cell.dtype.kind == kind for cell in cells)


def _keeps_integers(inferred: Array, rows: Rows) -> bool:
    with np.errstate(invalid="ignore"):
        if not (np.abs(inferred) >= _EXACT_LIMIT).any():
            return True
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, (int, np.integer)):
                held = inferred[index, column].real
                if not np.isfinite(held) or int(held) != int(cell):
                    return False
    return True


def typed_array(rows: Rows, names: tuple[str, ...], dtype: np.dtype[Any]) -> Array:
    """Give an array of the dtype that was asked for; no cell is rounded to an integer, cut short, or made text.

    Example:
        >>> typed_array([[1], [None]], ("x",), np.dtype("float32"))
        array([[ 1.],
               [nan]], dtype=float32)

    Raises:
        PreprocessorRuntimeError: a cell does not fit; the text names row, feature and value.
    """
    if dtype.kind == "O":
        return object_array(rows, len(names))
    quick = _convert_all(loose_array(rows, len(names)), dtype)
    if quick is not None:
        return quick
    converted = np.empty((len(rows), len(names)), dtype=_wide_enough(rows, dtype))
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            try:
                converted[index, column] = convert_cell(cell, converted.dtype)
            except (ValueError, OverflowError, TypeError) as error:
                raise PreprocessorRuntimeError(
                    f"Feature {names[column]!r} of row {index} holds {cell!r:.80} ({type_name(cell)}), which does not "
                    f"fit numpy_dtype={dtype.name!r}: {error}. Correct the value, or choose a dtype that holds it.",
                    row=index,
                ) from error
    return converted


def _convert_all(loose: Array, dtype: np.dtype[Any]) -> Array | None:
    """Convert a whole array where it is plain that every cell fits; None where each must be looked at."""
    source, target = loose.dtype, dtype
    if source == target:
        return loose
    if source.kind not in "biuf" or target.kind not in "iuf":
        return None
    with np.errstate(all="ignore"):
        if target.kind == "f":
            converted = loose.astype(target)
            exact = 2.0 ** (np.finfo(target).nmant + 1)
            if source.kind == "f":
                fits = bool((np.isfinite(converted) | ~np.isfinite(loose)).all())
            else:
                fits = bool((np.abs(loose.astype(np.float64)) <= exact).all())
        else:
            limits = np.iinfo(target)
            wide = loose.astype(np.float64)
            low, high = max(float(limits.min), -_EXACT_LIMIT), min(float(limits.max), _EXACT_LIMIT)
            fits = bool(((wide >= low) & (wide <= high) & (np.floor(wide) == wide)).all())
            converted = loose.astype(target) if fits else loose
    return converted if fits else None


def _wide_enough(rows: Rows, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give text dtypes without a length (``str``, ``bytes``) the length of the longest cell."""
    if dtype.kind not in "US" or dtype.itemsize:
        return dtype
    lengths = (len(cell) for row in rows for cell in row if isinstance(cell, (str, bytes)))
    return np.dtype(f"{dtype.kind}{max(lengths, default=1) or 1}")


def convert_cell(cell: Any, dtype: np.dtype[Any]) -> Any:
    """Convert one cell, or raise ``ValueError`` or ``TypeError`` with the reason why it does not fit."""
    kind = dtype.kind
    if kind in "US":
        return _fit_text(cell, dtype)
    if kind in "mM":
        return np.array(cell, dtype=dtype)[()]  # None is NaT
    if cell is None:
        if kind in "fc":
            return np.nan
        raise ValueError("a missing value has no place in this dtype")
    if not isinstance(cell, _NUMBERS):
        raise TypeError("it is not a number")
    if kind == "c":
        return _fit_complex(cell, dtype)
    if isinstance(cell, (complex, np.complexfloating)):
        raise TypeError("it is complex")
    if kind == "f":
        return _fit_float(cell, dtype)
    value = int(cell)
    if value != cell:
        raise ValueError("it is not a whole number")
    low, high = (0, 1) if kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    if not low <= value <= high:
        raise ValueError(f"the dtype holds {low} to {high}")
    return value


def _fit_text(cell: Any, dtype: np.dtype[Any]) -> Any:
    expected: type[str] | type[bytes] = str if dtype.kind == "U" else bytes
    if not isinstance(cell, expected):
        raise TypeError(f"expected {expected.__name__}")
    room = dtype.itemsize // (4 if dtype.kind == "U" else 1)
    if len(cell) > room:
        raise ValueError(f"it is {len(cell)} long, and the dtype has room for {room}")
    return cell


def _fit_float(cell: Any, dtype: np.dtype[Any]) -> Any:
    with np.errstate(all="ignore"):
        held = dtype.type(cell)
    whole = isinstance(cell, (int, np.integer)) and not isinstance(cell, bool)
    if whole and (not np.isfinite(held) or int(held) != int(cell)):
        raise ValueError("the integer would be rounded")
    if np.isinf(held) and not np.isinf(cell):
        raise ValueError("it is out of range")
    return held


def _fit_complex(cell: Any, dtype: np.dtype[Any]) -> Any:
    part = np.dtype(f"f{dtype.itemsize // 2}")
    if isinstance(cell, (complex, np.complexfloating)):
        return complex(_fit_float(cell.real, part), _fit_float(cell.imag, part))
    return complex(_fit_float(cell, part))
