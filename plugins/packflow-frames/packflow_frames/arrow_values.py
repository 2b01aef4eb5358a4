"""The values of Arrow's arrays as Python has them, with nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packflow.exceptions import NormalizationError
from packflow_frames.moments import finer, seconds

if TYPE_CHECKING:
    import pyarrow


def cells(array: Any) -> tuple[list[Any], bool]:
    """Give the values of an array, in one chunk or several, and whether they surely are plain data.

    Example:
        >>> import pyarrow
        >>> cells(pyarrow.array([1, None]))
        ([1, None], True)
    """
    import pyarrow
    from pyarrow import compute

    kind, types = array.type, pyarrow.types
    if types.is_float32(kind) or types.is_float64(kind):
        return array.to_pylist(), compute.all(compute.is_finite(array)).as_py() is not False
    plain = (types.is_integer, types.is_boolean, types.is_string, types.is_large_string, types.is_null)
    return _values(array), any(test(kind) for test in plain)


def of_scalar(scalar: pyarrow.Scalar) -> Any:
    """Give the value of a scalar.

    Example:
        >>> import pyarrow
        >>> of_scalar(pyarrow.scalar(1.5))
        1.5
    """
    import pyarrow

    return _values(pyarrow.repeat(scalar, 1))[0] if _needs_care(scalar.type) else scalar.as_py()


def _values(array: Any) -> list[Any]:
    import pyarrow
    from pyarrow import compute

    kind, types = array.type, pyarrow.types
    if not _needs_care(kind):
        values: list[Any] = array.to_pylist()
        return values
    if isinstance(array, pyarrow.ChunkedArray):
        return [value for chunk in array.chunks for value in _values(chunk)]
    if isinstance(kind, pyarrow.BaseExtensionType):
        return _values(array.storage)
    if types.is_dictionary(kind):
        return _values(array.dictionary_decode())
    if types.is_run_end_encoded(kind):
        return _values(compute.run_end_decode(array))
    if types.is_duration(kind):
        return seconds(array.cast(pyarrow.int64()).to_pylist(), kind.unit)
    if types.is_timestamp(kind) or types.is_time64(kind):
        return _moments(array)
    if types.is_interval(kind):
        return [None if interval is None else _interval(interval) for interval in array.to_pylist()]
    if types.is_struct(kind):
        return _structs(array)
    if types.is_map(kind):
        return [None if entry is None else [list(pair.values()) for pair in entry] for entry in _lists(array)]
    if types.is_union(kind):
        raise NormalizationError(f"times inside a value of type {kind} are not read; cast them to text or to numbers")
    return _lists(array)


def _needs_care(kind: pyarrow.DataType) -> bool:
    """Tell whether a type has times that Python's own types cannot hold whole, or intervals, for which it has none."""
    import pyarrow

    types = pyarrow.types
    if types.is_timestamp(kind) or types.is_time64(kind):
        return bool(kind.unit == "ns")
    if isinstance(kind, pyarrow.BaseExtensionType):
        return _needs_care(kind.storage_type)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return _needs_care(kind.value_type)
    if types.is_map(kind):
        return _needs_care(kind.key_type) or _needs_care(kind.item_type)
    if types.is_nested(kind):
        return any(_needs_care(kind.field(place).type) for place in range(kind.num_fields))
    return bool(types.is_duration(kind) or types.is_interval(kind))


def _moments(array: Any) -> list[Any]:
    import pyarrow

    nanoseconds = array.cast(pyarrow.int64()).to_pylist()
    coarse = pyarrow.array([None if each is None else each // 1000 for each in nanoseconds], pyarrow.int64())
    timestamp = pyarrow.types.is_timestamp(array.type)
    kind = pyarrow.timestamp("us", array.type.tz) if timestamp else pyarrow.time64("us")
    return finer(coarse.cast(kind).to_pylist(), nanoseconds)


def _interval(interval: Any) -> dict[str, int]:
    return {"months": interval.months, "days": interval.days, "nanoseconds": interval.nanoseconds}


def _structs(array: Any) -> list[Any]:
    names = [field.name for field in array.type]
    if len(set(names)) < len(names):
        raise NormalizationError(f"two fields of a struct have one name: {', '.join(names)}; rename one of them")
    rows = zip(*map(_values, array.flatten()), strict=True)
    missing = array.is_null().to_pylist()
    return [None if gone else dict(zip(names, row, strict=True)) for gone, row in zip(missing, rows, strict=True)]


def _lists(array: Any) -> list[Any]:
    return [_values(scalar.values) if scalar.is_valid else None for scalar in array]
