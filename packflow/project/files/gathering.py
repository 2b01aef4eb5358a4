"""Gathers what goes into an archive: chooses, opens and looks into the files, and refuses what must not go anywhere.

Whatever is wrong is told all at once, before anything is written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from packflow.exceptions import ArchiveError
from packflow.project.archive.manifest import MANIFEST, WHEELS
from packflow.project.archive.names import find_clash, path_problem
from packflow.project.archive.writing import Member
from packflow.project.files.choosing import Chosen, LeftOut, choose
from packflow.project.files.contents import Contents, look_into
from packflow.project.files.secret_patterns import ALLOWED, looks_real
from packflow.project.files.tree import OWN_IGNORE, DiskTree, outer_ignore_files
from packflow.project.files.unwanted import reason_by_inside
from packflow.utils.errors import short
from packflow.utils.secrets import looks_secret

if TYPE_CHECKING:
    from packflow.project.project import PackflowProject

#: How many problems of a kind are told.
_MOST = 20
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class DiskFile(NamedTuple):
    """A file of the project; what has become a link or a pipe since it was chosen is not opened."""

    place: Path

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open it for reading."""
        with os.fdopen(os.open(self.place, _READ), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError(0, "it is no regular file any more")
            yield stream


class Gathered(NamedTuple):
    """What goes into an archive."""

    #: By path, sorted; each with what was found in it.
    files: dict[str, tuple[Member, Contents]]
    #: Sorted by path.
    left_out: tuple[LeftOut, ...]

    def why_not(self, path: str) -> str | None:
        """Say why a file or folder is left out; None if it is not among those that are."""
        return Chosen((), self.left_out).why_not(path)


def gather(project: PackflowProject, *, output: Path | None = None, own_wheels: bool = True) -> Gathered:
    """Choose and look into the files of a project.

    Args:
        project: the project.
        output: the folder where archives are written.
        own_wheels: whether a folder ``wheels`` of the project's is one like any other.

    Raises:
        ArchiveError: a file cannot be read, has a name that cannot be unpacked everywhere, or holds a secret.
    """
    root = project.path.resolve()
    tree = DiskTree(root)
    if reason := reason_by_inside(tree.entries("")):
        raise ArchiveError(
            f"{project.path}: {reason}. Keep the project in a folder of its own.", file=str(project.path)
        )
    chosen = choose(tree, output=_inside(output, root), outer=outer_ignore_files(root))
    left_out = list(chosen.left_out)
    files: dict[str, tuple[Member, Contents]] = {}
    for path, source in chosen.files:
        reason = _made_anew(path, own_wheels=own_wheels)
        if reason is None:
            file = DiskFile(root / source)
            contents = _look_into(file, path)
            reason = contents.reason
            files[path] = (Member(file, contents.is_program), contents)
        if reason is not None:
            files.pop(path, None)
            left_out.append(LeftOut(path, reason))
    _refuse_names(files)
    _refuse_secrets(project, files)
    return Gathered(files, tuple(sorted(left_out)))


def _inside(folder: Path | None, root: Path) -> str | None:
    """Give a folder's path relative to the project; None unless it lies in it."""
    if folder is None or folder.resolve() == root or not folder.resolve().is_relative_to(root):
        return None
    return "/".join(folder.resolve().relative_to(root).parts)


def _made_anew(path: str, *, own_wheels: bool) -> str | None:
    if path == MANIFEST:
        return "it is the manifest of an archive that was unpacked here; the new archive gets its own"
    if path.startswith(f"{WHEELS}/") and not own_wheels:
        return "the archive gets wheels of its own"
    return None


def _look_into(file: DiskFile, path: str) -> Contents:
    try:
        if file.place.resolve() != file.place:
            raise OSError(0, "it has become a link")
        with file.open() as stream:
            before = os.fstat(stream.fileno())
            contents = look_into(stream, path.rpartition("/")[2])
            after = os.fstat(stream.fileno())
    except OSError as error:
        what = f"{file.place} cannot be read: {error.strerror}"
        remedy = f"Let it be readable, or leave it out with a line in {OWN_IGNORE}."
        raise ArchiveError(f"{what}. {remedy}", file=str(file.place)) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or contents.size != after.st_size:
        raise changed(file.place)
    return contents


def changed(place: Path | str) -> ArchiveError:
    """Make the error that tells that a file is not what it was when the export began."""
    return ArchiveError(
        f"{place} was changed while it was exported. Export again when nothing writes to it; if the backend itself "
        f"writes there, let it write elsewhere, or name the file in {OWN_IGNORE}.",
        file=str(place),
    )


def _refuse_names(files: dict[str, tuple[Member, Contents]]) -> None:
    problems = [f"{short(path)}: {problem}" for path in files if (problem := path_problem(path))]
    if not problems and (clash := find_clash((MANIFEST, *files))):
        problems = [f"{clash.first!r} and {clash.second!r} are one file on some systems"]
    if problems:
        raise ArchiveError(
            _list("These files could not be unpacked everywhere:", problems)
            + f"\nRename them, or leave them out with lines in {OWN_IGNORE}."
        )


def _refuse_secrets(project: PackflowProject, files: dict[str, tuple[Member, Contents]]) -> None:
    found = [
        f"{path}{'' if secret.line is None else f', line {secret.line}'}: {secret.what}"
        for path, (_, contents) in files.items()
        for secret in contents.secrets
    ]
    found += _secrets_in_env(project, found)
    if found:
        raise ArchiveError(
            _list("There are secrets in files that would go into the archive:", found)
            + "\nTake them out: let the backend read them from the environment when it runs. Leave a file out with a "
            f"line in {OWN_IGNORE}. Where it is no secret, write '{ALLOWED.decode()}' in that line."
        )


def _secrets_in_env(project: PackflowProject, found: list[str]) -> Iterator[str]:
    """Tell the values of ``env`` whose names say that they are secrets."""
    lines = project.file.read_bytes().split(b"\n")
    for name, value in project.config.env.items():
        line = project.config.line_of(f"env.{name}") or 1
        place = f"{project.file.name}, line {line}"
        is_told = ALLOWED in lines[line - 1] or any(each.startswith(f"{place}:") for each in found)
        if looks_secret(name) and looks_real(value.encode()) and not is_told:
            yield f"{place}: what looks like a secret, in env.{name}"


def _list(title: str, lines: list[str]) -> str:
    more = [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return "\n- ".join([title, *lines[:_MOST], *more])
