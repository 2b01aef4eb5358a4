"""What a column becomes in polars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow_frames.columns import kind_of

if TYPE_CHECKING:
    import polars


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
        return polars.Series(name, values)
    kind = kind_of(values)
    if kind == "float":
        return polars.Series(name, values, dtype=polars.Float64, strict=False)
    if kind == "mixed":
        return polars.Series(name, values, dtype=polars.Object)
    try:
        series = polars.from_dicts([{name: value} for value in values], infer_schema_length=None)[name]
    except (TypeError, OverflowError, polars.exceptions.PolarsError):
        return polars.Series(name, values, dtype=polars.Object)
    if kind == "nested" and not all(map(_holds, series.to_list(), values)):
        return polars.Series(name, values, dtype=polars.Object)
    return series


def _holds(held: Any, value: Any) -> bool:
    """Whether polars holds a nested value whole; it drops fields that its schema lacks, and adds others as null."""
    if isinstance(value, dict):
        return isinstance(held, dict) and all(
            _holds(held.get(key), inner) if key in value else held[key] is None
            for key, inner in {**dict.fromkeys(held), **value}.items()
        )
    if isinstance(value, (list, tuple)):
        return isinstance(held, list) and len(held) == len(value) and all(map(_holds, held, value))
    return type(held) is type(value) and (held == value or held != held)
