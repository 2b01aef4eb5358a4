"""What keeps a project from being exported, and what may keep its archive from running elsewhere: told in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packflow.exceptions import ArchiveError
from packflow.plugin.kinds import OWN_DISTRIBUTION, fold
from packflow.project.archive.limits import FILES, Limits, size_text
from packflow.project.files.required import paths_outside, required_files

if TYPE_CHECKING:
    from packflow.project.archive.manifest import Manifest
    from packflow.project.files.gathering import Gathered
    from packflow.project.project import PackflowProject
    from packflow.project.requirements import Requirements
    from packflow.project.validation.report import ValidationReport

SEE_ALL: Final = "`packflow validate` shows all of it."


def refuse_other_file(target: Path) -> None:
    """Refuse to write over what is no archive."""
    try:
        if target.exists() and not target.is_file():
            what = "a folder" if target.is_dir() else "no regular file"
            raise ArchiveError(f"{target} is {what}. Move it, or name another place for archives.", file=str(target))
        if target.is_file() and target.stat().st_size:
            with target.open("rb") as stream:
                if stream.read(2) != b"PK":
                    raise ArchiveError(
                        f"{target} is there, and is no archive; it is left as it is. Move it, or name another place.",
                        file=str(target),
                    )
    except OSError as error:
        raise unwritable(target, error) from error


def refuse_missing(project: PackflowProject, gathered: Gathered, requirements: Requirements) -> None:
    """Refuse to make an archive without a file that the project needs."""
    files = [entry.file for entry in requirements.entries] or [requirements.file or ""]
    problems = [
        f"{needed.path}, which {needed.asked_by} needs: {reason}"
        for needed in required_files(project.config, project.path, sorted({*files} - {""}))
        if (reason := gathered.why_not(needed.path))
    ]
    problems += [
        f"{file}, which the list of requirements needs: it is outside of the project"
        for file in sorted({*files})
        if Path(file).is_absolute() or Path(os.path.normpath(file)).parts[:1] == ("..",)
    ]
    problems += [
        f"{outside.path}, which {outside.field} names: it is outside of the project"
        for outside in paths_outside(project.config, project.path)
        if outside.relative
    ]
    if problems:
        raise ArchiveError(
            "\n- ".join(["The archive would not hold what the project needs:", *problems])
            + "\nChange what leaves it out, or move it to another place in the project.",
            file=str(project.file),
        )


def refuse_invalid(report: ValidationReport, called: Path | str) -> None:
    """Refuse a project that is not valid, with what is wrong."""
    if report.passed:
        return
    lines = []
    for check in report.checks:
        if check.status == "failed":
            where = f" ({check.where})" if check.where else ""
            lines.append(f"- {check.name}: {check.detail}{where}. {check.remedy}".rstrip())
            lines += [f"    {line}" for line in check.lines]
    for failure in report.failures[:3]:
        line = f"samples.jsonl, line {failure.line}: " if failure.line else ""
        lines.append(
            f"- {line}{failure.message} ({failure.exception}){f' at {failure.where}' if failure.where else ''}"
        )
    raise ArchiveError(
        "\n".join([f"{called} is not valid, so no archive was made:", *lines, SEE_ALL]),
        file=str(called),
    )


def unwritable(target: Path, error: OSError) -> ArchiveError:
    """Make the error that tells that an archive cannot be written."""
    return ArchiveError(f"{target} cannot be written: {error.strerror}.", file=str(target))


def warnings_of(project: PackflowProject, manifest: Manifest, archive: int) -> Iterator[str]:
    """Say what may keep an archive from running elsewhere, a sentence each.

    Args:
        project: the project.
        manifest: the archive's.
        archive: its size in bytes.
    """
    from packflow.project.archive.pins import look_up

    for outside in paths_outside(project.config, project.path):
        yield (
            f"{outside.field} names {outside.path}, which is not in the project: it has to be there wherever the "
            "archive runs."
        )
    for locked in manifest.plugins["distribution"]:
        found = look_up(locked["name"])
        if found and found.editable and fold(found.name) != OWN_DISTRIBUTION:
            yield (
                f"{found.name} {found.version}, whose plugin the samples used, is installed editable, from its source; "
                "installed from a wheel it will be another for the archive. Install its wheel, and export again."
            )
    size = sum(listed.size for listed in manifest.files.values())
    largest = Limits().largest(archive)
    if size > largest or len(manifest.files) > FILES:
        yield (
            f"The archive holds {len(manifest.files)} files of {size_text(size)} together; to unpack more than {FILES} "
            f"files or {size_text(largest)} of an archive of {size_text(archive)}, one has to say so, with --max-files "
            "and --max-size."
        )
