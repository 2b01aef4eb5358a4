"""The backend that a command line names, its settings, and errors in the words of the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from packflow.backend.base import InferenceBackend
from packflow.backend.config_errors import settings_given
from packflow.backend.config_file import CONFIGS_KEY, configs_of, merge, read_json_object
from packflow.exceptions import (
    InferenceBackendInitializationError,
    InferenceBackendLoadError,
    InferenceBackendRuntimeError,
    ProjectError,
    UnknownPluginError,
)
from packflow.loaders import LocalLoader, ModuleLoader

if TYPE_CHECKING:
    from packflow.project.project import PackflowProject

_HOW_TO_GIVE = f"with --set {{key}}=VALUE, or under {CONFIGS_KEY!r} in a file that --config names"
#: How values that are no text are written, by the kind of error that text in their place gives.
_WRITTEN = {
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), '["a", "b"]'),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "dataclass_type"), '{"a": "b"}'),
}


class _Script(LocalLoader):
    def __repr__(self) -> str:  # what errors call it: the target as it was given
        return repr(self.target)


class _Installed(ModuleLoader):
    def __repr__(self) -> str:
        return repr(self.target)


def load_backend(target: str, settings: dict[str, Any], config: str | None) -> InferenceBackend:
    """Load the backend that the command line names; ``--set`` lies over ``--config``."""
    given, settings = settings, _over_file(settings, config)
    with program_goes_on(repr(target)):
        loader = _Script(target) if is_script(target) else _Installed(target)
        try:
            if isinstance(loader.resolve(), type):
                settings = {"verbose": False, **settings}  # a line for each batch is for those who ask for it
            with settings_given(_HOW_TO_GIVE):
                return loader.load(**settings)
        except InferenceBackendLoadError as error:
            raise InferenceBackendLoadError(_with_script(target, error)).explained(error.explanation) from error
        except InferenceBackendInitializationError as error:
            hint = _json_hint(error.__cause__, given)
            if hint is None:
                raise
            raise InferenceBackendInitializationError(f"{error}\n  {hint}") from error


def load_project(
    project: PackflowProject, target: str, settings: dict[str, Any], config: str | None
) -> InferenceBackend:
    """Load the backend of the project that the command line names; its own settings lie under the others."""
    given, settings = settings, _over_file(settings, config)
    given_by = {key: "--set" if key in given else f"{config}, which --config names" for key in settings}
    from packflow.cli.projects import is_archive
    from packflow.project.archive.unpacking import calling_by_archive
    from packflow.project.loading import load_backend as load_backend_of

    named = calling_by_archive(project.path, target) if is_archive(target) else nullcontext()
    with named, program_goes_on(target), settings_given(_HOW_TO_GIVE):
        try:
            return load_backend_of(project.config, project.path, project.file, settings, given_by)
        except ProjectError as error:
            hint = _json_hint(error.__cause__ and error.__cause__.__cause__, given)
            if hint is None:
                raise
            raise ProjectError(f"{error}\n  {hint}", file=error.file, line=error.line, field=error.field) from error


def _over_file(settings: dict[str, Any], config: str | None) -> dict[str, Any]:
    """Lay settings over those of a file, if one is given."""
    if config is None:
        return settings
    document = read_json_object(config, named_by="--config")
    if CONFIGS_KEY not in document:
        raise click.ClickException(f"{config} has no {CONFIGS_KEY!r} key; its keys are {list(document)}.")
    return merge(configs_of(document, config), settings)


def is_script(target: str) -> bool:
    """Tell a script from an installed backend; a script that names no object is wrong usage.

    Example:
        >>> is_script("inference.py:Backend"), is_script("inference:Backend"), is_script("sklearn")
        (True, False, False)
    """
    script = re.search(r"\.py(?=:|$)", target) is not None
    if target.endswith(".py"):
        raise click.BadParameter(f"{target!r} names no object in the file; expected {target}:Object.")
    return script


@contextmanager
def program_goes_on(place: str) -> Iterator[None]:
    """Turn what would end the program, such as ``sys.exit()`` in a backend, into a failure; interrupts pass."""
    try:
        yield
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        ending = f"{type(error).__name__}: {error}"
        raise InferenceBackendRuntimeError(f"{place} would have ended the program ({ending}).") from error


def parse_settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Read ``KEY=VALUE`` settings.

    Example:
        >>> parse_settings(("verbose=true", 'feature_names=["a"]', "model_path=m.skops"))
        {'verbose': True, 'feature_names': ['a'], 'model_path': 'm.skops'}
    """
    parsed: dict[str, Any] = {}
    for setting in settings:
        key, separator, text = setting.partition("=")
        if not separator:  # what follows the first word may be a secret
            word = re.match(r"[\w.-]*", setting).group()  # type: ignore[union-attr]  # it matches anything
            raise click.BadParameter(f"{word!r} is not followed by '='; expected KEY=VALUE.", param_hint="--set")
        if not key:
            raise click.BadParameter("there is nothing before '='; expected KEY=VALUE.", param_hint="--set")
        if key in parsed:
            raise click.BadParameter(f"{key!r} is given twice.", param_hint="--set")
        parsed[key] = _value(key, text)
    return parsed


def _value(key: str, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_json)
    except json.JSONDecodeError:
        return text
    except (ValueError, RecursionError) as error:  # JSON, but not to be read
        problem = "is nested too deeply" if isinstance(error, RecursionError) else "is a number with too many digits"
        raise click.BadParameter(f"the value of {key!r} {problem}.", param_hint="--set") from error


def _no_json(constant: str) -> None:
    raise json.JSONDecodeError("not JSON", constant, 0)


def _with_script(target: str, error: InferenceBackendLoadError) -> str:
    """Say what is wrong with a target, and how a script of its name would be spelt."""
    place, _, name = target.partition(":")
    script, cause = Path(place.replace(".", "/") + ".py"), error.__cause__
    hint = f"For the script {str(script)!r}, give {script}:{name or 'Object'}."
    if isinstance(cause, UnknownPluginError) and Path(target).is_dir():
        return f"{error} The folder {target!r} is no project: it has no packflow.yaml."
    if isinstance(cause, UnknownPluginError) and script.is_file():
        return f"{error} {hint}"
    if isinstance(cause, ModuleNotFoundError) and script.is_file() and f"{place}.".startswith(f"{cause.name}."):
        return f"{target!r}: there is no module {cause.name!r} installed. {hint}"
    return str(error)


def _json_hint(cause: BaseException | None, settings: dict[str, Any]) -> str | None:
    """Say how a list or an object is written, where a setting is text in its place."""
    for problem in cause.errors(include_url=False, include_input=False) if isinstance(cause, ValidationError) else ():
        key = problem["loc"][0] if problem["loc"] else None
        if isinstance(settings.get(str(key)), str) and problem["type"] in _WRITTEN:
            return f"Lists and objects are written as JSON: --set '{key}={_WRITTEN[problem['type']]}'."
    return None
