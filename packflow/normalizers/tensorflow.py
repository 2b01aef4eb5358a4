"""The normalizer for TensorFlow: tensors, variables, ragged and sparse tensors.

It is imported when an object of TensorFlow is met. TensorFlow itself is not: it is there by then, in
``sys.modules``. A tensor becomes a NumPy array, and what an array becomes is NumPy's rule.

==============================  =========================================================================
tensor                          becomes
==============================  =========================================================================
bool, integers, floats          bool, int, float, exactly; bfloat16 too
quantized                       the integers as they are stored: the tensor knows no scale
string                          text, read as UTF-8; refused where it is none
ragged                          rows, each as long as it is
sparse, indexed slices          what the dense tensor becomes
a variable                      what its value becomes
complex                         refused
resource, variant               refused
of a graph                      refused: it has no value yet
==============================  =========================================================================
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from packflow.exceptions import NormalizationError
from packflow.normalizers.arrays import rows_of
from packflow.normalizers.base import Native, Normalizer, Rows
from packflow.normalizers.numpy import from_array

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Array = np.ndarray[Any, Any]


class TensorflowNormalizer(Normalizer):
    """Converts tensors and variables, those of Keras too. Dtypes, shapes and tensors of graphs are refused."""

    plugin_api_version = 1

    def __init__(self) -> None:
        self._tf: Any = sys.modules["tensorflow"]
        #: Outputs mostly are of one class, and TensorFlow takes its time to say what it is a subclass of.
        self._latest: tuple[type, Callable[[Any], Any] | None] = (object, None)

    def to_native(self, obj: Any) -> Any:
        """Give a tensor with values as an array."""
        return _from_tensor(obj)

    def rows(self, obj: Any) -> Rows | Native | None:
        """Give the rows of a tensor; other objects have none."""
        kind, convert = self._latest
        if type(obj) is not kind:
            convert = self.converter(type(obj))
            self._latest = (type(obj), convert)
        if convert is _from_ragged:
            return _ragged_rows(obj)
        return rows_of(convert(obj)) if convert else None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose between dense, ragged and sparse tensors."""
        if issubclass(cls, self._tf.RaggedTensor):
            return _from_ragged
        if issubclass(cls, self._tf.SparseTensor):
            return self._from_sparse
        if issubclass(cls, self._tf.IndexedSlices):
            return self._from_slices
        if hasattr(cls, "numpy"):
            return self.to_native
        return _refuse_symbolic if issubclass(cls, self._tf.Tensor) else None

    def _from_sparse(self, tensor: Any) -> Array:
        return _from_tensor(self._tf.sparse.to_dense(self._tf.sparse.reorder(tensor)))

    def _from_slices(self, slices: Any) -> Array:
        return _from_tensor(self._tf.convert_to_tensor(slices))


def _from_tensor(tensor: Any, cuts: Sequence[list[int]] = ()) -> Array:
    """Give a tensor as an array; `cuts` say where in a ragged tensor its values stand, for the path of an error."""
    try:
        values = tensor.numpy()
    except (AttributeError, NotImplementedError) as error:
        return _refuse_symbolic(tensor, error)
    if isinstance(values, bytes):  # a NumPy array of them would lose NULs at their end
        values = np.array(values, object)
    values = np.asarray(values)
    return _texts(values, cuts) if values.dtype == object else values


def _texts(values: Array, cuts: Sequence[list[int]]) -> Array:
    """Read the bytes of a string tensor as the UTF-8 that TensorFlow keeps text in."""
    texts = np.empty(values.shape, object)
    flat = values.ravel().tolist()
    try:
        texts.ravel()[:] = [value.decode() for value in flat]
    except UnicodeDecodeError as error:
        first = tuple(map(int, np.unravel_index(flat.index(error.object), values.shape)))
        raise NormalizationError(
            "a string tensor with bytes that are no UTF-8 text has no JSON form; give tensor.numpy() for base64",
            path="".join(f"[{step}]" for step in _ragged_place(first, cuts)),
        ) from error
    return texts


def _from_ragged(tensor: Any) -> Native:
    """Convert all values at once, then cut them into rows, from the innermost axis outwards."""
    cuts = [_from_tensor(splits).tolist() for splits in tensor.nested_row_splits]
    flat = from_array(_from_tensor(tensor.flat_values, cuts))
    if not isinstance(flat, Native):  # text, as an array of objects
        flat = Native(flat)
    data = flat.data
    for bounds in reversed(cuts):
        data = [data[start:stop] for start, stop in pairwise(bounds)]
    return Native(data, replaced=flat.replaced and _ragged_place(flat.replaced, cuts))


def _ragged_place(place: tuple[Any, ...], cuts: Sequence[list[int]]) -> tuple[Any, ...]:
    """Give the steps to a value of a ragged tensor for its place among all values."""
    for bounds in reversed(cuts):
        row = bisect_right(bounds, place[0]) - 1
        place = (row, place[0] - bounds[row], *place[1:])
    return place


def _ragged_rows(tensor: Any) -> Rows:
    native = _from_ragged(tensor)
    if tensor.shape[1] != 1:
        return Rows(native)
    place = native.replaced
    data = [row[0] for row in native.data]
    return Rows(Native(data, replaced=place and (place[0], *place[2:])), unwrapped=True)


def _refuse_symbolic(_: Any, cause: Exception | None = None) -> NoReturn:
    raise NormalizationError(
        "a tensor of a graph has no value yet; give what the model, or the tf.function, returns when it is called"
    ) from cause
