"""From what a model gave to records: a DataFrame, a series, an array, a list, or a dict of them, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from packflow.backend.tensors import name_outputs, split
from packflow.exceptions import InferenceBackendRuntimeError
from packflow.utils.nearest import did_you_mean
from packflow.utils.normalize import ensure_native_types
from packflow_mlflow.config import MlflowConfig
from packflow_mlflow.loading import LoadedModel

Rows = list[dict[str, Any]]


class RowMaker:
    """Turns what a model gave into a record for each row.

    Args:
        config: the backend's configuration.
        loaded: the model.
    """

    def __init__(self, config: MlflowConfig, loaded: LoadedModel) -> None:
        self._config = config
        self._field = config.prediction_field
        self._names = config.output_names
        self._known_names = signature_names(loaded.signature) or class_names(loaded)
        self._by_class = loaded.predict_fn != "predict"
        wanted = config.outputs
        self._keys = wanted if wanted is None or isinstance(wanted, dict) else {name: name for name in wanted}

    def __call__(self, result: Any, count: int) -> Rows:
        """Make the records of what one call gave.

        Args:
            result: what the model gave.
            count: how many rows it was given.

        Raises:
            InferenceBackendRuntimeError: there is not one row for each, or an output that is wanted is lacking.
            NormalizationError: a value has no JSON form.
        """
        rows = self._rows(result, count)
        return rows if self._keys is None else [_choose(row, self._keys) for row in rows]

    def _rows(self, result: Any, count: int) -> Rows:
        if hasattr(result, "toarray"):  # a sparse matrix
            result = result.toarray()
        if isinstance(result, pd.DataFrame):
            _check_count(result, len(result), count)
            return _native(self._renamed(result))
        if isinstance(result, Mapping):
            return split(self._named(self._batch_first(result)), count)
        if isinstance(result, tuple) or (self._by_class and isinstance(result, list)):
            return split(self._named(result), count)  # one array for each of several targets
        if isinstance(result, list):
            _check_count(result, len(result), count)
            if result and self._names is None and all(isinstance(row, dict) for row in result):
                return _native(result)
        elif not getattr(result, "shape", ()):
            _check_count(result, None, count)
        _check_count(result, len(result), count)
        return split(self._columns(result), count)

    def _renamed(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self._names is None:
            return frame
        if len(self._names) != frame.shape[1]:
            raise InferenceBackendRuntimeError(self._wrong_names(list(map(str, frame.columns))))
        return frame.set_axis(self._names, axis=1)

    def _named(self, result: Any) -> dict[str, Any]:
        return {name: _dense(part) for name, part in name_outputs(result, self._names).items()}

    def _batch_first(self, outputs: Mapping[Any, Any]) -> dict[Any, Any]:
        axes = self._config.batch_axes
        return {
            name: np.moveaxis(np.asarray(part), axes[name], 0) if axes.get(name) else part
            for name, part in outputs.items()
        }

    def _columns(self, result: Any) -> dict[str, Any]:
        """Name the columns of a table, or the values of an only column."""
        shape: tuple[int, ...] = getattr(result, "shape", (len(result),))
        width = shape[1] if len(shape) == 2 else 1
        names = self._names or self._known_names
        if len(shape) == 2 and names is not None and len(names) == width:
            return {name: result[:, place] for place, name in enumerate(names)}
        if self._names is not None and (len(shape) > 2 or len(self._names) != width):
            raise InferenceBackendRuntimeError(self._wrong_names([f"column {place}" for place in range(width)]))
        return {names[0] if names is not None and len(names) == 1 else self._field: result}

    def _wrong_names(self, found: Sequence[str]) -> str:
        return (
            f"output_names has {len(self._names or ())} names, and the model gave {len(found)} columns: "
            f"{', '.join(found)}."
        )


def _choose(row: dict[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    for name in keys:
        if name not in row:
            raise InferenceBackendRuntimeError(
                f"outputs names {name!r}, which the model did not give.{did_you_mean(name, row)} It gave: "
                f"{', '.join(map(repr, row))}."
            )
    return {key: row[name] for name, key in keys.items()}


def _native(rows: Any) -> Rows:
    native: Rows = ensure_native_types(rows)
    return native


def _dense(part: Any) -> Any:
    return part.toarray() if hasattr(part, "toarray") else part


def _check_count(result: Any, found: int | None, count: int) -> None:
    if found == count:
        return
    kind = type(result).__name__
    what = f"a {kind}" if found is None else f"a {kind} of {found} row(s)"
    raise InferenceBackendRuntimeError(
        f"The model gave {what} for {count} record(s), where a row for each is expected: a DataFrame, a series, an "
        "array, a list, or a dict of them. A model that looks at all of its input at once is no model of records."
    )


def signature_names(signature: Any) -> list[str] | None:
    """Give the names that a signature has for its outputs; None where it does not name them all."""
    outputs = getattr(signature, "outputs", None)
    names = [spec.name for spec in outputs.inputs] if outputs is not None else []
    named = bool(names) and all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    return names if named else None


def class_names(loaded: LoadedModel) -> list[str] | None:
    """Give the classes of a model that gives probabilities, as text; None where it gives something else."""
    if loaded.predict_fn == "predict":
        return None
    try:
        classes = loaded.model.get_raw_model().classes_
    except (AttributeError, NotImplementedError):
        return None
    return list(map(str, classes.tolist())) if isinstance(classes, np.ndarray) else None
