"""The normalizers ``polars`` and ``pyarrow``: frames, tables and what stands in them, as data that JSON can hold.

Each gives the values as Python has them, and packflow's own rules say what becomes of these. Importing this loads
neither library: where there is an object of one, it is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from packflow.exceptions import NormalizationError
from packflow.normalizers import Native, Normalizer, Rows
from packflow_frames import arrow_values, polars_values


class PolarsNormalizer(Normalizer):
    """Converts polars' frames and series.

    Example:
        >>> import polars
        >>> from packflow.utils.normalize import ensure_valid_output
        >>> ensure_valid_output(polars.DataFrame({"miles": [6.2, None]}))
        [{'miles': 6.2}, {'miles': None}]

    A LazyFrame has no values yet and is refused, as are expressions, dtypes and groups.
    """

    plugin_api_version = 1

    def __init__(self) -> None:
        import polars

        self._polars = polars

    def to_native(self, obj: Any) -> Any:
        """Give a frame as a list of objects, by column."""
        return _objects(((series.name, series) for series in obj.get_columns()), obj.height, polars_values.cells)

    def rows(self, obj: Any) -> Rows | None:
        """Give the rows of a frame, or the values of a series."""
        convert = self.converter(type(obj))
        return Rows(convert(obj)) if convert else None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose by the class."""
        if issubclass(cls, self._polars.DataFrame):
            return self.to_native
        if issubclass(cls, self._polars.Series):
            return lambda series: _marked(*polars_values.cells(series))
        return _no_values_yet if issubclass(cls, self._polars.LazyFrame) else None


class ArrowNormalizer(Normalizer):
    """Converts Arrow's tables, record batches, arrays and scalars.

    Example:
        >>> import pyarrow
        >>> from packflow.utils.normalize import ensure_valid_output
        >>> ensure_valid_output(pyarrow.table({"miles": [6.2, None]}))
        [{'miles': 6.2}, {'miles': None}]

    Two columns of one name are refused, as are schemas, types, buffers and tensors.
    """

    plugin_api_version = 1

    def __init__(self) -> None:
        import pyarrow

        self._tables = (pyarrow.Table, pyarrow.RecordBatch)
        self._arrays = (pyarrow.Array, pyarrow.ChunkedArray)
        self._scalar = pyarrow.Scalar

    def to_native(self, obj: Any) -> Any:
        """Give a table as a list of objects, by column."""
        return _objects(zip(obj.schema.names, obj.columns, strict=True), obj.num_rows, arrow_values.cells)

    def rows(self, obj: Any) -> Rows | None:
        """Give the rows of a table, or the values of an array; scalars have none."""
        convert = self.converter(type(obj)) if isinstance(obj, (*self._tables, *self._arrays)) else None
        return Rows(convert(obj)) if convert else None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose by the class."""
        if issubclass(cls, self._tables):
            return self.to_native
        if issubclass(cls, self._arrays):
            return lambda array: _marked(*arrow_values.cells(array))
        return arrow_values.of_scalar if issubclass(cls, self._scalar) else None


def _objects(columns: Iterable[tuple[str, Any]], rows: int, cells: Callable[[Any], tuple[list[Any], bool]]) -> Any:
    """Give an object for each row of a table, made of its columns."""
    named = list(columns)
    names = [name for name, _ in named]
    if len(set(names)) < len(names):
        twice = Counter(names).most_common(1)[0][0]
        raise NormalizationError(f"two columns have the name {twice!r}; rename one of them")
    if not names:
        return [{} for _ in range(rows)]
    values, plain = zip(*(_column(name, column, cells) for name, column in named), strict=True)
    return _marked([dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)], all(plain))


def _column(name: str, column: Any, cells: Callable[[Any], tuple[list[Any], bool]]) -> tuple[list[Any], bool]:
    try:
        return cells(column)
    except Exception as error:  # the library's own, or an OverflowError of what Python's types cannot hold
        raise NormalizationError(f"the column {name!r} cannot be converted: {error}") from error


def _marked(values: list[Any], plain: bool) -> Any:
    return Native(values) if plain else values


def _no_values_yet(_: Any) -> Any:
    raise NormalizationError("a LazyFrame has no values yet; give what its collect() gives")
