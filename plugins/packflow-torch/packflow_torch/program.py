"""What an opened model takes, how it is called, and what its outputs are called."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.backend.tensors import ModelTensor, name_outputs
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.nearest import did_you_mean
from packflow_torch.config import TorchConfig

if TYPE_CHECKING:
    import torch

#: Scalars that TorchScript declares, with the dtype in which their constant is given.
_SCALARS = {"int": "int64", "float": "float64", "bool": "bool"}


class Program:
    """An opened model that takes arrays by name and gives tensors by name.

    Args:
        model: what :func:`packflow_torch.model_files.open_model` gave.
        model_format: which of the formats it is.
        config: the backend's configuration.
        device: where the model is.

    Raises:
        InferenceBackendInitializationError: the model takes what records cannot feed, or the configuration names an
            input or a dtype that does not exist.
    """

    def __init__(self, model: Any, model_format: str, config: TorchConfig, device: torch.device) -> None:
        _refuse_names_given_twice(config)
        self._device = device
        self._constants = set(config.constants)
        self._names = config.output_names
        self._positional: list[str] | None = None
        if model_format == "export":
            self._positional, self.inputs, self._dtypes = _exported_inputs(model)
            self._call = model.module()
            _refuse_dtypes(config, "an export archive")
        else:
            declared = _script_arguments(model) if model_format == "torchscript" else _module_arguments(model)
            self.inputs, self._dtypes = _declared_inputs(declared, config)
            self._call = model
        self._scalars = {tensor.name for tensor in self.inputs if tensor.shape == () and model_format == "torchscript"}

    #: Unknown before the first call.
    outputs = None

    def __call__(self, feed: Mapping[str, np.ndarray[Any, Any]], /) -> dict[str, torch.Tensor]:
        """Run the model once, without gradients."""
        import torch

        given = {name: self._argument(name, array) for name, array in feed.items()}
        with torch.inference_mode():
            if self._positional is None:
                result = self._call(**given)
            else:
                positional = [given.pop(name) for name in self._positional]
                result = self._call(*positional, **given)
        return name_outputs(result, self._names)

    def _argument(self, name: str, array: np.ndarray[Any, Any]) -> Any:
        import torch

        if name in self._scalars:
            return array.item()
        if name in self._constants:
            array = array.copy()  # a model may write in what it is given, and this one is given again
        return torch.from_numpy(np.require(array, requirements=["C", "W"])).to(self._device, self._dtypes[name])


def _refuse_names_given_twice(config: TorchConfig) -> None:
    """Refuse one name for two outputs, of which only one would be left."""
    names = config.output_names or []
    if len(set(names)) < len(names):
        raise InferenceBackendInitializationError(f"output_names gives one name to several outputs: {names}.")


def _exported_inputs(program: Any) -> tuple[list[str], list[ModelTensor], dict[str, torch.dtype]]:
    """Read off what an exported program takes: names, dtypes, and which lengths are free."""
    import torch

    values = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
    user_inputs = program.graph_signature.user_inputs
    args, kwargs = program.call_spec.in_spec.children()
    if any(not child.is_leaf() for child in [*args.children(), *kwargs.children()]):
        raise InferenceBackendInitializationError(
            "The exported model takes lists or dicts of tensors, which records cannot feed. Export one whose inputs "
            "are tensors."
        )
    positional, by_keyword = user_inputs[: args.num_leaves], list(kwargs.context or [])
    names = [*positional, *by_keyword]
    tensors, dtypes = [], {}
    for name, placeholder in zip(names, user_inputs, strict=True):
        value = values.get(placeholder)
        if not isinstance(value, torch.Tensor):
            raise InferenceBackendInitializationError(
                f"The exported model takes {name!r}, which is no tensor. Export it with that value as a part of the "
                "module."
            )
        dtypes[name] = value.dtype
        shape = tuple(length if isinstance(length, int) else str(length) for length in value.shape)
        tensors.append(ModelTensor(name, _numpy_dtype(name, value.dtype), shape))
    return positional, tensors, dtypes


def _script_arguments(model: Any) -> list[tuple[str, str, bool]]:
    """Give (name, type, whether it has a default) of what a TorchScript model takes."""
    arguments = model.forward.schema.arguments[1:]  # the first one is the model itself
    return [(argument.name, str(argument.type), argument.has_default_value()) for argument in arguments]


def _module_arguments(model: Any) -> list[tuple[str, str, bool]]:
    parameters = inspect.signature(model.forward).parameters.values()
    nameless = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_ONLY]
    if nameless or all(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in parameters):
        raise InferenceBackendInitializationError(
            f"{type(model).__name__}.forward{inspect.signature(model.forward)} does not take its inputs by name. Give "
            "each a parameter of its own."
        )
    return [
        (parameter.name, "Tensor", parameter.default is not parameter.empty)
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]


def _declared_inputs(
    declared: Sequence[tuple[str, str, bool]], config: TorchConfig
) -> tuple[list[ModelTensor], dict[str, torch.dtype]]:
    """Give the inputs that must be fed, and those with a default that the configuration names."""
    wanted = {*config.inputs, *config.constants, *config.dtypes}
    tensors, dtypes = [], {}
    for name, kind, optional in declared:
        if optional and name not in wanted:
            continue
        if kind in _SCALARS:
            tensors.append(ModelTensor(name, np.dtype(_SCALARS[kind]), ()))
        elif kind in ("Tensor", "Optional[Tensor]", "Tensor?"):
            dtypes[name] = torch_dtype(config.dtypes.get(name, "float32"), f"dtypes[{name!r}]")
            tensors.append(ModelTensor(name, _numpy_dtype(name, dtypes[name]), None))
        else:
            raise InferenceBackendInitializationError(
                f"The model takes {name!r} of type {kind}, which records cannot feed: only tensors, and numbers as "
                "constants. Save a model that takes those."
            )
    known = [name for name, _, _ in declared]
    for name in config.dtypes:
        if name not in known:
            raise InferenceBackendInitializationError(
                f"dtypes names {name!r}, which the model does not take.{did_you_mean(name, known)} "
                f"It takes: {', '.join(known)}."
            )
    return tensors, dtypes


def _refuse_dtypes(config: TorchConfig, what: str) -> None:
    if config.dtypes:
        raise InferenceBackendInitializationError(f"dtypes is set, but {what} says itself which dtypes it takes.")


def torch_dtype(name: str, where: str) -> torch.dtype:
    """Give PyTorch's dtype of a name.

    Raises:
        InferenceBackendInitializationError: there is none of that name.
    """
    import torch

    found = getattr(torch, name, None)
    if isinstance(found, torch.dtype):
        return found
    known = [each for each in dir(torch) if isinstance(getattr(torch, each), torch.dtype)]
    raise InferenceBackendInitializationError(
        f"{where} is {name!r}, which is no dtype of PyTorch.{did_you_mean(name, known)} It is called as in 'float32'."
    )


def _numpy_dtype(name: str, dtype: torch.dtype) -> np.dtype[Any]:
    """Give the dtype in which values are collected; PyTorch converts them where NumPy lacks its own."""
    import torch

    if dtype.is_floating_point and dtype not in (torch.float16, torch.float32, torch.float64):
        return np.dtype("float32")
    try:
        found: np.dtype[Any] = torch.empty(0, dtype=dtype).numpy().dtype
    except TypeError as error:
        raise InferenceBackendInitializationError(
            f"The model takes {name!r} in {dtype}, which records cannot feed. Save a model that takes another dtype."
        ) from error
    return found
