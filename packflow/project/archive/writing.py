"""Writes an archive: a zip file in which nothing depends on who wrote it, when, where, or in which order.

Times are the earliest that a zip file can say, permissions one of two, entries sorted; the compressor's settings are
fixed. What is left is the compressor itself: one that is built differently may write the same files in other bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import BinaryIO, Final, NamedTuple, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from packflow.project.archive.manifest import MANIFEST, Manifest, to_json

#: How hard the compressor tries; zlib's own default, and said here so that it stays the same.
LEVEL: Final = 6
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_FILE, _PROGRAM = 0o100644, 0o100755
_BLOCK: Final = 1 << 20


class Source(Protocol):
    """Where the bytes of a file come from."""

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Open it for reading."""


class Member(NamedTuple):
    """A file that goes into an archive."""

    source: Source
    is_program: bool = False


class ChangedFile(Exception):  # noqa: N818  # it never leaves this room
    """A file is not what it was when it was looked into; the text is its path."""


def write_archive(stream: BinaryIO, manifest: Manifest, members: Mapping[str, Member]) -> None:
    """Write an archive, a block of a file at a time.

    Args:
        stream: where it goes; it can seek.
        manifest: the record of what it holds.
        members: every file that the manifest lists, by its path.

    Raises:
        ChangedFile: a file is not, or no longer, what the manifest says of it.
    """
    with ZipFile(stream, "w", ZIP_DEFLATED, allowZip64=True, compresslevel=LEVEL) as archive:
        raw = to_json(manifest)
        archive.writestr(_info(MANIFEST, len(raw), is_program=False), raw, compresslevel=LEVEL)
        for path, listed in sorted(manifest.files.items()):
            member = members[path]
            digest, left = hashlib.sha256(), listed.size
            info = _info(path, listed.size, is_program=member.is_program)
            with _opened(member, path) as source, archive.open(info, "w") as entry:
                while left and (block := source.read(min(_BLOCK, left))):
                    left -= len(block)
                    digest.update(block)
                    entry.write(block)
                grown = source.read(1)
            if left or grown or digest.hexdigest() != listed.sha256:
                raise ChangedFile(path)


@contextmanager
def _opened(member: Member, path: str) -> Iterator[BinaryIO]:
    with ExitStack() as stack:
        try:
            source = stack.enter_context(member.source.open())
        except OSError as error:  # it is gone, or a link by now
            raise ChangedFile(path) from error
        yield source


def _info(path: str, size: int, *, is_program: bool) -> ZipInfo:
    info = ZipInfo(path, _EARLIEST)
    info.compress_type = ZIP_DEFLATED
    info._compresslevel = LEVEL  # type: ignore[attr-defined]  # noqa: SLF001  # public, as compress_level, from 3.13 on
    info.create_system = _UNIX
    info.external_attr = (_PROGRAM if is_program else _FILE) << 16
    info.file_size = size  # tells whether it needs numbers of 64 bits
    return info
