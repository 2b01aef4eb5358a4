"""From a project's configuration to its backend. Whatever fails on the way, the error says which line asked for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
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

    from pydantic import ValidationError

    from packflow.backend.base import InferenceBackend
    from packflow.project.config import ProjectConfig


_IN_PYTHON = "what load() was given"
_NOBODY: Mapping[str, str] = {}


def load_backend(
    config: ProjectConfig,
    folder: Path,
    file: Path,
    overrides: Mapping[str, Any],
    given_by: Mapping[str, str] = _NOBODY,
) -> InferenceBackend:
    """Load and construct a project's backend.

    Args:
        config: what ``packflow.yaml`` says.
        folder: the project's folder, absolute.
        file: the ``packflow.yaml``.
        overrides: settings that go before those of ``backend_config``; their paths are taken as they are.
        given_by: what errors call the place that an override comes from, by its key, where that is not Python.

    Raises:
        ProjectError: Python is not the right one, or the backend cannot be imported or constructed.
    """
    _check_python(config, file)
    set_environment(config.env, str(file), {name: config.line_of(f"env.{name}") for name in config.env})
    with _told(config, file, {}, {}, _NOBODY):
        loader = loader_of(config, folder)
        found = loader.resolve()
        settings = config.backend_config
        if isinstance(found, type):
            settings = placed_in(folder, settings, chosen_model(found))
    with _told(config, file, settings, overrides, given_by, lambda: _hint(folder, settings)):
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
    config: ProjectConfig,
    file: Path,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any],
    given_by: Mapping[str, str],
    hint: Callable[[], str] = str,
) -> Iterator[None]:
    """Tell with an error what it is about; ``hint`` adds to it where the settings are right in themselves."""
    try:
        yield
    except ProjectError:
        raise
    except PackflowError as error:
        said = text_of(error) + ("" if _is_about_settings(error) else hint())
        path = _path_of(error, config, merge(settings, overrides), overrides)
        if path and path[0] in overrides:
            raise problem(f"In {_places(path[:1], given_by)}: {said}").explained(error.explanation) from error
        field = "inference_backend" if path is None else ".".join(["backend_config", *path])
        place = f"{field}, with {_places(overrides, given_by)}" if path == [] and overrides else field
        raise problem(f"{place}: {said}", file, config.line_of(field), field).explained(error.explanation) from error


def _places(keys: Iterable[str], given_by: Mapping[str, str]) -> str:
    return " and ".join(sorted({given_by.get(key, _IN_PYTHON) for key in keys}))


def _hint(folder: Path, settings: Mapping[str, Any]) -> str:
    """Tell of texts that name files of the project and were not taken for paths, since their types do not say so."""
    names = [f"backend_config.{name}" for name in files_missed(folder, settings)]
    if not names:
        return ""
    return (
        f"\n{', '.join(names)}: there is such a file in the project's folder, and none in the current one. The backend "
        "takes a text there, which stays as it is; declare the field a pathlib.Path, and it is relative to the project."
    )


def _is_about_settings(error: PackflowError) -> bool:
    """Whether the backend was not begun with, for its settings are not right."""
    return isinstance(error, (UnknownPreprocessorError, PreprocessorInitError)) or _refusal(error) is not None


def _refusal(error: PackflowError) -> ValidationError | None:
    from pydantic import ValidationError

    return error.__cause__ if isinstance(error.__cause__, ValidationError) else None


def _path_of(
    error: PackflowError, config: ProjectConfig, settings: Mapping[str, Any], overrides: Mapping[str, Any]
) -> list[str] | None:
    """Give the setting that an error is about, as its keys, or none of them in particular; None if it is about none."""
    if isinstance(error, UnknownPreprocessorError):
        return ["input_format"]
    refusal = _refusal(error)
    if refusal is None:
        return [] if isinstance(error, PreprocessorInitError) else _unusable(error, settings)
    paths: list[list[str]] = []
    for each in refusal.errors(include_url=False, include_input=False):
        keys = each.get("ctx", {}).get("keys")
        paths += [[str(key)] for key in keys] if keys else [list(map(str, each["loc"]))]
    paths = [path for path in paths if path]
    written = [path for path in paths if path[0] not in overrides]
    written.sort(key=lambda path: config.line_of(".".join(["backend_config", *path])) or 0)
    return next(iter([*written, *paths]), [])


def _unusable(error: BaseException, settings: Mapping[str, Any]) -> list[str] | None:
    """Give the setting that names the file which the system would not open; None where that was no setting's."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, OSError) and isinstance(cause.filename, (str, os.PathLike)):
            named = [path for path, file in _texts(settings) if _same_file(file, cause.filename)]
            return named[0] if len(named) == 1 else None
        cause = cause.__cause__  # and no __context__: what was caught may have been expected
    return None


def _texts(settings: Any) -> Iterator[tuple[list[str], str | os.PathLike[str]]]:
    if isinstance(settings, (str, os.PathLike)):
        yield [], settings
    elif isinstance(settings, (Mapping, list)):
        for key, item in settings.items() if isinstance(settings, Mapping) else enumerate(settings):
            for path, text in _texts(item):
                yield [str(key), *path], text


def _same_file(written: str | os.PathLike[str], opened: str | os.PathLike[str]) -> bool:
    # Those of os.path, unlike pathlib's, answer for any text.
    one, other = (os.path.abspath(os.path.expanduser(file)) for file in (written, opened))  # noqa: PTH100, PTH111  # as above
    return bool(written) and one == other
