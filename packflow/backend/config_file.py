"""Where a configuration comes from: keyword arguments, the file that the environment names, and how they merge."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.log import logger
from packflow.utils.strict_json import refuse_constant, refuse_doubled_keys

CONFIG_FILE_VARIABLE = "BACKEND_CONFIG_FILE_PATH"
CONFIGS_KEY = "configs"


def configs_from_environment() -> tuple[dict[str, Any], str]:
    """Read the configuration that ``BACKEND_CONFIG_FILE_PATH`` names, and its path; empty where there is none."""
    path = os.environ.get(CONFIG_FILE_VARIABLE)
    if not path:
        return {}, ""
    document = read_json_object(path, named_by=f"the environment variable {CONFIG_FILE_VARIABLE}")
    if CONFIGS_KEY not in document:
        logger.warning(
            f"The configuration file {path!r} has no {CONFIGS_KEY!r} key and is ignored; its keys are {list(document)}."
        )
        return {}, path
    return configs_of(document, path), path


def configs_of(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Give the ``"configs"`` object of a configuration file's content."""
    configs = document[CONFIGS_KEY]
    if not isinstance(configs, dict):
        raise InferenceBackendInitializationError(
            f"{CONFIGS_KEY!r} in the configuration file {path!r} is {_kind(configs)}; "
            "expected a JSON object of settings."
        )
    return configs


def read_json_object(path: str, *, named_by: str) -> dict[str, Any]:
    """Read a file that holds one JSON object; every way in which it may not is an error that names the path."""
    where = f"The configuration file {path!r} (given by {named_by})"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InferenceBackendInitializationError(f"{where} does not exist.") from error
    except UnicodeDecodeError as error:
        said = str(error)
        error.object, error.args = b"", error.args[2:]  # the whole file, and so its secrets
        raise InferenceBackendInitializationError(f"{where} is not UTF-8 text: {said}.") from error
    except (OSError, ValueError) as error:
        raise InferenceBackendInitializationError(f"{where} cannot be read: {error}.") from error
    try:
        document = json.loads(text, object_pairs_hook=refuse_doubled_keys, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        error.doc = ""  # the whole file, and so its secrets
        raise InferenceBackendInitializationError(
            f"{where} is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InferenceBackendInitializationError(f"{where} is not a usable configuration: {error}.") from error
    if not isinstance(document, dict):
        raise InferenceBackendInitializationError(
            f"{where} holds {_kind(document)}; expected a JSON object with a {CONFIGS_KEY!r} key."
        )
    return document


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one configuration over another: objects merge key by key, lists and scalars are replaced.

    Neither argument is modified, and the result shares no dict with them.

    Example:
        >>> merge({"a": {"x": 1}, "b": [1, 2]}, {"a": {"y": 2}, "b": [3]})
        {'a': {'x': 1, 'y': 2}, 'b': [3]}
    """
    merged = {key: _own(value) for key, value in below.items()}
    for key, value in above.items():
        under = as_object(merged.get(key))
        over = as_object(value)
        merged[key] = merge(under, over) if under is not None and over is not None else _own(value)
    return merged


def as_object(value: Any) -> dict[str, Any] | None:
    """Give what counts as an object when configurations merge: a dict, or a pydantic model's set fields."""
    if isinstance(value, dict):
        return value
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    return None


def _own(value: Any) -> Any:
    return {key: _own(item) for key, item in value.items()} if isinstance(value, dict) else value


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", type(None): "null", dict: "an object"}
    return names.get(type(value), "a number")
