"""Opening a model: a Keras file or the folder of a SavedModel."""

from __future__ import annotations

import pkgutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packflow.backend.tensors import ModelTensor
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.nearest import did_you_mean
from packflow_tensorflow.config import TensorflowConfig
from packflow_tensorflow.program import GraphProgram, SignatureProgram

_HDF5 = b"\x89HDF\r\n\x1a\n"


def is_saved_model(config: TensorflowConfig) -> bool:
    """Tell which of the two formats is asked for, or found.

    Raises:
        InferenceBackendInitializationError: there is nothing at the path, or something of the other format.
    """
    path = config.model_path.expanduser()
    if not path.exists():
        looked = "" if path.is_absolute() else f" (looked for at {str(path.absolute())!r})"
        raise InferenceBackendInitializationError(
            f"The model {str(path)!r} does not exist{looked}. Set model_path to a Keras file, or to the folder of a "
            "SavedModel."
        )
    found = "savedmodel" if path.is_dir() else "keras"
    if config.model_format not in ("auto", found):
        what = "a folder, as a SavedModel is" if path.is_dir() else "a file, as Keras writes it"
        raise InferenceBackendInitializationError(
            f"model_format is {config.model_format!r}, but {str(path)!r} is {what}. Set model_format to {found!r} or "
            "'auto'."
        )
    return found == "savedmodel"


def open_keras(config: TensorflowConfig) -> Any:
    """Open a Keras file.

    Raises:
        InferenceBackendInitializationError: it is damaged, of another format, would run code, or needs objects that
            custom_objects does not name.
    """
    path = config.model_path.expanduser()
    _check_keras_file(path)
    custom = {name: _custom_object(name, target) for name, target in config.custom_objects.items()}
    import keras

    try:
        return keras.saving.load_model(path, custom_objects=custom, compile=False, safe_mode=not config.trusted)
    except Exception as error:  # a damaged or crafted file makes Keras fail in any way
        raise InferenceBackendInitializationError(_keras_failure(path, error)) from error


def _check_keras_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(len(_HDF5))
    except OSError as error:
        raise InferenceBackendInitializationError(f"The model file {str(path)!r} cannot be read: {error}.") from error
    if path.suffix in (".h5", ".hdf5"):
        if start != _HDF5:
            raise InferenceBackendInitializationError(
                f"The model file {str(path)!r} is no HDF5 file, or is damaged. Save the model again, best as .keras."
            )
        return
    if path.name == "saved_model.pb":
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} is a part of a SavedModel. Set model_path to its folder, "
            f"{str(path.parent)!r}."
        )
    if path.suffix != ".keras":
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} ends in {path.suffix!r}, and Keras reads files that end in '.keras' or "
            "'.h5'. Rename it, or save the model as .keras."
        )
    if not zipfile.is_zipfile(path):
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} is no .keras file (a zip archive), or is damaged or cut off. Save the model "
            "again with model.save('model.keras')."
        )


def _custom_object(name: str, target: str) -> Any:
    try:
        return pkgutil.resolve_name(target)
    except (Exception, SystemExit) as error:  # importing runs the module's own code
        reason = str(error) if isinstance(error, (ImportError, AttributeError, ValueError)) else repr(error)
        raise InferenceBackendInitializationError(
            f"custom_objects[{name!r}] is {target!r}, which was not found: {reason}. It is 'module:object', of a "
            "module that can be imported here."
        ) from error


def _keras_failure(path: Path, error: Exception) -> str:
    import keras

    # Keras tells the reason last, after the whole configuration of the model.
    reason = str(error).rpartition("Exception encountered:")[2].partition("Full object config:")[0]
    text = " ".join(reason.split())[:600]
    if "safe_mode" in text or "unsafe" in text:
        remedy = (
            "If you trust whoever made the file as you trust the code that you install, set trusted=True; better, save "
            "the model with a layer of its own in place of the lambda."
        )
    elif "custom" in text.lower() or "register" in text:
        remedy = "Name layers and functions of your own in custom_objects={'Name': 'module:object'}."
    else:
        remedy = "It is damaged, or was saved by a Keras that does not fit this one: copy or save it again."
    return f"The model file {str(path)!r} could not be opened by Keras {keras.__version__}: {text} {remedy}"


def open_saved_model(config: TensorflowConfig) -> SignatureProgram | GraphProgram:
    """Open the folder of a SavedModel, for the signature that is to be called.

    Raises:
        InferenceBackendInitializationError: it is no SavedModel, is damaged, or has no such signature.
    """
    import tensorflow

    path = config.model_path.expanduser()
    try:
        try:
            model = tensorflow.saved_model.load(str(path))
        except AttributeError:  # an object that this TensorFlow cannot make again; the graph may do without it
            program = GraphProgram(str(path))
            return program.choose(_checked_signature(config, program.signatures))
    except InferenceBackendInitializationError:
        raise
    except Exception as error:  # a damaged folder makes TensorFlow fail in any way
        raise InferenceBackendInitializationError(
            f"The SavedModel {str(path)!r} could not be opened by TensorFlow {tensorflow.__version__}: "
            f"{' '.join(str(error).split())} It lacks files, is damaged, or is no SavedModel: export the model again."
        ) from error
    signature = model.signatures[_checked_signature(config, list(model.signatures))]
    return SignatureProgram(model, signature)


def _checked_signature(config: TensorflowConfig, signatures: list[str]) -> str:
    if config.signature in signatures:
        return config.signature
    has = f"It has: {', '.join(signatures)}." if signatures else "It has none: export the model with signatures."
    raise InferenceBackendInitializationError(
        f"The SavedModel {str(config.model_path)!r} has no signature {config.signature!r}."
        f"{did_you_mean(config.signature, signatures)} {has}"
    )


def refuse_output_names(config: TensorflowConfig, outputs: Sequence[ModelTensor]) -> None:
    """Refuse names for what has names.

    Raises:
        InferenceBackendInitializationError: the configuration has some.
    """
    if config.output_names is not None:
        raise InferenceBackendInitializationError(
            "output_names is set, but a SavedModel names its outputs itself: "
            f"{', '.join(tensor.name for tensor in outputs)}. Use outputs={{name: key}} to give them other keys."
        )
