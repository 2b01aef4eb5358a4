"""Whole batches at once: values whose types alone show that they are numbers or texts, in lists of one shape.

Nothing is refused here. Where it is not plain that every value fits, the answer is None, and `stacking` looks at one
value after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Any

import numpy as np

from packflow.backend.preprocessors.cells import EXACT_LIMIT
from packflow.backend.preprocessors.fitting import convert_whole
from packflow.backend.tensors.specs import Array, Fields

#: One value's shape: None in it where any length will do, None where any shape will.
Shape = tuple[int | None, ...] | None

#: Types of floats that float64 holds exactly, and of integers that int64 does unless they say that they are larger.
_FLOATS = frozenset({float, np.float16, np.float32, np.float64})
_BOOLEANS = frozenset({bool, np.bool_})
_INTEGERS = _BOOLEANS | {int, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32}
_NUMBERS = _FLOATS | _INTEGERS
_LISTS = frozenset({list, tuple})

#: So many lists inside each other are followed. Those that contain themselves have no end, and arrays have one.
MOST_AXES = 32


def read_values(records: Sequence[Mapping[str, Any]], fields: Fields) -> tuple[list[Any], list[int]] | None:
    """Give the values of a field, or of several, of every record in turn, and the lengths of the axes they lie along.

    Example:
        >>> read_values([{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"a": 5, "b": 6}], ("a", "b"))
        ([1, 2, 3, 4, 5, 6], [3, 2])

    Returns:
        None where the records are no list, a record is anything but a dict, or lacks a field.
    """
    if not fields or not isinstance(records, list) or _kinds(records) != {dict}:
        return None
    try:
        if isinstance(fields, str):
            return [record[fields] for record in records], [len(records)]
        parts = map(itemgetter(*fields), records)  # of one field it gives the value itself
        values = list(chain.from_iterable(parts) if len(fields) > 1 else parts)
        return values, [len(records), len(fields)]
    except KeyError:
        return None


def convert_values(
    values: list[Any], axes: Sequence[int], dtype: np.dtype[Any], shape: Shape, *, none_is_nan: bool
) -> Array | None:
    """Convert all values at once where it is plain that every one fits; None where each must be looked at.

    Example:
        >>> convert_values([(1, 2.5), (3, 4)], [2], np.dtype("float32"), (2,), none_is_nan=False)
        array([[1. , 2.5],
               [3. , 4. ]], dtype=float32)

    Args:
        values: numbers or texts, lists of them, or arrays.
        axes: the lengths of the axes along which the values lie; the first is that of the records.
        dtype: what is wanted: numbers, booleans, or ``object`` for text.
        shape: one value's shape.
        none_is_nan: whether ``None`` stands for NaN among floats.
    """
    found, cells, kinds = [*axes], values, _kinds(values)
    while kinds and kinds <= _LISTS and len(found) < MOST_AXES:
        lengths = set(map(len, cells))
        if len(lengths) > 1:
            return None
        found += lengths
        cells = list(chain.from_iterable(cells))
        kinds = _kinds(cells)
    if kinds == {np.ndarray}:
        if len({(array.dtype, array.shape) for array in cells}) > 1:
            return None
        found += cells[0].shape
    if shape == (1,) and len(found) == 1:
        found.append(1)
    if not has_shape(found[1:], shape):
        return None
    converted = _convert_arrays(cells, dtype) if kinds == {np.ndarray} else _convert(cells, kinds, dtype, none_is_nan)
    return None if converted is None else converted.reshape(found)


def convert_rows(rows: Array, dtype: np.dtype[Any], shape: Shape) -> Array | None:
    """Convert an array with a row for each record, as `convert_values` does a list of its rows."""
    if type(rows) is not np.ndarray or not rows.size or rows.dtype.kind not in "biuf" or dtype.kind not in "biuf":
        return None
    if shape == (1,) and rows.ndim == 1:
        rows = rows[:, None]
    if not has_shape(rows.shape[1:], shape):
        return None
    converted = convert_whole(rows, dtype, lambda: rows.dtype.kind in "iu")
    return rows.copy() if converted is rows else converted  # the caller's own array is not for a model to write in


def convert_loosely(values: list[Any], dtype: np.dtype[Any], shape: Shape) -> Array | None:
    """Convert values of whatever types NumPy reads, such as ``range`` or ``array.array``, as `convert_values` does."""
    if dtype.kind not in "biuf" or any(isinstance(value, np.ma.MaskedArray) for value in values):
        return None
    try:
        loose = np.array(values)
        exact = all(hasattr(value, "dtype") and value.dtype == loose.dtype for value in values)
    except Exception:  # noqa: BLE001 - ragged, or a value's own code: looking at each tells which
        return None
    if shape == (1,) and loose.ndim == 1:
        loose = loose[:, None]
    if not has_shape(loose.shape[1:], shape):
        return None
    # NumPy does not tell whether an integer was among what it made floats of.
    with np.errstate(all="ignore"):
        if not exact and loose.dtype.kind == "f" and (np.abs(loose.astype(np.float64)) >= EXACT_LIMIT).any():
            return None
    return convert_whole(loose, dtype, lambda: not exact or loose.dtype.kind in "iu")


def _kinds(values: list[Any]) -> set[type]:
    try:
        return set(map(type, values))
    except Exception:  # noqa: BLE001 - a type whose metaclass cannot be hashed
        return {object}


def _convert_arrays(arrays: list[Array], dtype: np.dtype[Any]) -> Array | None:
    if arrays[0].dtype.kind not in "biuf" or dtype.kind not in "biuf":
        return None
    return convert_whole(np.array(arrays), dtype, lambda: arrays[0].dtype.kind in "iu")


def _convert(cells: list[Any], kinds: set[type], dtype: np.dtype[Any], none_is_nan: bool) -> Array | None:
    if kinds == {str} and dtype.kind == "O":
        return np.array(cells, dtype=object)
    if dtype.kind not in "biuf":
        return None
    if NoneType in kinds and none_is_nan and dtype.kind == "f":
        cells = [np.nan if cell is None else cell for cell in cells]
        kinds = (kinds - {NoneType}) | {float}
    if not kinds or not kinds <= _NUMBERS:
        return None
    numbers = _numbers(cells, kinds)
    if numbers is None:
        return None
    return convert_whole(numbers, dtype, lambda: _has_integer_from(2.0 ** (np.finfo(dtype).nmant + 1), cells, numbers))


def _numbers(cells: list[Any], kinds: set[type]) -> Array | None:
    """Give numbers in one dtype that holds each of them exactly; None where none of the three does."""
    try:
        if kinds <= _INTEGERS:
            return np.array(cells, bool if kinds <= _BOOLEANS else np.int64)
        numbers = np.array(cells, np.float64)
    except OverflowError:
        return None
    return None if not kinds <= _FLOATS and _has_integer_from(EXACT_LIMIT, cells, numbers) else numbers


def _has_integer_from(limit: float, cells: list[Any], numbers: Array) -> bool:
    """Tell whether an integer among the cells may be too large for floats that hold those below a limit."""
    return any(type(cells[place]) in _INTEGERS for place in np.flatnonzero(~(np.abs(numbers) < limit)))


def has_shape(found: Sequence[int], expected: Shape) -> bool:
    """Tell whether a shape is the expected one.

    Example:
        >>> has_shape((3, 7), (3, None)), has_shape((3,), (3, None))
        (True, False)
    """
    if expected is None:
        return True
    return len(found) == len(expected) and all(n in (None, m) for m, n in zip(found, expected, strict=True))
