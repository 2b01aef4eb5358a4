"""What a column becomes in pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow_frames.columns import all_exact, kind_of

if TYPE_CHECKING:
    import pandas


def frame(columns: Mapping[str, Any], rows: int) -> pandas.DataFrame:
    """Make a frame of columns.

    Example:
        >>> frame({"a": [1, None], "b": [1, "x"]}, 2).dtypes.astype(str).to_dict()
        {'a': 'float64', 'b': 'object'}
    """
    import pandas

    index = pandas.RangeIndex(rows)
    return pandas.DataFrame({name: _series(values, index) for name, values in columns.items()}, index=index)


def _series(values: Any, index: pandas.RangeIndex) -> pandas.Series[Any]:
    import pandas

    try:
        return pandas.Series(values, index=index, dtype=_dtype(values))
    except Exception:  # noqa: BLE001 - what pandas has no dtype for makes it fail in any way: half a character in text, say
        return pandas.Series(values, index=index, dtype=object)


def _dtype(values: Any) -> Any:
    """Give the dtype that keeps every value as it is; None where pandas finds it."""
    if isinstance(values, np.ndarray):
        return None
    kind = kind_of(values)
    if kind in ("mixed", "nested", "empty") or (kind == "integer" and None in values and not all_exact(values)):
        return object
    return None
