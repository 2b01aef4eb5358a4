"""The backend ``tensorflow``: its steps. Opening a model and calling it stand in the modules beside this one."""

from __future__ import annotations

from typing import Any

from packflow import InferenceBackend
from packflow.backend.tensors import TensorWiring
from packflow_tensorflow.config import TensorflowConfig
from packflow_tensorflow.model_files import is_saved_model, open_keras, open_saved_model, refuse_output_names
from packflow_tensorflow.program import GraphProgram, KerasProgram, SignatureProgram


class TensorflowBackend(InferenceBackend):
    """Runs a Keras model or a SavedModel.

    Example:
        >>> backend = TensorflowBackend(model_path="iris.keras", feature_names=["a", "b"])  # doctest: +SKIP
        >>> backend({"a": 5.1, "b": 3.5})  # doctest: +SKIP
        {'output': [0.98, 0.02]}

    The backend pickles: the copy opens the model anew.

    Args:
        **settings: the fields of :class:`TensorflowConfig`.

    Raises:
        InferenceBackendInitializationError: the model cannot be opened or would run code, or the configuration does not
            fit it; the text says what it expects.
    """

    plugin_api_version = 1
    base_config_model = TensorflowConfig
    config: TensorflowConfig

    #: What was opened: a Keras model, what ``tensorflow.saved_model.load`` gave, or the session of a graph.
    model: Any

    def initialize(self) -> None:
        """Open the model and settle what goes in and what comes out."""
        self._open()
        self._wiring = TensorWiring(self.config, self._program.inputs, self._program.outputs)

    def _open(self) -> None:
        self._program: KerasProgram | SignatureProgram | GraphProgram
        if is_saved_model(self.config):
            self._program = open_saved_model(self.config)
            refuse_output_names(self.config, self._program.outputs)
        else:
            self._program = KerasProgram(open_keras(self.config), self.config.output_names)
        self.model = self._program.model

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
