"""Which files an archive cannot do without, going by what the project says of itself. Nothing is imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from packflow.loaders.target import split_target
from packflow.project.config_file import NAME

if TYPE_CHECKING:
    from packflow.project.config import ProjectConfig

_LONGEST = 4096


class Required(NamedTuple):
    """A file or folder that the archive has to have."""

    #: Relative to the project, with ``/`` between its parts.
    path: str
    #: What asks for it, as a message begins with it.
    asked_by: str


class Outside(NamedTuple):
    """A path that the project's settings name, and that lies outside of the project."""

    path: str
    field: str
    #: Whether it is written relative to the project, so that it leads elsewhere wherever the archive is unpacked.
    relative: bool


def required_files(config: ProjectConfig, folder: Path, requirement_files: Iterable[str]) -> Iterator[Required]:
    """Give the files that have to be in the archive, as far as they are there.

    Args:
        config: the project's configuration.
        folder: the project's folder.
        requirement_files: the files that say what the project requires, relative to it.
    """
    yield Required(NAME, "every project")
    yield Required("samples.jsonl", "every project")
    for file in requirement_files:
        yield Required(os.path.normpath(file).replace(os.sep, "/"), "the list of requirements")
    if config.loader == "local":
        place = split_target(config.inference_backend, "the loader 'local'", "inference:Backend").place
        for path in _files_of(place):
            if os.path.isfile(folder / path):  # noqa: PTH113  # for any name, as one that is too long for a file
                yield Required(path, f"inference_backend ({config.inference_backend})")
    for field, value in texts_in(config.backend_config, "backend_config"):
        path = _relative(value) or "."
        if path != "." and not path.startswith("..") and _exists(folder / path):
            yield Required(path, field)


def paths_outside(config: ProjectConfig, folder: Path) -> Iterator[Outside]:
    """Give the paths in ``backend_config`` that are there, and lie outside of the project."""
    for field, value in texts_in(config.backend_config, "backend_config"):
        if os.path.isabs(value) and _exists(Path(value)):  # noqa: PTH117  # the text may be no path at all
            yield Outside(value, field, relative=False)
        elif (path := _relative(value)) is not None and path.startswith("..") and _exists(folder / path):
            yield Outside(value, field, relative=True)


def texts_in(value: Any, field: str) -> Iterator[tuple[str, str]]:
    """Give every text in settings, with its dotted name.

    Example:
        >>> list(texts_in({"model": "a.onnx", "labels": ["b.txt", 1]}, "backend_config"))
        [('backend_config.model', 'a.onnx'), ('backend_config.labels.0', 'b.txt')]
    """
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_in(item, f"{field}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from texts_in(item, f"{field}.{index}")


def _files_of(place: str) -> tuple[str, ...]:
    """Give the files that a module's name may stand for."""
    if place.endswith(".py") or "/" in place or "\\" in place:
        return (os.path.normpath(place.replace("\\", "/")).replace(os.sep, "/"),)
    parts = place.split(".")
    above = ("/".join(parts[:end]) + "/__init__.py" for end in range(1, len(parts) + 1))
    return ("/".join(parts) + ".py", *above)


def _relative(value: str) -> str | None:
    """Give a text as a path relative to the project; None if it can be none."""
    if not value or len(value) > _LONGEST or any(char in value for char in "\0\n") or os.path.isabs(value):  # noqa: PTH117
        return None
    return os.path.normpath(value).replace(os.sep, "/")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
