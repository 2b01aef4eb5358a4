"""Gives the content of an archive's entry, a block at a time, and no more than its headers say.

``zipfile`` stops reading where the size in the directory says so, whatever comes then, and other programs do not. Here
what is stored has to come to an end just there, so that all of them get the same content.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from packflow.project.archive.layout import STORED, Entry

#: In bytes, of what is read or given at a time.
BLOCK = 1 << 20


def content_of(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Read an entry's content.

    Args:
        stream: the archive; nothing else may move it meanwhile.
        entry: what its headers say.

    Raises:
        ValueError: it is not as they say, or cannot be read; the text is a clause that goes on from its name.
    """
    blocks = _stored(stream, entry) if entry.method == STORED else _inflated(stream, entry)
    size = crc = 0
    for block in blocks:
        size += len(block)
        crc = zlib.crc32(block, crc)
        if size > entry.size:
            raise ValueError(f"is longer than the {entry.size} bytes that the archive says")
        yield block
    if size != entry.size:
        raise ValueError(f"has {size} bytes, and not {entry.size} as the archive says")
    if crc != entry.crc:
        raise ValueError("is damaged: its checksum (CRC-32) differs")


def _stored(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    stream.seek(entry.start)
    left = entry.stored
    while left:
        try:
            block = stream.read(min(left, BLOCK))
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}") from error
        if not block:
            raise ValueError("is cut off")
        left -= len(block)
        yield block


def _inflated(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for stored in _stored(stream, entry):
        waiting = stored
        while waiting and not inflater.eof:
            yield _inflate(inflater, waiting)
            waiting = inflater.unconsumed_tail
        if inflater.unused_data or (inflater.eof and waiting):
            raise ValueError("has something behind its compressed data")
    while not inflater.eof:  # what was read may give more than one block
        block = _inflate(inflater, b"")
        if not block:
            raise ValueError("is damaged: its compressed data do not come to an end")
        yield block


def _inflate(inflater: zlib._Decompress, stored: bytes) -> bytes:
    try:
        return inflater.decompress(stored, BLOCK)
    except zlib.error as error:
        raise ValueError(f"is damaged: its data cannot be decompressed ({error})") from error
