"""Load a backend from a script or a package that is not installed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from packflow.exceptions import InferenceBackendLoadError
from packflow.loaders.failures import attribute, describe_import_failure
from packflow.loaders.search_path import unchanged_sys_path
from packflow.loaders.sources import python_files, spelt_with_objects, where_searched
from packflow.loaders.target import (
    Target,
    as_backend,
    check_backend,
    check_module_name,
    check_text,
    file_of,
    object_in,
    split_target,
)
from packflow.utils.errors import short
from packflow.utils.log import logger
from packflow.utils.module_names import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from packflow.backend.base import InferenceBackend

_EXAMPLE = "inference:Backend"


class LocalLoader:
    """Loads a backend from files: a script, or a package that is not installed.

    Example:
        >>> from packflow.loaders import LocalLoader
        >>> backend = LocalLoader("inference:Backend").load(verbose=False)  # doctest: +SKIP
        >>> backend({"sample": "data"})  # doctest: +SKIP
        {'sample': 'data'}

    ``"inference:Backend"`` is the object ``Backend`` of ``inference.py`` (or of the package ``inference/``)
    in the directory, ``"pkg.inference:Backend"`` the same in a package there,
    ``"path/to/inference.py:Backend"`` names the file; if it is in a package (a directory with an
    ``__init__.py``), it is loaded as a module of that package, and the directory is the one above.

    The directory is a namespace of its own, and fresh for each loader: its files import each other as if it
    stood first on ``sys.path``, but ``sys.path`` stays as it was (what a script adds to it while it is
    imported is taken back), and no other project sees its modules. Four things differ from plain Python:

    - The standard library and packflow cannot be hidden: ``import json`` is the standard library's, whatever
      the directory holds; a warning names the file that is passed over.
    - The modules have long names (see ``__name__``), not bare ones: ``importlib.import_module("helpers")``
      does not find a file of the project, ``importlib.import_module(".helpers", __package__)`` does. For the
      same reason a pickle of an object whose class was called ``helpers.Scaler`` when it was written cannot
      find it.
    - Which names are the project's own is decided when a file is compiled. A module that is generated later is
      imported with ``from . import name``.
    - Nothing is written to ``__pycache__``.

    Backends, and every other object of a project's classes, can be pickled: a process that does not have the
    project loads it from the same directory, as it is then.

    Args:
        target: the module or the file, a colon, and the object.
        directory: what module and path are relative to; the current directory at load time by default.

    Raises:
        InferenceBackendLoadError: the target or the directory is not spelt like one.
    """

    def __init__(self, target: str, directory: str | os.PathLike[str] | None = None) -> None:
        self.target = check_text(target, "LocalLoader", _EXAMPLE)
        self.directory = _check_directory(directory)
        if ":" not in target:
            raise InferenceBackendLoadError(
                f"The target {target!r} of LocalLoader has no colon; expected the form {_EXAMPLE!r}."
                f"{spelt_with_objects(target, _base(directory))}"
            )
        self._parts: Target = split_target(target, "LocalLoader", _EXAMPLE)
        if not _is_file(self._parts.place):
            check_module_name(self._parts.place, target, "LocalLoader", _EXAMPLE)
        self._projects: dict[Path, str] = {}
        self._lock = RLock()

    def load(self, /, **config: Any) -> InferenceBackend:
        """Load the backend; a class is constructed with ``config``.

        Raises:
            InferenceBackendLoadError: there is no such file or object, importing it failed, it is no backend,
                or ``config`` was given for an instance.
            InferenceBackendInitializationError: the backend refused ``config``, or its ``initialize`` failed.
        """
        return as_backend(self.resolve(), config, repr(self))

    def resolve(self) -> type[InferenceBackend] | InferenceBackend:
        """Give the class, or the instance, that the target names; nothing is constructed.

        Raises:
            InferenceBackendLoadError: as for :meth:`load`.
        """
        from packflow.loaders.projects import discarded_on_failure, open_project

        with self._lock, self._explained_os_errors():
            directory, module_name = self._locate()
            project = self._projects.get(directory) or open_project(directory)
            with discarded_on_failure(project), _unchanged_sys_path(directory, module_name):
                module = self._import(project, module_name, directory)
                where = f"{self!r} ({file_of(module) or directory})"
                found = check_backend(object_in(module, self._parts.object, where), where)
            self._projects[directory] = project
        return found

    @contextmanager
    def _explained_os_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # a name that is too long, a directory that may not be searched
            raise InferenceBackendLoadError(f"{self!r}: {error}. Correct the target or the directory.") from error

    def _locate(self) -> tuple[Path, str]:
        """Give the directory and the module's name in it."""
        base = _base(self.directory)
        if not base.is_dir():
            kind = "is not a directory" if base.exists() else "does not exist"
            raise InferenceBackendLoadError(f"{self!r}: the directory {str(base)!r} {kind}.")
        place = self._parts.place
        if not _is_file(place):
            return base, place
        path = _absolute(base / place)
        if path.is_dir():
            raise InferenceBackendLoadError(
                f"{self!r}: {str(path)!r} is a directory; expected a .py file.{python_files(path)}"
            )
        if not path.exists():
            raise InferenceBackendLoadError(
                f"{self!r}: there is no file {str(path)!r}.{python_files(path.parent, path.name)}"
            )
        if path.suffix != ".py" or "." in path.stem:
            raise InferenceBackendLoadError(
                f"{self!r}: {str(path)!r} is not a Python file; expected a name that ends in .py and has no other dot."
            )
        return _module_of_file(path)

    def _import(self, project: str, module_name: str, directory: Path) -> ModuleType:
        full_name = f"{project}.{module_name}"
        try:
            module = import_module(full_name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a script that exits or is cancelled must not end the program
            if isinstance(error, ModuleNotFoundError) and f"{full_name}.".startswith(f"{error.name}."):
                raise InferenceBackendLoadError(self._missing(directory, module_name)) from error
            reason = plain_name(describe_import_failure(error, project))
            raise InferenceBackendLoadError(
                f"{self!r}: importing {module_name!r} from {str(directory)!r} failed: {reason}"
                f"{where_searched(error, directory, module_name)}"
            ) from error
        if _is_namespace(module):
            raise InferenceBackendLoadError(
                f"{self!r}: {module_name!r} in {str(directory)!r} is a directory without __init__.py; "
                f"expected a .py file or a package.{python_files(directory / module_name.replace('.', os.sep))}"
            )
        return module

    def _missing(self, directory: Path, module_name: str) -> str:
        path = directory.joinpath(*module_name.split("."))
        text = f"{self!r}: there is neither a file '{path}.py' nor a package '{path}{os.sep}__init__.py'."
        other = directory / module_name
        if other.is_file():
            return f"{text} {str(other)!r} is not a Python file (.py)."
        return text + python_files(path.parent, f"{path.name}.py")

    def __repr__(self) -> str:
        directory = "" if self.directory is None else f", directory={os.fspath(self.directory)!r}"
        return f"LocalLoader({self.target!r}{directory})"


def _check_directory(directory: Any) -> str | os.PathLike[str] | None:
    if directory is None or isinstance(directory, str):
        return directory
    if isinstance(directory, os.PathLike) and isinstance(os.fspath(directory), str):
        return directory
    raise InferenceBackendLoadError(
        f"The directory of LocalLoader is {short(directory)}, of type {type(directory).__name__}; "
        "expected a path as text or as pathlib.Path."
    )


def _base(directory: str | os.PathLike[str] | None) -> Path:
    return _absolute(Path() if directory is None else Path(directory))


def _is_namespace(module: ModuleType) -> bool:
    """Whether a module is a mere directory; one that is not may still have taken its own ``__file__`` away."""
    return isinstance(attribute(module, "__path__"), list) and attribute(module, "__file__") is None


def _module_of_file(path: Path) -> tuple[Path, str]:
    """Give a file's module name, with the packages that it is in, and the directory above them."""
    directory, names = path.parent, [path.stem]
    while (directory / "__init__.py").is_file() and directory.name.isidentifier():
        names.insert(0, directory.name)
        directory = directory.parent
    return directory, ".".join(names)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would lose the user's symbolic links


def _is_file(place: str) -> bool:
    return place.endswith(".py") or "/" in place or os.sep in place


@contextmanager
def _unchanged_sys_path(directory: Path, module_name: str) -> Iterator[None]:
    """Take back what the block does to ``sys.path``: other projects have it too."""
    added: list[str] = []
    try:
        with unchanged_sys_path() as added:
            yield
    finally:
        # The project's and the script's own directory are searched anyhow; another may be missed by a later import.
        own = {os.path.realpath(directory.joinpath(*module_name.split(".")[:-1])), os.path.realpath(directory)}
        others = [entry for entry in added if os.path.realpath(entry) not in own]
        if others:
            logger.warning(
                f"Importing the local project in {str(directory)!r} added {others} to sys.path. That was "
                "taken back: imports that run later will not search there."
            )
