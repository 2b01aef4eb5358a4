"""The backend ``tensorflow``: its steps. Opening a model and calling it stand in the modules beside this one."""

from __future__ import annotations

from packflow.backend.tensors import TensorBackend
from packflow_tensorflow.config import TensorflowConfig
from packflow_tensorflow.model_files import is_saved_model, open_keras, open_saved_model, refuse_output_names
from packflow_tensorflow.program import GraphProgram, KerasProgram, SignatureProgram


class TensorflowBackend(TensorBackend):
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

    model: KerasProgram | SignatureProgram | GraphProgram

    def open_model(self) -> KerasProgram | SignatureProgram | GraphProgram:
        """Open the file or the folder."""
        if not is_saved_model(self.config):
            return KerasProgram(open_keras(self.config), self.config.output_names)
        program = open_saved_model(self.config)
        refuse_output_names(self.config, program.outputs)
        return program
