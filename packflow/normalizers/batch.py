"""Making records of outputs: one for each row, whatever the outputs are.

Which axis the rows lie along, and which rows are unwrapped, is decided here; what a value becomes, in `walk`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.normalizers.base import Native, Rows
from packflow.normalizers.dispatch import CORE
from packflow.normalizers.refusal import Refusal, type_name
from packflow.normalizers.walk import Walk, explained_as

if TYPE_CHECKING:
    from packflow.normalizers.dispatch import Rules


def read_out(outputs: Any, rules: Rules) -> Any:
    """Give what an iterator holds as a list; other outputs as they are. What an iterator raises passes unchanged."""
    kind = type(outputs)
    try:
        is_iterator = issubclass(kind, Iterator)
        if not is_iterator:
            rules.no_iterators.add(kind)
    except Exception:  # noqa: BLE001 - a metaclass that cannot be looked at; converting will say so
        return outputs
    return list(outputs) if is_iterator else outputs


def to_records(outputs: Any, rules: Rules, refuse_nan: bool, parent_key: str) -> list[dict[str, Any]]:
    """Give one record for each row of `outputs`.

    Args:
        outputs: the outputs, no iterator.
        rules: the rule for each type.
        refuse_nan: whether NaN and the infinities are refused.
        parent_key: the key for rows that are no dicts.

    Raises:
        Refusal: `outputs` has no rows, or something in it has no JSON form.
    """
    kind = type(outputs)
    if kind not in CORE:
        normalizer = rules.normalizers.get(kind) or rules.normalizer(kind)
        if normalizer is not None:
            try:
                batch = normalizer.rows(outputs)
            except (PluginError, RecursionError):
                raise
            except Exception as error:
                raise explained_as(error, kind) from error
            if type(batch) is Native and batch.dicts is False and batch.replaced is None:
                return [{parent_key: row} for row in batch.data]
            if batch is not None:
                return _wrapped(_rows_of(batch, Walk(rules, refuse_nan), kind), parent_key)
        outputs = Walk(rules, refuse_nan).reduced(outputs)
        if normalizer is not None and type(outputs) in (list, tuple):
            raise Refusal(_no_batch(kind))
    walk = Walk(rules, refuse_nan)
    data = outputs.data if type(outputs) is Native else outputs
    if type(data) is dict:
        return [walk.native(outputs)]
    if type(outputs) not in (list, tuple):
        raise Refusal(_no_batch(kind))
    rows = walk.native(outputs)
    if rows and type(rows[0]) is list and all(type(row) is list and len(row) == 1 for row in rows):
        rows = [row[0] for row in rows]
    return _wrapped(rows, parent_key)


def _rows_of(batch: Rows | Native, walk: Walk, kind: type) -> list[Any]:
    unwrapped = type(batch) is Rows and batch.unwrapped
    try:
        rows = walk.native(batch.values if type(batch) is Rows else batch)
    except Refusal as refusal:
        if unwrapped and refusal.steps:
            refusal.steps.insert(-1, 0)
        raise
    if type(rows) is not list:
        raise Refusal(
            f"the normalizer for {type_name(kind)!r} gave rows that became a {type_name(type(rows))!r}; "
            "expected something that becomes a list"
        )
    return rows


def _wrapped(rows: list[Any], parent_key: str) -> list[dict[str, Any]]:
    kinds = set(map(type, rows))  # all of Python's own: the rows are native
    if kinds == {dict}:
        return rows
    if dict not in kinds:
        return [{parent_key: row} for row in rows]
    return [row if type(row) is dict else {parent_key: row} for row in rows]


def _no_batch(kind: type) -> str:
    return (
        f"outputs of type {type_name(kind)!r} have no rows; expected a list, a tuple, an iterator or an "
        "array with one row for each record, or a dict as the only record. Give a single value as [value]"
    )
