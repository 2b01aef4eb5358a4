"""The normalizer for pandas: frames, series, indexes, extension arrays, and the scalars that stand in them.

It is imported when an object of pandas is met. pandas itself is not: it is there by then, in ``sys.modules``. A
frame is converted column by column, then put together row by row.

==============================  =========================================================================
object                          becomes
==============================  =========================================================================
a DataFrame                     one object for each row, by column name; the index is left away
a Series, an Index, an array    one value for each element; a MultiIndex, lists
NaT, NA, None                   None; so does NaN where it means that a value is missing
bool, integers, floats          bool, int, float, exactly; NaN and infinities as the caller asked
text, categories                text; what the category becomes
datetimes, Timestamp            ISO 8601 text as `isoformat()` gives it, with the offset of its time zone
timedeltas, Timedelta           seconds, a float
periods                         text as pandas writes it: 2024-01, 2024Q1
intervals                       an object with left, right and closed
of Arrow                        what the values become: lists, objects, dates, Decimals, bytes
objects                         whatever each one becomes
==============================  =========================================================================

A column's name becomes text as a key does; the levels of a name that has several are joined by dots, empty ones
left away. Two columns that would get one name are refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, NamedTuple, cast

import numpy as np

from packflow.exceptions import NormalizationError
from packflow.normalizers.base import Native, Normalizer, Rows
from packflow.normalizers.numpy import from_array
from packflow.normalizers.plain import MAX_INT_DIGITS
from packflow.normalizers.refusal import path_text

_PLAIN = frozenset({str, bool, int, float, type(None)})
_INT_BOUND = 10**MAX_INT_DIGITS
_NAN = float("nan")
_NUMBERS = "biuf"


class Cells(NamedTuple):
    """The values of one column.

    Attributes:
        values: plain data, or data that has to be looked through.
        sure: whether it is surely plain.
        replaced: the position of the first NaN or infinity in whose place there is None; None if there is none.
    """

    values: list[Any]
    sure: bool = True
    replaced: int | None = None

    def unsure(self) -> list[Any]:
        """Give the values for a caller that looks through them, which then decides what NaN becomes."""
        if self.replaced is not None:
            self.values[self.replaced] = _NAN
        return self.values


class PandasNormalizer(Normalizer):
    """Converts frames, series, indexes, extension arrays and scalars. Offsets, groups and others are refused."""

    plugin_api_version = 1

    def __init__(self) -> None:
        self._pandas: Any = sys.modules["pandas"]
        arrays = self._pandas.arrays
        # Its name before pandas 2.1 is gone by pandas 3.
        self._wrapper: Any = getattr(arrays, "NumpyExtensionArray", None) or arrays.PandasArray

    def to_native(self, obj: Any) -> Any:
        """Give a frame as a list of objects."""
        names = _column_names(obj.columns)
        dtypes = set(obj.dtypes)
        if not dtypes:
            return [{} for _ in range(len(obj))]
        only = dtypes.pop() if len(dtypes) == 1 else None
        if isinstance(only, np.dtype) and np.can_cast(only, np.float64):  # all bools or numbers, but no longdouble
            return _from_numbers(obj.to_numpy(), names)
        columns = [self._column(column.array, name) for (_, column), name in zip(obj.items(), names, strict=True)]
        sure = all(column.sure for column in columns)
        values = [column.values if sure else column.unsure() for column in columns]
        rows = [dict(zip(names, cells, strict=True)) for cells in zip(*values, strict=True)]
        if not sure:
            return rows
        places = [(c.replaced, name) for c, name in zip(columns, names, strict=True) if c.replaced is not None]
        return Native(rows, replaced=places[0] if places else None)

    def rows(self, obj: Any) -> Rows | None:
        """Give the rows of a frame, a series, an index or an array; scalars have none."""
        cls = type(obj)
        if issubclass(cls, self._batches()):
            convert = self.converter(cls)
            return Rows(convert(obj)) if convert else None
        return None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose by the class."""
        pd = self._pandas
        if issubclass(cls, pd.DataFrame):
            return self.to_native
        if issubclass(cls, pd.MultiIndex):
            return lambda index: [list(labels) for labels in index]
        if issubclass(cls, self._batches()):
            return self._from_array
        if issubclass(cls, (type(pd.NaT), type(pd.NA))):
            return lambda _: None
        for base, convert in (
            (pd.Timestamp, pd.Timestamp.isoformat),
            (pd.Timedelta, pd.Timedelta.to_timedelta64),
            (pd.Period, str),
            (pd.Interval, _from_interval),
        ):
            if issubclass(cls, base):
                return convert
        return None

    def _batches(self) -> tuple[type, ...]:
        pd = self._pandas
        return (pd.DataFrame, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)

    def _from_array(self, obj: Any) -> Any:
        cells = self._cells(getattr(obj, "array", obj))
        if not cells.sure:
            return cells.unsure()
        return Native(cells.values, replaced=None if cells.replaced is None else (cells.replaced,))

    def _column(self, array: Any, name: str) -> Cells:
        try:
            return self._cells(array)
        except NormalizationError as error:
            step = path_text([name])
            path = (error.path or "[0]") + (step if step.startswith("[") else f".{step}")
            raise NormalizationError(str(error), path=path) from error

    def _cells(self, array: Any) -> Cells:
        """Convert an extension array, or pandas' wrapper around one of NumPy, as a whole where its type allows."""
        arrays, dtype = self._pandas.arrays, array.dtype
        if isinstance(array, arrays.DatetimeArray):
            return Cells(_iso_texts(array))
        if isinstance(array, self._pandas.Categorical):
            return self._from_categories(array)
        if isinstance(array, arrays.SparseArray):
            return self._cells(self._pandas.Series(array.to_dense()).array)
        if isinstance(array, arrays.PeriodArray):
            return Cells([None if value is None else str(value) for value in _as_objects(array)])
        if isinstance(dtype, np.dtype) or isinstance(array, self._wrapper):
            return _from_numpy(array.to_numpy())
        numpy_dtype = getattr(dtype, "numpy_dtype", None)
        if numpy_dtype is not None and numpy_dtype.kind in _NUMBERS:
            cells = _from_numpy(array.to_numpy(dtype=numpy_dtype, na_value=numpy_dtype.type(0).item()))
            for place in np.flatnonzero(array.isna()).tolist():
                cells.values[place] = None
            return cells
        return _looked_at(_as_objects(array))

    def _from_categories(self, array: Any) -> Cells:
        categories = self._cells(array.categories.array)
        sure = categories.sure and categories.replaced is None
        choices = [*(categories.values if sure else categories.unsure()), None]  # a missing value has the code -1
        return Cells([choices[code] for code in array.codes.tolist()], sure)


def _from_numbers(table: Any, names: list[str]) -> Native:
    """Convert a frame whose columns are all of one of NumPy's dtypes of numbers."""
    columns = from_array(table.T)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.data, strict=True)]
    place = columns.replaced
    return Native(rows, replaced=place and (place[1], names[int(place[0])]))


def _as_objects(array: Any) -> list[Any]:
    """Give the values of an extension array as Python has them, None for what is missing."""
    values: list[Any] = array.to_numpy(dtype=object, na_value=None).tolist()
    return values


def _from_numpy(array: Any) -> Cells:
    if array.dtype == object:
        return _looked_at(array.tolist())
    data = from_array(array)
    if not isinstance(data, Native):
        return Cells(data, sure=False)
    return Cells(data.data, replaced=None if data.replaced is None else int(data.replaced[0]))


def _looked_at(values: list[Any]) -> Cells:
    """Find out whether objects are plain data, which they mostly are: text."""
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        return Cells(values, sure=False)
    if int in kinds and not all(-_INT_BOUND < value < _INT_BOUND for value in values if type(value) is int):
        return Cells(values, sure=False)
    replaced = None
    if float in kinds:
        odd = [place for place, value in enumerate(values) if type(value) is float and not isfinite(value)]
        for place in odd:
            values[place] = None
        replaced = odd[0] if odd else None
    return Cells(values, replaced=replaced)


_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def _iso_texts(array: Any) -> list[Any]:
    """Write each datetime as its `isoformat()` does, all at once: no fraction, six digits of it, or nine."""
    wall = array if array.tz is None else array.tz_localize(None)
    times = np.asarray(wall)
    per_second = _PER_SECOND[array.unit]
    missing = np.isnat(times)
    fractions = np.where(missing, 0, times.view(np.int64) % per_second)
    texts = np.datetime_as_string(times, unit="s").astype(object)
    if fractions.any():
        fine = fractions * (10**9 // per_second) % 1000 != 0
        for chosen, unit in ((~fine & (fractions != 0), "us"), (fine, "ns")):
            texts[chosen] = np.datetime_as_string(times[chosen], unit=cast("Any", unit))
    if array.tz is not None:
        ahead = times.view(np.int64) - np.asarray(array.tz_convert(None)).view(np.int64)
        offsets, which = np.unique(ahead // per_second, return_inverse=True)
        texts += np.array([_offset_text(seconds) for seconds in offsets.tolist()], object)[which]
    texts[missing] = None
    data: list[Any] = texts.tolist()
    return data


def _offset_text(seconds: int) -> str:
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text


def _from_interval(interval: Any) -> dict[str, Any]:
    return {"left": interval.left, "right": interval.right, "closed": interval.closed}


def _column_names(labels: Any) -> list[str]:
    names = [label if type(label) is str else _name(label) for label in labels]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise NormalizationError(f"two columns of a DataFrame have the name {twice!r}; rename one of them")
    return names


def _name(label: Any) -> str:
    levels: Sequence[Any] = label if isinstance(label, tuple) else (label,)
    texts = [_key(level) for level in levels]
    return ".".join(text for text in texts if text) if len(texts) > 1 else texts[0]


def _key(label: Any) -> str:
    """Give a label as the text that it becomes as a key."""
    from packflow.utils.normalize import ensure_native_types

    try:
        text: str = next(iter(ensure_native_types({label: None})))
    except NormalizationError as error:
        raise NormalizationError(f"a column's name: {error}") from error
    return text
