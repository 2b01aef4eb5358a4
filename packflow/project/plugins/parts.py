"""What a project consists of, for a plugin that is to be made of it: found out before any of its code runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.version import InvalidVersion, Version

from packflow import __version__
from packflow.exceptions import ScaffoldError
from packflow.project.config_file import NAME
from packflow.project.files.required import required_files
from packflow.project.plugins.bases import Base, installed_base
from packflow.project.plugins.dependencies import Dependencies, dependencies_of
from packflow.project.plugins.layout import Layout, lay_out
from packflow.project.plugins.modules import Modules, read_modules
from packflow.project.project import SAMPLES
from packflow.project.requirements import read_requirements
from packflow.scaffold.plugins import AUTHOR

if TYPE_CHECKING:
    from packflow.project.files.gathering import Gathered
    from packflow.project.project import PackflowProject

#: What packflow itself needs.
_PYTHON = ">=3.10"
#: The licence of a project that brings none: nobody gives rights away without meaning to.
_LICENSE = "proprietary"


class Options(NamedTuple):
    """What was said of the new plugin; None where it is the project that says it."""

    author: str | None = None
    description: str | None = None
    license: str | None = None


class Parts(NamedTuple):
    """What a project consists of."""

    project: PackflowProject
    #: Its files.
    gathered: Gathered
    #: Its modules; None if its backend is not its own.
    modules: Modules | None
    #: The top-level names that its backend is imported with, and that are not its own.
    imports: frozenset[str]
    #: Where its files go.
    layout: Layout
    #: The backend's class.
    base: Base
    #: Its version, as a distribution has it.
    version: str
    dependencies: Dependencies
    #: The Python that it needs.
    python: str
    description: str
    #: Names, or ``Name <address>``; at least one.
    authors: tuple[str, ...]
    #: The name of the licence that it gets; None if it has one.
    license: str | None


def take_apart(project: PackflowProject, name: str, package: str, gathered: Gathered, options: Options) -> Parts:
    """Find out what a project consists of.

    Args:
        project: the project.
        name: what the plugin's distribution is called.
        package: what the plugin's package is called.
        gathered: the project's files.
        options: what was said of the plugin.

    Raises:
        ScaffoldError: something of it cannot be in a package.
    """
    config = project.config
    requirements = read_requirements(project.path)
    modules: Modules | None = None
    if config.loader == "local":
        modules = read_modules(project.path, config.inference_backend, gathered, package)
        base, imports = Base(modules.target, config.inference_backend.rpartition(":")[2]), modules.others
    else:
        base = installed_base(config)
        imports = frozenset({base.module.partition(".")[0]})
    needed = {each.path for each in required_files(config, project.path, ()) if each.path not in (NAME, SAMPLES)}
    layout = lay_out(
        gathered.files,
        package,
        needed | (modules.needed if modules else set()),
        {entry.file for entry in requirements.entries},
        init=modules is not None and modules.is_package,
    )
    major, minor = __version__.split(".")[:2]
    own_versions = f">={major}.{minor},<{int(major) + 1}"
    return Parts(
        project,
        gathered,
        modules,
        imports,
        layout,
        base,
        _version(project),
        dependencies_of(requirements, name, own_versions, base.requirement),
        config.python_version or requirements.requires_python or _PYTHON,
        (
            options.description or config.description or f"The backend of the project {config.name}, for packflow."
        ).strip(),
        _authors(options.author, project),
        _license(options.license, layout),
    )


def _version(project: PackflowProject) -> str:
    written = project.config.version
    try:
        return str(Version(written))
    except InvalidVersion:
        raise ScaffoldError(
            f"{project.file}, line {project.config.line_of('version')}: the version {written!r} is none that a package "
            "can have. Write it as in '1.0', '2026.4.1' or '1.0rc1'."
        ) from None


def _authors(said: str | None, project: PackflowProject) -> tuple[str, ...]:
    if said is None:
        return tuple(project.config.maintainers) or (f"The {project.config.name} team",)
    if not AUTHOR.fullmatch(said.strip()):
        raise ScaffoldError(f"--author is {said!r}, where 'Name' or 'Name <name@example.org>' is expected.")
    return (said,)


def _license(wanted: str | None, layout: Layout) -> str | None:
    if not layout.licenses:
        return wanted or _LICENSE
    if wanted:
        raise ScaffoldError(
            f"The project has a licence, which is taken along: {layout.licenses[0]}. Leave --license away."
        )
    return None
