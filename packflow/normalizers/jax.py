"""The normalizer for JAX: arrays of every dtype, wherever they are, and sparse ones.

It is imported when an object of JAX is met. JAX itself is not: it is there by then, in ``sys.modules``. An array
becomes a NumPy array, on the CPU without a copy, and what that becomes is NumPy's rule.

==============================  =========================================================================
array                           becomes
==============================  =========================================================================
bool, integers, floats          bool, int, float, exactly; bfloat16, float8, int4 and their like too
sharded over several devices    what the whole array becomes; refused if a part is on another machine
sparse                          what the dense array becomes
complex                         refused
random keys                     refused
tracers                         refused: they have no value yet
==============================  =========================================================================
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from packflow.exceptions import NormalizationError
from packflow.normalizers.arrays import rows_of
from packflow.normalizers.base import Native, Normalizer, Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, Any]


class JaxNormalizer(Normalizer):
    """Converts arrays and sparse arrays. Random keys, tracers, devices and shardings are refused."""

    plugin_api_version = 1

    def __init__(self) -> None:
        self._jax: Any = sys.modules["jax"]

    def to_native(self, obj: Any) -> Array:
        """Give an array as one of NumPy."""
        return _from_array(obj)

    def rows(self, obj: Any) -> Rows | Native | None:
        """Give the rows of an array; other objects have none."""
        convert = self.converter(type(obj))
        return rows_of(convert(obj)) if convert else None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose between arrays, sparse arrays and tracers."""
        if issubclass(cls, self._jax.core.Tracer):
            return _refuse_tracer
        if issubclass(cls, self._jax.Array):
            return self.to_native
        sparse = sys.modules.get("jax.experimental.sparse")
        return _from_sparse if sparse and issubclass(cls, sparse.JAXSparse) else None


def _from_array(array: Any) -> Array:
    if not isinstance(array.dtype, np.dtype):
        raise NormalizationError(
            f"an array of dtype {array.dtype} holds random keys, which have no JSON form; give "
            "jax.random.key_data(key) if their bits are wanted"
        )
    return np.asarray(array)


def _from_sparse(array: Any) -> Array:
    return _from_array(array.todense())


def _refuse_tracer(_: Any) -> NoReturn:
    raise NormalizationError(
        "a tracer has no value yet: JAX is still tracing the function (jax.jit, jax.grad, jax.vmap); give what the "
        "transformed function returns"
    )
