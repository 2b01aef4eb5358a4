"""The modules of a project with the loader ``local``: which they are, and which of them the backend needs."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tokenize import detect_encoding
from typing import TYPE_CHECKING, NamedTuple

from packflow.exceptions import ScaffoldError
from packflow.loaders.local import LocalLoader
from packflow.loaders.projects.finder import Imports
from packflow.loaders.projects.names import project_name
from packflow.project.plugins.imports import Resolve, Rewritten, rewrite

if TYPE_CHECKING:
    from packflow.project.files.gathering import Gathered

_INIT = "__init__.py"


class Module(NamedTuple):
    """A Python file, as it is going to be."""

    data: bytes
    rewritten: Rewritten


class Modules(NamedTuple):
    """The Python files of a project."""

    #: By path in the project.
    files: dict[str, Module]
    #: Those that the backend imports, and so must be in the package: paths.
    needed: frozenset[str]
    #: The backend's module, by its name in the package.
    target: str
    #: Whether the project's folder is a package itself, so that its ``__init__.py`` counts.
    is_package: bool
    #: The top-level names of what else the backend's modules import.
    others: frozenset[str]
    #: What the package should not do, a line each.
    warnings: tuple[str, ...]


def read_modules(project: Path, target: str, gathered: Gathered, package: str) -> Modules:
    """Read the Python files of a project, and rewrite their imports.

    Args:
        project: the project's folder.
        target: its ``inference_backend``, of the loader ``local``.
        gathered: its files.
        package: the package that they are going to be in.

    Raises:
        ScaffoldError: what the backend needs cannot be in a package; the text says where and why.
    """
    directory, name = LocalLoader(target, directory=project)._locate()  # noqa: SLF001  # one rule for both
    place = _Place(project, directory, package)
    files: dict[str, Module] = {}
    broken: dict[str, str] = {}
    for path, (member, _) in gathered.files.items():
        if not path.endswith(".py") or place.new_name(path) is None:
            continue
        with member.source.open() as stream:
            data = stream.read()
        try:
            files[path] = _module(data, place, path)
        except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
            broken[path] = str(error)
    first = place.renamed(name)
    needed, problems = _needed(first, files, place, gathered)
    problems += [f"{path}: it cannot be read as Python: {broken[path]}" for path in sorted(needed & broken.keys())]
    if problems:
        raise ScaffoldError("\n- ".join(["The backend's modules cannot be put into a package:", *problems]))
    warnings = [
        f"{path}, line {found.line}: {found.what}"
        for path, module in files.items()
        for found in module.rewritten.warnings + (() if path in needed else module.rewritten.problems)
    ]
    others = {name for path in needed & files.keys() for name in files[path].rewritten.others}
    return Modules(files, frozenset(needed), first, place.is_package, frozenset(others), tuple(warnings))


class _Place:
    """Where a project's modules are found today, and what they are called in the package."""

    def __init__(self, project: Path, directory: Path, package: str) -> None:
        self.package = package
        self._project, self._directory = project, directory
        #: Whether modules are called by the project's folder, since that is a package.
        self.is_package = directory == project.parent
        if not self.is_package and not directory.is_relative_to(project):
            raise ScaffoldError(
                f"The project's folder {str(project)!r} lies in the package {str(directory)!r}, whose other modules it "
                "may import. Take the __init__.py of the folder away, or make the project of the whole package."
            )
        self._below = () if self.is_package else directory.relative_to(project).parts
        wrong = [part for part in self._below if not part.isidentifier() or keyword.iskeyword(part)]
        if wrong:
            raise ScaffoldError(f"The backend is in the folder {wrong[0]!r}, which no module can be called. Rename it.")

    def new_name(self, path: str) -> str | None:
        """Give what a file's module is going to be called; None where no import of the project's can mean it."""
        parts = list(PurePosixPath(path).with_suffix("").parts)
        if tuple(parts[: len(self._below)]) != self._below or not all(part.isidentifier() for part in parts):
            return None
        return ".".join([self.package, *(parts[:-1] if parts[-1] == "__init__" else parts)])

    def renamed(self, name: str) -> str:
        """Give what a module is going to be called that the loader calls so."""
        if self.is_package:
            return ".".join([self.package, *name.split(".")[1:]])
        return ".".join([self.package, *self._below, name])

    def paths_of(self, new_name: str) -> tuple[str, str]:
        """Give the two files that a module of the package may be."""
        inside = new_name.removeprefix(self.package).lstrip(".").replace(".", "/")
        return (f"{inside}.py", f"{inside}/{_INIT}" if inside else _INIT)

    def resolver(self, path: str) -> Resolve:
        """Give what says which names the project's own loader takes for the project's in a file."""
        inside = path.split("/")[len(self._below) :]
        names = [*([self._project.name] if self.is_package else ()), *inside]
        names[-1] = names[-1].removesuffix(".py")
        root = project_name(self._directory, 1)
        module = ".".join([root, *(names[:-1] if names[-1] == "__init__" else names)])
        imports = Imports(module, str(self._project / path))

        def resolve(name: str) -> str | None:
            below = imports(name)
            if below is None:
                return None
            whole = f"{below.removeprefix(root).lstrip('.')}.{name}".lstrip(".")
            if self.is_package and whole.partition(".")[0] != self._project.name:
                raise ScaffoldError(f"{path} imports {name!r}, which lies outside of the project. Move it into it.")
            return self.renamed(whole)

        return resolve


def _module(data: bytes, place: _Place, path: str) -> Module:
    encoding, _ = detect_encoding(iter(data.splitlines(keepends=True)).__next__)
    new_name = place.new_name(path) or ""
    package = new_name if path.endswith(_INIT) else new_name.rpartition(".")[0]
    text = data.decode(encoding)
    rewritten = rewrite(text, place.resolver(path), package)
    changed = rewritten.text != text
    return Module(rewritten.text.encode(encoding) if changed else data, rewritten)


def _needed(first: str, files: Mapping[str, Module], place: _Place, gathered: Gathered) -> tuple[set[str], list[str]]:
    """Follow the imports from the backend's module; give the files that they lead to, and what stands in the way."""
    needed: set[str] = set()
    problems: list[str] = []
    parts = first.split(".")
    waiting = [".".join(parts[:end]) for end in range(2, len(parts) + 1)]
    while waiting:
        for path in set(place.paths_of(waiting.pop())) - needed:
            if path in gathered.files:
                needed.add(path)
            if path in files:
                module = files[path].rewritten
                waiting += module.imported
                problems += [f"{path}, line {found.line}: {found.what}" for found in module.problems]
                problems += _missing(path, module, place, gathered)
    return needed, sorted(problems)


def _missing(path: str, module: Rewritten, place: _Place, gathered: Gathered) -> list[str]:
    """Tell of a file's imports of modules that are the project's own, and not among what goes into the package."""
    resolve = place.resolver(path)
    problems = []
    for found in module.own:
        folder = place.paths_of(resolve(found.what) or "")[1].removesuffix(_INIT)
        if any(each.startswith((folder, f"{folder.rstrip('/')}.")) for each in gathered.files):
            continue
        why = gathered.why_not(f"{folder.rstrip('/')}.py") or gathered.why_not(folder.rstrip("/"))
        left_out = f"is left out: {why}" if why else "is not among the files of the project"
        problems.append(f"{path}, line {found.line}: it imports {found.what!r}, which {left_out}")
    return problems
