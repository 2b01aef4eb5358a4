"""What a column becomes in polars."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow_frames.columns import holds, kind_of

if TYPE_CHECKING:
    import polars

#: Of values of these kinds, polars may drop a part: a field, the fraction of a second, a time zone.
_CHECKED = ("nested", "one type")

#: What polars reads of NumPy's units.
_UNITS = {"M": ("D", "ms", "us", "ns"), "m": ("ms", "us", "ns")}


def frame(columns: Mapping[str, Any]) -> polars.DataFrame:
    """Make a frame of columns.

    Example:
        >>> list(frame({"a": [1, None], "b": [1, "x"]}).schema.items())
        [('a', Int64), ('b', Object)]
    """
    import polars

    return polars.DataFrame({name: _series(name, values) for name, values in columns.items()})


def _series(name: str, values: Any) -> polars.Series:
    import polars

    if isinstance(values, np.ndarray):
        if values.dtype.kind == "O":
            return _series(name, values.tolist())
        return polars.Series(name, _known_unit(values) if values.dtype.kind in "mM" else values)
    kind = kind_of(values)
    if kind == "float":
        return polars.Series(name, values, dtype=polars.Float64, strict=False)
    if kind == "mixed" or any(isinstance(value, Decimal) and not value.is_finite() for value in values):
        return polars.Series(name, values, dtype=polars.Object)
    try:
        series = polars.from_dicts([{name: value} for value in values], infer_schema_length=None)[name]
        whole = kind not in _CHECKED or all(map(holds, series.to_list(), values))
    except (Exception, polars.exceptions.PanicException):  # noqa: BLE001 - polars fails in any way where it has no room
        whole = False
    return series if whole else polars.Series(name, values, dtype=polars.Object)


def _known_unit(times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Give times in a unit that polars has, or as they are where that would lose something."""
    unit, count = np.datetime_data(times.dtype)
    if count == 1 and unit in _UNITS[times.dtype.kind]:
        return times
    finer = times.astype(f"{times.dtype.kind}8[{'D' if unit in 'YMW' and times.dtype.kind == 'M' else 'ms'}]")
    same = (finer.astype(times.dtype) == times) | np.isnat(times)
    return finer if same.all() else times.astype(object)
