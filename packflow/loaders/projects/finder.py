"""The finder that imports the files of local projects, and the loader that reads and compiles them."""

from __future__ import annotations

import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from importlib.util import find_spec
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING

from packflow.loaders.projects.names import PACKAGE, project_directory
from packflow.loaders.projects.rewrite import localize
from packflow.utils.log import logger
from packflow.utils.once import Once
from packflow.utils.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType, ModuleType

#: Names that a project's files never take over: the standard library's and packflow's own.
RESERVED = frozenset(sys.stdlib_module_names) | {"packflow", "__main__"}

_PREFIX = f"{PACKAGE}."
_passed_over = Once()


class ProjectLoader(SourceFileLoader):
    """Compiles a project's file with its imports of the project's other files led into the project.

    It neither reads nor writes ``__pycache__``: the code depends on the project, an edit must be seen even
    within the resolution of a file's time stamp, and a user's directory stays as it was.
    """

    def get_code(self, fullname: str) -> CodeType:
        """Read and compile the file; line numbers and texts stay those of the file."""
        path = self.get_filename(fullname)
        tree = parse(self.get_data(path), path)
        imports = Imports(fullname, path)
        code: CodeType = compile(localize(tree, imports, imports.depth), path, "exec", dont_inherit=True)
        return code


class Imports:
    """Decides for one file which top-level names are the project's own.

    Attributes:
        depth: how many dots a relative import of the file can have.
    """

    def __init__(self, module: str, path: str) -> None:
        root, _, inside = module.removeprefix(_PREFIX).partition(".")
        self._project = _PREFIX + root
        self._directory = project_directory(root)
        self._folder = Path(path).parent
        is_package = Path(path).stem == "__init__"
        self._package = f"{self._project}.{inside}" if is_package else module.rpartition(".")[0]
        self.depth = self._package.removeprefix(_PREFIX).count(".") + 1
        self._known: dict[str, str | None] = {}

    def __call__(self, name: str) -> str | None:
        """Give the package below which a top-level name is to be imported, or None: as everywhere else."""
        if name not in self._known:
            self._known[name] = self._decide(name)
        return self._known[name]

    def _decide(self, name: str) -> str | None:
        found = find_below(f"{self._project}.{name}", [str(self._directory)])
        if name in RESERVED:
            if found is not None and found.origin is not None:
                _warn_passed_over(name, found.origin)
            return None
        # As in plain Python, a mere directory (no __init__.py) is taken only where nothing else has the name,
        # so that a folder ``torch/`` of weights does not hide the library.
        if found is not None and (found.origin is not None or not _is_elsewhere(name, found)):
            return self._project
        # A script in a directory with an __init__.py: what is beside it is taken where the import would fail.
        if self._package != self._project:
            beside = find_below(f"{self._package}.{name}", [str(self._folder)])
            if beside is not None and not _is_elsewhere(name, beside):
                return self._package
        return None


class ProjectFinder:
    """The entry of ``sys.meta_path`` for everything below ``packflow.loaders.projects``."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002  # the import system's signature
    ) -> ModuleSpec | None:
        """Find a project by its name, or a module in one."""
        if not fullname.startswith(_PREFIX):
            return None
        root, _, inside = fullname.removeprefix(_PREFIX).partition(".")
        directory = project_directory(root)
        if directory is None:
            return None  # a module of packflow itself
        if inside:
            return find_below(fullname, path or [])
        if not directory.is_dir():
            raise ModuleNotFoundError(
                f"There is no directory {str(directory)!r}. An object of a local project can be "
                "unpickled only where the project's files are at the same path.",
                name=fullname,
            )
        return _namespace(fullname, [str(directory)])


FINDER = ProjectFinder()


class NamespacePath(list[str]):
    """The ``__path__`` of a directory without ``__init__.py``; importlib.resources knows it by this name."""

    def __repr__(self) -> str:
        return f"NamespacePath({super().__repr__()})"


def find_below(fullname: str, path: Iterable[str]) -> ModuleSpec | None:
    """Find a module's file in the directories of its parent; one without ``__init__.py`` comes last."""
    portions: list[str] = []
    for entry in path:
        found = _in_directory(entry).find_spec(fullname)
        if found is not None and found.loader is not None:
            return found
        if found is not None:
            portions += found.submodule_search_locations or []
    return _namespace(fullname, portions) if portions else None


def refresh() -> None:
    """Look at the directories anew."""
    _directories.clear()


_directories: dict[str, FileFinder] = {}


def _in_directory(path: str) -> FileFinder:
    found = _directories.get(path)
    if found is None:
        found = FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (ProjectLoader, SOURCE_SUFFIXES))
        _directories[path] = found
    return found  # and not what is there now: another thread may look anew meanwhile


def _namespace(fullname: str, locations: list[str]) -> ModuleSpec:
    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = NamespacePath(locations)
    return spec


def _is_elsewhere(name: str, local: ModuleSpec) -> bool:
    """Tell whether plain Python would import ``name`` from another place than the project."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # ValueError: it is imported already, and by no ordinary loader
        return name in sys.modules
    if spec is None:
        return False
    # The current directory may be on sys.path: then plain Python finds the very same files.
    places = {realpath(place) for place in [spec.origin, *(spec.submodule_search_locations or [])] if place}
    own = {realpath(place) for place in [local.origin, *(local.submodule_search_locations or [])] if place}
    return not places <= own


def _warn_passed_over(name: str, path: str) -> None:
    if not _passed_over(path):
        return
    owner = "packflow itself" if name == "packflow" else "the standard library"
    logger.warning(
        f"`import {name}` in a local project is {name!r} of {owner}; the file {path!r} is passed over. "
        f"To use it, rename it, or write `from . import {name}` in a file beside it."
    )
