"""From rows of cells to one array of the dtype that was asked for: each cell fits exactly, or is refused by name.

``None`` stands for a missing cell here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from packflow.backend.preprocessors.cells import (
    EXACT_LIMIT,
    Array,
    Rows,
    cell_kinds,
    has_integers,
    holds,
    is_integer,
    is_number,
    loose_array,
    object_array,
)
from packflow.backend.validation import type_name
from packflow.exceptions import PreprocessorRuntimeError
from packflow.utils.errors import cut, short, text_of

#: The kinds of dtype that cells can be fitted to, by NumPy's letters.
_SUPPORTED = "biufcSUmMO"


def unusable(dtype: np.dtype[Any]) -> str | None:
    """Say why no array of a dtype can be made from cells; None where one can.

    Example:
        >>> unusable(np.dtype("datetime64"))
        "it has no unit; name one, as in 'datetime64[s]'"
    """
    if dtype.kind not in _SUPPORTED:
        return "expected a dtype of numbers, booleans, text, bytes, times or objects"
    if dtype.kind in "mM" and np.datetime_data(dtype)[0] == "generic":
        return f"it has no unit; name one, as in '{dtype.name}[s]'"
    return None


def typed_array(rows: Rows, names: tuple[str, ...], dtype: np.dtype[Any]) -> Array:
    """Give an array of the dtype that was asked for; no integer is rounded, no text cut short, no number made text.

    Example:
        >>> typed_array([[1], [None]], ("x",), np.dtype("float32"))
        array([[ 1.],
               [nan]], dtype=float32)

    Raises:
        PreprocessorRuntimeError: a cell does not fit; the text names row, feature and value.
    """
    if dtype.kind == "O":
        return object_array(rows, len(names))
    quick = _convert_all(rows, len(names), dtype) if dtype.kind in "biuf" else None
    if quick is not None:
        return quick
    converted = np.empty((len(rows), len(names)), dtype=_wide_enough(rows, dtype))
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            try:
                converted[index, column] = convert_cell(cell, converted.dtype)
            except Exception as error:  # any code of the cell's; and a host may make errors of warnings
                raise PreprocessorRuntimeError(
                    f"Feature {names[column]!r} of row {index} holds {short(cell)} ({type_name(cell)}), which does not "
                    f"fit numpy_dtype={str(dtype)!r}: {cut(text_of(error))}. Correct the value, or choose a dtype that "
                    "holds it.",
                    row=index,
                ) from error
    return converted


def _convert_all(rows: Rows, width: int, target: np.dtype[Any]) -> Array | None:
    """Convert all cells at once where it is plain that every one fits; None where each must be looked at."""
    return convert_whole(loose_array(rows, width), target, lambda: has_integers(cell_kinds(rows)))


def convert_whole(loose: Array, target: np.dtype[Any], made_of_integers: Callable[[], bool]) -> Array | None:
    """Convert an array of numbers at once where it is plain that every one fits; None where each must be looked at.

    Example:
        >>> convert_whole(np.array([1.0, 2.0]), np.dtype("int8"), made_of_integers=lambda: False)
        array([1, 2], dtype=int8)
        >>> convert_whole(np.array([1.5]), np.dtype("int8"), made_of_integers=lambda: False) is None
        True

    Args:
        loose: an array of any shape.
        target: a dtype of booleans, integers or floats.
        made_of_integers: whether any of the numbers was an integer; asked only where a float may have rounded one.
    """
    source = loose.dtype
    if source == target:
        return loose
    if source.kind not in "biuf" or target.kind == "b":
        return None
    if target.kind == "f" and loose.size:
        limit = _exact_below(target)
        if -limit < float(loose.min()) and float(loose.max()) < limit:  # which NaN is not
            return loose.astype(target)
    with np.errstate(all="ignore"):
        if target.kind == "f":
            converted = loose.astype(target)
            unbounded = ~np.isfinite(loose)
            if not (np.isfinite(converted) | unbounded).all():
                return None
            safe = (np.abs(loose.astype(np.float64)) < _exact_below(target)) | unbounded
            return converted if safe.all() or not made_of_integers() else None
        limits, wide = np.iinfo(target), loose.astype(np.float64)
        low, high = max(float(limits.min), -EXACT_LIMIT), min(float(limits.max), EXACT_LIMIT)
        fits = (wide >= low) & (wide <= high) & (np.floor(wide) == wide)
        return loose.astype(target) if fits.all() else None


@cache
def _exact_below(dtype: np.dtype[Any]) -> float:
    """Give the number below which a dtype of floats holds every integer."""
    return float(2.0 ** (np.finfo(dtype).nmant + 1))


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
        return _fit_time(cell, dtype)
    if cell is None:
        if kind in "fc":
            return np.nan
        raise ValueError("a missing value has no place in this dtype")
    if not is_number(type(cell)):
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
    if cell[-1:] in ("\0", b"\0"):
        raise ValueError("the dtype drops NULs at the end")
    return cell


def _fit_time(cell: Any, dtype: np.dtype[Any]) -> Any:
    """Fit a date, a time span, or a count of the dtype's own unit; None is NaT."""
    if isinstance(cell, bool):
        raise TypeError("it is no time")
    held = np.array(cell, dtype=dtype)[()]
    if np.isnat(held) or is_integer(type(cell)):
        return held
    own = dtype.type(cell)  # in the unit that the value itself has; there and back again shows what is lost
    if np.datetime_data(own.dtype)[0] != "generic" and held.astype(own.dtype) != own:
        raise ValueError("it is finer than the dtype's unit, or out of its range")
    return held


def _fit_float(cell: Any, dtype: np.dtype[Any]) -> Any:
    with np.errstate(all="ignore"):
        held = dtype.type(cell)
    if is_integer(type(cell)) and not holds(held, cell):
        raise ValueError("the integer would be rounded")
    if np.isinf(held) and not np.isinf(cell):
        raise ValueError("it is out of range")
    return held


def _fit_complex(cell: Any, dtype: np.dtype[Any]) -> Any:
    part = np.dtype(f"f{dtype.itemsize // 2}")
    whole = isinstance(cell, (complex, np.complexfloating))
    held = np.zeros((), dtype)
    held.real = _fit_float(cell.real if whole else cell, part)
    held.imag = _fit_float(cell.imag if whole else 0.0, part)
    return held[()]
