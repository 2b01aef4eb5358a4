"""What a model's steps say of its inputs: what they reach first, and which features have to be numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer

_PARTS = ("estimator", "estimators", "regressor", "transformer_list")
"""Parameters that hold what an estimator made of others hands its inputs to."""


def first_step(model: Any) -> Any:
    """Give what the inputs reach first: the first step of a pipeline, the best estimator of a search."""
    steps = getattr(model, "steps", None)
    if steps:
        working = [step for _, step in steps if step is not None and step != "passthrough"]
        return first_step(working[0]) if working else model
    best = getattr(model, "best_estimator_", None)
    return model if best is None else first_step(best)


def number_columns(model: Any, names: Sequence[str] | None, count: int | None) -> frozenset[int]:
    """Give the positions of the features that have to be numbers; of others nothing is known.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> sorted(number_columns(LinearRegression().fit([[1, 2], [3, 4]], [1, 2]), None, 2))
        [0, 1]

    Args:
        model: a fitted estimator or pipeline.
        names: the names of its features, where it knows them.
        count: how many features it has.
    """
    step = first_step(model)
    if not isinstance(step, ColumnTransformer):
        return frozenset(range(count or 0)) if _takes_numbers(step) else frozenset()
    parts = [(part, columns) for _, part, columns in step.transformers_ if not isinstance(part, str)]
    return frozenset(
        place for part, columns in parts if _takes_numbers(part) for place in _places(columns, list(names or ()))
    )


def _takes_numbers(model: Any) -> bool:
    """Tell whether it is known that an estimator takes nothing but numbers.

    What others than scikit-learn wrote may take anything, and so may what is given functions to work with.
    """
    step = first_step(model)
    if not type(step).__module__.startswith("sklearn.") or isinstance(step, ColumnTransformer):
        return False
    params = step.get_params(deep=False)
    parts = list(_estimators(params[name] for name in _PARTS if name in params))
    if parts:
        return any(map(_takes_numbers, parts))
    if any(map(callable, params.values())) or getattr(step, "is_categorical_", None) is not None:
        return False
    return not (_takes_more(step) or (not hasattr(step, "n_features_in_") and _may_take_more(params)))


def _may_take_more(params: Mapping[str, Any]) -> bool:
    """Tell whether an estimator takes other than numbers where it was fitted on such: a part that is only copied."""
    return params.get("categorical_features") is not None or params.get("strategy") in ("most_frequent", "constant")


def _estimators(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _estimators(value)
        elif hasattr(value, "get_params"):
            yield value


def _takes_more(step: Any) -> bool:
    """Tell whether a step of scikit-learn says that it takes other than numbers, or filled gaps in others."""
    if getattr(getattr(step, "statistics_", None), "dtype", np.dtype(float)).kind == "O":
        return True
    try:
        from sklearn.utils import get_tags
    except ImportError:  # scikit-learn 1.5
        old = step._get_tags()  # noqa: SLF001  # there was no other way
        return bool(old["no_validation"] or {"string", "categorical", "dict"}.intersection(old["X_types"]))
    tags = get_tags(step)
    inputs = tags.input_tags
    return bool(tags.no_validation or inputs.string or inputs.categorical or inputs.dict)


def _places(columns: Any, names: list[str]) -> Iterator[int]:
    """Give the positions of what a ColumnTransformer calls columns; none of what is spelt in another way."""
    for column in [columns] if isinstance(columns, str) else columns if isinstance(columns, Collection) else ():
        if isinstance(column, str) and column in names:
            yield names.index(column)
        elif isinstance(column, (int, np.integer)) and not isinstance(column, bool) and column >= 0:
            yield int(column)
