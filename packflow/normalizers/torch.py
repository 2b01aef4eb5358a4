"""The normalizer for PyTorch: tensors of every dtype and layout, on any device.

It is imported when an object of PyTorch is met. PyTorch itself is not: it is there by then, in ``sys.modules``.
A tensor becomes a NumPy array, without a copy where the two libraries can share its memory, and what an array
becomes is NumPy's rule.

==============================  =========================================================================
tensor                          becomes
==============================  =========================================================================
bool, integers, floats          bool, int, float, exactly; bfloat16 and the kinds of float8 too
quantized                       the numbers that the integers stand for, float
sparse, of any layout           what the dense tensor becomes
nested, jagged or strided       rows, each as long as it is
masked                          None where the mask is False
with gradients, on a device     what its detached copy on the CPU becomes
complex                         refused
several numbers in a byte       refused: float4_e2m1fn_x2, bits8, int4, …
without values                  refused: on the meta device, in fake mode, inside torch.vmap
==============================  =========================================================================
"""

from __future__ import annotations

import sys
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.exceptions import NormalizationError
from packflow.normalizers.arrays import FEW, records_of_table, rows_of
from packflow.normalizers.base import Native, Normalizer, Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from packflow.normalizers.base import Records

_OF_NUMPY = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
_WIDE_UNSIGNED = ("uint16", "uint32", "uint64")
"""PyTorch stores these, but adds none of them up, as making a sparse tensor dense would."""

_FLOATS = (
    "bfloat16",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
)
"""Dtypes that NumPy has not, and whose every number is one of float32 too."""


class TorchNormalizer(Normalizer):
    """Converts tensors, parameters and masked tensors, and what operations such as `torch.max` give.

    A `torch.Size` is a tuple and becomes a list. Dtypes, devices, modules and storages are refused.
    """

    plugin_api_version = 1

    def __init__(self) -> None:
        self._torch: Any = sys.modules["torch"]
        self._tensor: Any = self._torch.Tensor
        self._strided = self._torch.strided
        self._as_they_are = self._dtypes(_OF_NUMPY)
        self._wide_unsigned = self._dtypes(_WIDE_UNSIGNED)
        self._floats = self._dtypes(_FLOATS)

    def _dtypes(self, names: tuple[str, ...]) -> frozenset[Any]:
        # Not every release of PyTorch has all of them.
        return frozenset(getattr(self._torch, name) for name in names if hasattr(self._torch, name))

    def to_native(self, obj: Any) -> Any:
        """Give a tensor as an array, a nested one as the list of its rows."""
        if obj.is_nested:
            return list(obj.detach().unbind())
        return self._array(obj)

    def rows(self, obj: Any) -> Rows | Native | None:
        """Give the rows of a tensor; other objects have none."""
        if type(obj) is self._tensor and not obj.is_nested:
            return self._vector(obj) if obj.ndim == 1 else rows_of(self._array(obj))
        convert = self.converter(type(obj)) if isinstance(obj, self._torch.Tensor) else None
        if convert is None:
            return None
        simpler = convert(obj)  # a list has no shape that says whether its rows are to be unwrapped
        return Rows(simpler) if isinstance(simpler, list) else rows_of(simpler)

    def _vector(self, tensor: Any) -> Rows | Native | None:
        """Give the rows of a tensor of one axis: its numbers are read sooner than an array is made."""
        if tensor.dtype in self._as_they_are and tensor.layout is self._strided:
            try:
                data = tensor.tolist()
                if not data or type(data[0]) is not float or isfinite(sum(data)):
                    return Native(data, None, False)
            except Exception:  # noqa: BLE001, S110  # what cannot be read here is said by what follows
                pass
        return rows_of(self._array(tensor))

    def records(self, cls: type) -> Records | None:
        """Choose the function for a few numbers."""
        return self._records_of_few if cls is self._tensor else None

    def _records_of_few(self, tensor: Any, key: str) -> list[dict[str, Any]] | None:
        """Give the records of a table of a few numbers."""
        if (
            tensor.ndim != 2
            or tensor.dtype not in self._as_they_are
            or tensor.layout is not self._strided
            or tensor.is_nested
            or tensor.numel() > FEW
        ):
            return None
        try:
            return records_of_table(tensor.tolist(), key)
        except Exception:  # noqa: BLE001  # what cannot be read here is said by what follows
            return None

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Choose between plain tensors, masked ones, and named results."""
        masked = sys.modules.get("torch.masked")
        if masked and issubclass(cls, masked.MaskedTensor):
            return self._from_masked
        if issubclass(cls, self._torch.Tensor):
            return self.to_native
        if issubclass(cls, tuple) and cls.__module__ == "torch.return_types":
            names: Any = cls.__match_args__  # type: ignore[attr-defined]
            return lambda result: dict(zip(names, result, strict=True))
        return None

    def _from_masked(self, tensor: Any) -> Any:
        shown = self._array(tensor.get_mask())
        return np.ma.MaskedArray(self._array(tensor.get_data()), mask=~shown)

    def _array(self, tensor: Any) -> Any:
        dtype = tensor.dtype
        if tensor.is_meta:
            raise NormalizationError("a tensor on the meta device has no values; give one on a real device")
        if dtype in self._as_they_are:
            pass
        elif tensor.is_quantized:
            tensor = tensor.dequantize()
        elif dtype in self._floats:
            tensor = tensor.to(self._torch.float32)
        elif dtype not in self._wide_unsigned:
            raise NormalizationError(_unreadable(dtype))
        if tensor.layout is not self._strided:
            tensor = self._dense(tensor)
        try:
            return tensor.numpy(force=True)
        except RuntimeError as error:
            raise NormalizationError(
                f"the values of a tensor cannot be read here ({error}); give a tensor that was made outside "
                "torch.vmap, torch.func and fake mode"
            ) from error

    def _dense(self, tensor: Any) -> Any:
        if tensor.dtype not in self._wide_unsigned:
            return tensor.to_dense()
        # What does not fit wraps round on the way there, and back again.
        return tensor.to(self._torch.int64).to_dense().to(tensor.dtype)


def _unreadable(dtype: Any) -> str:
    if dtype.is_complex:
        return "complex numbers have no JSON form; give their parts, as in torch.view_as_real(tensor), or tensor.abs()"
    return f"a tensor of dtype {dtype} has no numbers that PyTorch can read one by one; give them in another dtype"
