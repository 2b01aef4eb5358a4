"""The rules for Python's own types: what each becomes.

A rule is a function that gives an object in a simpler form; `walk` goes on from there. Rules are looked up by
type, once for each type, never by trying.
"""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from collections import UserDict, UserList, UserString, deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence, Set, ValuesView
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from operator import attrgetter, methodcaller
from pathlib import PurePath
from typing import Any
from uuid import UUID

from packflow.exceptions import NormalizationError

Rule = Callable[[Any], Any]

MAX_INT_DIGITS = 4300
"""Python writes no longer integer as text unless it is told to, so ``json.dumps`` would fail on one."""

KEY_TYPES = (str, int, float, type(None), Enum, date, time, UUID, PurePath)
"""Types whose objects may be keys; each is written as its own JSON form is, as text."""


def structural_rule(cls: type) -> Rule | None:
    """Give the rule for an enumeration, a named tuple or a dataclass: they say what they are made of."""
    if issubclass(cls, Enum):
        return attrgetter("value")
    fields: Any = getattr(cls, "_fields", None)
    if issubclass(cls, tuple) and _are_field_names(fields):
        return lambda row: dict(zip(fields, row, strict=True))
    if dataclasses.is_dataclass(cls):
        names = [field.name for field in dataclasses.fields(cls)]
        return lambda obj: {name: getattr(obj, name) for name in names}
    return None


def _are_field_names(fields: Any) -> bool:
    """Whether each field has a name of its own; two of one name would leave one value in the object."""
    return (
        isinstance(fields, tuple) and all(isinstance(name, str) for name in fields) and len(set(fields)) == len(fields)
    )


def plain_rule(cls: type) -> Rule | None:
    """Give the rule for one of Python's own types, for a subclass of one, or for what behaves as one."""
    for base in cls.__mro__:
        if base in _RULES:
            return _RULES[base]
    for abstract, rule in _ABSTRACT_RULES:
        if issubclass(cls, abstract):
            return rule
    return None


def _from_decimal(number: Decimal) -> int | float:
    """Give an int or a float that reads as the very same decimal number; refuse where there is none.

    A type that changed from value to value (a number here, text there) would break whoever reads the column,
    and rounding would lose digits that somebody took care to keep. So the caller decides.
    """
    if not number.is_finite():
        return float("nan") if number.is_nan() else float(number)
    if _is_whole(number):
        if number.adjusted() >= MAX_INT_DIGITS:
            raise NormalizationError(f"a Decimal of more than {MAX_INT_DIGITS} digits has no JSON form")
        return int(number)
    rounded = float(number)
    if Decimal(repr(rounded)) != number:
        raise NormalizationError(
            "a Decimal with more digits than a float holds has no JSON form; give float(value) to round it, "
            "or str(value) to keep its digits"
        )
    return rounded


def _is_whole(number: Decimal) -> bool:
    """Whether the number is written without decimals: ``5`` and ``5E+2`` are, ``5.00`` is not."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= 0


def _from_bytes(data: bytes | bytearray | memoryview) -> str:
    return b64encode(bytes(data)).decode("ascii")


def _from_complex(_: complex) -> Any:
    raise NormalizationError(
        "a complex number has no JSON form; give its parts, as in [value.real, value.imag], or abs(value)"
    )


def _from_iterator(_: Iterator[Any]) -> Any:
    raise NormalizationError("an iterator can be read only once and is not read here; give list(value) in its place")


_iso_text = methodcaller("isoformat")

# `str.__str__` and its like give an object of exactly the base type whatever a subclass overrides.
_RULES: dict[type, Rule] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    complex: _from_complex,
    bytes: _from_bytes,
    bytearray: _from_bytes,
    memoryview: _from_bytes,
    dict: dict,
    list: list,
    tuple: list,
    set: set,
    frozenset: set,
    range: list,
    deque: list,
    UserDict: dict,
    UserList: list,
    UserString: str,
    datetime: _iso_text,
    date: _iso_text,
    time: _iso_text,
    timedelta: timedelta.total_seconds,
    Decimal: _from_decimal,
    UUID: str,
    PurePath: str,
}

# In this order: a view of a dict's keys is a Set too, but its order has a meaning.
_ABSTRACT_RULES: tuple[tuple[Any, Rule], ...] = (
    (KeysView, list),
    (ItemsView, list),
    (ValuesView, list),
    (Mapping, dict),
    (Set, set),
    (Iterator, _from_iterator),
    (Sequence, list),
)
