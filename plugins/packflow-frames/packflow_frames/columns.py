"""From records to columns: names in order, and for each a list of values, one for each record.

What the configuration asks for is packflow's own work: its preprocessor ``numpy`` reads the cells, so that a column has
what an array's column has. Nothing here knows a library of frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import NoneType
from typing import Any, Literal

import numpy as np

from packflow import BackendConfig, plugin
from packflow.exceptions import PreprocessorInitError, PreprocessorRuntimeError

Records = list[dict[str, Any]]
#: A column's values: a list, or an array where ``numpy_dtype`` asks for a dtype.
Values = Any
Kind = Literal["empty", "boolean", "integer", "float", "text", "nested", "one type", "mixed"]

#: From here on, float64 does not hold every integer.
EXACT_LIMIT = 2**53


class ColumnReader:
    """Reads records into columns, as a configuration says.

    Example:
        >>> read = ColumnReader(BackendConfig(rename_fields={"n": "count"}))
        >>> read([{"n": 1}, {"n": None, "x": "a"}])
        {'count': [1, None], 'x': [None, 'a']}

    With ``feature_names``, these are the columns, each a path into the record. Without them, the columns are the fields
    of all the records together, in the order in which they come up.
    """

    def __init__(self, config: BackendConfig) -> None:
        self._config = config
        self._read_cells = None
        if config.feature_names:
            self._names = list(config.feature_names)
            twice = [name for name, count in Counter(self._names).items() if count > 1]
            if twice:
                raise PreprocessorInitError(
                    f"feature_names names {twice[0]!r} twice, and a frame has one column of a name. Leave one out."
                )
            self._read_cells = _built_in("numpy", config.model_copy(update=self._cells_settings()))
        else:
            self._read_records = _built_in("records", config.model_copy(update={"input_format": "records"}))

    def _cells_settings(self) -> dict[str, Any]:
        return {"input_format": "numpy", "numpy_dtype": self._config.numpy_dtype or "object"}

    def __call__(self, records: Records) -> dict[str, Values]:
        """Read a batch.

        Raises:
            PreprocessorRuntimeError: a record is refused; see packflow's preprocessors ``records`` and ``numpy``.
        """
        if self._read_cells is not None:
            return self._columns(self._names, self._read_cells(records))
        rows = self._read_records(records)
        names = _all_names(rows)
        return self._columns(names, self._reader_of(names)(rows)) if names else {}

    def _reader_of(self, names: list[str]) -> Any:
        """Give what reads the very fields of these names, whatever characters are in them."""
        delimiter = "\0"
        while any(delimiter in name for name in names):
            delimiter += "\0"
        settings = {"feature_names": names, "nested_field_delimiter": delimiter, "on_missing": self._config.on_missing}
        return _built_in("numpy", BackendConfig(**self._cells_settings(), **settings))

    def _columns(self, names: Sequence[str], cells: np.ndarray[Any, Any]) -> dict[str, Values]:
        if self._config.numpy_dtype is not None:
            return {name: np.ascontiguousarray(cells[:, place]) for place, name in enumerate(names)}
        return {name: cells[:, place].tolist() for place, name in enumerate(names)}


def _built_in(name: str, config: BackendConfig) -> Any:
    return plugin.load("preprocessor", f"packflow/{name}")(config)


def _all_names(rows: Records) -> list[str]:
    names: dict[str, None] = {}
    for row, record in enumerate(rows):
        if not isinstance(record, dict):
            raise PreprocessorRuntimeError(
                f"Row {row} is of type {type(record).__name__}, where a record (a dict) is expected.", row=row
            )
        for name in record:
            if name not in names and not _is_text(name):
                raise PreprocessorRuntimeError(
                    f"The record of row {row} has the key {name!r} ({type(name).__name__}), where a column's name is "
                    "expected to be text. Rename it, or choose columns with feature_names.",
                    row=row,
                )
        names.update(dict.fromkeys(record))
    return list(names)


def _is_text(name: Any) -> bool:
    """Whether a name is text that the libraries can hold: halves of characters have no UTF-8."""
    try:
        return isinstance(name, str) and bool(name.encode() or True)
    except UnicodeEncodeError:
        return False


def kind_of(values: Sequence[Any]) -> Kind:
    """Say what a column holds, missing values aside.

    Example:
        >>> kind_of([1, None]), kind_of([1, 2.5]), kind_of([1, "a"]), kind_of([2**53 + 1, 0.5])
        ('integer', 'float', 'mixed', 'mixed')

    Integers beside floats are floats, unless float64 would round one of them. A boolean is no number here.
    """
    kinds = set(map(type, values)) - {NoneType}
    if not kinds:
        return "empty"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    if kinds <= {int, float}:
        return "float" if all_exact(values) else "mixed"
    if kinds == {str}:
        return "text"
    if kinds <= {dict, list, tuple}:
        return "nested"
    return "one type" if len(kinds) == 1 else "mixed"


def all_exact(values: Sequence[Any]) -> bool:
    """Whether float64 holds every integer of a column as it is.

    Example:
        >>> all_exact([1, 2**60]), all_exact([2**53 + 1])
        (True, False)
    """
    return all(abs(value) < EXACT_LIMIT or _held(value) for value in values if type(value) is int)


def _held(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def holds(held: Any, value: Any) -> bool:
    """Whether what a library gives back for a value is that value, with nothing lost or made another kind.

    Example:
        >>> holds({"a": 1, "b": None}, {"a": 1}), holds({"b": None}, {"a": 1}), holds([1.0], [1]), holds([1], [True])
        (True, False, True, False)

    A number may be an integer or a float, and a record have further fields that are null.
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    elif isinstance(value, np.generic):
        if value.dtype.kind in "mM":  # of units that Python's own types lack
            return held is not None or bool(np.isnat(value))
        value = value.item()
    if isinstance(value, dict):
        return isinstance(held, dict) and all(
            holds(held.get(key), inner) if key in value else held[key] is None
            for key, inner in {**dict.fromkeys(held), **value}.items()
        )
    if isinstance(value, (list, tuple)):
        return isinstance(held, list) and len(held) == len(value) and all(map(holds, held, value))
    numbers = isinstance(value, (int, float)) and isinstance(held, (int, float))
    alike = (numbers or isinstance(value, type(held))) and isinstance(value, bool) == isinstance(held, bool)
    return alike and bool(held == value or held != held)


def short(value: Any) -> str:
    """Show a value in an error, whatever its own code does."""
    try:
        return f"{value!r:.100}"
    except Exception:  # noqa: BLE001 - the value's own code
        return f"a {type(value).__name__}"
