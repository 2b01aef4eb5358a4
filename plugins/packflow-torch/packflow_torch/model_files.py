"""Opening a model's file: which format it is, and what may be in it."""

from __future__ import annotations

import io
import pkgutil
import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.warned import warnings_settled
from packflow_torch.config import TorchConfig
from packflow_torch.screening import archive_problem

if TYPE_CHECKING:
    import torch

Format = Literal["torchscript", "export", "weights"]
_SAVED_BY = {"torchscript": "torch.jit.save", "export": "torch.export.save", "weights": "torch.save"}


def open_model(config: TorchConfig, device: torch.device) -> tuple[Any, Format]:
    """Open a model's file and put the model on a device.

    Returns:
        A ``ScriptModule``, an ``ExportedProgram`` or a ``Module``, ready for inference, and its format.

    Raises:
        InferenceBackendInitializationError: the file is missing, damaged, of another format, or may run code. The text
            says what to change.
    """
    path = config.model_path.expanduser()
    content = _read(path)
    found = _format_of(content)
    wanted = config.model_format if config.model_format != "auto" else found
    if found is None or wanted != found:
        raise InferenceBackendInitializationError(_other_format(path, found, wanted))
    try:
        return _OPENERS[wanted](content, config, device), wanted
    except InferenceBackendInitializationError:
        raise
    except Exception as error:  # a damaged file makes PyTorch fail in any way
        import torch

        first = str(error).strip().partition("\n")[0] or type(error).__name__
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} ({wanted}) could not be opened by PyTorch {torch.__version__}: {first}. It "
            "is damaged or cut off, or was saved by a PyTorch that does not fit this one: copy or save it again."
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        looked = "" if path.is_absolute() else f" (looked for at {str(path.absolute())!r})"
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} does not exist{looked}. Set model_path to the file of a model."
        ) from error
    except (OSError, ValueError) as error:
        raise InferenceBackendInitializationError(f"The model file {str(path)!r} cannot be read: {error}.") from error


def _format_of(content: bytes) -> Format | None:
    """Say what a file is, by the names of its members; None for what PyTorch does not write."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name.partition("/")[2] or name for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        return None
    if "constants.pkl" in names:
        return "torchscript"
    if any(name.startswith("models/") or name == "serialized_exported_program.json" for name in names):
        return "export"
    return "weights" if "data.pkl" in names else None


def _other_format(path: Path, found: Format | None, wanted: str | None) -> str:
    if found is None:
        return (
            f"The model file {str(path)!r} is none that PyTorch writes (a zip archive, since 1.6), or is damaged or "
            "cut off. Save the model with torch.export.save, torch.jit.save, or its state_dict() with torch.save."
        )
    return (
        f"The model file {str(path)!r} was written by {_SAVED_BY[found]}, and model_format={wanted!r} asks for one of "
        f"{_SAVED_BY[str(wanted)]}. Set model_format to {found!r} or 'auto'."
    )


def _open_torchscript(content: bytes, config: TorchConfig, device: torch.device) -> Any:  # noqa: ARG001
    import torch

    with warnings_settled(_leave_out_the_advice_to_export):
        return torch.jit.load(io.BytesIO(content), map_location=device).eval()


def _leave_out_the_advice_to_export() -> None:
    warnings.filterwarnings("ignore", message=".*torch.jit.load.* is deprecated", category=DeprecationWarning)


def _open_export(content: bytes, config: TorchConfig, device: torch.device) -> Any:
    import torch

    problem = None if config.trusted else archive_problem(content)
    if problem:
        raise InferenceBackendInitializationError(
            f"The model file {str(config.model_path)!r} could run code: {problem}. If you trust whoever made it as you "
            "trust the code that you install, set trusted=True."
        )
    program = torch.export.load(io.BytesIO(content))
    if device.type != "cpu":
        from torch.export.passes import move_to_device_pass

        program = move_to_device_pass(program, device)
    return program


def _open_weights(content: bytes, config: TorchConfig, device: torch.device) -> Any:
    import torch

    path = str(config.model_path)
    if config.architecture is None:
        raise InferenceBackendInitializationError(
            f"The model file {path!r} holds weights alone. Set architecture to the class that they are for, as in "
            "'my_package.models:Net'; or save the model with torch.export.save."
        )
    try:
        weights = torch.load(io.BytesIO(content), map_location=device, weights_only=True)
    except Exception as error:
        raise InferenceBackendInitializationError(
            f"The model file {path!r} holds more than weights, and loading it could run code{_found_in(error)}. Save "
            "model.state_dict() with torch.save, or the model with torch.export.save."
        ) from error
    model = _make_architecture(config)
    if not isinstance(weights, dict):
        raise InferenceBackendInitializationError(
            f"The model file {path!r} holds a {type(weights).__name__}, where a state dict is expected. Save "
            "model.state_dict()."
        )
    try:
        model.load_state_dict(weights)
    except Exception as error:
        raise InferenceBackendInitializationError(
            f"The weights in {path!r} do not fit {config.architecture}: {' '.join(str(error).split())}. Set "
            "architecture and architecture_args to what they were saved from."
        ) from error
    return model.to(device).eval()


def _found_in(error: Exception) -> str:
    """Say what PyTorch found; the rest of its text is about loading the file all the same."""
    found = re.search(r"GLOBAL (\S+)|(Unsupported \w+ [^\n]*)", str(error))
    return f": it has a {found[1] or found[2]}" if found else ""


def _make_architecture(config: TorchConfig) -> Any:
    import torch

    target = str(config.architecture)
    try:
        maker = pkgutil.resolve_name(target)
    except (Exception, SystemExit) as error:  # importing runs the module's own code
        reason = str(error) if isinstance(error, (ImportError, AttributeError)) else repr(error)
        raise InferenceBackendInitializationError(
            f"The architecture {target!r} was not found: {reason}. It is 'module:object', of a module that can be "
            "imported here."
        ) from error
    try:
        model = maker(**config.architecture_args)
    except Exception as error:
        raise InferenceBackendInitializationError(
            f"The architecture {target!r} could not be made with architecture_args={config.architecture_args!r}: "
            f"{type(error).__name__}: {error}."
        ) from error
    if not isinstance(model, torch.nn.Module):
        raise InferenceBackendInitializationError(
            f"The architecture {target!r} gave a {type(model).__name__}, where a torch.nn.Module is expected."
        )
    return model


_OPENERS = {"torchscript": _open_torchscript, "export": _open_export, "weights": _open_weights}
