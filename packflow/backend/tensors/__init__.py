"""Between records and the named tensors that models take and give: for backends that run a whole model format.

A model file says what its inputs are called, and what shape and dtype each has. Such a backend makes its configuration
model of :class:`TensorConfig`, reads a :class:`ModelTensor` off the file for each input, and leaves the rest to
:class:`TensorWiring`:

.. code-block:: python

    class AcmeBackend(InferenceBackend):
        base_config_model = AcmeConfig  # a subclass of TensorConfig

        def initialize(self):
            self.model = acme.open(self.config.model_path)
            self.wiring = TensorWiring(self.config, [ModelTensor(i.name, i.dtype, i.shape) for i in self.model.inputs])

        def transform_inputs(self, inputs):
            return self.wiring.batch(inputs)

        def execute(self, inputs):
            return self.wiring.run(inputs, lambda feed: self.model(**feed))

        def transform_outputs(self, inputs):
            return self.wiring.records(inputs)

:func:`bind_fields`, :func:`stack` and :func:`split` are its parts, for backends that need only some of it.
"""

from packflow.backend.tensors.config import TensorConfig
from packflow.backend.tensors.specs import ModelTensor, TensorSpec, bind_fields
from packflow.backend.tensors.stacking import name_outputs, split, stack
from packflow.backend.tensors.wiring import TensorWiring

__all__ = ["ModelTensor", "TensorConfig", "TensorSpec", "TensorWiring", "bind_fields", "name_outputs", "split", "stack"]
