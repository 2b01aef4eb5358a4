"""Runs the samples with a project, and with the package that was made of it, and compares what they give."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from packflow.exceptions import ScaffoldError
from packflow.loaders.projects.finder import RESERVED
from packflow.plugin.heavy import HEAVY_LIBRARIES
from packflow.project.project import PackflowProject
from packflow.project.validation.running import run_worker
from packflow.testing.judging.comparing import difference
from packflow.utils.processes.watching import Ending

#: How far numbers may be apart in the package's own tests, absolutely or in proportion: machines differ in the last
#: digits.
TOLERANCE = 1e-6


class Seen(NamedTuple):
    """What a project's backend gives, and what its tests are to know of it."""

    #: A row for each sample.
    outputs: list[dict[str, Any]]
    #: Whether a second run gave the same.
    deterministic: bool
    #: Libraries that importing the backend's module brings along, and that take long, print, or change the process.
    brought: tuple[str, ...]
    #: Whether importing the backend's module prints something, beside what those libraries do.
    prints: bool
    #: Whether importing the backend's module changes the process, beside what those libraries do.
    changes: bool
    #: The backend's own settings, each with its description.
    settings: dict[str, str]
    #: What these are by default, as JSON; empty where nobody can say.
    defaults: dict[str, str]
    #: The settings of the project that are paths relative to it, or have some within.
    paths: tuple[str, ...]
    #: Whether it refuses settings that are not its own.
    strict: bool


def see_project(project: PackflowProject, imports: Collection[str], timeout: float) -> Seen:
    """Run the samples with the project itself.

    Args:
        project: the project.
        imports: the top-level names that its modules import and that are not its own.
        timeout: how long it may take, in seconds.

    Raises:
        ScaffoldError: no plugin can be made of its backend, or the samples do not get through.
    """
    answer = _run(project, "", "", tuple(sorted(set(imports) - RESERVED)), timeout)
    if answer.get("is_instance"):
        raise ScaffoldError(
            f"{project.config.inference_backend} of {project.file} is an instance, configured already; a plugin is a "
            "class, which takes settings. Let inference_backend name the class, and backend_config hold its settings."
        )
    if answer.get("failure"):
        raise ScaffoldError(f"The samples of {project.path} do not get through: {answer['failure']}")
    outputs, again = answer["outputs"], answer["again"]
    same = difference(again, outputs, tolerance=TOLERANCE) is None
    brought = tuple(sorted(HEAVY_LIBRARIES.intersection(answer["brought"]).union(answer["loud"])))
    return Seen(
        outputs,
        same,
        brought,
        answer["prints"],
        answer["changes"],
        answer["settings"],
        answer["defaults"],
        tuple(answer["paths"]),
        answer["strict"],
    )


def refuse_other_outputs(project: PackflowProject, seen: Seen, source: Path, target: str, timeout: float) -> None:
    """Refuse a package whose backend does not give what the project's gives.

    Args:
        project: the project.
        seen: what its backend gave.
        source: the folder that the package is in.
        target: the package's backend, as ``module:object``.
        timeout: how long it may take, in seconds.

    Raises:
        ScaffoldError: it fails, or gives something else.
    """
    answer = _run(project, str(source), target, (), timeout)
    what = answer.get("failure")
    if not what and not Path(answer["file"]).is_relative_to(source):
        what = f"another module of that name is imported: {answer['file']}"
    if not what and seen.deterministic:
        what = difference(answer["outputs"], seen.outputs, tolerance=TOLERANCE)
    if what:
        raise ScaffoldError(
            f"The samples get through with the project, and not with the package that was made of it: {what}\nThe code "
            "relies on where it is, or on a file that was not taken along. Nothing was written."
        )


def _run(
    project: PackflowProject, source: str, target: str, libraries: tuple[str, ...], timeout: float
) -> dict[str, Any]:
    worker = "packflow.project.plugins.worker"
    ending = run_worker(worker, str(project.path), source, target, libraries, timeout, timeout=timeout)
    if ending.answer is None:
        return {"failure": _ending_text(ending, timeout)}
    return ending.answer


def _ending_text(ending: Ending, timeout: float) -> str:
    if ending.timed_out:
        return f"they take longer than {timeout:g} s"
    return ending.not_started or f"the process ended with status {ending.status}"
