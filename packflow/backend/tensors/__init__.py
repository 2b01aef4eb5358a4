"""Between records and the named tensors that models take and give: for backends that run a whole model format.

A model file says what its inputs are called, and what shape and dtype each has. A backend for such files opens them,
and leaves the rest to :class:`TensorBackend`:

.. code-block:: python

    class AcmeConfig(TensorConfig):
        model_path: Path = Field(description="The model's file.")

    class AcmeModel:
        def __init__(self, path):
            self._model = acme.open(path)
            self.inputs = [ModelTensor(each.name, each.dtype, each.shape) for each in self._model.inputs]
            self.outputs = None

        def __call__(self, feed):
            return self._model.run(**feed)

    class AcmeBackend(TensorBackend):
        base_config_model = AcmeConfig

        def open_model(self):
            return AcmeModel(self.config.model_path)

:class:`TensorWiring` ties a model to records, and :func:`bind_fields`, :func:`stack` and :func:`split` are its parts,
for backends that need only some of it.
"""

from packflow.backend.tensors.backend import TensorBackend, TensorModel
from packflow.backend.tensors.config import TensorConfig
from packflow.backend.tensors.specs import ModelTensor, TensorSpec, bind_fields
from packflow.backend.tensors.stacking import name_outputs, split, stack
from packflow.backend.tensors.wiring import TensorWiring

__all__ = [
    "ModelTensor",
    "TensorBackend",
    "TensorConfig",
    "TensorModel",
    "TensorSpec",
    "TensorWiring",
    "bind_fields",
    "name_outputs",
    "split",
    "stack",
]
