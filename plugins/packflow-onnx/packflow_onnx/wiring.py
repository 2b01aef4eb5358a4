"""How records and a model's tensors are tied together: settled once, from the model and the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from packflow.backend.tensors import Array, Fields, TensorSpec, bind_fields, split, stack
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow.utils.nearest import did_you_mean
from packflow_onnx.config import OnnxConfig
from packflow_onnx.model import Argument, dtype_of, spec_of


class Wiring:
    """Which fields feed which inputs, which outputs go where, and how many records go in at once.

    Args:
        config: the backend's configuration.
        inputs: what the model takes.
        outputs: what it gives.

    Raises:
        InferenceBackendInitializationError: the configuration names what the model does not have, or leaves open what
            it needs. The text says what the model expects.
    """

    def __init__(self, config: OnnxConfig, inputs: Sequence[Argument], outputs: Sequence[Argument]) -> None:
        self._on_missing = config.on_missing
        self._axes = _checked_axes(config.batch_axes, [*inputs, *outputs])
        self._constants = _constants(config.constants, inputs)
        fed = [argument for argument in inputs if argument.name not in self._constants]
        if not fed:
            raise InferenceBackendInitializationError(
                "No input of the model is fed by records: "
                + (f"constants names all of them ({', '.join(self._constants)})." if inputs else "it has none.")
            )
        self._specs = [spec_of(argument, self._axis_of(argument)) for argument in fed]
        self._fields: dict[str, Fields] = bind_fields(self._specs, config.inputs, config.feature_names)
        self._keys = _output_keys(config.outputs, outputs)
        #: The outputs that are asked of the model.
        self.outputs = list(self._keys)
        fixed = _fixed_batch({argument: self._axes.get(argument.name, 0) for argument in fed})
        self._fixed = fixed
        self._most = fixed or config.max_batch_size

    def _axis_of(self, argument: Argument) -> int:
        axis = self._axes.get(argument.name, 0)
        if axis < len(argument.shape):
            return axis
        raise InferenceBackendInitializationError(
            f"The model's input {argument} has no axis for the batch. If its value is the same for every record, give "
            f"it: constants={{{argument.name!r}: …}}."
        )

    def batch(self, data: Any) -> dict[str, Array]:
        """Give the batch of each input that records feed, the batch along the first axis."""
        if isinstance(data, np.ndarray):
            return {self._only_spec(data).name: self._fitted(data)}
        return {
            spec.name: stack(data, spec, self._fields[spec.name], on_missing=self._on_missing) for spec in self._specs
        }

    def _only_spec(self, data: Array) -> TensorSpec:
        if len(self._specs) == 1:
            return self._specs[0]
        raise InferenceBackendRuntimeError(
            f"The preprocessor gave one array of shape {data.shape}, and the model takes "
            f"{', '.join(map(str, self._specs))}. Set input_format to 'records' or 'passthrough', and inputs to the "
            "fields for each."
        )

    def _fitted(self, data: Array) -> Array:
        """Fit what a preprocessor made into an array; its rows count as values."""
        (spec,) = self._specs
        return stack([{spec.name: row} for row in data], spec, on_missing=self._on_missing)

    def feeds(self, batch: Mapping[str, Array]) -> Iterator[tuple[dict[str, Array], int]]:
        """Give what the model is fed, call by call, each with how many of its rows are records."""
        count = len(next(iter(batch.values())))
        step = self._most or count
        for start in range(0, count, step or 1):
            part = {name: array[start : start + step] for name, array in batch.items()}
            rows = min(step, count - start)
            if self._fixed and rows < self._fixed:  # the last call is filled up with its last record
                part = {
                    name: np.concatenate([array, np.repeat(array[-1:], self._fixed - rows, axis=0)])
                    for name, array in part.items()
                }
            feed = {name: np.moveaxis(array, 0, self._axes.get(name, 0)) for name, array in part.items()}
            yield {**feed, **self._constants}, rows

    def records(self, results: Sequence[Any], count: int) -> list[dict[str, Any]]:
        """Make records of what one call gave, of which the first `count` rows count."""
        outputs = {}
        for name, result in zip(self.outputs, results, strict=True):
            axis = self._axes.get(name, 0)
            batch_first = np.moveaxis(result, axis, 0) if axis and isinstance(result, np.ndarray) else result
            filled_up = self._fixed and hasattr(batch_first, "__len__") and len(batch_first) == self._fixed
            outputs[self._keys[name]] = batch_first[:count] if filled_up else batch_first
        return split(outputs, count)


def _checked_axes(axes: Mapping[str, int], known: Sequence[Argument]) -> dict[str, int]:
    by_name = {argument.name: argument for argument in known}
    for name, axis in axes.items():
        if name not in by_name:
            raise InferenceBackendInitializationError(_unknown("batch_axes", name, "input or output", known))
        if not 0 <= axis < len(by_name[name].shape):
            raise InferenceBackendInitializationError(
                f"batch_axes gives {name!r} the axis {axis}, but it is {by_name[name]}: choose one of its axes, from 0."
            )
    return dict(axes)


def _constants(values: Mapping[str, Any], inputs: Sequence[Argument]) -> dict[str, Array]:
    by_name = {argument.name: argument for argument in inputs}
    constants = {}
    for name, value in values.items():
        if name not in by_name:
            raise InferenceBackendInitializationError(_unknown("constants", name, "input", inputs))
        argument = by_name[name]
        shape = tuple(axis if isinstance(axis, int) else None for axis in argument.shape)
        spec = TensorSpec(name, dtype_of(argument), shape)
        try:
            constants[name] = np.asarray(stack([{name: value}], spec)[0])  # ONNX Runtime takes no NumPy scalar
        except InferenceBackendRuntimeError as error:
            raise InferenceBackendInitializationError(
                f"constants[{name!r}] does not fit the model's input {argument}: {error}"
            ) from error
    return constants


def _output_keys(wanted: Sequence[str] | Mapping[str, str] | None, outputs: Sequence[Argument]) -> dict[str, str]:
    names = [argument.name for argument in outputs]
    if wanted is None:
        return {name: name for name in names}
    keys = dict(wanted) if isinstance(wanted, Mapping) else {name: name for name in wanted}
    for name in keys:
        if name not in names:
            raise InferenceBackendInitializationError(_unknown("outputs", name, "output", outputs))
    if len(set(keys.values())) < len(keys):
        raise InferenceBackendInitializationError(f"outputs gives one key to several outputs: {keys}.")
    return keys


def _fixed_batch(fed: Mapping[Argument, int]) -> int | None:
    lengths = {length for argument, axis in fed.items() if isinstance(length := argument.shape[axis], int)}
    if len(lengths) > 1:
        raise InferenceBackendInitializationError(
            f"The model's inputs have different fixed lengths along the axis of the batch: {', '.join(map(str, fed))}. "
            "Say with batch_axes where the batch of each lies, or with constants what has none."
        )
    return lengths.pop() if lengths else None


def _unknown(setting: str, name: str, what: str, known: Sequence[Argument]) -> str:
    near = did_you_mean(name, [argument.name for argument in known])
    return f"{setting} names {name!r}, which is no {what} of the model.{near} It has: {', '.join(map(str, known))}."
