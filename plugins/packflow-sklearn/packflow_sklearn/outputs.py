"""From a model's arrays to records, native types all the way down."""

from __future__ import annotations

from typing import Any

import numpy as np

from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow.utils.normalize import ensure_native_types
from packflow_sklearn.config import Output, SklearnConfig
from packflow_sklearn.estimator import METHODS, Description


def choose_outputs(config: SklearnConfig, model: Description) -> tuple[Output, ...]:
    """Settle which outputs a row has."""
    if config.outputs is None:
        return tuple(name for name in model.outputs if name != "decision") or model.outputs
    lacking = [name for name in config.outputs if name not in model.outputs]
    if lacking:
        wanted = ", ".join(f"{name!r} ({METHODS[name]})" for name in lacking)
        raise InferenceBackendInitializationError(
            f"outputs asks for {wanted}, which {model.kind} does not have. It has: {', '.join(model.outputs)}."
        )
    return tuple(config.outputs)


class RowMaker:
    """Turns what the model's methods gave into a record for each row.

    Args:
        config: the backend's configuration.
        model: the description of the model.

    Raises:
        InferenceBackendInitializationError: the configured labels or names do not fit the model.
    """

    def __init__(self, config: SklearnConfig, model: Description) -> None:
        self._keys: dict[str, str] = {
            "prediction": config.prediction_field,
            "probabilities": config.probabilities_field,
            "decision": config.decision_field,
        }
        self._model = model
        self._targets = config.target_names
        self._labels = config.class_labels
        if self._labels is not None:
            _check_labels(self._labels, model)
        if self._targets is not None and model.several_targets and len(self._targets) != len(model.classes or []):
            raise InferenceBackendInitializationError(
                f"target_names has {len(self._targets)} names, but {model.kind} has {len(model.classes or [])} targets."
            )
        self._renamed = dict(zip(model.classes, self._labels, strict=True)) if self._labels and model.classes else None

    def __call__(self, results: dict[Output, Any]) -> list[dict[str, Any]]:
        """Make the records of a batch; ``results`` has an array for each output."""
        makers = {"prediction": self._predictions, "probabilities": self._probabilities, "decision": self._decisions}
        keys = [self._keys[name] for name in results]
        columns = [makers[name](array) for name, array in results.items()]
        return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]

    def _predictions(self, array: Any) -> list[Any]:
        rows = native(array)
        if rows and isinstance(rows[0], list):
            return [self._by_target(row) for row in rows]
        if self._targets is not None and len(self._targets) != 1:
            raise InferenceBackendRuntimeError(
                f"target_names has {len(self._targets)} names, but {self._model.kind} predicts one target."
            )
        if self._targets is not None:
            return [{self._targets[0]: row} for row in rows]
        return rows if self._renamed is None else [self._renamed[row] for row in rows]

    def _probabilities(self, array: Any) -> list[Any]:
        if isinstance(array, list):  # one array for each target
            classes = self._model.classes or [None] * len(array)
            columns = [_named(native(each), _keys_of(own)) for each, own in zip(array, classes, strict=True)]
            return [self._by_target(list(row)) for row in zip(*columns, strict=True)]
        rows = native(array)
        if self._model.several_targets:  # a chain: the probability of each target's positive class
            return [self._by_target(row) for row in rows]
        return _named(rows, _keys_of(self._labels or self._model.classes))

    def _decisions(self, array: Any) -> list[Any]:
        rows = native(array)
        labels = self._labels or self._model.classes
        if rows and isinstance(rows[0], list) and labels and len(labels) == len(rows[0]):
            return _named(rows, _keys_of(labels))
        return rows

    def _by_target(self, row: list[Any]) -> Any:
        if self._targets is None:
            return row
        if len(self._targets) != len(row):
            raise InferenceBackendRuntimeError(
                f"target_names has {len(self._targets)} names, but {self._model.kind} gives {len(row)} targets."
            )
        return dict(zip(self._targets, row, strict=True))


def native(array: Any) -> list[Any]:
    """Give an array as lists of native values; NaN and infinities, which JSON does not have, become None.

    Example:
        >>> native(np.array([1.5, np.nan]))
        [1.5, None]
    """
    array = np.asarray(array)
    if array.dtype.kind in "biuU" or (array.dtype.kind == "f" and array.itemsize <= 8 and np.isfinite(array).all()):
        return array.tolist()  # type: ignore[no-any-return]
    return ensure_native_types(array)  # type: ignore[no-any-return]


def _named(rows: list[list[Any]], keys: list[str] | None) -> list[dict[str, Any]]:
    if keys is None:
        keys = [str(number) for number in range(len(rows[0]))] if rows else []
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _keys_of(labels: list[Any] | None) -> list[str] | None:
    return None if labels is None else [str(label) for label in labels]


def _check_labels(labels: list[Any], model: Description) -> None:
    if model.several_targets:
        raise InferenceBackendInitializationError(
            f"class_labels is for models with one target; {model.kind} has {len(model.classes or [])}."
        )
    if model.classes is None:
        raise InferenceBackendInitializationError(
            f"class_labels is for classifiers; {model.kind} has no classes. Leave class_labels out."
        )
    if len(labels) != len(model.classes):
        raise InferenceBackendInitializationError(
            f"class_labels has {len(labels)} labels, but {model.kind} has {len(model.classes)} classes: "
            f"{model.classes}."
        )
