"""The backend ``torch``: TorchScript models, ``torch.export`` archives and saved weights, run on records.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("torch").load(model_path="iris.pt2", feature_names=["a", "b"])  # doctest: +SKIP
    >>> backend({"a": 5.1, "b": 3.5})  # doctest: +SKIP
    {'output': [0.98, 0.02]}

Importing this loads no PyTorch: that happens when a backend is made.
"""

from packflow_torch.backend import TorchBackend
from packflow_torch.config import TorchConfig

__all__ = ["TorchBackend", "TorchConfig"]
