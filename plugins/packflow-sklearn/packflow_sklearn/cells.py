"""The cells of a batch, as a model is to be given them: those that it cannot take, and what each column holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any

import numpy as np

from packflow.exceptions import InferenceBackendRuntimeError

_NUMBERS = "biufc"
_MOST_TOLD = 20
_TEXTS = (str, bytes)


def refuse_text(data: Any, numbers: frozenset[int], names: Sequence[str] | None, kind: str) -> None:
    """Refuse text among the features that have to be numbers.

    scikit-learn reads it as numbers where it comes in an array of objects, and refuses it in one of text; which of the
    two a batch becomes depends on its other cells.

    Args:
        data: the batch.
        numbers: the positions of the features that have to be numbers.
        names: the names of the features, where they are known.
        kind: what the model is.

    Raises:
        InferenceBackendRuntimeError: there is some; the text names row and feature.
    """
    if not numbers or _are_numbers(data):
        return
    texts = frozenset(place for place, (_, cells) in enumerate(_columns(data)) if place in numbers and _has_text(cells))
    found = _first(data, texts, lambda cell: isinstance(cell, _TEXTS)) if texts else None
    if found is not None:
        row, place, cell = found
        raise InferenceBackendRuntimeError(
            f"In row {row}, {_where(place, names)} is the text {cell!r:.100}, where {kind} takes numbers. No text is "
            "read as a number here; give the number itself.",
            row=row,
        )


def odd_cell(data: Any, numbers: frozenset[int], names: Sequence[str] | None = None) -> tuple[int, str] | None:
    """Find the first cell that is no finite number and should be, and say what it is.

    Example:
        >>> odd_cell(np.array([[1.0, 2.0], [3.0, None]], dtype=object), frozenset({0, 1}))
        (1, 'column 1 is None')
    """
    found = _first(data, numbers, lambda cell: not isinstance(cell, (Real, np.bool_)) or not math.isfinite(cell))
    return None if found is None else (found[0], f"{_where(found[1], names)} is {found[2]!r:.100}")


def kinds_held(data: Any, names: Sequence[str] | None = None) -> str:
    """Say values of which kinds each column of a batch held, those of several kinds first; nothing for plain arrays.

    Example:
        >>> kinds_held(np.array([[1.0, "x"], [2.0, 5]], dtype=object), ["a", "b"])
        "'b': int, str; 'a': float"
    """
    if isinstance(data, np.ndarray) and _are_numbers(data):
        return ""
    kinds = [(label, sorted(set(map(_kind, cells)))) for label, cells in _columns(data, names)]
    kinds.sort(key=lambda column: -len(column[1]))
    told = [f"{label!r}: {', '.join(held)}" for label, held in kinds[:_MOST_TOLD]]
    return "; ".join(told + [f"and {len(kinds) - _MOST_TOLD} more"] * (len(kinds) > _MOST_TOLD))


def _kind(cell: Any) -> str:
    return "NaN" if isinstance(cell, float) and math.isnan(cell) else type(cell).__name__


def _are_numbers(data: Any) -> bool:
    """Tell whether the dtypes say that all cells are numbers."""
    dtypes = [data.dtype] if hasattr(data, "dtype") else getattr(data, "dtypes", [None])
    return all(getattr(dtype, "kind", "O") in _NUMBERS for dtype in dtypes)


def _has_text(cells: list[Any]) -> bool:
    """Tell by the types alone whether there is text among cells; that is sooner seen than where."""
    return any(issubclass(kind, _TEXTS) for kind in set(map(type, cells)))


def _first(data: Any, places: frozenset[int], odd: Callable[[Any], bool]) -> tuple[int, int, Any] | None:
    """Give row, column and value of the first odd cell among some columns."""
    found = (_first_of(cells, place, odd) for place, (_, cells) in enumerate(_columns(data)) if place in places)
    return min(filter(None, found), key=lambda cell: cell[:2], default=None)


def _first_of(cells: list[Any], place: int, odd: Callable[[Any], bool]) -> tuple[int, int, Any] | None:
    return next(((row, place, cell) for row, cell in enumerate(cells) if odd(cell)), None)


def _columns(data: Any, names: Sequence[str] | None = None) -> Iterator[tuple[Any, list[Any]]]:
    """Give the label of each column of a table, and its values."""
    if hasattr(data, "iloc"):  # of pandas
        yield from ((label, column.tolist()) for label, column in data.items())
        return
    array = np.asarray(data) if isinstance(data, np.ndarray) or hasattr(data, "columns") else None
    if array is not None and array.ndim == 2:
        labels = getattr(data, "columns", names or range(array.shape[1]))
        yield from zip(labels, array.T.tolist(), strict=True)


def _where(place: int, names: Sequence[str] | None) -> str:
    return f"column {place}" if names is None else f"feature {names[place]!r}"
