"""What an opened model takes, and how it is called: a Keras model, or a signature of a SavedModel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from packflow.backend.tensors import ModelTensor, name_outputs
from packflow.exceptions import InferenceBackendInitializationError


class KerasProgram:
    """A Keras model that takes arrays by name and gives tensors by name.

    Args:
        model: what ``keras.saving.load_model`` gave.
        names: what its outputs are to be called; None for its own names.

    Raises:
        InferenceBackendInitializationError: the model does not say what it takes, or takes what records cannot feed.
    """

    def __init__(self, model: Any, names: Sequence[str] | None) -> None:
        self.model = model
        if len(set(names or ())) < len(names or ()):
            raise InferenceBackendInitializationError(f"output_names gives one name to several outputs: {names}.")
        self._names = names
        tensors = getattr(model, "inputs", None)
        if not tensors:
            raise InferenceBackendInitializationError(
                f"The model {type(model).__name__} does not say what it takes: it was saved before it was built, or is "
                "no model of layers. Begin it with keras.Input."
            )
        structure = getattr(model, "input", tensors[0])  # a sequence of layers has no structure of inputs
        self._keys = list(structure) if isinstance(structure, Mapping) else None
        named = zip(self._keys or [tensor.name for tensor in tensors], tensors, strict=True)
        declared = [(name, tensor.dtype, tensor.shape) for name, tensor in named]
        self._single = not isinstance(structure, (Mapping, list, tuple))
        self.inputs = [_model_tensor(*each) for each in declared]
        self._dtypes = {name: dtype for name, dtype, _ in declared}
        #: Unknown before the first call.
        self.outputs = None

    def __call__(self, feed: Mapping[str, np.ndarray[Any, Any]], /) -> dict[str, Any]:
        """Run the model once, as for inference."""
        given = {tensor.name: _tensor(feed[tensor.name], self._dtypes[tensor.name]) for tensor in self.inputs}
        arguments: Any = given if self._keys else list(given.values())
        result = self.model(arguments[0] if self._single else arguments, training=False)
        return name_outputs(result, self._names)


class SignatureProgram:
    """A signature of a SavedModel.

    Args:
        model: what ``tensorflow.saved_model.load`` gave; kept, for the signature alone does not keep its variables.
        signature: the function that is called.

    Raises:
        InferenceBackendInitializationError: it takes what records cannot feed.
    """

    def __init__(self, model: Any, signature: Any) -> None:
        self.model = model
        self._signature = signature
        taken = signature.structured_input_signature[1]
        self._dtypes = {name: spec.dtype.name for name, spec in taken.items()}
        self.inputs = [_model_tensor(name, self._dtypes[name], _shape(spec)) for name, spec in taken.items()]
        given = signature.structured_outputs
        self.outputs = [ModelTensor(name, np.dtype(object), _shape(spec)) for name, spec in given.items()]

    def __call__(self, feed: Mapping[str, np.ndarray[Any, Any]], /) -> dict[str, Any]:
        """Run the signature once."""
        result = self._signature(**{name: _tensor(array, self._dtypes[name]) for name, array in feed.items()})
        return {tensor.name: result[tensor.name] for tensor in self.outputs}


class GraphProgram:
    """A signature of a SavedModel whose objects this TensorFlow cannot make again, run as a graph in a session.

    Keras 2 saved its optimizers along with its models, and TensorFlow without Keras 2 fails at those.

    Args:
        path: the SavedModel's folder.
    """

    inputs: list[ModelTensor]
    outputs: list[ModelTensor]

    def __init__(self, path: str) -> None:
        import tensorflow

        v1 = tensorflow.compat.v1
        #: The ``tensorflow.compat.v1.Session``.
        self.model = v1.Session(graph=tensorflow.Graph())
        with self.model.graph.as_default():
            meta = v1.saved_model.load(self.model, [v1.saved_model.tag_constants.SERVING], path)
        self._signatures = meta.signature_def
        #: The names of its signatures.
        self.signatures = [name for name in meta.signature_def if not name.startswith("__")]

    def choose(self, signature: str) -> GraphProgram:
        """Settle which signature is called; give the program itself."""
        found = self._signatures[signature]
        self._inputs = {name: info.name for name, info in found.inputs.items()}
        self._outputs = {name: info.name for name, info in found.outputs.items()}
        tensors = {name: self.model.graph.get_tensor_by_name(place) for name, place in self._inputs.items()}
        self.inputs = [_model_tensor(name, tensor.dtype.name, _shape(tensor)) for name, tensor in tensors.items()]
        self.outputs = [ModelTensor(name, np.dtype(object), None) for name in self._outputs]
        return self

    def __call__(self, feed: Mapping[str, np.ndarray[Any, Any]], /) -> dict[str, Any]:
        """Run the signature once."""
        given = {self._inputs[name]: array for name, array in feed.items()}
        results: dict[str, Any] = self.model.run(self._outputs, given)
        return results


def _shape(spec: Any) -> tuple[int | None, ...] | None:
    return None if spec.shape.rank is None else tuple(spec.shape.as_list())


def _model_tensor(name: str, dtype: str, shape: Sequence[int | None] | None) -> ModelTensor:
    return ModelTensor(name, _numpy_dtype(name, dtype), None if shape is None else tuple(shape))


def _numpy_dtype(name: str, dtype: str) -> np.dtype[Any]:
    """Give the dtype in which values are collected; TensorFlow converts them where NumPy lacks its own."""
    if dtype == "string":
        return np.dtype(object)
    if dtype == "bfloat16" or dtype.startswith("float8"):
        return np.dtype("float32")
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError as error:
        raise InferenceBackendInitializationError(
            f"The model takes {name!r} in {dtype}, which records cannot feed. Save a model that takes another dtype."
        ) from error
    return found


def _tensor(array: np.ndarray[Any, Any], dtype: str) -> Any:
    import tensorflow

    if dtype == "string":
        return tensorflow.constant(array.tolist(), shape=array.shape, dtype="string")
    return tensorflow.cast(array, dtype) if dtype != str(array.dtype) else tensorflow.convert_to_tensor(array)
