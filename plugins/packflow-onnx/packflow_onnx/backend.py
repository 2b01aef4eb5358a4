"""The backend ``onnx``: its steps. Opening a model and tying it to records stand in the modules beside this one."""

from __future__ import annotations

from packflow.backend.tensors import TensorBackend
from packflow_onnx.config import OnnxConfig
from packflow_onnx.model import OnnxModel, open_session


class OnnxBackend(TensorBackend):
    """Runs an ONNX model, loaded from a file.

    Example:
        >>> backend = OnnxBackend(model_path="iris.onnx", inputs={"X": ["length", "width"]})  # doctest: +SKIP
        >>> backend({"length": 5.1, "width": 3.5})  # doctest: +SKIP
        {'label': 0, 'probabilities': [0.98, 0.02]}

    Names, shapes and types of inputs and outputs are the model's own; what feeds them is configuration. It may be
    called from many threads, and pickles: the copy opens the file anew.

    Args:
        **settings: the fields of :class:`OnnxConfig`.

    Raises:
        InferenceBackendInitializationError: the file cannot be opened, or the configuration does not fit the model; the
            text says what the model expects.
    """

    plugin_api_version = 1
    base_config_model = OnnxConfig
    config: OnnxConfig

    model: OnnxModel

    def open_model(self) -> OnnxModel:
        """Open the file."""
        config = self.config
        return OnnxModel(open_session(config.model_path, config.providers, config.session_options), config.outputs)
