"""What a model's tensors are, and which fields of a record feed its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.errors import cut
from packflow.utils.nearest import did_you_mean

Array = np.ndarray[Any, Any]
#: The field that holds an input's whole value, or the fields whose values are its parts.
Fields = str | tuple[str, ...]


class TensorSpec(NamedTuple):
    """An input of a model, as one record has it.

    Example:
        >>> print(TensorSpec("image", np.dtype("float32"), (3, None, None)))
        'image' (float32, shape 3 x any x any a record)
    """

    #: What the model calls it.
    name: str
    #: Numbers, booleans, or ``np.dtype(object)`` for text.
    dtype: np.dtype[Any]
    #: The shape without the batch's axis, None in it where any length will do; None where any shape will.
    shape: tuple[int | None, ...] | None

    def __str__(self) -> str:
        return f"{self.name!r} ({_kind(self.dtype)}, {self._shape()} a record)"

    def _shape(self) -> str:
        if self.shape is None:
            return "any shape"
        lengths = " x ".join("any" if length is None else str(length) for length in self.shape)
        return f"shape {lengths}" if self.shape else "one value"


class ModelTensor(NamedTuple):
    """An input or output, as the model declares it.

    Example:
        >>> state = ModelTensor("state", np.dtype("float32"), (2, "batch", 128))
        >>> print(state)
        'state' (float32, shape [2, batch, 128])
        >>> state.row(1).shape
        (2, 128)
    """

    #: What the model calls it.
    name: str
    #: As in :class:`TensorSpec`.
    dtype: np.dtype[Any]
    #: The length of each axis, or the name (or None) of one whose length is free. None where the model does not say.
    shape: tuple[int | str | None, ...] | None

    def __str__(self) -> str:
        axes = "any" if self.shape is None else ", ".join("any" if axis is None else str(axis) for axis in self.shape)
        return f"{self.name!r} ({_kind(self.dtype)}, shape [{axes}])"

    def row(self, batch_axis: int | None) -> TensorSpec:
        """Give the tensor as one record has it: without the batch's axis, if it has one."""
        if self.shape is None:
            return TensorSpec(self.name, self.dtype, None)
        lengths = [axis if isinstance(axis, int) else None for axis in self.shape]
        if batch_axis is not None:
            del lengths[batch_axis]
        return TensorSpec(self.name, self.dtype, tuple(lengths))


def _kind(dtype: np.dtype[Any]) -> str:
    return "text" if dtype.kind == "O" else str(dtype)


def bind_fields(
    specs: Sequence[TensorSpec],
    inputs: Mapping[str, str | Sequence[str]] | None = None,
    feature_names: Sequence[str] | None = None,
) -> dict[str, Fields]:
    """Settle which fields of a record feed which input of a model.

    Example:
        >>> x = TensorSpec("x", np.dtype("float32"), (2,))
        >>> bind_fields([x], feature_names=["width", "height"])
        {'x': ('width', 'height')}
        >>> bind_fields([x], inputs={"x": "pair"}), bind_fields([x])
        ({'x': 'pair'}, {'x': 'x'})

    Args:
        specs: the inputs that the model needs.
        inputs: for each input, the field that holds its value, or the list of fields whose values are its parts along
            its first axis. One that is not named here is fed from the field of its own name.
        feature_names: the parts of a model's only input, or the one field of its whole value, where ``inputs`` says
            nothing.

    Raises:
        InferenceBackendInitializationError: an input is unknown to the model, or has not as many parts as were named.
    """
    known = {spec.name: spec for spec in specs}
    for name in inputs or {}:
        if name not in known:
            raise InferenceBackendInitializationError(
                f"inputs names {name!r}, which the model does not have.{did_you_mean(name, known)} "
                f"It takes {', '.join(map(str, specs))}."
            )
    chosen: dict[str, str | Sequence[str]] = {name: name for name in known}
    if feature_names and len(specs) == 1:
        if _is_whole(specs[0], feature_names):
            chosen[specs[0].name] = feature_names[0]
        elif specs[0].shape != ():
            chosen[specs[0].name] = feature_names
    chosen.update(inputs or {})
    return {name: _checked_fields(known[name], fields) for name, fields in chosen.items()}


def _is_whole(spec: TensorSpec, names: Sequence[str]) -> bool:
    """Whether a lone field is the whole value of an input, and not its only part."""
    return len(names) == 1 and (spec.shape == () or bool(spec.shape and spec.shape[0] not in (None, 1)))


def _checked_fields(spec: TensorSpec, fields: str | Sequence[str]) -> Fields:
    if isinstance(fields, str):
        return fields
    if not fields or spec.shape == () or (spec.shape and spec.shape[0] not in (None, len(fields))):
        raise InferenceBackendInitializationError(
            f"{len(fields)} fields are to be the parts of the model's input {spec}: "
            f"{cut(', '.join(map(repr, fields)))}. It takes {spec.shape[0] if spec.shape else 'one value'}: name as "
            "many fields, or the one field that holds its whole value."
        )
    return tuple(fields)
