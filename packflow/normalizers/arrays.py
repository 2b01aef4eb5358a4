"""Arrays of numbers, converted as a whole, and many arrays or scalars at once.

What cannot be said yes to here (NaN, dtypes of anything else) is left to :mod:`packflow.normalizers.numpy`, which
looks at each value.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.normalizers.base import Native, Rows, array_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    Array = np.ndarray[Any, Any]

COMMON = frozenset(np.dtype(code).num for code in "?bBhHiIlLqQefd")
"""Dtypes, by their numbers, whose ``tolist()`` is native but for NaN and the infinities."""

FLOATS = frozenset(np.dtype(code).num for code in "efd")

FEW = 200
"""Up to so many numbers, Python's own functions are done before NumPy's have begun."""


def rows_of(array: Any) -> Rows | Native | None:
    """Give the rows of an array, as they come out where its dtype allows; None if it has no axis."""
    return (native_rows(array) if type(array) is np.ndarray else None) or array_rows(array)


def records_of_few(array: Array, key: str) -> list[dict[str, Any]] | None:
    """Give the records of a few floats in rows: made before it would be said what they are.

    Example:
        >>> records_of_few(np.array([[0.5, 0.25], [1.5, 0.0]]), "scores")
        [{'scores': [0.5, 0.25]}, {'scores': [1.5, 0.0]}]
    """
    if array.dtype.num not in FLOATS or array.size > FEW:
        return None
    dims = array.ndim
    if dims == 1:
        rows = array.tolist()
        return [{key: row} for row in rows] if isfinite(sum(rows)) else None
    return records_of_table(array.tolist(), key) if dims == 2 else None


def records_of_table(rows: list[list[Any]], key: str) -> list[dict[str, Any]] | None:
    """Give the records of rows of numbers, all of one length; rows of one number are unwrapped. None for NaN and such.

    Example:
        >>> records_of_table([[0.5], [1.5]], "score")
        [{'score': 0.5}, {'score': 1.5}]
    """
    if not isfinite(sum(map(sum, rows))):
        return None
    if rows and len(rows[0]) == 1:
        return [{key: row[0]} for row in rows]
    return [{key: row} for row in rows]


def native_rows(array: Array) -> Native | None:
    """Give the rows of an array of numbers as they come out; None for one that has to be looked at.

    Example:
        >>> native_rows(np.array([[2], [4]])).data
        [2, 4]
    """
    dims, dtype = array.ndim, array.dtype.num
    if dims > 1 and array.shape[1] == 1:
        array = array[:, 0]
        dims -= 1
    elif not dims:
        return None
    if dtype in FLOATS:
        if dims == 1 and array.size <= FEW:
            data = array.tolist()
            return Native(data, None, False) if isfinite(sum(data)) else None
        if np.count_nonzero(np.isfinite(array)) != array.size:
            return None  # the place of the first one is to be told as one in the whole array
    elif dtype not in COMMON and array.dtype.kind != "U":
        return None
    return Native(array.tolist(), None, False)


def from_arrays(arrays: Sequence[Array]) -> list[Any] | Native | None:
    """Give many arrays as lists; None where one has to be looked at."""
    dtypes = {array.dtype.num for array in arrays}
    if not dtypes <= COMMON:
        return None
    made = list(map(np.ndarray.tolist, arrays))
    if dtypes.isdisjoint(FLOATS):
        return Native(made)
    try:
        return Native(made) if isfinite(sum(chain.from_iterable(made))) else None
    except TypeError:  # not all have one axis
        return made


def from_scalars(convert: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Native]:
    """Give what converts many scalars by a function whose results are native."""
    return lambda scalars: Native(list(map(convert, scalars)))


def from_float_scalars(scalars: Sequence[Any]) -> Native | None:
    """Give many scalars as floats; None where one is NaN or infinite."""
    data = list(map(float, scalars))
    return Native(data) if isfinite(sum(data)) else None
