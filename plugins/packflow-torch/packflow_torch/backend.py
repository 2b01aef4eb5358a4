"""The backend ``torch``: its steps. Opening a model and calling it stand in the modules beside this one."""

from __future__ import annotations

from typing import Any

from packflow import InferenceBackend
from packflow.backend.tensors import TensorWiring
from packflow_torch.config import TorchConfig
from packflow_torch.devices import choose_device
from packflow_torch.model_files import open_model
from packflow_torch.program import Program


class TorchBackend(InferenceBackend):
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

    #: What was opened: a ``ScriptModule``, an ``ExportedProgram`` or a ``Module``.
    model: Any

    def initialize(self) -> None:
        """Open the model and settle what goes in and what comes out."""
        self._open()
        self._wiring = TensorWiring(self.config, self._program.inputs)

    def _open(self) -> None:
        device = choose_device(self.config.device, fallback=self.config.device_fallback)
        self.model, model_format = open_model(self.config, device)
        self._program = Program(self.model, model_format, self.config, device)

    def transform_inputs(self, inputs: Any) -> Any:
        """Lay out the values of the records as the model's inputs take them."""
        return self._wiring.batch(inputs)

    def execute(self, inputs: Any) -> Any:
        """Call the model, as often as its batch asks for; no records need no call."""
        return self._wiring.run(inputs, self._program)

    def transform_outputs(self, inputs: Any) -> list[dict[str, Any]]:
        """Make a record of each row."""
        return self._wiring.records(inputs)

    def shutdown(self) -> None:
        """Let the model go."""
        del self.model, self._program

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("model", "_program")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()
