"""The three preprocessors. What becomes of a column in each library is decided in the modules beside this one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from packflow.backend.preprocessors import Preprocessor
from packflow.exceptions import PreprocessorInitError
from packflow_frames import arrow_columns, pandas_columns, polars_columns
from packflow_frames.columns import ColumnReader, Records

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class FramePreprocessor(Preprocessor):
    """What the three have in common: reading the columns, and the library that is needed."""

    plugin_api_version = 1

    #: The library's module, and the extra that installs it.
    library: ClassVar[tuple[str, str]]

    def prepare(self) -> None:
        """Compile the configuration, and load the library."""
        module, extra = self.library
        try:
            import_module(module)
        except ImportError as error:
            raise PreprocessorInitError(
                f"input_format={extra!r} needs {module}, which cannot be imported ({error}). Install it: "
                f"pip install 'packflow-frames[{extra}]'."
            ) from error
        self._read = ColumnReader(self.config)

    def __call__(self, records: Records) -> Any:
        """Preprocess a batch: a row for each record, in their order."""
        return self.make(self._read(records), len(records))

    @abstractmethod
    def make(self, columns: Mapping[str, Any], rows: int) -> Any:
        """Make the frame of columns: their names in order, and for each its values."""


class PandasPreprocessor(FramePreprocessor):
    """Makes a ``pandas.DataFrame``.

    Example:
        >>> from packflow import BackendConfig
        >>> preprocess = PandasPreprocessor(BackendConfig(input_format="pandas", flatten_nested_inputs=True))
        >>> preprocess([{"a": {"b": 1}}, {"a": {"b": 2.5}}])
           a.b
        0  1.0
        1  2.5

    Columns have the dtype that pandas gives them. Numbers beside text, booleans beside missing ones, and integers that
    float64 cannot hold beside missing or broken ones make columns of objects; a missing number is NaN. The index counts
    the rows, from 0.
    """

    library = ("pandas", "pandas")

    def make(self, columns: Mapping[str, Any], rows: int) -> pandas.DataFrame:
        """Make the frame."""
        return pandas_columns.frame(columns, rows)


class PolarsPreprocessor(FramePreprocessor):
    """Makes a ``polars.DataFrame``.

    Example:
        >>> from packflow import BackendConfig
        >>> preprocess = PolarsPreprocessor(BackendConfig(input_format="polars"))
        >>> preprocess([{"a": 1}, {"b": "x"}]).to_dicts()
        [{'a': 1, 'b': None}, {'a': None, 'b': 'x'}]

    Columns have the dtype that polars gives them, and a missing value is null. What polars has no common dtype for
    (numbers beside text, say) makes a column of ``polars.Object``.
    """

    library = ("polars", "polars")

    def make(self, columns: Mapping[str, Any], rows: int) -> polars.DataFrame:  # noqa: ARG002 - columns know it
        """Make the frame."""
        return polars_columns.frame(columns)


class ArrowPreprocessor(FramePreprocessor):
    """Makes a ``pyarrow.Table``.

    Example:
        >>> from packflow import BackendConfig
        >>> preprocess = ArrowPreprocessor(BackendConfig(input_format="arrow"))
        >>> preprocess([{"a": 1}, {"a": None}]).to_pylist()
        [{'a': 1}, {'a': None}]

    Columns have the type that Arrow infers, and a missing value is null. Arrow has no type for values of several kinds:
    such a column is refused, by its name and the first row that does not fit.
    """

    library = ("pyarrow", "arrow")

    def make(self, columns: Mapping[str, Any], rows: int) -> pyarrow.Table:  # noqa: ARG002 - columns know it
        """Make the table."""
        return arrow_columns.table(columns)
