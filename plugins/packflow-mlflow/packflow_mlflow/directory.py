"""Finding a model's directory and reading its file MLmodel, without MLflow and without running anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import yaml

from packflow.exceptions import InferenceBackendInitializationError

MLMODEL = "MLmodel"
PYFUNC = "python_function"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


class ModelDirectory(NamedTuple):
    """A model's directory, and what its MLmodel file says."""

    path: Path
    metadata: Mapping[str, Any]

    @property
    def pyfunc(self) -> Mapping[str, Any]:
        """The flavour that `mlflow.pyfunc` loads."""
        return self.flavor(PYFUNC)

    def flavor(self, name: str) -> Mapping[str, Any]:
        """Give a flavour's entry; empty where there is none."""
        found = self.metadata["flavors"].get(name)
        return found if isinstance(found, Mapping) else {}


def open_directory(model_path: str) -> ModelDirectory:
    """Find a model's directory and read its MLmodel file.

    Raises:
        InferenceBackendInitializationError: there is no such directory, it is not a model's, or is damaged.
    """
    path = _find(model_path)
    metadata = _read(path / MLMODEL)
    directory = ModelDirectory(path, metadata)
    if not directory.pyfunc.get("loader_module"):
        flavors = ", ".join(map(repr, metadata["flavors"])) or "none"
        raise InferenceBackendInitializationError(
            f"The model in {str(path)!r} cannot be run by mlflow.pyfunc: its MLmodel has no flavour {PYFUNC!r} that "
            f"names a loader. It has: {flavors}. Save it with a flavour that has one too, as nearly all of MLflow's do."
        )
    _check_data(directory)
    return directory


def _find(model_path: str) -> Path:
    path = Path(model_path).expanduser()
    if not path.exists() and _URI.match(model_path):
        path = _from_uri(model_path)
    path = path.absolute()
    if path.name == MLMODEL and path.is_file():
        return path.parent
    if path.is_dir():
        if (path / MLMODEL).is_file():
            return path
        inner = sorted(each.parent.name for each in path.glob(f"*/{MLMODEL}"))
        hint = f" There is one in: {', '.join(inner[:5])}." if inner else ""
        raise InferenceBackendInitializationError(
            f"The directory {model_path!r} is no MLflow model: it has no file {MLMODEL}.{hint} Set model_path to the "
            "directory that save_model() wrote."
        )
    if path.exists():
        hint = f" Its folder is one: {str(path.parent)!r}." if (path.parent / MLMODEL).is_file() else ""
        raise InferenceBackendInitializationError(
            f"model_path is the file {model_path!r}, where a model's directory is expected.{hint}"
        )
    looked = "" if str(path) == model_path else f" (looked for at {str(path)!r})"
    raise InferenceBackendInitializationError(
        f"The model directory {model_path!r} does not exist{looked}. Set model_path to the directory that "
        "save_model() wrote."
    )


def _from_uri(uri: str) -> Path:
    parts = urlsplit(uri)
    if parts.scheme.lower() == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    raise InferenceBackendInitializationError(
        f"model_path is {uri!r}, which MLflow would look up and download; this backend opens local directories only. "
        f"Fetch the model once, with 'mlflow artifacts download --artifact-uri {uri} --dst-path DIRECTORY', and set "
        "model_path to what it wrote."
    )


def _read(file: Path) -> dict[str, Any]:
    damaged = f"The file {str(file)!r} is damaged or cut off"
    try:
        metadata = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InferenceBackendInitializationError(f"{damaged}: {error}. Copy or save the model again.") from error
    except OSError as error:
        raise InferenceBackendInitializationError(f"The file {str(file)!r} cannot be read: {error}.") from error
    if not isinstance(metadata, dict) or not isinstance(metadata.get("flavors"), dict):
        raise InferenceBackendInitializationError(f"{damaged}: it lists no flavors. Copy or save the model again.")
    signature = metadata.get("signature")
    if signature is not None and not isinstance(signature, dict):
        raise InferenceBackendInitializationError(f"{damaged}: its signature is no mapping. Save the model again.")
    for part in ("inputs", "outputs", "params"):
        try:
            json.loads((signature or {}).get(part) or "[]")
        except (TypeError, ValueError) as error:
            raise InferenceBackendInitializationError(
                f"{damaged}: the {part} of its signature are no JSON: {error}. Copy or save the model again."
            ) from error
    return metadata


def _check_data(directory: ModelDirectory) -> None:
    """Refuse a directory that lacks a file that its MLmodel names."""
    for name in data_files(directory):
        if not (directory.path / name).exists():
            raise InferenceBackendInitializationError(
                f"The model in {str(directory.path)!r} lacks {name!r}, which its {MLMODEL} names. Copy the whole "
                "directory, or save the model again."
            )


def data_files(directory: ModelDirectory) -> list[str]:
    """Give the files and folders that the flavour for `mlflow.pyfunc` says it needs."""
    keys = ("data", "model_path", "python_model", "code")
    names = [directory.pyfunc.get(key) for key in keys]
    names += [Path(str(code)).name for code in [directory.pyfunc.get("model_code_path")] if code]
    return [name for name in names if isinstance(name, str)]
