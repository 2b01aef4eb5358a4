"""The values of polars' series as Python has them, with nothing lost."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from packflow.exceptions import NormalizationError
from packflow_frames.moments import PER_SECOND, finer, seconds

if TYPE_CHECKING:
    import polars

_FIRST = int(datetime.min.replace(tzinfo=timezone.utc).timestamp())
_AFTER_LAST = int(datetime.max.replace(microsecond=0, tzinfo=timezone.utc).timestamp()) + 1
_DAY = 86_400


def cells(series: polars.Series) -> tuple[list[Any], bool]:
    """Give the values of a series, and whether they surely are plain data.

    Example:
        >>> import polars
        >>> cells(polars.Series([1, None]))
        ([1, None], True)
    """
    import polars

    dtype = series.dtype
    if dtype.is_float():
        return series.to_list(), bool(series.is_finite().all())
    # A dtype may be a class or an instance of it, which are equal.
    named = dtype in (polars.String, polars.Boolean, polars.Null, polars.Categorical, polars.Enum)
    return _values(series), named or dtype.is_integer()


def _values(series: polars.Series) -> list[Any]:
    import polars

    dtype = series.dtype
    if not _has_times(dtype):
        values: list[Any] = series.to_list()
        return values
    if hasattr(dtype, "ext_storage"):  # an extension, which not every release of polars has
        return _values(series.ext.storage())
    if isinstance(dtype, polars.Duration):
        return seconds(series.to_physical().to_list(), dtype.time_unit)
    if dtype == polars.Time:
        return finer(series.to_list(), series.to_physical().to_list())
    if dtype in (polars.Date, polars.Datetime):
        return _moments(series)
    if isinstance(dtype, polars.Struct):
        fields = {field.name: _values(series.struct.field(field.name)) for field in dtype.fields}
        rows = zip(*fields.values(), strict=True)
        missing = series.is_null()
        return [None if gone else dict(zip(fields, row, strict=True)) for gone, row in zip(missing, rows, strict=True)]
    if isinstance(dtype, (polars.List, polars.Array)):
        return [None if inner is None else _values(inner) for inner in series]
    raise NormalizationError(f"times inside a value of type {dtype} are not read; cast them to text or to numbers")


def _has_times(dtype: Any) -> bool:
    """Tell whether there may be times in values of a dtype: what polars makes of them may have lost a part."""
    import polars

    if isinstance(dtype, polars.Struct):
        return any(_has_times(field.dtype) for field in dtype.fields)
    if hasattr(dtype, "ext_storage"):
        return _has_times(dtype.ext_storage())
    inner = [part for part in vars(dtype).values() if hasattr(part, "is_temporal")] if dtype.is_nested() else []
    return bool(dtype.is_temporal()) or any(map(_has_times, inner))


def _moments(series: polars.Series) -> list[Any]:
    _check_years(series)
    zone = getattr(series.dtype, "time_zone", None)
    if zone is not None:
        _check_years(series.dt.replace_time_zone(None))
    fine = getattr(series.dtype, "time_unit", None) == "ns"
    moments: list[Any] = series.to_list()
    return finer(moments, series.to_physical().to_list()) if fine else moments


def _check_years(series: polars.Series) -> None:
    """Refuse times that Python's types cannot hold: polars would end in a panic."""
    unit = getattr(series.dtype, "time_unit", None)
    physical = series.to_physical()
    least, most = physical.min(), physical.max()
    if least is None or most is None:
        return
    first, after_last = (
        (limit // _DAY if unit is None else limit * PER_SECOND[unit]) for limit in (_FIRST, _AFTER_LAST)
    )
    if not (first <= least and most < after_last):
        raise NormalizationError("it holds a time before the year 1 or after 9999; cast the column to text")
