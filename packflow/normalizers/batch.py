"""Making records of outputs: one for each row, whatever the outputs are.

Which axis the rows lie along, and which rows are unwrapped, is decided here; what a value becomes, in `walk`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.normalizers.base import Native, Normalizer, Rows
from packflow.normalizers.dispatch import CORE
from packflow.normalizers.refusal import Refusal, type_name
from packflow.normalizers.walk import explained_as

if TYPE_CHECKING:
    from packflow.normalizers.walk import Walk


def read_out(outputs: Any) -> Any:
    """Give what an iterator holds as a list; other outputs as they are. What an iterator raises passes unchanged."""
    return list(outputs) if _is_iterator(type(outputs)) else outputs


def _is_iterator(kind: type) -> bool:
    try:
        return issubclass(kind, Iterator)
    except Exception:  # noqa: BLE001 - a metaclass that cannot be looked at; converting will say so
        return False


def to_records(outputs: Any, walk: Walk, parent_key: str) -> list[dict[str, Any]]:
    """Give one record for each row of `outputs`.

    Raises:
        Refusal: `outputs` has no rows, or something in it has no JSON form.
    """
    kind = type(outputs)
    if kind not in CORE:
        normalizer = walk.rules.normalizer(kind)
        if normalizer is not None:
            batch = _rows(normalizer, outputs)
            if batch is not None:
                return _wrapped(_rows_of(batch, walk, kind), parent_key)
        outputs = walk.reduced(outputs)
        if normalizer is not None and type(outputs) in (list, tuple):
            raise Refusal(_no_batch(kind))
    data = outputs.data if type(outputs) is Native else outputs
    if type(data) is dict:
        return [walk.native(outputs)]
    if type(outputs) not in (list, tuple):
        raise Refusal(_no_batch(kind))
    rows = walk.native(outputs)
    if all(type(row) is list and len(row) == 1 for row in rows):
        rows = [row[0] for row in rows]
    return _wrapped(rows, parent_key)


def _rows(normalizer: Normalizer, outputs: Any) -> Rows | None:
    try:
        return normalizer.rows(outputs)
    except (PluginError, RecursionError):
        raise
    except Exception as error:
        raise explained_as(error, type(outputs)) from error


def _rows_of(batch: Rows, walk: Walk, kind: type) -> list[Any]:
    try:
        rows = walk.native(batch.values)
    except Refusal as refusal:
        if batch.unwrapped and refusal.steps:
            refusal.steps.insert(-1, 0)
        raise
    if type(rows) is not list:
        raise Refusal(
            f"the normalizer for {type_name(kind)!r} gave rows that became a {type_name(type(rows))!r}; "
            "expected something that becomes a list"
        )
    return rows


def _wrapped(rows: list[Any], parent_key: str) -> list[dict[str, Any]]:
    return [row if type(row) is dict else {parent_key: row} for row in rows]


def _no_batch(kind: type) -> str:
    return (
        f"outputs of type {type_name(kind)!r} have no rows; expected a list, a tuple, an iterator or an "
        "array with one row for each record, or a dict as the only record. Give a single value as [value]"
    )
