"""Unpacks an archive, all of it or nothing: no file that is not what the manifest says, and none outside the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from errno import EEXIST
from pathlib import Path
from typing import TYPE_CHECKING

from packflow.exceptions import ArchiveError, ProjectError
from packflow.project.archive.limits import Limits
from packflow.project.archive.manifest import MANIFEST, Manifest
from packflow.project.archive.reading import PROJECT_FILE, Archive, other_project, read_archive, refused
from packflow.utils.aside import folder_aside

if TYPE_CHECKING:
    from packflow.project.project import PackflowProject

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def unpack(
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    limits: Limits = Limits(),  # noqa: B008
) -> Manifest:
    """Unpack an archive into a folder that is new or empty. The folders above it are made too.

    Example:
        >>> unpack("prices-1.0.zip", "prices").version  # doctest: +SKIP
        '1.0'

    The files are written into a hidden folder and moved when all of them are there and found to be right. A folder that
    is new comes into being with that; one that was there gets its ``packflow.yaml`` last.

    Args:
        path: the archive.
        folder: where its files go, the manifest too.
        limits: what the archive may come to.

    Returns:
        The archive's manifest.

    Raises:
        ArchiveError: the archive is not what it has to be, something is in the way, or the folder cannot be written.
            Nothing is left behind.
    """
    target = Path(folder)
    with read_archive(path, limits) as archive:
        try:
            _refuse_what_is_in_the_way(target)
            base, above = _base_of(target.resolve())
            with folder_aside(base, prefix=".packflow-") as aside:
                _write(archive, Path(aside, "new", *above))
                _move(aside / "new", base)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ArchiveError(
                f"{target} cannot be written: {reason}. Nothing of {archive.path} was left behind.", file=str(target)
            ) from error
        return archive.manifest


@contextmanager
def open_archive(
    path: str | os.PathLike[str],
    *,
    limits: Limits = Limits(),  # noqa: B008
    any_versions: bool = False,
) -> Iterator[PackflowProject]:
    """Give the project in an archive, unpacked into a temporary folder that is removed when the block ends.

    Example:
        >>> with open_archive("prices-1.0.zip") as project:  # doctest: +SKIP
        ...     backend = project.load()
        ...     backend({"miles": 187})
        {'fare': 22.44}

    Use what is loaded inside the block: a backend may read its files when it is called.

    Args:
        path: the archive.
        limits: what it may come to.
        any_versions: whether plugins may be others than those that the archive's samples ran with.

    Raises:
        ArchiveError: the archive is not what it has to be, or cannot be unpacked.
        ProjectError: a plugin that its samples ran with is missing here, or is another; or its ``packflow.yaml`` is
            wrong.
    """
    from packflow.project.archive.running import require_same
    from packflow.project.project import PackflowProject

    with temporary_folder(path) as folder:
        project_folder = folder / "project"
        with read_archive(path, limits) as archive:
            require_same(archive.manifest, str(archive.path), any_versions=any_versions)
            with telling_no_room(path):
                _write(archive, project_folder)
        with calling_by_archive(project_folder, path):
            project = PackflowProject(project_folder)
        if problem := other_project(archive.manifest, project.config.name, project.config.version):
            raise refused(archive.path, problem)
        yield project


@contextmanager
def temporary_folder(archive: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder for what is in an archive, which is removed when the block ends."""
    with ExitStack() as stack:
        with telling_no_room(archive):
            folder = stack.enter_context(folder_aside())
        yield folder


@contextmanager
def telling_no_room(archive: str | os.PathLike[str]) -> Iterator[None]:
    """Say what to do where a temporary folder cannot be made, or be written."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{archive} cannot be unpacked into a temporary folder: {error.strerror}. Name another with TMPDIR, or "
            "unpack it with `packflow unpack`, and run that folder.",
            file=str(archive),
        ) from error


@contextmanager
def calling_by_archive(folder: Path, archive: str | os.PathLike[str]) -> Iterator[None]:
    """Call files by the archive that they are from, in an error that the block raises.

    The folder that an archive was unpacked into is gone by the time that somebody reads the error.

    Args:
        folder: where the archive was unpacked.
        archive: what the folder is called instead.
    """
    try:
        yield
    except ProjectError as error:
        text, file = (
            each and each.replace(f"{folder}{os.sep}", f"{archive}/").replace(str(folder), str(archive))
            for each in (str(error), error.file)
        )
        told = ProjectError(text or "", file=file, line=error.line, field=error.field)
        raise told.explained(error.explanation) from error


def _refuse_what_is_in_the_way(folder: Path) -> None:
    if folder.is_symlink() and not folder.exists():
        raise ArchiveError(f"{folder} is a link that leads nowhere. Remove it, or choose another folder.")
    if folder.exists() and not folder.is_dir():
        raise ArchiveError(f"{folder} is there already, and is no folder. Choose another place.")
    inside = sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []
    if inside:
        more = f" and {len(inside) - 5} more" if len(inside) > 5 else ""
        raise ArchiveError(
            f"The folder {folder} is not empty: it has {', '.join(inside[:5])}{more}. Nothing is overwritten: choose "
            "another folder, or move those files.",
            file=str(folder),
        )


def _base_of(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Give the nearest folder that is there, and the names of those below it that are to be made."""
    base = folder
    while not base.exists():
        base = base.parent
    return base, folder.relative_to(base).parts


# Loops have functions of their own, without a handler in them: where a signal arrives at the jump to a loop's
# beginning, Python 3.13 passes the handlers around the loop.
def _write(archive: Archive, folder: Path) -> None:
    """Write every file of an archive into a new folder, checking each."""
    folder.mkdir(parents=True)
    for name, entry in archive.entries.items():
        _write_file(archive, name, folder.joinpath(*name.split("/")), 0o777 if entry.executable else 0o666)
    folder.joinpath(MANIFEST).write_bytes(archive.raw_manifest)


def _write_file(archive: Archive, name: str, file: Path, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, _CREATE, mode), "wb") as stream:
        problem = archive.problem(name, stream)
    if problem:
        raise refused(archive.path, problem)


def _move(source: Path, target: Path) -> None:
    """Move what is in one folder into another; if that fails half-way, all of it is back where it was."""
    moved: list[str] = []
    names = sorted((entry.name for entry in source.iterdir()), key=lambda name: (name == PROJECT_FILE, name))
    try:
        _move_each(names, source, target, moved)
    except BaseException:
        _move_back(moved, source, target)
        raise


def _move_each(names: list[str], source: Path, target: Path, moved: list[str]) -> None:
    for name in names:
        if os.path.lexists(target / name):  # somebody else has put it there meanwhile
            raise FileExistsError(EEXIST, f"{name!r} is there already")
        moved.append(name)
        (source / name).rename(target / name)


def _move_back(moved: list[str], source: Path, target: Path) -> None:
    for name in moved:
        if not os.path.lexists(source / name):
            (target / name).rename(source / name)
