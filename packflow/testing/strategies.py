"""Records for Hypothesis: of a shape that you say, of the shape of samples, or of any shape at all.

Example:
    >>> from hypothesis import find
    >>> from packflow.testing import strategies
    >>> find(strategies.records({"age": int, "home": {"city": str}}), lambda record: record["age"] > 40)
    {'age': 41, 'home': {'city': ''}}

What a test does with them is its own affair. A property that every backend should have: it gives a row for each
record, or raises an error of packflow's.

.. code-block:: python

    @given(strategies.batches(strategies.like(SAMPLES)))
    def test_nothing_is_lost(batch):
        try:
            assert len(backend(batch)) == len(batch)
        except PackflowError:
            pass

Importing this imports Hypothesis, which ``pip install "packflow[testing]"`` brings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hypothesis import strategies as st

__all__ = ["batches", "hostile_values", "json_values", "like", "nested_records", "records"]

Record = dict[str, Any]
#: What a schema has for a field: a type, a strategy for its values, or the schema of a record within.
Field = Any


class _Absent:
    """Stands for a field that a record is to lack."""


_ABSENT: Final = _Absent()

#: Letters of several scripts, and signs that some program trips over. Hypothesis makes texts of all of Unicode from
#: tables that take it a second to build, which its own check of a test's speed then holds against the test.
_SIGNS = "abcxyzABCXYZ0123456789 _-.,:;/\\\"'<>&%$#{}[]()\n\t\x00äßéñøŁжЯא中名한🙂\u200b\u0301\ufeff"
_TEXTS = st.text(_SIGNS, max_size=8)

#: Field names as people have them: plain ones, dotted ones, empty ones, and some that mean something to Python or JSON.
_NAMES = st.one_of(
    st.text("abcxyz_ABC019ß", min_size=1, max_size=8),
    st.sampled_from(["", ".", "a.b", "a b", "class", "__class__", "0", "null", "ключ", "名前"]),
)


def json_values(max_depth: int = 2) -> st.SearchStrategy[Any]:
    """Values that JSON has: texts, numbers that are finite, booleans, None, and lists and objects of these.

    Example:
        >>> from hypothesis import find
        >>> find(json_values(), lambda value: isinstance(value, list))
        []

    Args:
        max_depth: how many lists and objects may stand inside each other.
    """
    leaves = _leaves()
    found = leaves
    for _ in range(max_depth):
        found = st.one_of(leaves, st.lists(found, max_size=3), st.dictionaries(_NAMES, found, max_size=3))
    return found


def _leaves() -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.booleans(), _numbers(), _TEXTS)


def _numbers() -> st.SearchStrategy[Any]:
    return st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))


def hostile_values() -> st.SearchStrategy[Any]:
    """Values that turn up in real records, and in few tests.

    Example:
        >>> from hypothesis import find
        >>> find(hostile_values(), lambda value: isinstance(value, float) and value != value)
        nan

    Numbers that are none (NaN, infinities), that no float holds, or that are texts; texts that are empty, blank or
    long, or that another program wrote for "missing"; None, booleans, bytes, empty containers, and what is nested
    where a single value was expected.
    """
    numbers = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.8e308, 0, -1, 2**53 + 1, -(2**63), 2**64, 10**400]
    texts = ["", " ", "NaN", "NA", "null", "None", "0", "1e5", "1,5", "true", "\x00", "\ud800", "e\u0301", "x" * 2000]
    others: list[Any] = [
        None,
        True,
        False,
        b"",
        b"\xff",
        [],
        {},
        [[]],
        [None],
        {"": None},
        ["a", 1, None],
        {"inner": {"inner": []}},
    ]
    return st.one_of(
        st.sampled_from(numbers),
        st.sampled_from(texts),
        st.sampled_from(others).map(_copied),
        json_values(max_depth=1),
    )


def _copied(value: Any) -> Any:
    """Give a value of one's own: a test that changes it must not change it for the next one."""
    from copy import deepcopy

    return deepcopy(value)


def records(
    schema: Mapping[str, Field] | None = None,
    *,
    optional: Iterable[str] = (),
    values: st.SearchStrategy[Any] | None = None,
    max_fields: int = 6,
) -> st.SearchStrategy[Record]:
    """Records with the fields of a schema; with any fields where there is none.

    Example:
        >>> from hypothesis import find
        >>> find(records({"n": int}), lambda record: True)
        {'n': 0}

    Args:
        schema: for each field a type (``int``, ``str | None``), a strategy for its values, or a schema of its own.
            Floats are finite unless a strategy says otherwise.
        optional: fields of the schema that a record may lack.
        values: without a schema, what the fields hold; JSON values if None.
        max_fields: without a schema, how many fields there are at most.
    """
    if schema is None:
        return st.dictionaries(_NAMES, json_values() if values is None else values, max_size=max_fields)
    missing = set(optional)
    unknown = sorted(missing - set(schema))
    if unknown:
        raise ValueError(f"optional names {unknown}, which are no fields of the schema {list(schema)}")
    required = {name: _values_of(field) for name, field in schema.items() if name not in missing}
    return st.fixed_dictionaries(
        required, optional={name: _values_of(schema[name]) for name in schema if name in missing}
    )


def _values_of(field: Field) -> st.SearchStrategy[Any]:
    if isinstance(field, st.SearchStrategy):
        return field
    if isinstance(field, Mapping):
        return records(field)
    if field is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    return st.from_type(field)


def nested_records(max_depth: int = 4, values: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Record]:
    """Records with records in them, and lists of records, as deep as is said.

    Example:
        >>> from hypothesis import find
        >>> find(nested_records(), lambda record: any(isinstance(value, dict) for value in record.values()))
        {'0': {}}

    Args:
        max_depth: how many records may stand inside each other.
        values: what the leaves are; JSON's single values if None.
    """
    leaves = _leaves() if values is None else values
    found: st.SearchStrategy[Record] = st.dictionaries(_NAMES, leaves, max_size=3)
    for _ in range(max_depth - 1):
        found = st.dictionaries(_NAMES, st.one_of(leaves, found, st.lists(found, max_size=2)), max_size=3)
    return found


def batches(
    of: st.SearchStrategy[Record] | None = None, *, min_size: int = 0, max_size: int = 8
) -> st.SearchStrategy[list[Record]]:
    """Lists of records, the empty one among them; sometimes one record stands there several times.

    Example:
        >>> from hypothesis import find
        >>> find(batches(records({"n": int})), lambda batch: len(batch) == 2)
        [{'n': 0}, {'n': 0}]

    Args:
        of: the records; of any shape if None.
        min_size: how many there are at least.
        max_size: how many there are at most.
    """
    return st.lists(records() if of is None else of, min_size=min_size, max_size=max_size)


def like(samples: Iterable[Record], *, hostile: bool = True) -> st.SearchStrategy[Record]:
    """Records shaped like samples: each field holds what one of the samples has there, or something like it.

    Example:
        >>> from hypothesis import find
        >>> find(like([{"n": 1, "at": {"x": 2.5}}], hostile=False), lambda record: record["n"] > 5)
        {'n': 6, 'at': {'x': 2.5}}

    Args:
        samples: valid records.
        hostile: whether fields may also be missing, be too many, or hold what they should not.
    """
    given = list(samples)
    if not given:
        raise ValueError("like() needs one sample record at least")
    return _like_records(given, hostile)


def _like_records(samples: list[Record], hostile: bool) -> st.SearchStrategy[Record]:
    names = dict.fromkeys(name for sample in samples for name in sample)
    fields = {}
    for name in names:
        found = [sample[name] for sample in samples if name in sample]
        may_lack = hostile or len(found) < len(samples)
        fields[name] = (
            st.one_of(_like_values(found, hostile), st.just(_ABSENT)) if may_lack else _like_values(found, hostile)
        )
    whole = st.fixed_dictionaries(fields).map(_without_absent)
    if not hostile:
        return whole
    return st.one_of(whole, st.builds(lambda record, more: {**more, **record}, whole, records(max_fields=2)))


def _without_absent(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not _ABSENT}


def _like_values(found: list[Any], hostile: bool) -> st.SearchStrategy[Any]:
    own: list[st.SearchStrategy[Any]] = [st.sampled_from(found).map(_copied)]
    kinds = {type(value) for value in found}
    if kinds == {dict}:
        own = [_like_records(found, hostile)]
    elif kinds <= {int, float} and kinds:
        own.append(_numbers() if float in kinds else st.integers())
    elif kinds == {str}:
        own.append(_TEXTS)
    elif kinds == {bool}:
        own.append(st.booleans())
    return st.one_of(*own, hostile_values()) if hostile else st.one_of(*own)
