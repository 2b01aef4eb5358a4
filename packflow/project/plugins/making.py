"""Makes a plugin of a project: validates it, works out the files, tries them, and only then puts them in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from packflow.exceptions import ArchiveError, ScaffoldError
from packflow.project.exportable import refuse_invalid, refuse_missing
from packflow.project.files.gathering import gather
from packflow.project.files.required import paths_outside
from packflow.project.plugins.parts import Options, take_apart
from packflow.project.plugins.planning import PluginPlan, plan_project_plugin
from packflow.project.plugins.trying import refuse_other_outputs, see_project
from packflow.project.requirements import read_requirements
from packflow.project.validation import DEFAULT_TIMEOUT, ValidationReport, validate_project
from packflow.scaffold.names import check_distribution, check_package, package_of
from packflow.scaffold.plugins import NewPlugin
from packflow.scaffold.taken import refuse_taken_names
from packflow.scaffold.writing import refuse_what_is_in_the_way, write_tree

if TYPE_CHECKING:
    from packflow.project.files.choosing import LeftOut
    from packflow.project.project import PackflowProject


_NOTHING_SAID = Options()


class Made(NamedTuple):
    """A plugin that was made of a project."""

    #: Its folder.
    path: Path
    plan: PluginPlan
    #: What is in the project's folder and not in the plugin's, with the reasons.
    left_out: tuple[LeftOut, ...]
    #: What is worth knowing, a sentence each.
    warnings: tuple[str, ...]


def make_plugin(
    project: PackflowProject,
    folder: Path | None = None,
    *,
    name: str | None = None,
    package: str | None = None,
    options: Options = _NOTHING_SAID,
    timeout: float = DEFAULT_TIMEOUT,
    progress: Callable[[str], None] = lambda _: None,
) -> Made:
    """Make a package of a project, that can be installed, and whose backend is loaded by its name.

    Args:
        project: the project. It stays as it is.
        folder: the folder to make; ``<name>-plugin`` beside the project, if None.
        name: what the distribution is called, and the plugin in it; as the project, if None.
        package: what the package is called; made from the name, if None.
        options: what else is said of it.
        timeout: how long the project's code may run each time, in seconds.
        progress: is told what begins, where that may take a while.

    Raises:
        ProjectError: the project is not valid, or has files that must not be handed on.
        ScaffoldError: a name is taken, something is in the way, or the project cannot be a package. Nothing is written.
    """
    new = _names(name or project.config.name, package)
    folder = folder if folder is not None else project.path.parent / f"{new.name}-plugin"
    _refuse_inside(folder, project)
    refuse_what_is_in_the_way(folder)
    gathered = gather(project)
    refuse_missing(project, gathered, read_requirements(project.path))
    parts = take_apart(project, new.name, new.package, gathered, options)
    report = _validated(project, timeout, progress)
    progress("running the samples with the project")
    seen = see_project(project, parts.imports, timeout)
    plan = plan_project_plugin(new, parts, seen)
    progress("running the samples with the package")
    write_tree(
        plan.files,
        folder,
        check=lambda staged: refuse_other_outputs(project, seen, staged / "src", plan.target, timeout),
    )
    outside = [
        f"{each.field} names {each.path}, which is not in the project: it has to be there wherever the plugin runs."
        for each in paths_outside(project.config, project.path)
    ]
    return Made(
        folder, plan, tuple(sorted((*gathered.left_out, *plan.left_out))), (*plan.warnings, *_lacking(report), *outside)
    )


def _names(name: str, package: str | None) -> NewPlugin:
    check_distribution(name)
    check_package(package or package_of(name), f"--package {package}" if package else f"the name {name!r}")
    new = NewPlugin(name, "backend", name, package or package_of(name), {})
    refuse_taken_names(new)
    return new


def _refuse_inside(folder: Path, project: PackflowProject) -> None:
    if folder.resolve().is_relative_to(project.path.resolve()):
        raise ScaffoldError(
            f"The folder {str(folder)!r} is in the project itself, whose part it would become. Choose another one with "
            "--directory."
        )


def _validated(project: PackflowProject, timeout: float, progress: Callable[[str], None]) -> ValidationReport:
    report = validate_project(project, timeout=timeout, progress=progress)
    try:
        refuse_invalid(report, project.path)
    except ArchiveError as error:
        raise ArchiveError(str(error).replace("no archive was made", "no plugin was made"), file=error.file) from None
    return report


def _lacking(report: ValidationReport) -> list[str]:
    """Say what the package would lack where it is installed."""
    found = [check for check in report.checks if check.name == "requirements" and check.status == "warning"]
    return [f"{check.detail[0].upper()}{check.detail[1:]}. {check.remedy}" for check in found]
