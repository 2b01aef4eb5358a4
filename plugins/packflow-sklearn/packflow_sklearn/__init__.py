"""The backend ``sklearn``: any fitted scikit-learn estimator or pipeline, run on records.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("sklearn").load(model_path="iris.skops")  # doctest: +SKIP
    >>> backend({"sepal_length": 5.1, "sepal_width": 3.5})  # doctest: +SKIP
    {'prediction': 'setosa', 'probabilities': {'setosa': 0.98, 'versicolor': 0.02}}

:func:`load_model` reads a model file by the same rules, and :func:`limit_threads` keeps it to
so many threads, for backends of your own. scikit-learn is imported when the first of these names is asked for: the
project template has no use for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from packflow_sklearn.backend import SklearnBackend
    from packflow_sklearn.config import SklearnConfig
    from packflow_sklearn.model_files import load_model
    from packflow_sklearn.threads import limit_threads

__all__ = ["SklearnBackend", "SklearnConfig", "limit_threads", "load_model"]

_HOMES = {
    "SklearnBackend": "backend",
    "SklearnConfig": "config",
    "limit_threads": "threads",
    "load_model": "model_files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
