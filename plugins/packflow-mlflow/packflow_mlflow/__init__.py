"""The backend ``mlflow``: any MLflow model directory, run on records, its signature enforced.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("mlflow").load(model_path="iris")  # doctest: +SKIP
    >>> backend({"length": 5.1, "width": 3.5})  # doctest: +SKIP
    {'prediction': 'setosa'}

Importing this loads neither MLflow nor pandas: that happens when a backend is made.
"""

from packflow_mlflow.backend import MlflowBackend
from packflow_mlflow.config import MlflowConfig

__all__ = ["MlflowBackend", "MlflowConfig"]
