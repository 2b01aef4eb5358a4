"""Reading of a JSON object what is asked for: which fields a backend reads, and the decoder that makes no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, TypedDict

import msgspec

from packflow.backend.base import InferenceBackend
from packflow.backend.preprocessors.base import Fields, Record, promised_fields
from packflow.backend.preprocessors.cut import CellsOfCut, Tree, attributes, tree_of
from packflow.backend.preprocessors.nested import MISSING


def fields_read_by(backend: Any) -> Fields | None:
    """Name the fields of a record that a backend reads; None where anything in it may make a difference.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Sums(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return [{"sum": total} for total in inputs.sum(axis=1).tolist()]
        >>> fields_read_by(Sums(verbose=False, input_format="numpy", feature_names=["x", "y"]))
        (('x',), ('y',))
        >>> fields_read_by(Sums(verbose=False)) is None  # its steps get the records themselves
        True
    """
    preprocessor = _first_reader(backend)
    return None if preprocessor is None else promised_fields(preprocessor)


def cells_reader_of(backend: Any) -> CellsOfCut | None:
    """Give what reads the cells for a backend's preprocessor, where cells are all that it reads.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Sums(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return [{"sum": total} for total in inputs.sum(axis=1).tolist()]
        >>> cells_reader_of(Sums(verbose=False, input_format="numpy", feature_names=["x", "y"])) is None
        False
        >>> cells_reader_of(Sums(verbose=False, feature_names=["x", "y"])) is None  # its steps get dicts
        True
    """
    preprocessor = _first_reader(backend)
    # As with the fields: what a subclass reads, it says itself.
    return preprocessor.cells_of_cut if "cells_of_cut" in vars(type(preprocessor)) else None


def _first_reader(backend: Any) -> Any:
    """Give the preprocessor of a backend, unless the backend sees the records before any preprocessor does."""
    if not isinstance(backend, InferenceBackend) or type(backend).__call__ is not InferenceBackend.__call__:
        return None
    return getattr(backend, "_preprocessor", None)


class ObjectDecoder:
    """Decodes JSON objects, and leaves out every field that is not asked for.

    Example:
        >>> decoder = ObjectDecoder((("x",), ("pos", "lat")))
        >>> decoder.decode_all([b'{"id": 7, "x": 1, "pos": {"lat": 0.5, "lon": 2}}', b'{"id": 8}'])
        [{'x': 1, 'pos': {'lat': 0.5}}, {}]

    What is left out is parsed all the same, and refused where it is no JSON or no UTF-8. One thing alone is not looked
    at in it: whether Python has room for a number (``1e999``).

    Args:
        fields: paths to what is asked for; None for everything. A value on the way of a path that is no object stays.
        cells_of: reads the cells of cut records; without, :meth:`cells_of_all` has none.
    """

    def __init__(self, fields: Fields | None = None, cells_of: CellsOfCut | None = None) -> None:
        self._fields = tuple(map(tuple, fields or ()))
        steps = set(chain.from_iterable(self._fields))
        # msgspec finds no key by a name that is not ASCII; where one is asked for, everything is read.
        self._skips = bool(steps) and all(map(str.isascii, steps))
        self._cells_of = cells_of
        cuts = self._skips and cells_of is not None and not any(map(_ESCAPED.search, steps))
        self._cut = _cut(self._fields) if cuts else None

    @cached_property
    def _decode(self) -> Callable[[bytes], Record]:
        """Decodes to dicts; where cells are all that is read, it seldom has to be made."""
        return _decoder(self._fields if self._skips else None).decode

    def decode_all(self, lines: Sequence[bytes]) -> list[Record]:
        """Decode lines of one object each.

        Raises:
            ValueError: a line is no such object; which one and why, a line at a time tells.
            RecursionError: a line is nested too deeply.
        """
        self._check_text(lines)
        return list(map(self._decode, lines))

    def cells_of_all(self, lines: Sequence[bytes]) -> list[Any] | None:
        """Decode lines of one object each and read their cells, row by row; None where the dicts are needed."""
        if self._cut is None or self._cells_of is None:
            return None
        try:
            self._check_text(lines)
            return self._cells_of(map(self._cut.decode, lines), self._cut.whole)
        except Exception:  # noqa: BLE001  # what is wrong, if anything is, whoever takes the dicts will say
            return None

    def _check_text(self, lines: Sequence[bytes]) -> None:
        if self._skips and not all(map(bytes.isascii, lines)):
            for line in lines:
                line.decode()  # msgspec does not look at the characters of a text that it skips


#: msgspec gives no attribute a name with a quote, a backslash or a control character in it.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')


@lru_cache(maxsize=32)  # to make one takes as long as to read hundreds of lines
def _decoder(fields: Fields | None) -> msgspec.json.Decoder[Record]:
    return msgspec.json.Decoder(_shape(tree_of(fields)) if fields else Record)


@lru_cache(maxsize=32)
def _cut(fields: Fields) -> _Cut:
    return _Cut(tree_of(fields))


class _Cut:
    """Decodes to an object with an attribute for each field, and makes a dict of one."""

    def __init__(self, tree: Tree) -> None:
        names = attributes(tree)
        self._inner = [(names[key], key, _Cut(inner) if inner else None) for key, inner in tree.items()]
        self.kind: Any = msgspec.defstruct(
            "Cut",
            [(name, inner.kind | _NO_OBJECT if inner else Any, MISSING) for name, _, inner in self._inner],
            rename={name: key for name, key, _ in self._inner},
            gc=False,  # nothing that JSON makes holds itself
        )
        self.decode = msgspec.json.Decoder(self.kind).decode

    def whole(self, record: Any) -> Any:
        """Give the dict; what is no object stays what it is."""
        if type(record) is not self.kind:
            return record
        found = [(key, getattr(record, name), inner) for name, key, inner in self._inner]
        return {key: inner.whole(value) if inner else value for key, value, inner in found if value is not MISSING}


_NO_OBJECT: Any = list[Any] | str | int | float | bool | None


def _shape(tree: Tree) -> Any:
    """Give the type that msgspec decodes to a dict with these keys, as far as they are there."""
    types = {key: Any if inner is None else _shape(inner) | _NO_OBJECT for key, inner in tree.items()}
    return TypedDict("Fields", types, total=False)  # type: ignore[operator]  # known only now
