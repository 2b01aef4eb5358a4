"""A batch of an input from the values of records, and records from a batch of the outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, Literal

import numpy as np

from packflow.backend.preprocessors.fitting import convert_cell, convert_whole
from packflow.backend.tensors.specs import Array, Fields, TensorSpec
from packflow.backend.tensors.whole import MOST_AXES, Shape, convert_loosely, convert_values, has_shape, read_values
from packflow.backend.validation import type_name
from packflow.exceptions import InferenceBackendRuntimeError
from packflow.normalizers.base import array_rows
from packflow.utils.errors import cut, short, text_of
from packflow.utils.nearest import did_you_mean
from packflow.utils.normalize import ensure_native_types


def stack(
    records: Sequence[Mapping[str, Any]],
    spec: TensorSpec,
    fields: Fields | None = None,
    *,
    on_missing: Literal["error", "null"] = "error",
) -> Array:
    """Make the batch of one input of a model.

    Example:
        >>> spec = TensorSpec("x", np.dtype("float32"), (2,))
        >>> stack([{"x": [1, 2]}, {"x": [3.5, 4]}], spec)
        array([[1. , 2. ],
               [3.5, 4. ]], dtype=float32)
        >>> stack([{"width": 1, "height": 2}], spec, ("width", "height"))
        array([[1., 2.]], dtype=float32)

    Args:
        records: n records. A value is a number, a text, or an array or nested lists of them.
        spec: what the model takes.
        fields: what of a record feeds it; the field of its own name by default.
        on_missing: ``"null"`` reads a missing or ``None`` number as NaN; ``"error"`` refuses it.

    Returns:
        An array of shape ``(n, *spec.shape)``, or of the values' own shape where the spec leaves it open. One number
        does for a value of shape ``(1,)``. No integer is rounded, no number made of text, no text of numbers.

    Raises:
        InferenceBackendRuntimeError: a value does not fit, or is not of the shape of those before it; the text names
            row and field, and what the model takes.
    """
    fields = spec.name if fields is None else fields
    read = read_values(records, fields)
    if read is not None:
        whole = convert_values(*read, spec.dtype, spec.shape, none_is_nan=on_missing == "null")
        if whole is not None:
            return whole
    if isinstance(fields, str):
        return _stack_field(records, fields, spec, spec.shape, on_missing)
    parts = [_stack_field(records, field, spec, spec.shape and spec.shape[1:], on_missing) for field in fields]
    for field, part in zip(fields, parts, strict=True):
        if part.shape != parts[0].shape:
            raise InferenceBackendRuntimeError(
                f"Field {field!r} has values of shape {part.shape[1:]} and {fields[0]!r} of shape "
                f"{parts[0].shape[1:]}; as parts of the model's input {spec} they must be alike."
            )
    return np.stack(parts, axis=1)


def _stack_field(
    records: Sequence[Mapping[str, Any]],
    field: str,
    spec: TensorSpec,
    shape: Shape,
    on_missing: str,
) -> Array:
    values = [_value(record, row, field, spec, on_missing) for row, record in enumerate(records)]
    if not values:
        return np.empty((0, *(length or 0 for length in shape or ())), spec.dtype)
    whole = convert_values(values, [len(values)], spec.dtype, shape, none_is_nan=on_missing == "null")
    if whole is None:
        whole = convert_loosely(values, spec.dtype, shape)
    if whole is not None:
        return whole
    rows: list[Array] = []
    for row, value in enumerate(values):
        try:
            rows.append(_fit(value, spec.dtype, shape, on_missing))
        except Exception as error:  # any code of the value's
            raise InferenceBackendRuntimeError(
                f"Field {field!r} of row {row} does not fit the model's input {spec}: {cut(text_of(error))}. "
                f"It holds {short(value)}.",
                row=row,
            ) from error
        if rows[row].shape != rows[0].shape:
            raise InferenceBackendRuntimeError(
                f"Field {field!r} of row {row} has shape {rows[row].shape}, and of row 0 shape {rows[0].shape}; the "
                "rows of a batch must be alike. Pad them to one shape, or send them in batches of one shape each.",
                row=row,
            )
    return np.stack(rows)


def _value(record: Mapping[str, Any], row: int, field: str, spec: TensorSpec, on_missing: str) -> Any:
    if not isinstance(record, Mapping):
        raise InferenceBackendRuntimeError(
            f"Row {row} is of type {type_name(record)}, where the model's input {spec} is read from a dict.", row=row
        )
    value = record.get(field)
    if value is None and (on_missing == "error" or spec.dtype.kind != "f"):
        state = "is None" if field in record else "is missing"
        near = did_you_mean(field, map(str, record)) if field not in record else ""
        raise InferenceBackendRuntimeError(
            f"Field {field!r} of row {row} {state}; the model's input {spec} needs it.{near}", row=row
        )
    return np.nan if value is None else value


def _fit(value: Any, dtype: np.dtype[Any], shape: Shape, on_missing: str) -> Array:
    """Convert one value, or raise with the reason why it does not fit."""
    if isinstance(value, np.ma.MaskedArray):
        loose = np.array(value.data, dtype=object)
        loose[np.ma.getmaskarray(value)] = None  # what is masked is missing
    else:
        loose = np.array(value) if hasattr(value, "dtype") else _object_array(value)
    if shape == (1,) and loose.ndim == 0:
        loose = loose[None]
    if not has_shape(loose.shape, shape):
        expected = " x ".join("any" if n is None else str(n) for n in shape or ()) or "one value"
        found = "one value" if not loose.shape else " x ".join(map(str, loose.shape))
        raise ValueError(f"its shape is {found}, where {expected} is expected")
    if dtype.kind in "biuf" and loose.dtype.kind in "biuf":
        whole = convert_whole(loose, dtype, lambda: loose.dtype.kind in "iu")
        if whole is not None:
            return whole
    fitted = np.empty(loose.shape, dtype)
    for index, cell in np.ndenumerate(loose):
        if cell is None and on_missing == "error":
            raise ValueError("it holds None")
        fitted[index] = _text(cell) if dtype.kind == "O" else convert_cell(cell, dtype)
    return fitted


def _object_array(value: Any) -> Array:
    """Give nested lists as an array of the very objects in them, so that NumPy turns none into another kind."""
    shape = []
    inner = value
    while isinstance(inner, (list, tuple)):
        shape.append(len(inner))
        if len(shape) > MOST_AXES:
            raise ValueError(f"it holds more than {MOST_AXES} lists inside each other, or one that contains itself")
        if not inner:
            break
        inner = inner[0]
    cells = np.empty(shape, dtype=object)
    _fill(cells, value)
    return cells


def _fill(cells: Array, value: Any) -> None:
    if not cells.ndim:
        cells[()] = value
        return
    if not isinstance(value, (list, tuple)) or len(value) != len(cells):
        raise ValueError("its lists are of unequal lengths")
    for index, part in enumerate(value):
        if cells.ndim == 1:
            cells[index] = part  # an array of objects would take a list for several
        else:
            _fill(cells[index], part)


def _text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise TypeError(f"it holds {type_name(cell)}, where text is expected")
    return str(cell)


def split(outputs: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Make a record of each row of a model's outputs.

    Example:
        >>> split({"label": np.array([7, 9]), "scores": np.array([[0.5, 0.5], [0.25, 0.75]])}, 2)
        [{'label': 7, 'scores': [0.5, 0.5]}, {'label': 9, 'scores': [0.25, 0.75]}]

    Args:
        outputs: arrays or tensors of any library that packflow converts, or lists, each with one row for each record
            along its first axis. Rows of shape ``(1,)`` are replaced by their only element.
        count: the number of records that went in.

    Returns:
        ``count`` records of native values.

    Raises:
        InferenceBackendRuntimeError: an output has not one row for each record.
        NormalizationError: a value has no JSON form.
    """
    columns = [_column(name, output, count) for name, output in outputs.items()]
    if not columns:
        return [{} for _ in range(count)]
    if len(columns) == 1:  # as most models have
        (name,) = outputs
        return [{name: cell} for cell in columns[0]]
    return list(map(dict, map(zip, repeat(tuple(outputs)), zip(*columns, strict=True))))


def _column(name: str, output: Any, count: int) -> Iterable[Any]:
    shape = getattr(output, "shape", None)
    if shape is not None:
        shape = tuple(shape)  # TensorFlow's own is true where it is empty
    elif isinstance(output, (list, tuple)):
        shape = (len(output),)
    if not shape or int(shape[0]) != count:
        found = f"the type {type_name(output)}" if shape is None else f"shape {shape}"
        raise InferenceBackendRuntimeError(
            f"The model's output {name!r} has {found}, where one row for each of the {count} records is expected along "
            "the first axis. Leave it out of the outputs, or export the model with a batch axis."
        )
    rows = array_rows(output) if hasattr(output, "ndim") else None
    native: list[Any] = ensure_native_types(output if rows is None else rows.values)
    return native


def name_outputs(result: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Name what a model gives, where the model itself names it or not.

    Example:
        >>> name_outputs((1, 2)), name_outputs({"a": 1})
        ({'output_0': 1, 'output_1': 2}, {'a': 1})
        >>> name_outputs(1), name_outputs((1, 2), ["label", "score"])
        ({'output': 1}, {'label': 1, 'score': 2})

    Args:
        result: one output, or a dict, a tuple, a named tuple or a list of them.
        names: what they are to be called, in their order. None: a dict's keys, a named tuple's fields, ``output_0``
            and so on for a tuple's or a list's parts, ``output`` for an only one.

    Raises:
        InferenceBackendRuntimeError: there are not as many outputs as names.
    """
    if isinstance(result, Mapping):
        default, parts = list(map(str, result)), list(result.values())
    elif isinstance(result, (list, tuple)):
        default = list(getattr(result, "_fields", [f"output_{place}" for place in range(len(result))]))
        parts = list(result)
    else:
        default, parts = ["output"], [result]
    if names is not None and len(names) != len(parts):
        raise InferenceBackendRuntimeError(
            f"output_names has {len(names)} names ({', '.join(names)}), and the model gave {len(parts)} outputs "
            f"({', '.join(default)})."
        )
    return dict(zip(names or default, parts, strict=True))
