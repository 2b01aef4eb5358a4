"""How records and a model's tensors are tied together: settled once, from the model and the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from packflow.backend.tensors.config import TensorConfig
from packflow.backend.tensors.specs import Array, Fields, ModelTensor, TensorSpec, bind_fields
from packflow.backend.tensors.stacking import split, stack
from packflow.backend.tensors.whole import convert_rows
from packflow.backend.validation import type_name
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow.utils.errors import text_of
from packflow.utils.nearest import did_you_mean

#: What one call to a model gave, by the outputs' names, and how many of the rows are records.
Run = tuple[Mapping[str, Any], int]


class TensorWiring:
    """Which fields feed which inputs, which outputs go where, and how many records go in at once.

    Example:
        >>> x = ModelTensor("x", np.dtype("float32"), ("n", 2))
        >>> wiring = TensorWiring(TensorConfig(feature_names=["width", "height"], outputs={"y": "area"}), [x])
        >>> batch = wiring.batch([{"width": 2, "height": 3}, {"width": 4, "height": 5}])
        >>> batch["x"].shape
        (2, 2)
        >>> runs = wiring.run(batch, lambda feed: {"y": feed["x"].prod(axis=1)})
        >>> wiring.records(runs)
        [{'area': 6.0}, {'area': 20.0}]

    Args:
        config: the backend's configuration.
        inputs: what the model takes.
        outputs: what it gives, where it says so.

    Raises:
        InferenceBackendInitializationError: the configuration names what the model does not have, or leaves open what
            it needs. The text says what the model expects.

    Attributes:
        outputs: the names of the outputs that go into a row; None where all do, and the model does not say which.
    """

    def __init__(
        self, config: TensorConfig, inputs: Sequence[ModelTensor], outputs: Sequence[ModelTensor] | None = None
    ) -> None:
        self._on_missing = config.on_missing
        self._takes = ", ".join(map(str, inputs))
        self._axes = _checked_axes(config.batch_axes, inputs, outputs)
        self._constants = _constants(config.constants, inputs)
        fed = [tensor for tensor in inputs if tensor.name not in self._constants]
        if not fed:
            raise InferenceBackendInitializationError(
                "No input of the model is fed by records: "
                + (f"constants names all of them ({', '.join(self._constants)})." if inputs else "it has none.")
            )
        self._specs = [tensor.row(self._axis_of(tensor)) for tensor in fed]
        self._fields: dict[str, Fields] = bind_fields(self._specs, config.inputs, config.feature_names)
        self._keys = _output_keys(config.outputs, outputs)
        self.outputs = None if self._keys is None else list(self._keys)
        self._fixed = _fixed_batch([(tensor, self._axes.get(tensor.name, 0)) for tensor in fed])
        self._most = self._fixed or config.max_batch_size

    def _axis_of(self, tensor: ModelTensor) -> int:
        axis = self._axes.get(tensor.name, 0)
        if tensor.shape is None or axis < len(tensor.shape):
            return axis
        raise InferenceBackendInitializationError(
            f"The model's input {tensor} has no axis for the batch. If its value is the same for every record, give "
            f"it: constants={{{tensor.name!r}: …}}."
        )

    def batch(self, data: Any) -> dict[str, Array]:
        """Give the batch of each input that records feed, the batch along the first axis.

        Args:
            data: n records, or an array with n rows, as the preprocessor ``numpy`` makes it, for a model's only input.

        Raises:
            InferenceBackendRuntimeError: a value does not fit; see :func:`stack`.
        """
        if isinstance(data, np.ndarray):
            spec = self._only_spec(data)
            whole = convert_rows(data, spec.dtype, spec.shape)
            if whole is not None:
                return {spec.name: whole}
            return {spec.name: stack([{spec.name: row} for row in data], spec, on_missing=self._on_missing)}
        if not isinstance(data, (list, tuple)):
            raise InferenceBackendRuntimeError(
                f"The preprocessor gave {type_name(data)}, where records or an array are expected. Set input_format to "
                "'records', 'numpy' or 'passthrough'."
            )
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

    def run(self, batch: Mapping[str, Array], model: Callable[[dict[str, Array]], Mapping[str, Any]]) -> list[Run]:
        """Call the model with a batch, as often as its own batch asks for; no records need no call.

        Args:
            batch: what :meth:`batch` gave.
            model: takes the inputs by name, the constants among them, and gives the outputs by name: arrays or tensors
                of any library that packflow converts, or lists.

        Returns:
            What each call gave, with how many of its rows are records: where the model has a fixed batch, the last call
            is filled up with its last record.

        Raises:
            InferenceBackendRuntimeError: the model failed; the text says what it was given and what it takes.
        """
        return [(self._call(model, feed), count) for feed, count in self._feeds(batch)]

    def _call(
        self, model: Callable[[dict[str, Array]], Mapping[str, Any]], feed: dict[str, Array]
    ) -> Mapping[str, Any]:
        try:
            return model(feed)
        except InferenceBackendRuntimeError:
            raise
        except Exception as error:  # a model may fail in any way
            given = ", ".join(str(ModelTensor(name, array.dtype, array.shape)) for name, array in feed.items())
            raise InferenceBackendRuntimeError(
                f"The model failed: {text_of(error)}. It was given {given}; it takes {self._takes}."
            ) from error

    def _feeds(self, batch: Mapping[str, Array]) -> Iterator[tuple[dict[str, Array], int]]:
        count = len(next(iter(batch.values())))
        step = self._most or count
        for start in range(0, count, step or 1):
            rows = min(step, count - start)
            lacking = self._fixed - rows if self._fixed else 0
            feed = {}
            for name, array in batch.items():
                part = array[start : start + rows]
                if lacking:
                    part = np.concatenate([part, np.repeat(part[-1:], lacking, axis=0)])
                feed[name] = np.moveaxis(part, 0, self._axes[name]) if name in self._axes else part
            yield {**feed, **self._constants}, rows

    def records(self, runs: Iterable[Run]) -> list[dict[str, Any]]:
        """Make a record of each row that the calls gave.

        Args:
            runs: what :meth:`run` gave.

        Raises:
            InferenceBackendRuntimeError: an output is lacking, or has not one row for each record.
            NormalizationError: a value has no JSON form.
        """
        return [record for results, count in runs for record in self._records(results, count)]

    def _records(self, results: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        keys = self._keys or {name: name for name in results}
        chosen = {}
        for name, key in keys.items():
            if name not in results:
                raise InferenceBackendRuntimeError(
                    f"outputs names {name!r}, which the model did not give.{did_you_mean(name, results)} "
                    f"It gave: {', '.join(results)}."
                )
            result = _batch_first(results[name], self._axes.get(name, 0))
            filled_up = self._fixed and getattr(result, "shape", None) and len(result) == self._fixed
            chosen[key] = result[:count] if filled_up else result
        return split(chosen, count)


def _batch_first(result: Any, axis: int) -> Any:
    if not axis:
        return result
    if hasattr(result, "movedim"):  # a tensor of PyTorch, whose dtype NumPy may lack
        return result.movedim(axis, 0)
    return np.moveaxis(np.asarray(result), axis, 0)


def _checked_axes(
    axes: Mapping[str, int], inputs: Sequence[ModelTensor], outputs: Sequence[ModelTensor] | None
) -> dict[str, int]:
    known = [*inputs, *(outputs or ())]
    by_name = {tensor.name: tensor for tensor in known}
    for name, axis in axes.items():
        if name not in by_name and outputs is not None:
            raise InferenceBackendInitializationError(_unknown("batch_axes", name, "input or output", known))
        shape = by_name[name].shape if name in by_name else None
        if axis < 0 or (shape is not None and axis >= len(shape)):
            raise InferenceBackendInitializationError(
                f"batch_axes gives {name!r} the axis {axis}, but it is {by_name.get(name, 'an output')}: choose one of "
                "its axes, from 0."
            )
    return dict(axes)


def _constants(values: Mapping[str, Any], inputs: Sequence[ModelTensor]) -> dict[str, Array]:
    by_name = {tensor.name: tensor for tensor in inputs}
    constants = {}
    for name, value in values.items():
        if name not in by_name:
            raise InferenceBackendInitializationError(_unknown("constants", name, "input", inputs))
        try:
            constants[name] = np.asarray(stack([{name: value}], by_name[name].row(None))[0])
        except InferenceBackendRuntimeError as error:
            raise InferenceBackendInitializationError(
                f"constants[{name!r}] does not fit the model's input {by_name[name]}: {error}"
            ) from error
    return constants


def _output_keys(
    wanted: Sequence[str] | Mapping[str, str] | None, outputs: Sequence[ModelTensor] | None
) -> dict[str, str] | None:
    if wanted is None:
        return None if outputs is None else {tensor.name: tensor.name for tensor in outputs}
    keys = dict(wanted) if isinstance(wanted, Mapping) else {name: name for name in wanted}
    for name in keys:
        if outputs is not None and name not in [tensor.name for tensor in outputs]:
            raise InferenceBackendInitializationError(_unknown("outputs", name, "output", outputs))
    if len(set(keys.values())) < len(keys):
        raise InferenceBackendInitializationError(f"outputs gives one key to several outputs: {keys}.")
    return keys


def _fixed_batch(fed: Sequence[tuple[ModelTensor, int]]) -> int | None:
    lengths = {length for tensor, axis in fed if isinstance(length := (tensor.shape or {axis: None})[axis], int)}
    if len(lengths) > 1:
        raise InferenceBackendInitializationError(
            f"The model's inputs have different fixed lengths along the axis of the batch: "
            f"{', '.join(str(tensor) for tensor, _ in fed)}. Say with batch_axes where the batch of each lies, or with "
            "constants what has none."
        )
    return lengths.pop() if lengths else None


def _unknown(setting: str, name: str, what: str, known: Sequence[ModelTensor]) -> str:
    near = did_you_mean(name, [tensor.name for tensor in known])
    return f"{setting} names {name!r}, which is no {what} of the model.{near} It has: {', '.join(map(str, known))}."
