"""Reads an archive: what it holds, and whether it is what its manifest says. Nothing of it is written, run or imported.

Before a file's data are looked at, all the rest is settled: how many files there are and what they come to, that there
is one way to read the archive (:mod:`~packflow.project.archive.layout`), that its paths can do no harm, and that it
holds the files that its manifest lists and no others.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO

from packflow.exceptions import ArchiveError
from packflow.project.archive.inflating import BLOCK, content_of
from packflow.project.archive.layout import Entry, read_end, read_entries
from packflow.project.archive.limits import Limits, size_text
from packflow.project.archive.manifest import MANIFEST, Manifest, from_json
from packflow.project.archive.names import find_clash, path_problem
from packflow.utils.errors import short

#: What has to be in every project.
PROJECT_FILE = "packflow.yaml"

_AGAIN = "`packflow export` writes no such archive: get it again from where you have it."
#: What a manifest may come to: so much for itself, and so much for each file that it lists, in bytes.
_MANIFEST, _LINE = 1 << 20, 1 << 11


class Archive:
    """An archive that was found to be sound, but for its files' contents: those are checked as they are read.

    Example:
        >>> with read_archive("prices-1.0.zip") as archive:  # doctest: +SKIP
        ...     archive.manifest.version, archive.problem("packflow.yaml")
        ('1.0', None)

    Attributes:
        path: where it is.
        size: how many bytes it has.
        manifest: what it says of itself.
        entries: its files by their paths, the manifest being none of them.
        raw_manifest: the manifest's bytes.
    """

    def __init__(self, path: Path, size: int, stream: BinaryIO, entries: Iterable[Entry]) -> None:
        self.path = path
        self.size = size
        self._stream = stream
        found = {entry.name: entry for entry in entries}
        self.raw_manifest: bytes = _all_of(stream, found.pop(MANIFEST))
        self.manifest: Manifest = _manifest(self.raw_manifest)
        self.entries: Mapping[str, Entry] = found
        _compare(self.manifest, self.entries)

    def problem(self, name: str, target: IO[bytes] | None = None) -> str | None:
        """Read a file whole, and say in what it is not what the manifest says of it; None if it is.

        Args:
            name: the file's path in the archive.
            target: what to write the file to; nothing if None.

        Raises:
            OSError: the target cannot be written.
        """
        hashed = hashlib.sha256()
        try:
            _pass_on(content_of(self._stream, self.entries[name]), hashed, target)
        except ValueError as error:
            return f"{short(name)} {error}"
        if hashed.hexdigest() == self.manifest.files[name].sha256:
            return None
        return f"{short(name)} is not what its manifest says: its SHA-256 differs"

    def read(self, name: str) -> bytes:
        """Give a file's content, which is held in memory.

        Raises:
            ArchiveError: it is not what the manifest says.
        """
        held = BytesIO()
        if problem := self.problem(name, held):
            raise refused(self.path, problem)
        return held.getvalue()

    def problems(self) -> list[str]:
        """Check every file, and say of each that is not what the manifest says what is wrong with it."""
        return [problem for name in self.entries if (problem := self.problem(name))]

    def sha256(self) -> str:
        """Give the SHA-256 of the archive itself, by which it can be told from every other."""
        hashed = hashlib.sha256()
        try:
            self._stream.seek(0)
            while block := self._stream.read(BLOCK):
                hashed.update(block)
        except OSError as error:
            raise _unreadable(self.path, error) from error
        return hashed.hexdigest()


@contextmanager
def read_archive(path: str | os.PathLike[str], limits: Limits = Limits()) -> Iterator[Archive]:  # noqa: B008
    """Open an archive for a block.

    Example:
        >>> with read_archive("prices-1.0.zip") as archive:
        ...     print(archive.manifest.name)
        Traceback (most recent call last):
        packflow.exceptions.ArchiveError: The archive prices-1.0.zip cannot be read: No such file or directory.

    Args:
        path: the archive.
        limits: what it may come to.

    Raises:
        ArchiveError: it cannot be read, or it is not what ``packflow export`` writes; the text says in what.
    """
    file = Path(path)
    stream = _opened(file)
    with stream:
        yield _checked(file, stream, limits)


def refused(path: Path, problem: str, remedy: str = _AGAIN) -> ArchiveError:
    """Make the error that says what is wrong with an archive."""
    return ArchiveError(f"The archive {path} cannot be used: {problem}. {remedy}", file=str(path))


def other_project(manifest: Manifest, name: str, version: str) -> str | None:
    """Say that the ``packflow.yaml`` of an archive is of another project than its manifest; None if it is not."""
    if (name, version) == (manifest.name, manifest.version):
        return None
    of = f"{short(manifest.name)} {short(manifest.version)}"
    return f"its {PROJECT_FILE} is of {short(name)} {short(version)}, and not of {of}"


def _opened(path: Path) -> BinaryIO:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe or a device may never come to an end
            what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
            raise ArchiveError(f"The archive {path} cannot be read: it is {what}.", file=str(path))
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _unreadable(path, error) from error


def _checked(path: Path, stream: BinaryIO, limits: Limits) -> Archive:
    try:
        size = stream.seek(0, os.SEEK_END)
        end = read_end(stream, size)
        if end.entries > limits.files + 1:
            raise _too_large(path, f"it holds {end.entries - 1} files", f"{limits.files}", "--max-files", "files")
        entries = read_entries(stream, end)
        _require_manifest(path, entries)
        _refuse_paths(entry.name for entry in entries)
        total, largest = sum(entry.size for entry in entries), limits.largest(size)
        if total > largest:
            raise _too_large(
                path,
                f"its files come to {size_text(total)}, and it has {size_text(size)} itself",
                size_text(largest),
                "--max-size",
                "size",
            )
        return Archive(path, size, stream, entries)
    except ValueError as error:
        remedy = "Update packflow to read it." if "newer packflow" in str(error) else _AGAIN
        raise refused(path, str(error), remedy) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError | ValueError) -> ArchiveError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return ArchiveError(f"The archive {path} cannot be read: {reason}.", file=str(path))


def _too_large(path: Path, found: str, most: str, option: str, argument: str) -> ArchiveError:
    remedy = f"If you trust it, allow more with {option} (in Python, Limits({argument}=…))."
    return refused(path, f"{found}, where {most} are allowed", remedy)


def _require_manifest(path: Path, entries: Iterable[Entry]) -> None:
    sizes = {entry.name: entry.size for entry in entries}
    if MANIFEST not in sizes:
        remedy = "Archives are made by `packflow export`."
        if PROJECT_FILE in sizes:
            remedy = "An older packflow may have made it: unzip it, and export it again with `packflow export`."
        raise refused(path, f"it has no {MANIFEST}, which says what has to be in it", remedy)
    if sizes[MANIFEST] > _MANIFEST + _LINE * len(sizes):
        raise ValueError(f"its {MANIFEST} is too large ({size_text(sizes[MANIFEST])} for {len(sizes)} entries)")


def _refuse_paths(names: Iterable[str]) -> None:
    names, seen = list(names), set[str]()
    for name in names:
        if problem := path_problem(name):
            raise ValueError(f"it has the file {short(name)}: {problem}")
        if name in seen:
            raise ValueError(f"it has the file {short(name)} twice")
        seen.add(name)
    if clash := find_clash(names):
        raise ValueError(f"{short(clash.first)} and {short(clash.second)} are one file on some systems")


def _manifest(raw: bytes) -> Manifest:
    try:
        return from_json(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its {MANIFEST} cannot be used: {error}") from error


def _compare(manifest: Manifest, entries: Mapping[str, Entry]) -> None:
    """Refuse an archive that does not hold the files that its manifest lists, and no others."""
    if missing := [name for name in manifest.files if name not in entries]:
        raise ValueError(f"its manifest lists {_some(missing)}, but it does not hold {_them(missing)}")
    if additional := [name for name in entries if name not in manifest.files]:
        raise ValueError(f"it holds {_some(additional)}, but its manifest does not list {_them(additional)}")
    for name, listed in manifest.files.items():
        if listed.size != entries[name].size:
            found = f"{entries[name].size} bytes, and not {listed.size}"
            raise ValueError(f"{short(name)} is not what its manifest says: it has {found}")
    if PROJECT_FILE not in entries:
        raise ValueError(f"it has no {PROJECT_FILE}, so that it is no project")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(short, names[:3])) + more


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _all_of(stream: BinaryIO, entry: Entry) -> bytes:
    """Read an entry whose size is known to be small."""
    try:
        return b"".join(content_of(stream, entry))
    except ValueError as error:
        raise ValueError(f"its {entry.name} {error}") from error


def _pass_on(blocks: Iterable[bytes], hashed: hashlib._Hash, target: IO[bytes] | None) -> None:
    for block in blocks:
        hashed.update(block)
        if target is not None:
            target.write(block)
