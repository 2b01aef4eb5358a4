"""What packflow asks of inputs and outputs. Pure checks: each raises an error that says what it found and where."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from packflow.backend.steps import NOT_ASYNC
from packflow.exceptions import InferenceBackendValidationError
from packflow.utils.errors import cut, short, text_of

Record = dict[str, Any]


def as_records(inputs: Any) -> tuple[list[Record], bool]:
    """Give inputs as a list of records, and whether they were a single one."""
    if isinstance(inputs, dict):
        return [inputs], True
    if isinstance(inputs, list):
        return inputs, False
    raise InferenceBackendValidationError(
        f"Inputs must be one record (a dict) or a list of records; got {type_name(inputs)}.{_as_list(inputs)}"
    )


def _as_list(inputs: Any) -> str:
    """Say how to make records of inputs that hold them in another form."""
    kind = type(inputs)
    for method, columns, call in _CONVERSIONS:
        if hasattr(kind, method) and hasattr(kind, columns):
            return f" Pass {call} instead, where df is this object."
    if isinstance(inputs, (Iterator, Sequence)) and not isinstance(inputs, (str, bytes, bytearray, memoryview)):
        return " Pass list(inputs) instead."
    return ""


#: What tables of other libraries have (polars, pandas, Arrow), and how they give records.
_CONVERSIONS = (
    ("to_dicts", "columns", "df.to_dicts()"),
    ("to_dict", "columns", "df.to_dict('records')"),
    ("to_pylist", "columns", "df.to_pylist()"),
)


def check_result(result: Any, step: str, owner: str, single: bool) -> list[Any]:
    """Check what the last step of a call gave: a list, with exactly one row where one event went in."""
    if not isinstance(result, list):
        raise InferenceBackendValidationError(
            f"The result of the last step must be a list of records; step {step!r} of {owner} returned "
            f"{type_name(result)}. {_as_rows(result)}",
            step=step,
        )
    if single and len(result) != 1:
        raise InferenceBackendValidationError(
            f"One event must give exactly one row; step {step!r} of {owner} returned {len(result)} rows.", step=step
        )
    return result


def _as_rows(result: Any) -> str:
    """Say how to make a list of what a step returned."""
    if result is None:
        return "Did it forget `return`?"
    if inspect.iscoroutine(result):
        result.close()  # or else Python warns that it was never awaited
        return NOT_ASYNC
    if inspect.isgenerator(result):
        return "Return a list of what it yields."
    return "For arrays, tensors and the like, return ensure_valid_output(result) (packflow.utils.normalize)."


def check_inputs(inputs: Any) -> list[Record]:
    """Check that inputs are a record or a list of records."""
    records, _ = as_records(inputs)
    for row, record in enumerate(records):
        if not isinstance(record, dict):
            raise InferenceBackendValidationError(
                f"Inputs must be records: expected a dict at row {row}, found {type_name(record)}.", row=row
            )
    return records


def check_outputs(rows: Any, expected_rows: int) -> None:
    """Check that rows are a list of one JSON-serializable dict for each record that went in."""
    if not isinstance(rows, list):
        raise InferenceBackendValidationError(f"Outputs must be a list of dicts; found {type_name(rows)}.")
    for row, record in enumerate(rows):
        if not isinstance(record, dict):
            raise InferenceBackendValidationError(
                f"Outputs must be a list of dicts: expected a dict at row {row}, found {type_name(record)}.", row=row
            )
    if len(rows) != expected_rows:
        raise InferenceBackendValidationError(
            f"Outputs must have as many rows as inputs: expected {expected_rows}, found {len(rows)}."
        )
    for row, record in enumerate(rows):
        problem = json_problem(record)
        if problem:
            raise InferenceBackendValidationError(
                f"Outputs must be JSON-serializable: row {row}: {problem}. ensure_native_types "
                "(packflow.utils.normalize) converts what has a JSON form.",
                row=row,
            )
    clash = shared_keys(rows)
    if clash:
        row, problem = clash
        raise InferenceBackendValidationError(f"Outputs must be JSON-serializable: row {row}: {problem}.", row=row)


def shared_keys(rows: list[Any]) -> tuple[int, str] | None:
    """Say in which row a dict has two keys that are one as JSON, so that a reader would lose a value, and where.

    Example:
        >>> shared_keys([{"a": 1}, {"a": [{1: "x", "1": "y"}]}])
        (1, "['a'][0]: the keys 1 and '1' would both become '1'; rename one of them")

    Args:
        rows: what can be written as JSON otherwise.
    """
    if not any(map(_shared, _with_other_keys(rows))):
        return None
    places = [(index, "", row) for index, row in enumerate(rows)]
    for index, place, value in places:
        shared = _shared(value) if isinstance(value, dict) else None
        if shared:
            key, name = shared
            problem = f"the keys {short(key)} and {short(name)} would both become {short(name)}; rename one of them"
            return index, f"{place}: {problem}" if place else problem
        places += [(index, place + step, item) for step, item in _items(value)]
    return None


def _with_other_keys(rows: list[Any]) -> Iterator[dict[Any, Any]]:
    """Give the dicts that may have keys that are no text: rare, so all of a level are asked at once."""
    level = rows
    while any(issubclass(kind, (dict, list, tuple)) for kind in set(map(type, level))):
        dicts = [value for value in level if isinstance(value, dict)]
        lists = [value for value in level if isinstance(value, (list, tuple))]
        if not set(map(type, chain.from_iterable(dicts))) <= {str}:
            yield from dicts
        level = list(chain(chain.from_iterable(map(dict.values, dicts)), chain.from_iterable(lists)))


def _shared(value: dict[Any, Any]) -> tuple[Any, str] | None:
    """Give a key that JSON writes as a text that is a key, too; two that are both no text are never written alike."""
    others = [key for key in value if not isinstance(key, str)]
    for key in others if len(others) < len(value) else ():
        (name,) = json.loads(json.dumps({key: None}))
        if name in value:
            return key, name
    return None


def json_problem(value: Any) -> str | None:
    """Say why a value cannot be written as JSON, with the innermost place; None where it can."""
    try:
        json.dumps(value, allow_nan=False)
    except RecursionError:
        return "it is nested too deeply"
    except Exception as error:  # noqa: BLE001  # any code of the user's may be behind items()
        reason = cut(text_of(error))
        if "Circular" in reason:
            return "it contains itself"
        items = _items(value)
        for step, item in items:
            problem = json_problem(item)
            if problem:
                return f"{step}{'' if problem.startswith('[') else ': '}{problem}"
        return f"{type_name(value)} {reason}" if items else f"{short(value)} ({type_name(value)}): {reason}"
    return None


def _items(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"[{short(key)}]", item) for key, item in dict.items(value)]  # a subclass may have failed at its own
    if isinstance(value, (list, tuple)):
        return [(f"[{position}]", item) for position, item in enumerate(value)]
    return []


def type_name(value: Any) -> str:
    """Name a value's type as a reader would import it.

    Example:
        >>> type_name("x")
        'str'
    """
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
