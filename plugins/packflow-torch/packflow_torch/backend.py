"""The backend ``torch``: its steps. Opening a model and calling it stand in the modules beside this one."""

from __future__ import annotations

from packflow.backend.tensors import TensorBackend
from packflow_torch.config import TorchConfig
from packflow_torch.devices import choose_device
from packflow_torch.model_files import open_model
from packflow_torch.program import Program


class TorchBackend(TensorBackend):
    """Runs a PyTorch model, loaded from a file.

    Example:
        >>> backend = TorchBackend(model_path="model.pt2", feature_names=["length", "width"])  # doctest: +SKIP
        >>> backend({"length": 5.1, "width": 3.5})  # doctest: +SKIP
        {'output': [0.98, 0.02]}

    The model is run in ``torch.inference_mode()``. The backend pickles: the copy opens the file anew.

    Args:
        **settings: the fields of :class:`TorchConfig`.

    Raises:
        InferenceBackendInitializationError: the file cannot be opened or could run code, or the configuration does not
            fit the model; the text says what the model expects.
    """

    plugin_api_version = 1
    base_config_model = TorchConfig
    config: TorchConfig

    model: Program

    def open_model(self) -> Program:
        """Open the file, on the device that is wanted."""
        device = choose_device(self.config.device, fallback=self.config.device_fallback)
        opened, model_format = open_model(self.config, device)
        return Program(opened, model_format, self.config, device)
