"""From a project's configuration to its backend. Whatever fails on the way, the error says which line asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from packflow.backend.config_file import merge
from packflow.backend.declaration import chosen_model
from packflow.exceptions import PackflowError, PreprocessorInitError, ProjectError, UnknownPreprocessorError
from packflow.loaders.local import LocalLoader
from packflow.loaders.module import ModuleLoader
from packflow.loaders.target import as_backend
from packflow.project.environment import set_environment
from packflow.project.paths import files_missed, placed_in
from packflow.project.problems import problem
from packflow.project.python_versions import fits, running_version
from packflow.utils.errors import text_of

if TYPE_CHECKING:
    from pathlib import Path

    from packflow.backend.base import InferenceBackend
    from packflow.project.config import ProjectConfig


def load_backend(config: ProjectConfig, folder: Path, file: Path, overrides: Mapping[str, Any]) -> InferenceBackend:
    """Load and construct a project's backend.

    Args:
        config: what ``packflow.yaml`` says.
        folder: the project's folder, absolute.
        file: the ``packflow.yaml``.
        overrides: settings that go before those of ``backend_config``; their paths are taken as they are.

    Raises:
        ProjectError: Python is not the right one, or the backend cannot be imported or constructed.
    """
    _check_python(config, file)
    set_environment(config.env, str(file), {name: config.line_of(f"env.{name}") for name in config.env})
    with _told(config, file, {}):
        loader = loader_of(config, folder)
        found = loader.resolve()
        settings = config.backend_config
        if isinstance(found, type):
            settings = placed_in(folder, settings, chosen_model(found))
    with _told(config, file, overrides, lambda: _hint(folder, settings)):
        return as_backend(found, merge(settings, overrides), repr(loader))


def loader_of(config: ProjectConfig, folder: Path) -> LocalLoader | ModuleLoader:
    """Give the loader that a project asks for; it has loaded nothing yet."""
    if config.loader == "local":
        return LocalLoader(config.inference_backend, directory=folder)
    return ModuleLoader(config.inference_backend)


def _check_python(config: ProjectConfig, file: Path) -> None:
    running = running_version()
    if not fits(config.python_version, running):
        raise problem(
            f"python_version asks for Python {config.python_version}, and this is Python {running}. Run the project "
            "with a Python that suits, or change python_version if it works with this one.",
            file,
            config.line_of("python_version"),
            "python_version",
        )


@contextmanager
def _told(
    config: ProjectConfig, file: Path, overrides: Mapping[str, Any], hint: Callable[[], str] = str
) -> Iterator[None]:
    """Tell with an error which field it is about; ``hint`` adds to it where the backend as such has failed."""
    try:
        yield
    except ProjectError:
        raise
    except PackflowError as error:
        field = _field_of(error, config, overrides)
        more = hint() if field == "inference_backend" else ""
        raise problem(
            f"{field or 'in what load() was given'}: {text_of(error)}{more}", file, config.line_of(field), field or None
        ).explained(error.explanation) from error


def _hint(folder: Path, settings: Mapping[str, Any]) -> str:
    """Tell of texts that name files of the project and were not taken for paths, since their types do not say so."""
    names = [f"backend_config.{name}" for name in files_missed(folder, settings)]
    if not names:
        return ""
    return (
        f"\n{', '.join(names)}: there is such a file in the project's folder, and none in the current one. The backend "
        "takes a text there, which stays as it is; declare the field a pathlib.Path, and it is relative to the project."
    )


def _field_of(error: PackflowError, config: ProjectConfig, overrides: Mapping[str, Any]) -> str:
    """Give the field that an error is about, as far as it tells; an empty text if it is about an override."""
    from pydantic import ValidationError

    if isinstance(error, UnknownPreprocessorError):
        return "" if "input_format" in overrides else "backend_config.input_format"
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return "backend_config" if isinstance(error, PreprocessorInitError) else "inference_backend"
    fields = []
    for each in cause.errors(include_url=False, include_input=False):
        keys = each.get("ctx", {}).get("keys")
        paths = [[key] for key in keys] if keys else [list(each["loc"])]
        fields += [
            ".".join(map(str, ["backend_config", *path])) for path in paths if path[:1] and path[0] not in overrides
        ]
    fields.sort(key=lambda field: config.line_of(field) or 0)
    return fields[0] if fields else ""
