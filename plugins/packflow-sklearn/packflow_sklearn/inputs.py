"""From what the preprocessor gave to what the model takes: a matrix, a DataFrame, a column or records.

What is decided is decided once, at construction, and refused there if it cannot work.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

import numpy as np

from packflow import InferenceBackend
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import (
    InferenceBackendInitializationError,
    InferenceBackendRuntimeError,
    PreprocessorRuntimeError,
)
from packflow_sklearn.cells import refuse_text
from packflow_sklearn.config import SklearnConfig
from packflow_sklearn.estimator import Description


class Feeder:
    """Gives a model its inputs, in the layout that was settled at construction.

    Args:
        config: the backend's configuration.
        model: the description of the model.

    Raises:
        InferenceBackendInitializationError: the configuration and the model do not fit.
    """

    def __init__(self, config: SklearnConfig, model: Description) -> None:
        self.kind = model.kind
        self.n_features = model.n_features
        self._numbers = model.numbers
        self.layout = choose_layout(config, model)
        self.names = feature_names(config, model, self.layout)
        self._columns = self._column_reader(config)
        self._is_given_records = config.input_format in ("records", "passthrough")

    def _column_reader(self, config: SklearnConfig) -> Callable[[list[dict[str, Any]]], Any] | None:
        """Give packflow's own reader of columns; renaming and flattening were done before it."""
        if self.names is None or self.layout == "records":
            return None
        return get_preprocessor(
            config.model_copy(
                update={
                    "input_format": "numpy",
                    "feature_names": list(self.names),
                    "rename_fields": {},
                    "flatten_nested_inputs": False,
                    "ignore_delimiter_collisions": True,  # a key spelt like a feature is that feature
                }
            )
        )

    def __call__(self, data: Any) -> Any:
        """Lay out a batch: records, or the array (or the like) that a preprocessor made of them."""
        if self.layout == "records":
            return data
        if isinstance(data, list):
            if not data:
                return data
            if isinstance(data[0], dict) or (self._is_given_records and self.layout != "column"):
                data = self._read_columns(data)
        if self.layout == "column":
            return _column(data)
        self._check_shape(data)
        refuse_text(data, self._numbers, self.names, self.kind)
        if self.layout == "frame" and self.names is not None and isinstance(data, np.ndarray):
            return _frame(data, self.names)
        return data

    def _read_columns(self, rows: list[Any]) -> Any:
        for index, row in enumerate(rows):
            if not isinstance(row, dict):
                raise InferenceBackendRuntimeError(
                    f"Row {index} is of type {type(row).__name__}; expected a dict with the features by name.",
                    row=index,
                )
        if self._columns is None:
            raise InferenceBackendRuntimeError(
                f"{self.kind} was given records, but the names of its features are not known. Set feature_names."
            )
        try:
            return self._columns(rows)
        except PreprocessorRuntimeError as error:
            hint = _near_fields(self.names or (), rows[error.row] if error.row is not None else {})
            if hint:
                raise PreprocessorRuntimeError(f"{error}{hint}", row=error.row) from error
            raise

    def _check_shape(self, data: Any) -> None:
        shape = getattr(data, "shape", None)
        wanted = "n" if self.n_features is None else str(self.n_features)
        if shape is None:
            raise InferenceBackendRuntimeError(
                f"{self.kind} takes an array of shape (rows, {wanted}); the preprocessor gave a {type(data).__name__}. "
                "Set input_format='numpy' with feature_names, or a preprocessor that makes such an array."
            )
        if len(shape) != 2 or (self.n_features is not None and shape[1] != self.n_features):
            raise InferenceBackendRuntimeError(
                f"{self.kind} takes an array of shape (rows, {wanted}); the preprocessor gave one of shape "
                f"{tuple(shape)}. Set feature_names (or the preprocessor's own settings) to the features that the "
                "model was fitted on."
            )


def choose_layout(config: SklearnConfig, model: Description) -> str:
    """Settle the layout: the configured one, or the one that fits the model's first step."""
    has_pandas = find_spec("pandas") is not None
    layout: str = config.layout
    if layout == "auto":
        named = model.feature_names is not None
        layout = "frame" if model.takes == "matrix" and named and (has_pandas or model.needs_frame) else model.takes
        if named and layout == "matrix":
            InferenceBackend.logger.warning(
                f"{model.kind} was fitted with feature names and pandas is not installed, so it is given arrays "
                "without names, and scikit-learn will warn of that. The results are the same. "
                "Install packflow-sklearn[pandas]."
            )
    if layout == "frame" and not has_pandas:
        why = "picks its columns by name" if model.needs_frame else "is to be given a DataFrame (layout='frame')"
        raise InferenceBackendInitializationError(
            f"{model.kind} {why}, which needs pandas: pip install 'packflow-sklearn[pandas]'."
        )
    if layout == "records" and config.input_format == "numpy":
        raise InferenceBackendInitializationError(
            f"{model.kind} takes records, and input_format='numpy' makes arrays. Set input_format='records'."
        )
    return layout


def feature_names(config: SklearnConfig, model: Description, layout: str) -> tuple[str, ...] | None:
    """Settle the names of the columns: the configured ones, or those that the model was fitted with."""
    configured = tuple(config.feature_names)
    if layout == "records":
        return configured or None
    fitted = model.feature_names
    if configured and fitted is not None and configured != fitted:
        raise InferenceBackendInitializationError(_conflict(configured, fitted, model.kind))
    if configured and model.n_features is not None and len(configured) != model.n_features:
        raise InferenceBackendInitializationError(
            f"feature_names has {len(configured)} names, but {model.kind} was fitted on {model.n_features} features. "
            "Name them all, in the order of the columns it was fitted on."
        )
    names = configured or fitted
    if layout == "column" and names is not None and len(names) != 1:
        raise InferenceBackendInitializationError(
            f"{model.kind} takes the values of one feature; feature_names has {len(names)}: {list(names)}. Name one."
        )
    if names is None and config.input_format in ("records", "passthrough"):
        many = "" if model.n_features is None else f" on {model.n_features} features"
        what = "the one field that holds the text" if layout == "column" else "them, in the order of the columns"
        raise InferenceBackendInitializationError(
            f"{model.kind} was fitted{many} without names, so packflow cannot tell which fields of a record they are. "
            f"Set feature_names to {what}."
        )
    return names


def _conflict(configured: tuple[str, ...], fitted: tuple[str, ...], kind: str) -> str:
    lacking = [name for name in fitted if name not in configured]
    foreign = [name for name in configured if name not in fitted]
    found = [f"it lacks {lacking}"] * bool(lacking) + [f"it has {foreign}, which the model does not know"] * bool(
        foreign
    )
    return (
        f"feature_names does not fit the model: {' and '.join(found) or 'the order is another'}. {kind} was fitted on "
        f"{list(fitted)}, in this order. Leave feature_names out to use these; where a record calls a field otherwise, "
        "rename it with rename_fields."
    )


def _near_fields(names: tuple[str, ...], record: dict[str, Any]) -> str:
    """Name the fields of a record that may be what the features it lacks were meant to be."""
    spare = {field for field in record if isinstance(field, str)} - set(names)
    renames = {}
    for name in names:
        close = get_close_matches(name, sorted(spare), n=1) if name not in record else []
        if close:
            renames[close[0]] = name
    return f" The record has near names; if they are meant, set rename_fields={renames}." if renames else ""


def _column(data: Any) -> Any:
    if isinstance(data, np.ndarray) and data.ndim == 2:
        if data.shape[1] != 1:
            raise InferenceBackendRuntimeError(
                f"The model takes the values of one feature; the preprocessor gave an array of shape {data.shape}. "
                "Set feature_names to one name."
            )
        return data[:, 0].tolist()
    return data


def _frame(data: np.ndarray[Any, Any], names: tuple[str, ...]) -> Any:
    import pandas as pd

    if data.dtype.kind in "biufc":
        # A frame made of records lies in memory column by column, and the last bit of a product depends on that.
        return pd.DataFrame(np.asfortranarray(data), columns=list(names))
    # Beside text, each column gets a type of its own, as a DataFrame made of the records would have.
    return pd.DataFrame(dict(zip(names, data.T.tolist(), strict=True)))
