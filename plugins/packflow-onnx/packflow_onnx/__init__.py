"""The backend ``onnx``: any ONNX model file, run on records by ONNX Runtime.

Example:
    >>> from packflow.loaders import ModuleLoader
    >>> backend = ModuleLoader("onnx").load(model_path="iris.onnx", inputs={"X": ["length", "width"]})  # doctest: +SKIP
    >>> backend({"length": 5.1, "width": 3.5})  # doctest: +SKIP
    {'label': 0, 'probabilities': [0.98, 0.02]}

Importing this loads no ONNX Runtime: that happens when a backend is made.
"""

from packflow_onnx.backend import OnnxBackend
from packflow_onnx.config import OnnxConfig

__all__ = ["OnnxBackend", "OnnxConfig"]
