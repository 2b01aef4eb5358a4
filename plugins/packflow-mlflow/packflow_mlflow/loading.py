"""Opening a model directory with MLflow: checked first, told about in one line, loaded without its noise."""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.nearest import did_you_mean
from packflow.utils.warned import warnings_settled
from packflow_mlflow.config import MlflowConfig
from packflow_mlflow.directory import ModelDirectory, open_directory
from packflow_mlflow.requirements import find_mismatches
from packflow_mlflow.safety import refuse_code


class LoadedModel(NamedTuple):
    """A model, and what its directory says of it."""

    #: The ``mlflow.pyfunc.PyFuncModel``.
    model: Any
    directory: ModelDirectory
    #: The ``mlflow.models.ModelSignature``; None where it has none.
    signature: Any

    @property
    def by_type_hint(self) -> bool:
        """Whether the signature says what the list holds that the model is called with."""
        return bool(self.directory.metadata.get("is_signature_from_type_hint"))

    @property
    def predict_fn(self) -> str:
        """The method that MLflow calls."""
        return str(self.directory.pyfunc.get("predict_fn", "predict"))


def load(config: MlflowConfig, *, tell: bool) -> LoadedModel:
    """Load the model that a configuration names.

    Args:
        config: the backend's configuration.
        tell: whether the log is to hear where what is installed differs from what the model was saved with.

    Raises:
        InferenceBackendInitializationError: the directory is no model's, could run code without being trusted, or
            MLflow cannot load it.
    """
    directory = open_directory(config.model_path)
    if not config.trusted:
        refuse_code(directory, config.trusted_types)
    mismatches = find_mismatches(directory)
    if tell and mismatches:
        InferenceBackend.logger.warning(
            f"The model in {str(directory.path)!r} was saved with other versions than there are here, which may change "
            f"what it gives: {', '.join(mismatches)}."
        )
    if "mlflow" not in sys.modules:  # else the user has decided whether it may report its use to its makers
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    with _quietly(tell=tell, told=bool(mismatches)):
        model = _load(directory, mismatches)
    return LoadedModel(model, directory, model.metadata.signature)


def _load(directory: ModelDirectory, mismatches: list[str]) -> Any:
    import mlflow

    where = f"The model in {str(directory.path)!r} could not be loaded by MLflow {mlflow.__version__}"
    try:
        from mlflow import pyfunc

        return pyfunc.load_model(str(directory.path), suppress_warnings=True)
    except Exception as error:  # any code of any library's, and of the model's own where it is trusted
        lacking = _lacking_module(error)
        if lacking is not None:
            raise InferenceBackendInitializationError(
                f"{where}: it needs the module {lacking!r}, which is not installed. Install what its requirements.txt "
                "lists."
            ) from error
        other = f" It was saved with: {', '.join(mismatches)}." if mismatches else ""
        raise InferenceBackendInitializationError(
            f"{where}: {type(error).__name__}: {error}. A file of it is damaged or cut off, or was written by another "
            f"version: copy or save the model again, or install what its requirements.txt lists.{other}"
        ) from error


def _lacking_module(error: BaseException | None) -> str | None:
    """Give the module that an import did not find, if that was the reason; MLflow wraps some of these errors."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def _as_for_users() -> None:
    warnings.simplefilter("default")
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", PendingDeprecationWarning)


@contextmanager
def _quietly(*, tell: bool, told: bool) -> Iterator[None]:
    """Keep what MLflow and the model's library say while loading to what has not been told, each thing once."""
    thread = threading.get_ident()

    def keep(record: logging.LogRecord) -> bool:
        return record.thread != thread or not str(record.msg).startswith("The version of CloudPickle")

    logger = logging.getLogger("mlflow.pyfunc")
    logger.addFilter(keep)
    try:
        with warnings_settled(_as_for_users, record=True) as caught:
            yield
    finally:
        logger.removeFilter(keep)
    for text in dict.fromkeys(
        str(each.message)
        for each in caught
        if not (told and each.category.__name__ == "InconsistentVersionWarning")  # scikit-learn's, one an estimator
        and "Add type hints" not in str(each.message)  # advice for who writes a model
    ):
        if tell:
            InferenceBackend.logger.warning(f"While the model was loaded: {text}")


def check_params(config: MlflowConfig, signature: Any) -> dict[str, Any] | None:
    """Check the configured parameters against the signature; None where the model takes none.

    Raises:
        InferenceBackendInitializationError: the signature has no such parameter, or its type is another.
    """
    from mlflow.exceptions import MlflowException
    from mlflow.types.schema import ParamSpec

    specs = {spec.name: spec for spec in (getattr(signature, "params", None) or ())}
    takes = ", ".join(map(_show_param, specs.values())) or "none"
    for name, value in config.params.items():
        if name not in specs:
            raise InferenceBackendInitializationError(
                f"params names {name!r}, which the model's signature does not have.{did_you_mean(name, specs)} Its "
                f"parameters are: {takes}."
            )
        try:
            ParamSpec.validate_param_spec(value, specs[name])
        except (MlflowException, TypeError, ValueError) as error:
            raise InferenceBackendInitializationError(
                f"params[{name!r}] is {value!r:.100}, which does not fit the model's signature: {error}. Its "
                f"parameters are: {takes}."
            ) from error
    return dict(config.params) if specs else None


def _show_param(spec: Any) -> str:
    shape = " list" if getattr(spec, "shape", None) else ""
    kind = getattr(spec.dtype, "name", None) or str(spec.dtype)
    return f"{spec.name!r} ({kind}{shape}, by default {spec.default!r})"
