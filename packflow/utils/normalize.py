"""Make what a model gives back fit for JSON: `ensure_native_types` for data, `ensure_valid_output` for outputs.

What each type becomes is listed in the reference; the work is done in `packflow.normalizers`.
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn

from packflow.exceptions import NormalizationError, PackflowError
from packflow.normalizers.batch import read_out, to_records
from packflow.normalizers.dispatch import current_rules
from packflow.normalizers.refusal import Refusal, type_name
from packflow.normalizers.walk import MAX_DEPTH, Walk, explained_as

__all__ = ["ensure_native_types", "ensure_valid_output"]

NanPolicy = Literal["null", "error"]


def ensure_native_types(obj: Any, *, nan: NanPolicy = "null") -> Any:
    """Give `obj` as data that JSON can hold.

    Example:
        >>> import numpy as np
        >>> ensure_native_types({"scores": np.array([0.5, np.nan]), "n": np.int64(2)})
        {'scores': [0.5, None], 'n': 2}

    Every leaf of the result is exactly ``str``, ``int``, ``float``, ``bool`` or ``None``, every key exactly
    ``str``, and ``json.dumps(result, allow_nan=False)`` works. The result shares no container with `obj`,
    which is not changed.

    Args:
        obj: anything.
        nan: what becomes of NaN and the infinities: ``"null"`` for None, ``"error"`` to refuse them.

    Returns:
        The data; converting it once more changes nothing.

    Raises:
        NormalizationError: something in it has no JSON form; its ``path`` says where.
        PluginError: a normalizer is registered for a type in it, but that normalizer cannot be loaded.
    """
    walk = Walk(current_rules(), _refuses(nan))
    try:
        return walk.native(obj)
    except Exception as error:  # noqa: BLE001  # all of them are told as public ones
        _raise_public(error, obj)


def ensure_valid_output(outputs: Any, parent_key: str = "output", *, nan: NanPolicy = "null") -> list[dict[str, Any]]:
    """Give a model's outputs as records, one for each row.

    Example:
        >>> import numpy as np
        >>> ensure_valid_output(np.array([[2], [4]]), parent_key="doubled")
        [{'doubled': 2}, {'doubled': 4}]

    Lists, tuples, iterators and arrays are read along their first axis. A row that is a dict, or becomes one
    (a dataclass, a row of a structured array), is a record; any other row is wrapped as ``{parent_key:
    row}``. Rows that are lists of one element are replaced by that element if all of them are; for an array
    its shape decides, not its content. A dict in place of all that is one record.

    Args:
        outputs: n rows, or one dict.
        parent_key: the key for rows that are no dicts.
        nan: as for `ensure_native_types`.

    Returns:
        n records.

    Raises:
        NormalizationError: `outputs` has no rows (a number, a string, a set, an array without axes), or
            something in it has no JSON form; its ``path`` says where.
        PluginError: as for `ensure_native_types`.
    """
    if type(parent_key) is not str:
        parent_key = _plain_key(parent_key)
    refuse_nan, rules = nan != "null" and _refuses(nan), current_rules()
    try:
        quick = rules.records.get(type(outputs))
        records = quick(outputs, parent_key) if quick else None
    except Exception as error:  # noqa: BLE001  # all of them are told as public ones
        _raise_public(error, outputs)
    if records is not None:
        return records
    if type(outputs) not in rules.no_iterators:
        outputs = read_out(outputs, rules)
    try:
        return to_records(outputs, rules, refuse_nan, parent_key)
    except Exception as error:  # noqa: BLE001  # all of them are told as public ones
        _raise_public(error, outputs)


def _plain_key(key: Any) -> str:
    if not isinstance(key, str):
        raise NormalizationError(
            f"parent_key is of type {type_name(type(key))!r}; expected the key for rows that are no dicts, a str"
        )
    return str.__str__(key)


def _refuses(nan: str) -> bool:
    if nan not in ("null", "error"):
        raise NormalizationError(f"nan is {nan!r}; expected 'null' or 'error'")
    return nan == "error"


def _raise_public(error: Exception, obj: Any) -> NoReturn:
    """Raise what users see for what the work on `obj` raised; a refusal's path is put together."""
    if isinstance(error, Refusal):
        raise error.as_error() from error.__cause__
    if isinstance(error, RecursionError):
        raise NormalizationError(
            f"the data is nested too deeply for the room that is left on Python's stack (at most {MAX_DEPTH} "
            "containers inside each other are converted)"
        ) from error
    if isinstance(error, PackflowError):
        raise error
    # The outermost object's own class may do anything when it is looked at.
    raise explained_as(error, type(obj)).as_error() from error
