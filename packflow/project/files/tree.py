"""A project's folder on the disk: what lies in it, and where its links lead. Nothing is decided here."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol

from packflow.exceptions import ArchiveError
from packflow.project.files.ignoring import LONGEST, IgnoreFile, parse
from packflow.utils.errors import short

Kind = Literal["file", "folder", "link", "other"]

#: The ignore files that are read; the second is packflow's own.
GITIGNORE: Final = ".gitignore"
OWN_IGNORE: Final = ".packflowignore"


#: How deep folders may lie in each other; deeper ones could not be unpacked everywhere.
_DEEPEST: Final = 200


class Entry(NamedTuple):
    """Something that lies in a folder."""

    kind: Kind
    #: What is to be said of it: what a special file is, or why a link leads to nothing that could be used.
    problem: str = ""
    #: Where a link leads in the end, relative to the project; None unless that is a file or a folder of the project.
    target: str | None = None
    #: What is there.
    target_kind: Kind | None = None


class Tree(Protocol):
    """A folder with what lies in it; paths are relative to it, with ``/`` between their parts."""

    def entries(self, folder: str) -> Mapping[str, Entry]:
        """Give what lies in a folder, by name; an empty text stands for the tree's own folder."""

    def ignore_file(self, path: str) -> IgnoreFile:
        """Read an ignore file."""


class DiskTree:
    """A :class:`Tree` on the disk. A folder is listed once, and remembered."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._entries: dict[str, dict[str, Entry]] = {}

    def entries(self, folder: str) -> Mapping[str, Entry]:
        """Give what lies in a folder, by name, sorted.

        Raises:
            ArchiveError: it cannot be listed.
        """
        if folder not in self._entries:
            place = self._root / folder
            if folder.count("/") >= _DEEPEST:
                what = f"{short(folder)} lies more than {_DEEPEST} folders deep"
                raise ArchiveError(f"{what}. Leave it out with a line in {OWN_IGNORE}.", file=str(place))
            try:
                with os.scandir(place) as found:
                    listed = {entry.name: self._entry(entry) for entry in found}
            except OSError as error:
                what = f"{place} cannot be listed: {error.strerror}"
                remedy = f"Let it be readable, or leave it out with a line in {OWN_IGNORE}."
                raise ArchiveError(f"{what}. {remedy}", file=str(place)) from error
            self._entries[folder] = dict(sorted(listed.items()))
        return self._entries[folder]

    def ignore_file(self, path: str) -> IgnoreFile:
        """Read an ignore file of the project."""
        return read_ignore_file(self._root / path, path)

    def _entry(self, entry: os.DirEntry[str]) -> Entry:
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode) or _is_junction(entry.path):
            return self._link(Path(entry.path))
        kind = _kind(mode)
        return Entry(kind, _SPECIAL.get(stat.S_IFMT(mode), "it is no regular file") if kind == "other" else "")

    def _link(self, link: Path) -> Entry:
        try:
            target = link.resolve(strict=True)
        except FileNotFoundError:
            return Entry("link", "it is a link that leads nowhere")
        except (OSError, RuntimeError):  # Python 3.13 raises the first for a circle, the others before it the second
            return Entry("link", "it is a link that leads round in a circle, or where nobody may look")
        if not target.is_relative_to(self._root):
            return Entry("link", "it is a link that leads out of the project")
        kind = _kind(target.stat().st_mode)
        if kind == "other":
            return Entry("link", "it is a link to something that is no regular file")
        inside = target.relative_to(self._root)
        return Entry("link", target="/".join(inside.parts), target_kind=kind)


_SPECIAL = {
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFIFO: "it is a named pipe",
    stat.S_IFBLK: "it is a device",
    stat.S_IFCHR: "it is a device",
}


def _kind(mode: int) -> Kind:
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def _is_junction(path: str) -> bool:
    """Tell whether a folder is a junction, which is how Windows links folders."""
    found: bool = getattr(os.path, "isjunction", lambda _: False)(path)  # came with Python 3.12
    return found


def read_ignore_file(file: Path, called: str) -> IgnoreFile:
    """Read an ignore file.

    Args:
        file: where it is.
        called: its path, as messages give it.

    Raises:
        ArchiveError: it cannot be read, so nobody knows what it keeps out.
    """
    try:
        mode = file.lstat().st_mode
        if not stat.S_ISREG(mode):
            reason = "it is a link, which git does not follow" if stat.S_ISLNK(mode) else "it is no regular file"
        elif file.stat().st_size > LONGEST:
            reason = f"it is longer than {LONGEST >> 20} MiB"
        else:
            return parse(file.read_bytes().decode(errors="surrogateescape"), called)
    except OSError as error:
        reason = error.strerror or str(error)
    raise ArchiveError(f"{file} cannot be read, so what it keeps out is not known: {reason}.", file=str(file))


def outer_ignore_files(root: Path) -> list[tuple[str, IgnoreFile]]:
    """Read what the git repository round a project says of it.

    Args:
        root: the project's folder.

    Returns:
        The repository's ignore files that do not lie in the project, from the one that decides first; each with the
        project's path relative to the folder that the file speaks of, an empty text for that folder itself.
    """
    root = root.resolve()
    repository = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if repository is None:
        return []
    folders = [folder for folder in root.parents if folder.is_relative_to(repository)]
    places = [(folder, folder / GITIGNORE) for folder in folders]
    if excluded := _exclude_file(repository / ".git"):
        places.append((repository, excluded))
    return [
        ("" if folder == root else "/".join(root.relative_to(folder).parts), read_ignore_file(file, str(file)))
        for folder, file in places
        if os.path.lexists(file)
    ]


def _exclude_file(git: Path) -> Path | None:
    """Give where git keeps what is ignored in one clone only; a working tree beside its repository has it there."""
    try:
        if git.is_file():
            git = git.parent / git.read_text(encoding="utf-8", errors="surrogateescape").removeprefix("gitdir:").strip()
            common = git / "commondir"
            if common.is_file():
                git = git / common.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except (OSError, ValueError):
        return None
    exclude = git / "info" / "exclude"
    return exclude.resolve() if exclude.is_file() else None  # git follows a link there
