"""Where results go: JSON Lines, to a file that appears whole or not at all, or to a stream."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from math import isfinite
from operator import itemgetter
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO

import msgspec

from packflow.backend.validation import json_problem, shared_keys
from packflow.exceptions import InferenceBackendValidationError
from packflow.utils.aside import mode_of, written_aside

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_lines = msgspec.json.Encoder().encode_lines
_CONTAINERS = {dict, list}
_PLAIN = {str, int, float, bool, NoneType} | _CONTAINERS
_MOST_LEVELS = 8
#: So many values of each dict are looked at faster key by key.
_FEW = 4
_encode_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def write_jsonl(rows: Iterable[Any], stream: BinaryIO) -> None:
    r"""Write rows as JSON Lines.

    Example:
        >>> import io
        >>> stream = io.BytesIO()
        >>> write_jsonl([{"label": "a"}, {"label": "b"}], stream)
        >>> stream.getvalue()
        b'{"label":"a"}\n{"label":"b"}\n'

    Raises:
        InferenceBackendValidationError: a row is not JSON; ``.row`` is its index, and nothing of the rows is written.
    """
    rows = list(rows)
    quick = _plain_lines(rows)
    stream.write(_lines(rows) if quick is None else quick)


def _plain_lines(rows: list[Any]) -> bytes | None:
    """Write rows all at once with msgspec; None where it might write other than ``json`` does, or fails.

    msgspec writes dates, bytes and more as text, and NaN as null; these are refused here. What it writes of plain rows
    is the same but for the spelling of floats (``1e-5``, not ``1e-05``).
    """
    if not _are_plain(rows):
        return None
    try:
        written = _encode_lines(rows)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    if all(_is_finite(rows[number]) for number in _lines_with(b"null", written)):
        return written
    return None


def _lines_with(word: bytes, text: bytes) -> Iterator[int]:
    r"""Give the numbers, from 0, of the lines that hold a word, which holds no line break.

    Example:
        >>> list(_lines_with(b"a", b"a\nb\nba a\n"))
        [0, 2]
    """
    number, start = 0, 0
    while (found := text.find(word, start)) >= 0:
        number += text.count(b"\n", start, found)
        yield number
        start = text.find(b"\n", found)
        if start < 0:
            return


def _are_plain(rows: list[Any]) -> bool:
    """Tell whether rows are dicts and, some levels down, nothing but the types that ``json`` reads."""
    level, kinds = rows, set(map(type, rows))
    if not kinds <= {dict}:
        return False
    for _ in range(_MOST_LEVELS):
        dicts = level if kinds == {dict} else [value for value in level if type(value) is dict]
        lists = [value for value in level if type(value) is list] if list in kinds else []
        keys: set[Any] = set().union(*dicts)
        if not set(map(type, keys)) <= {str}:
            return False
        columns = _kinds_in_columns(dicts, keys) if len(keys) <= _FEW and not lists else None
        kinds = columns or set(map(type, _inside(dicts, lists)))
        if not kinds <= _PLAIN:
            return False
        if kinds.isdisjoint(_CONTAINERS):
            return True
        level = list(_inside(dicts, lists))
    return False


def _kinds_in_columns(dicts: list[Any], keys: set[Any]) -> set[type] | None:
    """Give the types of the values of dicts that all have the same keys; None where one lacks a key."""
    try:
        return set().union(*(map(type, map(itemgetter(key), dicts)) for key in keys))
    except KeyError:
        return None


def _inside(dicts: list[Any], lists: list[Any]) -> Iterator[Any]:
    return chain(chain.from_iterable(map(dict.values, dicts)), chain.from_iterable(lists))


def _is_finite(value: Any) -> bool:
    """Tell whether every float in a plain value is a number."""
    if type(value) is float:
        return isfinite(value)
    inside = value.values() if type(value) is dict else value if type(value) is list else ()
    return all(map(_is_finite, inside))


def _lines(rows: list[Any]) -> bytes:
    """Write rows one by one with ``json``."""
    lines = [_line(index, row) for index, row in enumerate(rows)]
    clash = shared_keys(rows)
    if clash:
        index, problem = clash
        raise InferenceBackendValidationError(f"The output of row {index} is not JSON: {problem}.", row=index)
    return b"".join(lines)


def _line(index: int, row: Any) -> bytes:
    try:
        return _encode(row).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it, UTF-8 cannot
        return _encode_ascii(row).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InferenceBackendValidationError(
            f"The output of row {index} is not JSON: {json_problem(row) or error}. ensure_native_types "
            "(packflow.utils.normalize) converts what has a JSON form.",
            row=index,
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that takes its name only when the block ends well; otherwise nothing is left of it.

    A path that is there and is no regular file (a pipe, a device) is written to as it is.

    Raises:
        OSError: the file cannot be written, for a reason for which it could not be opened plainly either.
    """
    mode = mode_of(path)
    if mode is not None and not stat.S_ISREG(mode):
        with path.open("wb") as stream:
            yield stream
        return
    with written_aside(path) as partial, partial.open("wb") as stream:
        yield stream
