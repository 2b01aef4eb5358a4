"""Reading a model file: which format it is, what may be in it, and which scikit-learn wrote it."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sklearn import __version__ as sklearn_version
from sklearn.exceptions import InconsistentVersionWarning

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.warned import warnings_settled
from packflow_sklearn.config import ModelFormat


def load_model(path: str | Path, *, model_format: ModelFormat = "auto", trusted_types: Iterable[str] = ()) -> Any:
    """Load what a model file holds.

    Example:
        >>> model = load_model("forest.skops", trusted_types=["sklearn.tree._tree.Tree"])  # doctest: +SKIP

    Args:
        path: the file; ``~`` stands for the home directory.
        model_format: ``"auto"`` and ``"skops"`` read skops files, which run no code of their own. ``"joblib"`` reads
            pickles, as joblib or pickle wrote them: **loading one runs code from the file**.
        trusted_types: full names of types that a skops file may hold beside those that skops itself trusts.

    Raises:
        InferenceBackendInitializationError: the file is missing, damaged, of another format, or holds types that are
            not trusted. The text says what to change.
    """
    path = Path(path).expanduser()
    content = _read(path)
    with warnings_settled(lambda: warnings.simplefilter("always"), record=True) as caught:
        if model_format == "joblib":
            model = _load_joblib(content, path)
        else:
            model = _load_skops(content, path, list(trusted_types))
    _tell(caught, path)
    return model


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        looked = "" if path.is_absolute() else f" (looked for at {str(path.absolute())!r})"
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} does not exist{looked}. Set model_path to the file of a fitted estimator."
        ) from error
    except (OSError, ValueError) as error:
        raise InferenceBackendInitializationError(f"The model file {str(path)!r} cannot be read: {error}.") from error
    if not content:
        raise InferenceBackendInitializationError(f"The model file {str(path)!r} is empty. Save the model again.")
    return content


def _load_skops(content: bytes, path: Path, trusted: list[str]) -> Any:
    import skops.io  # a quarter of a second that only who loads a model pays

    if not content.startswith(b"PK"):
        raise InferenceBackendInitializationError(_not_skops(path))
    damaged = f"The model file {str(path)!r} is a damaged or cut-off skops file"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            broken = archive.testzip()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise InferenceBackendInitializationError(f"{damaged}: {error}. Copy or save it again.") from error
    if "schema.json" not in names:
        raise InferenceBackendInitializationError(_not_skops(path))
    if broken is not None:
        raise InferenceBackendInitializationError(f"{damaged}: its part {broken!r} is broken. Copy or save it again.")
    try:
        untrusted = sorted(set(skops.io.get_untrusted_types(data=content)) - set(trusted))
        if not untrusted:
            return skops.io.loads(content, trusted=trusted)
    except Exception as error:  # a crafted or foreign file can make skops fail in any way
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} could not be loaded by skops: {type(error).__name__}: {error}. "
            f"It may have been saved by versions of skops or scikit-learn (this is {sklearn_version}) that do not fit, "
            "or need a package that is not installed here."
        ) from error
    listed = json.dumps([*trusted, *untrusted])
    raise InferenceBackendInitializationError(
        f"The model file {str(path)!r} holds types that are not trusted: {', '.join(untrusted)}. "
        "If you know where the file comes from and expect these types in it, add them to the configuration: "
        f"trusted_types={[*trusted, *untrusted]!r} in Python, --set 'trusted_types={listed}' on the command line, "
        f"or, in a project's packflow.yaml, under backend_config, trusted_types: {listed}"
    )


def _load_joblib(content: bytes, path: Path) -> Any:
    import joblib

    if content.startswith(b"PK"):
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} is a zip archive, as skops files are, and no joblib file. "
            "Set model_format='auto' to load it as skops."
        )
    try:
        return joblib.load(io.BytesIO(content))
    except Exception as error:  # a pickle can raise anything
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} could not be loaded by joblib: {type(error).__name__}: {error}. It is cut "
            f"off, no joblib file, was saved by a scikit-learn that does not fit this one ({sklearn_version}), or "
            "needs a module that is not installed here."
        ) from error


def _not_skops(path: Path) -> str:
    return (
        f"The model file {str(path)!r} is not a skops file. Save the model with skops.io.dump(model, path); or, if it "
        "is a joblib file or a pickle and you trust whoever made it (loading it runs code from the file), set "
        "model_format='joblib'."
    )


def _tell(caught: list[warnings.WarningMessage], path: Path) -> None:
    """Log one line for a model saved by another scikit-learn; hand on all other warnings."""
    estimators: dict[str, set[str]] = {}
    for item in caught:
        message = item.message
        if isinstance(message, InconsistentVersionWarning):
            estimators.setdefault(message.original_sklearn_version, set()).add(message.estimator_name)
        else:
            warnings.warn_explicit(message, item.category, item.filename, item.lineno)
    for version, names in estimators.items():
        InferenceBackend.logger.warning(
            f"The model file {str(path)!r} was saved by scikit-learn {version}, and this is {sklearn_version}: "
            f"{', '.join(sorted(names))} may fail or give other results. Install scikit-learn=={version}, or train and "
            "save the model again."
        )
