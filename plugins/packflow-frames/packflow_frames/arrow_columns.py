"""What a column becomes in Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.exceptions import PreprocessorRuntimeError

if TYPE_CHECKING:
    import pyarrow


def table(columns: Mapping[str, Any]) -> pyarrow.Table:
    """Make a table of columns.

    Example:
        >>> table({"a": [1, None], "b": ["x", "y"]}).schema.types
        [DataType(int64), DataType(string)]

    Raises:
        PreprocessorRuntimeError: Arrow has no type for a column's values; the text names the column and the first row
            that does not fit those before it.
    """
    import pyarrow

    return pyarrow.table({name: _array(name, values) for name, values in columns.items()})


def _array(name: str, values: Any) -> pyarrow.Array:
    import pyarrow

    if isinstance(values, np.ndarray) and values.dtype.kind == "O":
        values = values.tolist()
    try:
        return pyarrow.array(values)
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError) as error:
        row = _first_misfit(values)
        raise PreprocessorRuntimeError(
            f"The column {name!r} has no type in Arrow: row {row} holds {values[row]!r:.100} "
            f"({type(values[row]).__name__}), which does not fit the rows before it ({error}). Make the values alike, "
            "or choose the columns with feature_names.",
            row=row,
        ) from error


def _first_misfit(values: Any) -> int:
    """Find the row with which Arrow first fails: all rows before it fit together."""
    import pyarrow

    fits, fails = 0, len(values)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        try:
            pyarrow.array(values[:middle])
            fits = middle
        except (pyarrow.ArrowException, OverflowError, TypeError, ValueError):
            fails = middle
    return fails - 1
