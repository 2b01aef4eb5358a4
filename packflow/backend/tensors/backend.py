"""The base of backends that open a model's file: what is left to write is how it is opened."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from packflow.backend.base import InferenceBackend
from packflow.backend.configuration import BackendConfig
from packflow.backend.tensors.config import TensorConfig
from packflow.backend.tensors.specs import Array, ModelTensor
from packflow.backend.tensors.wiring import TensorWiring


class TensorModel(Protocol):
    """A model that is open: it says what it takes, and can be called."""

    @property
    def inputs(self) -> Sequence[ModelTensor]:
        """What it takes."""

    @property
    def outputs(self) -> Sequence[ModelTensor] | None:
        """What it gives; None where it does not say before it is called."""

    def __call__(self, feed: dict[str, Array], /) -> Mapping[str, Any]:
        """Run it once: its inputs by name in, its outputs by name out.

        The outputs are arrays or tensors of any library that packflow converts, or lists.
        """


class TensorBackend(InferenceBackend):
    """Opens a model's file and runs it on records. Write :meth:`open_model`; the steps are there.

    Example:
        >>> import numpy as np
        >>> class Doubling:
        ...     inputs = [ModelTensor("x", np.dtype("float32"), ("n",))]
        ...     outputs = None
        ...     def __call__(self, feed):
        ...         return {"y": 2 * feed["x"]}
        >>> class Doubler(TensorBackend):
        ...     def open_model(self):
        ...         return Doubling()  # of the file that a field of its configuration names
        >>> Doubler(inputs={"x": "number"}, verbose=False)([{"number": 1}, {"number": 2.5}])
        [{'y': 2.0}, {'y': 5.0}]

    Its configuration model is a subclass of :class:`TensorConfig`. It pickles whatever the model is: a copy opens the
    model anew, and so does one in another process.

    Attributes:
        model: what :meth:`open_model` gave.
        wiring: how the model and records are tied together.
    """

    base_config_model: ClassVar[type[BackendConfig]] = TensorConfig

    model: TensorModel
    wiring: TensorWiring

    @abstractmethod
    def open_model(self) -> TensorModel:
        """Open the model that the configuration names. Required.

        Raises:
            InferenceBackendInitializationError: raise it where the file cannot be opened; say what to change.
        """

    def initialize(self) -> None:
        """Open the model and settle what goes in and what comes out."""
        self.model = self.open_model()
        self.wiring = TensorWiring(self.config, self.model.inputs, self.model.outputs)

    def transform_inputs(self, inputs: Any) -> Any:
        """Lay out the values of the records as the model's inputs take them."""
        return self.wiring.batch(inputs)

    def execute(self, inputs: Any) -> Any:
        """Call the model, as often as its batch asks for; no records need no call."""
        return self.wiring.run(inputs, self.model)

    def transform_outputs(self, inputs: Any) -> list[dict[str, Any]]:
        """Make a record of each row."""
        return self.wiring.records(inputs)

    def shutdown(self) -> None:
        """Let the model go."""
        del self.model

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "model"}  # most models do not pickle

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self._preprocessor is not None:  # what was closed stays closed
            self.model = self.open_model()
