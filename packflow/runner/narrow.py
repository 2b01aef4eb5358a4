"""Reading of a JSON object what is asked for: which fields a backend reads, and the decoder that makes no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import msgspec

from packflow.backend.base import InferenceBackend
from packflow.backend.preprocessors.base import Fields, promised_fields

Record = dict[str, Any]


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
    if not isinstance(backend, InferenceBackend) or type(backend).__call__ is not InferenceBackend.__call__:
        return None  # it sees the records before any preprocessor does
    preprocessor = getattr(backend, "_preprocessor", None)
    return None if preprocessor is None else promised_fields(preprocessor)


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
    """

    def __init__(self, fields: Fields | None = None) -> None:
        # msgspec finds no key by a name that is not ASCII; where one is asked for, everything is read.
        self._skips = fields is not None and all(step.isascii() for path in fields for step in path)
        self._decode = msgspec.json.Decoder(_shape(_tree(fields)) if fields and self._skips else Record).decode

    def decode_all(self, lines: Sequence[bytes]) -> list[Record]:
        """Decode lines of one object each.

        Raises:
            ValueError: a line is no such object; which one and why, a line at a time tells.
            RecursionError: a line is nested too deeply.
        """
        if self._skips and not all(map(bytes.isascii, lines)):
            for line in lines:
                line.decode()  # msgspec does not look at the characters of a text that it skips
        return list(map(self._decode, lines))


def _tree(fields: Fields) -> dict[str, Any]:
    """Join paths into nested dicts, with None for a field that is read whole."""
    tree: dict[str, Any] = {}
    for path in sorted(fields):  # a field comes before those within it
        _plant(tree, path)
    return tree


def _plant(tree: dict[str, Any], path: tuple[str, ...]) -> None:
    node = tree
    for step in path[:-1]:
        below = node.setdefault(step, {})
        if below is None:  # read whole already
            return
        node = below
    node[path[-1]] = None


def _shape(tree: dict[str, Any]) -> Any:
    """Give the type that msgspec decodes to a dict with these keys, as far as they are there."""
    types = {key: Any if inner is None else _inner(inner) for key, inner in tree.items()}
    return TypedDict("Fields", types, total=False)  # type: ignore[operator]  # known only now


def _inner(tree: dict[str, Any]) -> Any:
    return _shape(tree) | list[Any] | str | int | float | bool | None
