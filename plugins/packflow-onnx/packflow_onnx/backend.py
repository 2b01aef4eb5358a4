"""The backend ``onnx``: its steps. Opening a model and tying it to records stand in the modules beside this one."""

from __future__ import annotations

from typing import Any

from packflow import InferenceBackend
from packflow.backend.tensors import TensorWiring
from packflow_onnx.config import OnnxConfig
from packflow_onnx.model import check_outputs, model_inputs, model_outputs, open_session


class OnnxBackend(InferenceBackend):
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

    #: The ``onnxruntime.InferenceSession``.
    session: Any

    def initialize(self) -> None:
        """Open the model and settle what goes in and what comes out."""
        config = self.config
        self.session = open_session(config.model_path, config.providers, config.session_options)
        self._wiring = TensorWiring(config, model_inputs(self.session), model_outputs(self.session))
        check_outputs(self.session, self._wiring.outputs or [])

    def transform_inputs(self, inputs: Any) -> Any:
        """Lay out the values of the records as the model's inputs take them."""
        return self._wiring.batch(inputs)

    def execute(self, inputs: Any) -> Any:
        """Call the model, as often as its batch asks for; no records need no call."""
        return self._wiring.run(inputs, self._run)

    def _run(self, feed: dict[str, Any]) -> dict[str, Any]:
        names = self._wiring.outputs or []
        return dict(zip(names, self.session.run(names, feed), strict=True))

    def transform_outputs(self, inputs: Any) -> list[dict[str, Any]]:
        """Make a record of each row."""
        return self._wiring.records(inputs)

    def shutdown(self) -> None:
        """Let the session go."""
        del self.session

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "session"}  # sessions do not pickle

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.session = open_session(self.config.model_path, self.config.providers, self.config.session_options)
