"""The normalizer for NumPy: arrays and scalars of every dtype.

It is imported when an object of NumPy is met. Arrays are converted as a whole where their dtype allows:
Python looks at single values only where they are arbitrary objects, bytes, or hidden by a mask.

=============================  ==========================================================================
dtype                          becomes
=============================  ==========================================================================
bool, integers, str            bool, int, str
float16, float32, float64      float, exactly; NaN and infinities as the caller asked
longdouble                     the nearest float; refused where a finite number lies outside its range
bfloat16, float8, int4, …      float or int, exactly: every number type that another library adds to NumPy
datetime64                     ISO 8601 text in the precision of its unit; NaT becomes None
timedelta64                    seconds, a float; NaT becomes None; years and months have no length: refused
bytes, unstructured void       base64 text
structured                     objects, by field
object                         whatever each cell becomes
complex                        refused
masked cells of any dtype      None
=============================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.exceptions import NormalizationError
from packflow.normalizers.arrays import FEW, from_arrays, from_float_scalars, from_scalars, records_of_few, rows_of
from packflow.normalizers.base import Native, Normalizer, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packflow.normalizers.base import Many, Records

    Array = np.ndarray[Any, Any]

_SECONDS = {"W": 604_800, "D": 86_400, "h": 3_600, "m": 60, "s": 1}
_EXACT_BELOW = 2.0**53  # a float holds every integer up to there
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9, "ps": 10**12, "fs": 10**15, "as": 10**18}

_SURE_KINDS = frozenset("biuU")
"""Kinds of dtype whose ``tolist()`` is native: bool, signed and unsigned integers, text."""
_ADDED = 2
"""What ``dtype.isbuiltin`` is for number types that another library has added to NumPy."""


class NumpyNormalizer(Normalizer):
    """Converts arrays, masked and structured ones included, and NumPy's scalars."""

    plugin_api_version = 1

    def to_native(self, obj: Any) -> Any:
        """Convert an array of any kind, or a scalar as the array without axes that it is."""
        if isinstance(obj, np.ma.MaskedArray):
            data, sure = _values(np.asarray(obj), np.ma.getmaskarray(obj))
            return Native(data) if sure else data
        return from_array(np.asarray(obj))

    def rows(self, obj: Any) -> Rows | Native | None:
        """Give the rows of an array; a scalar has none."""
        if type(obj) is np.ndarray:
            return rows_of(obj)
        # A slice of a `numpy.matrix` would keep its two axes.
        return rows_of(obj if isinstance(obj, np.ma.MaskedArray) else np.asarray(obj))

    def many(self, cls: type) -> Many | None:
        """Choose the function for many arrays of NumPy's own class, or many scalars of the common ones."""
        if cls is np.ndarray:
            return from_arrays
        convert = self.converter(cls)
        return from_float_scalars if convert is float else from_scalars(convert) if convert in _EXACT else None

    def records(self, cls: type) -> Records | None:
        """Choose the function for a few floats."""
        return records_of_few if cls is np.ndarray else None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose the function for a class: for the common scalars, one that Python has built in."""
        if cls is np.ndarray:
            return from_array
        # A timedelta64 is a signed integer by its base classes, but it has a unit.
        if not issubclass(cls, np.timedelta64):
            for base, convert in _SCALARS:
                if issubclass(cls, base):
                    return convert
        return self.to_native if issubclass(cls, (np.ndarray, np.generic)) else None


_EXACT = (str.__str__, bool, index)  # their result is native whatever the scalar is

# Measured on scalars, these take a tenth of the time of `item()`.
_SCALARS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (np.str_, str.__str__),
    (np.bytes_, bytes),
    (np.bool_, bool),
    (np.integer, index),
    (np.float16, float),
    (np.float32, float),
    (np.float64, float),
)


def from_array(array: Array) -> Any:
    """Convert an array of exactly the class `numpy.ndarray`.

    Example:
        >>> from_array(np.array([1.5, np.nan])).data
        [1.5, None]

    Returns:
        `Native`, or data that has to be looked through.
    """
    if array.dtype.isbuiltin == _ADDED:
        array = _as_known(array)
    kind = array.dtype.kind
    if kind in _SURE_KINDS:
        return Native(array.tolist(), dicts=False)
    if kind == "f":
        return _from_floats(_as_float64(array))
    data, sure = _values(array, None)
    return Native(data) if sure else data


def _from_floats(array: Array) -> Native:
    if array.ndim == 1 and array.size <= FEW:
        data = array.tolist()
        if isfinite(sum(data)):
            return Native(data, dicts=False)
    finite = np.isfinite(array)
    if np.count_nonzero(finite) == array.size:
        return Native(array.tolist(), dicts=False)
    cells = array.astype(object)
    cells[~finite] = None
    first = np.unravel_index(int(np.argmin(finite)), array.shape)
    return Native(cells.tolist(), replaced=tuple(int(step) for step in first), dicts=False)


def _values(array: Array, hidden: Array | None) -> tuple[Any, bool]:
    """Give plain data for an array of any dtype.

    Args:
        array: the array, of exactly the class `numpy.ndarray`.
        hidden: which of its cells are masked; for a structured array, field by field.

    Returns:
        The data, and whether it is surely native, so that nobody has to look at it again.
    """
    if array.dtype.names is not None:
        return _objects(array, hidden)
    if hidden is not None:
        if hidden.any():
            # What lies under a mask is no value, so nothing about it may be refused.
            array = np.where(hidden, np.zeros((), array.dtype), array)
        else:
            hidden = None
    kind = array.dtype.kind
    if kind == "c":
        raise NormalizationError(
            "complex numbers have no JSON form; give their parts, as in array.real and array.imag, or abs(array)"
        )
    if kind == "f":
        array = _as_float64(array)
        data, sure = array.tolist(), bool(np.isfinite(array).all())
    elif kind == "M":
        data, sure = _blank(_iso_texts(array).tolist(), np.isnat(array).tolist()), True
    elif kind == "m":
        data, sure = _blank(_seconds(array).tolist(), np.isnat(array).tolist()), True
    else:
        data, sure = array.tolist(), kind in _SURE_KINDS
    return (data if hidden is None else _blank(data, hidden.tolist())), sure


def _objects(array: Array, hidden: Array | None) -> tuple[Any, bool]:
    """Convert a structured array by its columns, then put the columns together row by row."""
    names: Sequence[str] = array.dtype.names or ()
    columns = [_values(array[name], None if hidden is None else hidden[name]) for name in names]
    data = _zipped(array.shape, names, [column for column, _ in columns])
    return data, all(sure for _, sure in columns)


def _zipped(shape: tuple[int, ...], names: Sequence[str], columns: list[Any]) -> Any:
    if not shape:
        return dict(zip(names, columns, strict=True))
    if len(shape) == 1 and columns:
        return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]
    return [_zipped(shape[1:], names, [column[row] for column in columns]) for row in range(shape[0])]


def _blank(data: Any, hidden: Any) -> Any:
    """Put None in the place of each hidden cell; both are nested alike."""
    if isinstance(hidden, list):
        return [_blank(*cells) for cells in zip(data, hidden, strict=True)]
    return None if hidden else data


def _as_known(array: Array) -> Array:
    """Give numbers of a type that another library has added (bfloat16, int4) in NumPy's own that holds them all."""
    for known in (np.int64, np.float64, np.complex128):
        if np.can_cast(array.dtype, known):
            return array.astype(known)
    return array


def _as_float64(array: Array) -> Array:
    """Give floats as float64: all but longdouble fit exactly, which is rounded to the nearest."""
    if array.dtype.itemsize <= 8:
        return array
    with np.errstate(all="ignore"):
        rounded = array.astype(np.float64)
    lost = np.isfinite(array) & (~np.isfinite(rounded) | ((rounded == 0) & (array != 0)))
    if lost.any():
        steps = np.unravel_index(int(np.argmax(lost)), array.shape)
        raise NormalizationError(
            "a longdouble outside the range of float64 has no JSON form; scale it, or give it as text",
            path="".join(f"[{step}]" for step in steps),
        )
    return rounded


def _iso_texts(array: Array) -> Array:
    # `datetime_as_string` misreads bytes that are not in the machine's own order.
    return np.datetime_as_string(array.astype(array.dtype.newbyteorder("="), copy=False))


def _seconds(array: Array) -> Array:
    unit, count = np.datetime_data(array.dtype)
    numbers = array.astype(np.int64)
    if unit in _PER_SECOND or unit in _SECONDS:
        seconds: Array
        many, of = (count * _SECONDS[unit], 1) if unit in _SECONDS else (count, _PER_SECOND[unit])
        if not array.ndim:  # for one alone, to find out which way is exact takes longer than the way that always is
            seconds = np.array(int(numbers) * many / of)
        elif (np.isnat(array) | (np.abs(numbers.astype(np.float64)) * many < _EXACT_BELOW)).all():
            seconds = numbers * float(many) / of
        else:  # Python gives the float that is nearest to the quotient of integers of any size, as `timedelta` does
            seconds = np.array([number * many / of for number in numbers.ravel().tolist()]).reshape(numbers.shape)
        return seconds
    if np.isnat(array).all():
        return numbers.astype(np.float64)
    raise NormalizationError(
        f"a timedelta64 in {_UNITS.get(unit, unit)} is no number of seconds; convert it to another unit first"
    )


_UNITS = {"Y": "years", "M": "months", "generic": "no unit"}
