"""From what the preprocessor gave to what a model is called with: settled once, from its signature.

Each way to feed a model is a class with `batches`: what to call the model with, one or several times, and for how many
records each of them stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from mlflow.types.schema import AnyType, ColSpec, Map, Object, Schema

from packflow.backend.tensors import ModelTensor, TensorWiring
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow.utils.nearest import did_you_mean
from packflow_mlflow.cells import describe, without_required
from packflow_mlflow.columns import make_column
from packflow_mlflow.config import MlflowConfig

#: What an only tensor that the signature does not name is called.
UNNAMED = "input"
#: What a model is called with, how many rows that has, and how many of them stand for records.
Batch = tuple[Any, int, int]


class Feeder(Protocol):
    """Turns what the preprocessor gave into what the model is called with."""

    def batches(self, data: Any) -> Iterator[Batch]:
        """Give what to call the model with, as often as it has to be; no records need no call."""


def choose_feeder(config: MlflowConfig, schema: Schema | None, *, by_type_hint: bool) -> Feeder:
    """Choose how a model is fed.

    Args:
        config: the backend's configuration.
        schema: the inputs of the model's signature; None where it has none.
        by_type_hint: whether the signature says what the list holds that the model is called with.

    Raises:
        InferenceBackendInitializationError: the configuration and the signature do not fit.
    """
    if schema is not None and schema.is_tensor_spec():
        return TensorFeeder(config, schema)
    for setting in ("inputs", "constants", "batch_axes"):
        if getattr(config, setting):
            raise InferenceBackendInitializationError(
                f"{setting} is for models whose signature has tensors; this one has "
                f"{'columns' if schema else 'no signature'}. Rename fields with rename_fields, and choose them with "
                "feature_names."
            )
    if schema is None:
        return FreeFeeder(config)
    if by_type_hint and len(schema.inputs) == 1 and not schema.has_input_names():
        [spec] = schema.inputs
        if isinstance(spec.type, (Object, Map, AnyType)) and not config.feature_names:
            return ListFeeder(config, "", spec)
        return ListFeeder(config, *_columns(config, schema)[0])
    columns = _columns(config, schema)
    return FrameFeeder(config, columns, named=schema.has_input_names())


def _columns(config: MlflowConfig, schema: Schema) -> list[tuple[str, ColSpec]]:
    """Settle what the columns of the signature are called in records."""
    names = config.feature_names
    if not schema.has_input_names():
        if len(names) != len(schema.inputs):
            types = ", ".join(describe(spec.type) for spec in schema.inputs)
            raise InferenceBackendInitializationError(
                f"The model's signature has {len(schema.inputs)} column(s) without names ({types}), and feature_names "
                f"has {len(names)}. Set feature_names to the fields that are these columns, in their order."
            )
        return list(zip(names, schema.inputs, strict=True))
    known = [spec.name for spec in schema.inputs]
    for name in names:
        if name not in known:
            raise InferenceBackendInitializationError(
                f"feature_names has {name!r}, which the model's signature does not.{did_you_mean(name, known)} It has: "
                f"{show_columns(schema)}. Where a record calls a field otherwise, rename it with rename_fields."
            )
    lacking = [spec.name for spec in schema.inputs if spec.required and spec.name not in names]
    if names and lacking:
        raise InferenceBackendInitializationError(
            f"feature_names lacks {lacking}, which the model's signature requires. Leave feature_names out to use all "
            f"of its columns: {show_columns(schema)}."
        )
    return [(spec.name, spec) for spec in schema.inputs]


def show_columns(schema: Schema) -> str:
    """Put the columns of a signature into words."""
    return ", ".join(
        f"{spec.name!r} ({describe(spec.type)}{'' if spec.required else ', optional'})" for spec in schema.inputs
    )


def _parts(data: Any, most: int | None) -> Iterator[Any]:
    step = most or len(data) or 1
    for start in range(0, len(data), step):
        yield data.iloc[start : start + step] if isinstance(data, pd.DataFrame) else data[start : start + step]


class FrameFeeder:
    """Makes a DataFrame with the columns of a signature, each of exactly its type."""

    def __init__(self, config: MlflowConfig, columns: Sequence[tuple[str, ColSpec]], *, named: bool) -> None:
        self._config = config
        self._specs = list(columns)
        self._known = [name for name, _ in columns]
        self._named = named

    def batches(self, data: Any) -> Iterator[Batch]:
        """Give DataFrames: of records, of an array's columns, or a DataFrame's own, which MLflow itself judges."""
        for part in _parts(data, self._config.max_batch_size):
            frame = (
                self._select(part) if isinstance(part, pd.DataFrame) else self._build(as_records(part, self._config))
            )
            yield frame, len(frame), len(frame)

    def _build(self, records: Sequence[dict[str, Any]]) -> pd.DataFrame:
        if self._config.extra_columns == "error":
            for row, record in enumerate(records):
                self._refuse_extra(record, f" of row {row}", row)
        columns = {
            name: make_column(spec, name, records, self._config.on_missing, self._known) for name, spec in self._specs
        }
        made = {name: column for name, column in columns.items() if column is not None}
        return pd.DataFrame(made, index=range(len(records)))

    def _select(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self._config.extra_columns == "error":
            self._refuse_extra(frame.columns, "")
        return frame[[name for name in frame.columns if name in self._known]] if self._named else frame

    def _refuse_extra(self, fields: Any, place: str, row: int | None = None) -> None:
        for field in fields:
            if field not in self._known:
                raise InferenceBackendRuntimeError(
                    f"Field {field!r}{place} is no column of the model's signature."
                    f"{did_you_mean(str(field), self._known)} It has: {', '.join(map(repr, self._known))}. Leave the "
                    "field out, or set extra_columns='ignore'.",
                    row=row,
                )


class ListFeeder:
    """Gives a model whose type hint says what a list of inputs holds that list, checked against its signature."""

    def __init__(self, config: MlflowConfig, name: str, spec: ColSpec) -> None:  # no name: the records themselves
        self._config = config
        self._name = name
        # A type hint may have defaults, of which the signature knows nothing: the model itself refuses what is missing.
        self._spec = ColSpec(without_required(spec.type), required=spec.required)

    def batches(self, data: Any) -> Iterator[Batch]:
        """Give lists of the records themselves, or of the values of the one field that feeds the model."""
        for part in _parts(data, self._config.max_batch_size):
            records = as_records(part, self._config)
            given = [record.get(self._name) for record in records] if self._name else records
            make_column(self._spec, self._name, [{self._name: value} for value in given], "error")
            yield list(given), len(given), len(given)


class FreeFeeder:
    """Makes a DataFrame of the records as they are, for a model without a signature; arrays and frames pass."""

    def __init__(self, config: MlflowConfig) -> None:
        self._config = config

    def batches(self, data: Any) -> Iterator[Batch]:
        """Give DataFrames, or what the preprocessor made."""
        for part in _parts(data, self._config.max_batch_size):
            given = self._build(part) if isinstance(part, list) else part
            yield given, len(part), len(part)

    def _build(self, rows: list[Any]) -> pd.DataFrame:
        records = as_records(rows, self._config)
        names = self._config.feature_names or list(records[0])
        for row, record in enumerate(records):
            for name in names if self._config.on_missing == "error" else ():
                if name not in record:
                    raise InferenceBackendRuntimeError(
                        f"Field {name!r} of row {row} is missing, and it is a column of the batch."
                        f"{did_you_mean(name, map(str, record))}",
                        row=row,
                    )
            for field in record if not self._config.feature_names else ():
                if field not in names:
                    raise InferenceBackendRuntimeError(
                        f"Row {row} has the field {field!r}, and row 0 has not; the rows of a batch must be alike. "
                        "Set feature_names to the fields that are the model's columns.",
                        row=row,
                    )
        return pd.DataFrame(records, columns=names)


class TensorFeeder:
    """Makes an array for each tensor of a signature."""

    def __init__(self, config: MlflowConfig, schema: Schema) -> None:
        self._named = schema.has_input_names()
        self._dtypes = {spec.name or UNNAMED: spec.type for spec in schema.inputs}
        self._axes = config.batch_axes
        self._wiring = TensorWiring(config, [_tensor(spec) for spec in schema.inputs])

    def batches(self, data: Any) -> Iterator[Batch]:
        """Give a dict of arrays; the array alone where the signature does not name it."""
        given: list[dict[str, Any]] = []

        def keep(feed: dict[str, Any]) -> dict[str, Any]:
            given.append({name: self._as_declared(name, array) for name, array in feed.items()})
            return {}

        runs = self._wiring.run(self._wiring.batch(data), keep)
        for feed, (_, count) in zip(given, runs, strict=True):
            name, array = next(iter(feed.items()))  # constants come last
            rows = array.shape[self._axes.get(name, 0)]
            yield (feed if self._named else feed[UNNAMED]), rows, count

    def _as_declared(self, name: str, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return array.astype(str) if self._dtypes[name].kind == "U" else array


def _tensor(spec: Any) -> ModelTensor:
    name, dtype = spec.name or UNNAMED, np.dtype(spec.type)
    if dtype.kind not in "biufUO":
        raise InferenceBackendInitializationError(
            f"The tensor {name!r} of the model's signature has the dtype {dtype}, which is not supported: numbers, "
            "booleans and text are."
        )
    kind = np.dtype(object) if dtype.kind == "U" else dtype
    return ModelTensor(name, kind, tuple(None if length == -1 else length for length in spec.shape))


def as_records(rows: Any, config: MlflowConfig) -> Sequence[dict[str, Any]]:
    """Give rows as records: they are, or they are an array's rows, whose columns feature_names names."""
    if isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.shape[1] == len(config.feature_names):
        return [dict(zip(config.feature_names, row, strict=True)) for row in rows.tolist()]
    if not isinstance(rows, list):
        raise InferenceBackendRuntimeError(
            f"The model takes records, and the preprocessor {config.input_format!r} gave a {type(rows).__name__}. Set "
            "input_format='records', or feature_names to the columns of the array."
        )
    for row, record in enumerate(rows):
        if not isinstance(record, dict):
            raise InferenceBackendRuntimeError(
                f"Row {row} is of type {type(record).__name__}; expected a dict with the columns by name.", row=row
            )
    return rows
