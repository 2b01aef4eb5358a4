"""One value as the type of a model's signature has it: fitted exactly, or refused with the reason and the place."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from mlflow.types.schema import AnyType, Array, DataType, Map, Object, Property

from packflow.utils.nearest import did_you_mean

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?")
_NUMBERS = (int, float, np.integer, np.floating)


class MisfitError(Exception):
    """A value is not what the signature has."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason, path)
        self.reason = reason
        #: Where it stands inside the value, as in ``['points'][3]``.
        self.path = path

    def __str__(self) -> str:
        return f"at {self.path}, {self.reason}" if self.path else self.reason


def convert(value: Any, kind: Any) -> Any:
    """Convert a value to what MLflow takes for a type, or raise :class:`MisfitError` with the reason.

    What is given may be nested; what comes out is new wherever MLflow could change it.
    """
    if isinstance(kind, DataType):
        return _SCALARS[kind](value)
    if isinstance(kind, AnyType):
        return value
    if isinstance(kind, Array):  # SparkMLVector is one too
        return _array(value, kind)
    if isinstance(kind, Object):
        return _object(value, kind)
    if isinstance(kind, Map):
        return {key: _inside(f"[{key!r}]", item, kind.value_type) for key, item in _mapping(value).items()}
    raise MisfitError(f"the type {kind!r} is not supported")


def describe(kind: Any) -> str:
    """Put a type into words: `double`, `Array(long)`, `{a: long, b: string (optional)}`."""
    return kind.name if isinstance(kind, DataType) else repr(kind)


def without_required(kind: Any) -> Any:
    """Give a type whose objects may lack any of their properties."""
    if isinstance(kind, Array):
        return Array(without_required(kind.dtype))
    if isinstance(kind, Map):
        return Map(without_required(kind.value_type))
    if isinstance(kind, Object):
        return Object([Property(each.name, without_required(each.dtype), required=False) for each in kind.properties])
    return kind


def _inside(step: str, value: Any, kind: Any) -> Any:
    try:
        return convert(value, kind)
    except MisfitError as misfit:
        raise MisfitError(misfit.reason, step + misfit.path) from misfit


def _array(value: Any, kind: Array) -> Any:
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise MisfitError(f"it is {_kind_of(value)}, where a list of {describe(kind.dtype)} is expected")
    cells = [_inside(f"[{place}]", item, kind.dtype) for place, item in enumerate(value)]
    narrow = kind.dtype in (DataType.integer, DataType.float)
    # MLflow takes a list of numbers for the wide types, and only what says so itself for the narrow ones.
    return np.array(cells, kind.dtype.to_numpy()) if narrow and cells else cells


def _object(value: Any, kind: Object) -> dict[str, Any]:
    properties = {each.name: each for each in kind.properties}
    given = _mapping(value)
    for name, each in properties.items():
        if each.required and given.get(name) is None and not isinstance(each.dtype, AnyType):
            state = "is None" if name in given else "is missing"
            near = did_you_mean(name, given) if name not in given else ""
            raise MisfitError(f"it {state}, and required ({describe(each.dtype)}){near and '.' + near}", f"[{name!r}]")
    for name in given:
        if name not in properties:
            near = did_you_mean(name, properties)
            raise MisfitError(f"the signature has no such property{near and '.' + near}", f"[{name!r}]")
    return {
        name: None if item is None else _inside(f"[{name!r}]", item, properties[name].dtype)
        for name, item in given.items()
    }


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MisfitError(f"it is {_kind_of(value)}, where an object is expected")
    if odd := [key for key in value if not isinstance(key, str)]:
        raise MisfitError(f"its key {odd[0]!r} is no text")
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise MisfitError(f"it is {_kind_of(value)}, not true or false")


def _integer(kind: DataType) -> Callable[[Any], Any]:
    dtype = kind.to_numpy()
    limits = np.iinfo(dtype)

    def fit(value: Any) -> Any:
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
            raise MisfitError(f"it is {_kind_of(value)}, not an integer")
        if not limits.min <= value <= limits.max:
            raise MisfitError(f"it is not between {limits.min} and {limits.max}")
        return int(value) if kind is DataType.long else dtype.type(value)

    return fit


def _floating(kind: DataType) -> Callable[[Any], Any]:
    dtype = kind.to_numpy()

    def fit(value: Any) -> Any:
        if not isinstance(value, _NUMBERS) or isinstance(value, bool):
            raise MisfitError(f"it is {_kind_of(value)}, not a number")
        try:
            with np.errstate(over="ignore"):
                held = dtype.type(value)
        except OverflowError as error:
            raise MisfitError("it is out of range") from error
        if math.isinf(held) and not math.isinf(value):
            raise MisfitError("it is out of range")
        if isinstance(value, (int, np.integer)) and int(held) != int(value):
            raise MisfitError("the integer would be rounded")
        return float(held) if kind is DataType.double else held

    return fit


def _string(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    raise MisfitError(f"it is {_kind_of(value)}, not text")


def _binary(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if not isinstance(value, str):
        raise MisfitError(f"it is {_kind_of(value)}, neither bytes nor text in base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MisfitError(f"it is no base64, as bytes are written in text: {error}") from error


def _datetime(value: Any) -> Any:
    if isinstance(value, str) and not _ISO.fullmatch(value):
        raise MisfitError(
            "it is no date or time as ISO 8601 writes it, without a time zone, as in '2024-01-31T12:00:00'"
        )
    if not isinstance(value, (str, dt.date, np.datetime64)):
        raise MisfitError(f"it is {_kind_of(value)}, neither a time nor text as ISO 8601 writes it")
    try:
        stamp = pd.Timestamp(value)
        if stamp is pd.NaT:
            return np.datetime64("NaT", "ns")
        if stamp.tzinfo is not None:
            raise MisfitError(
                "it has a time zone, and MLflow's datetimes have none: convert it to the zone of the model's"
            )
        return np.datetime64(stamp.as_unit("ns").value, "ns")
    except (ValueError, OverflowError) as error:
        raise MisfitError(f"it is out of range, or no time: {error}") from error


_SCALARS: dict[DataType, Callable[[Any], Any]] = {
    DataType.boolean: _boolean,
    DataType.integer: _integer(DataType.integer),
    DataType.long: _integer(DataType.long),
    DataType.float: _floating(DataType.float),
    DataType.double: _floating(DataType.double),
    DataType.string: _string,
    DataType.binary: _binary,
    DataType.datetime: _datetime,
}


def _kind_of(value: Any) -> str:
    names = {"NoneType": "None", "str": "text", "bool": "a boolean", "float": "a float", "int": "an integer"}
    name = type(value).__name__
    return names.get(name, f"of type {name}")
