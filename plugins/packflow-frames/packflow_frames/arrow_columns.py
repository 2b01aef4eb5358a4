"""What a column becomes in Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.exceptions import PreprocessorRuntimeError
from packflow_frames.columns import holds, kind_of, short

if TYPE_CHECKING:
    import pyarrow

#: Of these kinds, Arrow holds every value as it is, or refuses it.
_EXACT = ("empty", "boolean", "integer", "float", "text")


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
        array = pyarrow.array(values)
        lost = None if isinstance(values, np.ndarray) or kind_of(values) in _EXACT else _first_lost(array, values)
    except (pyarrow.ArrowException, OverflowError, TypeError, ValueError) as error:
        row = _first_misfit(values)
        lone = "for which it has none" if row == 0 else "which does not fit the rows before it"
        raise PreprocessorRuntimeError(
            f"The column {name!r} has no type in Arrow: row {row} holds {short(values[row])} "
            f"({type(values[row]).__name__}), {lone} ({error}). Make the values alike, "
            "or choose the columns with feature_names.",
            row=row,
        ) from error
    if lost is None:
        return array
    raise PreprocessorRuntimeError(
        f"The column {name!r} would be {array.type} in Arrow, which does not hold row {lost} whole: "
        f"{short(values[lost])} ({type(values[lost]).__name__}). Make the values alike, or choose the columns with "
        "feature_names.",
        row=lost,
    )


def _first_lost(array: pyarrow.Array, values: Any) -> int | None:
    """Find the first value that Arrow holds in part only: without a fraction of a second, or with another time zone."""
    return next((row for row, held in enumerate(array.to_pylist()) if not holds(held, values[row])), None)


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
