"""The backend ``sklearn``: any fitted scikit-learn estimator or pipeline, run on records.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("sklearn").load(model_path="iris.skops")  # doctest: +SKIP
    >>> backend({"sepal_length": 5.1, "sepal_width": 3.5})  # doctest: +SKIP
    {'prediction': 'setosa', 'probabilities': {'setosa': 0.98, 'versicolor': 0.02}}

:func:`load_model` reads a model file by the same rules, and :func:`limit_threads` keeps it to
so many threads, for backends of your own.
"""

from packflow_sklearn.backend import SklearnBackend
from packflow_sklearn.config import SklearnConfig
from packflow_sklearn.model_files import load_model
from packflow_sklearn.threads import limit_threads

__all__ = ["SklearnBackend", "SklearnConfig", "limit_threads", "load_model"]
