"""The backend ``tensorflow``: Keras models and SavedModels, run on records.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("tensorflow").load(model_path="iris.keras", feature_names=["a", "b"])  # doctest: +SKIP
    >>> backend({"a": 5.1, "b": 3.5})  # doctest: +SKIP
    {'output': [0.98, 0.02]}

Importing this loads no TensorFlow: that happens when a backend is made.
"""

from packflow_tensorflow.backend import TensorflowBackend
from packflow_tensorflow.config import TensorflowConfig

__all__ = ["TensorflowBackend", "TensorflowConfig"]
