"""What a zip file is made of, byte by byte: only one way to read it is accepted.

A zip file says twice what it holds: before each file, and in the directory at its end. Programs differ in what they
believe, and in what they make of bytes that nobody speaks of. Here both have to say the same, the files have to lie one
behind the other from the first byte on, and the directory has to follow and to end the file, so that every program
finds the same in it. What ``packflow export`` writes is like that.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

from packflow.utils.errors import short

_LOCAL = Struct("<4s5H3L2H")
_CENTRAL = Struct("<4s6H3L5H2L")
_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR = Struct("<4sLQL")

#: In bytes, of an entry's name: more than paths may have.
_LONGEST_NAME = 2048
#: Room for two sizes and an offset of 64 bits each.
_LONGEST_EXTRA = 32
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_ENCRYPTED, _STREAMED, _UTF8 = 0x1, 0x8, 0x800
_LEVEL = 0x6  # how hard the compressor tried
_METHODS = {1: "shrink", 6: "implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd"}
STORED, _DEFLATED = 0, 8


class End(NamedTuple):
    """What the end of a zip file says of its directory."""

    entries: int
    #: Where the directory begins.
    start: int
    #: Where it ends.
    stop: int


class Entry(NamedTuple):
    """One file of an archive, as the directory has it."""

    name: str
    #: Its size, and the size of what is stored of it, in bytes.
    size: int
    stored: int
    executable: bool
    #: Where its data begin in the archive; how they are compressed; and their checksum when they are not.
    start: int
    method: int
    crc: int


class _Header(NamedTuple):
    """What is said of an entry in both places, and has to be the same."""

    name: bytes
    flags: int
    method: int
    time: int
    date: int
    crc: int
    stored: int
    size: int


def read_end(stream: BinaryIO, length: int) -> End:
    """Read the end of a zip file.

    Args:
        stream: the file.
        length: how many bytes it has.

    Raises:
        ValueError: it does not end as it has to; the text is a clause that says what is wrong.
    """
    if not length:
        raise ValueError("it is empty")
    begin = _read_at(stream, 0, 4)
    raw = _read_at(stream, max(0, length - _END.size), _END.size)
    if len(raw) < _END.size or not raw.startswith(b"PK\5\6"):
        if not begin.startswith(b"PK"):
            raise ValueError("it is no zip file")
        raise ValueError("it does not end as a zip file does: it is cut off, or something was added to it")
    _, disk, first_disk, here, entries, size, start, comment = _END.unpack(raw)
    stop = length - _END.size
    if comment or disk or first_disk or here != entries:
        raise ValueError("its end is not that of one zip file without a comment")
    if (raw := _read_at(stream, stop - _LOCATOR.size, _LOCATOR.size)).startswith(b"PK\6\7"):
        short_form = (entries, size, start)
        stop, entries, size, start = _end64(stream, stop - _LOCATOR.size, raw)
        if short_form != (min(entries, _FULL16), min(size, _FULL32), min(start, _FULL32)):
            raise ValueError("its end says two things about its directory")
    if start + size != stop:
        raise ValueError("its directory does not end where the file does: it is cut off, or something stands before it")
    if entries and not begin.startswith(b"PK\3\4"):
        raise ValueError("something stands before its first entry")
    return End(entries, start, stop)


def _end64(stream: BinaryIO, locator: int, raw: bytes) -> tuple[int, int, int, int]:
    """Read the end of a large zip file: where it begins; and the entries, size and start of the directory."""
    _, disk, _, disks = _LOCATOR.unpack(raw)
    place = locator - _END64.size
    record = _read_at(stream, place, _END64.size)
    if len(record) < _END64.size or not record.startswith(b"PK\6\6") or (disk, disks) != (0, 1):
        raise ValueError("its end is damaged")
    _, rest, _, _, disk, first_disk, here, entries, size, start = _END64.unpack(record)
    if (_LOCATOR.unpack(raw)[2], rest, disk, first_disk, here) != (place, _END64.size - 12, 0, 0, entries):
        raise ValueError("its end is damaged")
    return place, entries, size, start


def read_entries(stream: BinaryIO, end: End) -> list[Entry]:
    """Read the directory and compare it with what stands before each file.

    Args:
        stream: the zip file.
        end: what its end says.

    Raises:
        ValueError: something is wrong with an entry; the text is a clause that names it.
    """
    most = end.entries * (_CENTRAL.size + _LONGEST_NAME + _LONGEST_EXTRA)
    if end.stop - end.start > most:
        raise ValueError(f"its directory is too large for {end.entries} entries")
    directory = _read_at(stream, end.start, end.stop - end.start)
    entries, place = [], 0
    for header, offset, attributes in _headers(directory, end.entries):
        name = _name(header)
        _refuse_method(name, header)
        mode = _mode(name, attributes)
        if offset != place:
            raise ValueError(f"{short(name)} does not begin where the entry before it ends")
        place = _after(stream, name, header, offset)
        if place > end.start:
            raise ValueError(f"{short(name)} reaches into the directory")
        executable = bool(mode & stat.S_IXUSR)
        start = place - header.stored
        entries.append(Entry(name, header.size, header.stored, executable, start, header.method, header.crc))
    if place != end.start:
        raise ValueError("there is something between its last entry and its directory")
    return entries


def _headers(directory: bytes, entries: int) -> Iterator[tuple[_Header, int, int]]:
    """Give what the directory says of each entry, with its offset and its attributes."""
    place = 0
    for number in range(1, entries + 1):
        fixed = directory[place : place + _CENTRAL.size]
        if len(fixed) < _CENTRAL.size or not fixed.startswith(b"PK\1\2"):
            raise ValueError(f"its directory is damaged at entry {number} of {entries}")
        (_, _, _, flags, method, time, date, crc, stored, size,
         name_size, extra_size, comment, disk, _, attributes, offset) = _CENTRAL.unpack(fixed)  # fmt: skip
        place += _CENTRAL.size
        name = directory[place : place + name_size]
        extra = directory[place + name_size : place + name_size + extra_size]
        place += name_size + extra_size
        if place > len(directory) or comment or disk:
            raise ValueError(f"its directory is damaged at entry {number} of {entries}")
        size, stored, offset = _long_numbers(extra, (size, stored, offset), name)
        yield _Header(name, flags, method, time, date, crc, stored, size), offset, attributes
    if place != len(directory):
        raise ValueError(f"its directory has more than the {entries} entries that its end counts")


def _after(stream: BinaryIO, name: str, header: _Header, offset: int) -> int:
    """Compare what stands before a file with what the directory says of it; give where the file's data end."""
    fixed = _read_at(stream, offset, _LOCAL.size)
    if len(fixed) < _LOCAL.size or not fixed.startswith(b"PK\3\4"):
        raise ValueError(f"{short(name)} is not where the directory says")
    _, _, flags, method, time, date, crc, stored, size, name_size, extra_size = _LOCAL.unpack(fixed)
    own = stream.read(min(name_size, _LONGEST_NAME))
    extra = stream.read(min(extra_size, _LONGEST_EXTRA + 1))
    size, stored = _long_numbers(extra, (size, stored), own)
    found = _Header(own, flags, method, time, date, crc, stored, size)
    for field, here, there in zip(_Header._fields, found, header, strict=True):
        if here != there:
            raise ValueError(f"{short(name)} has another {field} before its data than in the directory")
    end: int = offset + _LOCAL.size + name_size + extra_size + header.stored
    return end


def _long_numbers(extra: bytes, numbers: tuple[int, ...], name: bytes) -> list[int]:
    """Put the numbers of more than 32 bits in their places; nothing else may be said beside the header's fields."""
    if not extra:
        return list(numbers)
    missing = sum(number == _FULL32 for number in numbers)
    count = len(extra) // 8
    if len(extra) == 4 + 8 * count and Struct("<2H").unpack_from(extra) == (1, 8 * count):
        told = Struct(f"<{count}Q").unpack_from(extra, 4)
        if count == missing:
            long = iter(told)
            return [next(long) if number == _FULL32 else number for number in numbers]
        if not missing and told == numbers[:count]:  # says the same again
            return list(numbers)
    raise ValueError(f"{short(name.decode(errors='replace'))} has an extra field, as for a link or another name")


def _name(header: _Header) -> str:
    try:
        return header.name.decode("utf-8" if header.flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        shown = short(header.name.decode(errors="replace"))
        raise ValueError(f"the name {shown} is not UTF-8, or is not marked as such") from None


def _refuse_method(name: str, header: _Header) -> None:
    if header.flags & _ENCRYPTED:
        raise ValueError(f"{short(name)} is encrypted")
    if header.flags & _STREAMED:
        raise ValueError(f"{short(name)} was written as a stream, with its size behind it")
    if header.flags & ~(_UTF8 | _LEVEL):
        raise ValueError(f"{short(name)} has flags that mean nothing here ({header.flags:#06x})")
    if header.method not in (STORED, _DEFLATED):
        method = _METHODS.get(header.method, "an unknown method")
        raise ValueError(f"{short(name)} is compressed with {method} ({header.method}), where deflate is expected")
    if header.method == STORED and header.size != header.stored:
        raise ValueError(f"{short(name)} is stored as it is, but has two sizes")


def _mode(name: str, attributes: int) -> int:
    """Give the permissions of an entry, which has to be a plain file."""
    mode = attributes >> 16
    kind = stat.S_IFMT(mode)
    if stat.S_ISLNK(mode):
        raise ValueError(f"{short(name)} is a link")
    if name.endswith("/") or kind == stat.S_IFDIR or attributes & 0x10:
        raise ValueError(f"{short(name)} is a folder, which has no entry of its own")
    if kind not in (0, stat.S_IFREG):
        raise ValueError(f"{short(name)} is a special file")
    return mode


def _read_at(stream: BinaryIO, place: int, size: int) -> bytes:
    if place < 0:
        return b""
    stream.seek(place)
    return stream.read(size)
