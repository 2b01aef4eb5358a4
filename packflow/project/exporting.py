"""Makes an archive of a project: gathers its files, validates it, writes, tries what it wrote, and only then renames.

Whatever fails, an earlier archive of that name stays as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from packflow import __version__
from packflow.exceptions import ArchiveError, ProjectError
from packflow.project.archive.manifest import NO_PLUGINS, ArchivedFile, Manifest, RanWith, SamplesRun
from packflow.project.archive.writing import ChangedFile, Member, write_archive
from packflow.project.exportable import (
    SEE_ALL,
    refuse_invalid,
    refuse_missing,
    refuse_other_file,
    unwritable,
    warnings_of,
)
from packflow.project.files import unwanted
from packflow.project.files.choosing import OUTPUT, LeftOut
from packflow.project.files.gathering import Gathered, changed, gather
from packflow.project.files.secret_patterns import EARLIER_ARCHIVE
from packflow.project.requirements import read_requirements
from packflow.project.validation import DEFAULT_TIMEOUT, validate_project
from packflow.utils.aside import written_aside

if TYPE_CHECKING:
    from packflow.project.archive.wheels import Wheels
    from packflow.project.project import PackflowProject
    from packflow.project.requirements import Requirements
    from packflow.project.validation.report import ValidationReport

#: What no backend reads when it runs; anything else that is left out is a reason to try the archive itself.
_OF_NO_USE = (
    *(unwanted.CACHE, unwanted.SYSTEM, unwanted.VERSION_CONTROL, unwanted.VIRTUAL_ENVIRONMENT, unwanted.HISTORY),
    *(OUTPUT, EARLIER_ARCHIVE),
)


class Export(NamedTuple):
    """An archive that was made."""

    #: Where it is.
    path: Path
    #: Of the archive.
    sha256: str
    #: In bytes.
    size: int
    manifest: Manifest
    #: What is in the project's folder and not in the archive, with the reasons.
    left_out: tuple[LeftOut, ...]
    #: What may keep the archive from running elsewhere, a sentence each.
    warnings: tuple[str, ...]
    #: What was found of the project before.
    report: ValidationReport

    def as_json(self) -> dict[str, Any]:
        """Give it as data that JSON can hold."""
        return {
            "archive": str(self.path),
            "sha256": self.sha256,
            "size": self.size,
            "files": len(self.manifest.files),
            "wheels": [wheel.file for wheel in self.manifest.wheels],
            "left_out": [left._asdict() for left in self.left_out],
            "warnings": list(self.warnings),
        }


def export_project(
    project: PackflowProject,
    folder: Path | str = ".",
    *,
    wheels: bool = False,
    timeout: float = DEFAULT_TIMEOUT,
    progress: Callable[[str], None] | None = None,
) -> Export:
    """Make an archive of a project, ``<name>-<version>.zip``.

    Args:
        project: the project.
        folder: where the archive goes; it is made if it is not there.
        wheels: whether to put in the wheels of all that the project requires.
        timeout: how long the samples may take, in seconds, as for ``validate_project``.
        progress: is told what begins, where that may take a while.

    Raises:
        ArchiveError: the project is not valid, a file must not or cannot go into an archive, one that has to be in it
            was left out, or the archive cannot be written. An earlier archive stays as it is.
    """
    config = project.config
    target = Path(folder) / f"{config.name}-{config.version}.zip"
    refuse_other_file(target)
    gathered = gather(project, output=Path(folder), own_wheels=not wheels)
    requirements = read_requirements(project.path)
    refuse_missing(project, gathered, requirements)
    report = validate_project(project, timeout=timeout, progress=progress)
    refuse_invalid(report, project.path)
    with ExitStack() as stack:
        fetched = None
        if wheels:
            from packflow.project.archive.wheels import fetched_wheels

            fetched = stack.enter_context(fetched_wheels(requirements, report, progress or (lambda _: None)))
        manifest = _manifest(project, gathered, requirements, report, fetched)
        members = {path: member for path, (member, _) in gathered.files.items()} | (fetched.members if fetched else {})
        with _written(target) as partial:
            _write(partial, manifest, members, project.path)
            _try(partial, gathered, manifest, timeout)
            digest, size = _digest(partial)
    warnings = tuple(warnings_of(project, manifest, size))
    return Export(target, digest, size, manifest, gathered.left_out, warnings, report)


def _manifest(
    project: PackflowProject,
    gathered: Gathered,
    requirements: Requirements,
    report: ValidationReport,
    fetched: Wheels | None,
) -> Manifest:
    files = {
        path: ArchivedFile(sha256=contents.sha256, size=contents.size) for path, (_, contents) in gathered.files.items()
    }
    if report.ran_with is None:
        raise ArchiveError(f"What the samples of {project.path} ran with is not known, so no archive was made.")
    return Manifest(
        name=project.config.name,
        version=project.config.version,
        packflow=__version__,
        files=dict(sorted({**files, **(fetched.files if fetched else {})}.items())),
        requirements=tuple(requirements.texts()),
        plugins=report.plugins or NO_PLUGINS,
        ran_with=RanWith(python=report.ran_with.python, distributions=report.ran_with.distributions),
        samples=SamplesRun(count=report.samples, passed=report.samples),
        wheels=fetched.wheels if fetched else (),
    )


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """Give a file that becomes the archive when the block ends well."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_aside(target) as partial:
            yield partial
    except OSError as error:
        raise unwritable(target, error) from error


def _write(partial: Path, manifest: Manifest, members: Mapping[str, Member], folder: Path) -> None:
    try:
        with partial.open("wb") as stream:
            write_archive(stream, manifest, members)
    except ChangedFile as error:
        raise changed(folder / str(error)) from error


def _try(partial: Path, gathered: Gathered, manifest: Manifest, timeout: float) -> None:
    """Run the samples with what the archive holds, where something that they may need was left out."""
    left_out = [left for left in gathered.left_out if left.reason not in _OF_NO_USE]
    if not left_out:
        return
    from packflow.project.archive.limits import Limits
    from packflow.project.archive.unpacking import unpack

    with TemporaryDirectory(prefix="packflow-", ignore_cleanup_errors=True) as folder:
        place = Path(folder, "project")
        unpack(partial, place, limits=Limits(1 << 62, len(manifest.files) + 1))
        try:
            refuse_invalid(validate_project(place, timeout=timeout), place)
        except ProjectError as error:
            told = str(error).replace(f"{place}{os.sep}", "").replace(f"\n{SEE_ALL}", "")
            told = told.replace(str(place), "What the archive holds")
            raise ArchiveError(
                "\n- ".join(
                    [f"{told}\nThe project itself is valid: the archive lacks something. Left out are:"]
                    + [str(left) for left in left_out]
                )
            ) from error


def _digest(file: Path) -> tuple[str, int]:
    """Give a file's SHA-256 and its size."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
        return digest.hexdigest(), stream.tell()
