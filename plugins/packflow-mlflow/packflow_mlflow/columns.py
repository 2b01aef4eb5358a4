"""Columns of a DataFrame from the values of records, each of exactly the type that the model's signature has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, Literal

import numpy as np
import pandas as pd
from mlflow.types.schema import ColSpec, DataType

from packflow.exceptions import InferenceBackendRuntimeError
from packflow.utils.nearest import did_you_mean
from packflow_mlflow.cells import MisfitError, convert, describe

#: Up to these, every integer is a float of the type.
_EXACT = {"float": 2**24, "double": 2**53}
_INTEGERS = (DataType.integer, DataType.long)


def make_column(
    spec: ColSpec,
    name: str,
    records: Sequence[dict[str, Any]],
    on_missing: Literal["error", "null"],
    known: Collection[str] = (),
) -> pd.Series | None:
    """Make the column of a DataFrame that the signature describes.

    Args:
        spec: what the signature says of the column.
        name: what the records call it.
        records: n records, n > 0.
        on_missing: ``"null"`` reads a missing or ``None`` number of a required column as NaN.
        known: the names of all columns; a field that has one of them was not meant to be another.

    Returns:
        n values; None for an optional column that no record has.

    Raises:
        InferenceBackendRuntimeError: a value is missing, or does not fit; the text names row and column.
    """
    try:
        values = list(map(itemgetter(name), records))
    except KeyError:
        values = [record.get(name) for record in records]
    if not spec.required and _is_absent(spec, name, records, values):
        return None
    column = _convert_all(values, spec.type)
    if column is not None:
        return column
    return _assemble([_cell(spec, name, records, row, on_missing, known) for row in range(len(records))], spec.type)


def _is_absent(spec: ColSpec, name: str, records: Sequence[dict[str, Any]], values: list[Any]) -> bool:
    """Tell whether no record has a column; for integers, whose columns hold no missing values, None is as good."""
    if spec.type in _INTEGERS:
        return all(value is None for value in values)
    return not any(name in record for record in records)


def _convert_all(values: list[Any], kind: Any) -> pd.Series | None:
    """Convert all values at once where it is plain that every one fits; None where each must be looked at."""
    if not isinstance(kind, DataType):
        return None
    types = set(map(type, values))
    if kind is DataType.string:
        return pd.Series(values) if types == {str} else None
    if kind is DataType.boolean:
        return pd.Series(values) if types == {bool} else None
    if kind in _INTEGERS and types == {int}:
        limits = np.iinfo(kind.to_numpy())
        fits = limits.min <= min(values) and max(values) <= limits.max
        return pd.Series(np.array(values, kind.to_numpy())) if fits else None
    if kind in (DataType.float, DataType.double) and types <= {int, float}:
        exact = _EXACT[kind.name]
        if int in types and not all(-exact <= value <= exact for value in values if type(value) is int):
            return None
        wide = np.array(values, np.float64)
        with np.errstate(over="ignore"):
            held = wide.astype(kind.to_numpy(), copy=False)
        return pd.Series(held) if not (np.isinf(held) & np.isfinite(wide)).any() else None
    return None


def _cell(
    spec: ColSpec, name: str, records: Sequence[dict[str, Any]], row: int, on_missing: str, known: Collection[str]
) -> Any:
    record = records[row]
    value = record.get(name)
    if value is None:
        if spec.required and not (on_missing == "null" and spec.type in (DataType.double, DataType.float)):
            state = "is None" if name in record else "is missing"
            near = did_you_mean(name, {str(field) for field in record}.difference(known)) if name not in record else ""
            raise InferenceBackendRuntimeError(
                f"{_place(name, row)} {state}; the model's signature requires it ({describe(spec.type)}).{near}",
                row=row,
            )
        if spec.type in _INTEGERS:
            raise InferenceBackendRuntimeError(
                f"{_place(name, row)} has no value, and other rows of the batch have one: MLflow's columns of "
                "integers hold no missing values. Leave the field out of every record of the batch, or have the model "
                "saved with a signature where it is double.",
                row=row,
            )
        return None
    try:
        return convert(value, spec.type)
    except MisfitError as reason:
        stop = "" if str(reason).endswith("?") else "."
        raise InferenceBackendRuntimeError(
            f"{_place(name, row)} does not fit the model's signature, which has {describe(spec.type)}: "
            f"{reason}{stop} It holds {_short(value)}.",
            row=row,
        ) from reason


def _assemble(cells: list[Any], kind: Any) -> pd.Series:
    """Put cells into a column; None among them is a missing value."""
    if kind is DataType.string:
        return pd.Series(cells)
    if kind is DataType.boolean:
        return pd.Series(cells, dtype=object if None in cells else bool)
    if isinstance(kind, DataType) and kind is not DataType.binary:
        missing = np.datetime64("NaT", "ns") if kind is DataType.datetime else np.nan
        return pd.Series(np.array([missing if cell is None else cell for cell in cells], kind.to_numpy()))
    return pd.Series(cells, dtype=object)


def _place(name: str, row: int) -> str:
    """Say where a value stands; a column without a name holds whole records."""
    return f"Column {name!r} of row {row}" if name else f"Row {row}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
