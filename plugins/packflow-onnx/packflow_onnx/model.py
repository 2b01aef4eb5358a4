"""Opening a model file with ONNX Runtime, and reading off it what it takes and gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from packflow import InferenceBackend
from packflow.backend.tensors import ModelTensor
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.nearest import did_you_mean

#: ONNX Runtime's names of element types, with NumPy's.
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
    **{f"tensor({sign}int{bits})": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
_ELEMENTS = set(_DTYPES)
_LEVELS = {
    "disable": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
_MODES = {"sequential": "ORT_SEQUENTIAL", "parallel": "ORT_PARALLEL"}


class OnnxModel:
    """A model that ONNX Runtime has opened; it takes arrays by name and gives arrays by name.

    Args:
        session: the ``onnxruntime.InferenceSession``.
        wanted: the names of the outputs that are needed; None for all. What is not wanted is not worked out.

    Raises:
        InferenceBackendInitializationError: an input or a wanted output is of a type that records cannot have.

    Attributes:
        session: the session.
        inputs: what the model takes.
        outputs: what it gives.
    """

    def __init__(self, session: Any, wanted: Iterable[str] | None) -> None:
        self.session = session
        self.inputs = _model_inputs(session)
        self.outputs = [_tensor(found) for found in session.get_outputs()]
        self._wanted = list(wanted or (tensor.name for tensor in self.outputs))
        _check_outputs(session, self._wanted)

    def __call__(self, feed: dict[str, Any], /) -> dict[str, Any]:
        """Run the model once."""
        return dict(zip(self._wanted, self.session.run(self._wanted, feed), strict=True))


def open_session(
    path: Path, providers: Sequence[str | tuple[str, dict[str, Any]]] | None, options: Mapping[str, Any]
) -> Any:
    """Open a model file.

    Args:
        path: the file.
        providers: the execution providers that are wanted; None for all there are.
        options: what the session is to be told.

    Returns:
        An ``onnxruntime.InferenceSession``.

    Raises:
        InferenceBackendInitializationError: the file is missing, damaged or no ONNX model, or a provider or an option
            does not exist.
    """
    import onnxruntime

    path = path.expanduser()
    _check_file(path)
    wanted = _checked_providers(providers, onnxruntime.get_available_providers())
    settings = _session_options(options, onnxruntime)
    try:
        session = _make_session(onnxruntime.InferenceSession, str(path), settings, wanted)
    except Exception as error:  # ONNX Runtime's exceptions have no base of their own
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} could not be opened by ONNX Runtime {onnxruntime.__version__}: {error}. It "
            "is damaged or cut off, no ONNX model, or uses operators that this version does not have: export or copy "
            "it again, or upgrade onnxruntime."
        ) from error
    _tell_fallback(wanted, session.get_providers())
    return session


def _make_session(make: Any, path: str, settings: Any, providers: Sequence[Any]) -> Any:
    """Open a session with the first provider that can, and those after it.

    ONNX Runtime would do so, too, and print it among the results.
    """
    try:
        return make(path, sess_options=settings, providers=list(providers), enable_fallback=0)
    except Exception:  # ONNX Runtime's exceptions have no base of their own
        if len(providers) == 1:
            raise
        with suppress(Exception):  # where no other provider can, the first one's reason is told
            return _make_session(make, path, settings, providers[1:])
        raise


def _check_file(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        found = "is a folder"
    elif path.exists() or path.is_symlink():
        found = "is no regular file, or a link that leads nowhere"
    else:
        found = "does not exist" if path.is_absolute() else f"does not exist (looked for at {str(path.absolute())!r})"
    raise InferenceBackendInitializationError(
        f"The model file {str(path)!r} {found}. Set model_path to the file of an ONNX model, as in model.onnx."
    )


def _checked_providers(
    wanted: Sequence[str | tuple[str, dict[str, Any]]] | None, available: list[str]
) -> list[str | tuple[str, dict[str, Any]]]:
    if wanted is None:
        return list(available)
    for provider in wanted:
        name = provider if isinstance(provider, str) else provider[0]
        if name not in available:
            raise InferenceBackendInitializationError(
                f"providers names {name!r}, which this ONNX Runtime does not have.{did_you_mean(name, available)} "
                f"It has: {', '.join(available)}. Another build of onnxruntime may have it (onnxruntime-gpu, for one)."
            )
    return list(wanted)


def _tell_fallback(wanted: list[str | tuple[str, dict[str, Any]]], used: list[str]) -> None:
    names = [provider if isinstance(provider, str) else provider[0] for provider in wanted]
    unused = [name for name in names if name not in used]
    if unused:
        InferenceBackend.logger.warning(
            f"ONNX Runtime does not use {', '.join(unused)} for this model, although asked to; it uses "
            f"{', '.join(used)}. A driver or a library may be missing."
        )


def _session_options(options: Mapping[str, Any], onnxruntime: Any) -> Any:
    settings = onnxruntime.SessionOptions()
    known = [name for name in dir(settings) if not name.startswith("_") and not callable(getattr(settings, name))]
    for name, value in options.items():
        if "." in name:
            _add_entry(settings, name, value)
            continue
        if name not in known:
            raise InferenceBackendInitializationError(
                f"session_options names {name!r}, which ONNX Runtime {onnxruntime.__version__} does not have."
                f"{did_you_mean(name, known)} It has: {', '.join(known)}."
            )
        try:
            setattr(settings, name, _option_value(name, value, onnxruntime))
        except (TypeError, ValueError, KeyError) as error:
            expected = {"graph_optimization_level": list(_LEVELS), "execution_mode": list(_MODES)}.get(
                name, f"a value of type {type(getattr(settings, name)).__name__}"
            )
            raise InferenceBackendInitializationError(
                f"session_options[{name!r}] is {value!r}, where {expected} is expected."
            ) from error
    return settings


def _add_entry(settings: Any, name: str, value: Any) -> None:
    try:
        settings.add_session_config_entry(name, str(value))
    except Exception as error:  # ONNX Runtime's exceptions have no base of their own
        raise InferenceBackendInitializationError(
            f"session_options[{name[:60]!r}] was refused by ONNX Runtime: {error}."
        ) from error


def _option_value(name: str, value: Any, onnxruntime: Any) -> Any:
    if name == "graph_optimization_level":
        return getattr(onnxruntime.GraphOptimizationLevel, _LEVELS[value])
    if name == "execution_mode":
        return getattr(onnxruntime.ExecutionMode, _MODES[value])
    return value


def _model_inputs(session: Any) -> list[ModelTensor]:
    for found in session.get_inputs():
        if found.type not in _DTYPES:
            raise InferenceBackendInitializationError(
                f"The model's input {found.name!r} ({found.type}, shape {found.shape}) is of a type that records "
                f"cannot feed. Tensors of these types can be: {', '.join(_DTYPES)}. Export the model with such "
                "an input."
            )
    return [_tensor(found) for found in session.get_inputs()]


def _check_outputs(session: Any, names: Sequence[str]) -> None:
    """Refuse outputs of types that NumPy lacks, of which ONNX Runtime gives the bare bits, or nothing."""
    for found in session.get_outputs():
        if found.name in names and not _ELEMENTS.issuperset(re.findall(r"tensor\(\w+\)", found.type)):
            raise InferenceBackendInitializationError(
                f"The model's output {found.name!r} ({found.type}, shape {found.shape}) is of a type that records "
                "cannot hold. Name the others in outputs, or export the model with a cast to float."
            )


def _tensor(found: Any) -> ModelTensor:
    return ModelTensor(found.name, np.dtype(_DTYPES.get(found.type, "object")), tuple(found.shape))
