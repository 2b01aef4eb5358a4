"""Looks inside a file, block by block: its hash, whether it is a program, and whether there are secrets in it.

What is nothing but a secret, such as a key, is to be left out; where one stands among other things, it is found with
its line. What is looked for is in `secret_patterns`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from packflow.project.files.secret_patterns import assignments_in, tokens_in, whole_file_reason

BLOCK: Final = 1 << 20
#: Assignments are looked for in files that people write, and these are short; in bytes.
_WRITTEN: Final = 1 << 20
#: How much of the end of a block is looked at again with the next one, in bytes; longer than any line that matters.
_OVERLAP: Final = 4096
#: How many secrets are told of one file.
_MOST: Final = 5

#: What a program begins with, for systems to run it: a script, and the formats of Linux, macOS and Windows.
_PROGRAMS: Final = (b"#!", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")


class Secret(NamedTuple):
    """A secret that stands in a file."""

    #: The line, the first being 1; None in a file that is no text.
    line: int | None
    #: What it is, such as ``"an AWS access key"``; never the secret itself.
    what: str


class Contents(NamedTuple):
    """What was found in a file."""

    sha256: str
    size: int
    #: Whether it begins as programs do.
    is_program: bool
    #: Why all of the file has to be left out, as a clause; None where it has not.
    reason: str | None
    #: The secrets in it, the first of many.
    secrets: tuple[Secret, ...]


def look_into(stream: BinaryIO, name: str) -> Contents:
    r"""Read a file to its end, once, a block at a time.

    Example:
        >>> import io
        >>> found = look_into(io.BytesIO(b'import api\nkey = "ghp_' + b"x" * 36 + b'"'), "inference.py")
        >>> found.secrets
        (Secret(line=2, what='a GitHub token'),)

    Args:
        stream: the file.
        name: its name, which tells how things are written in it.
    """
    digest, size, reason = hashlib.sha256(), 0, None
    search = _Search(name)
    is_program = False
    block = stream.read(BLOCK)
    while block:
        if not size:
            is_program = block.startswith(_PROGRAMS)
            reason = whole_file_reason(block)
        digest.update(block)
        size += len(block)
        following = stream.read(BLOCK)
        search.feed(block, last=not following)
        block = following
    return Contents(digest.hexdigest(), size, is_program, reason, tuple(search.found[:_MOST]))


class _Search:
    """Looks for secrets in blocks that follow each other."""

    def __init__(self, name: str) -> None:
        self.found: list[Secret] = []
        self._name = name
        self._rest = b""
        self._lines = 0
        self._is_text: bool | None = None
        self._told: set[tuple[int | None, str]] = set()

    def feed(self, block: bytes, *, last: bool) -> None:
        if self._is_text is None:
            block = _as_utf8(block)
            self._is_text = b"\0" not in block[:8192]
        data = self._rest + block
        # A text is cut where a line ends; of what has no lines, a part is looked at twice.
        end = data.rfind(b"\n") + 1 if self._is_text else 0
        cut = len(data) if last else max(0, end, len(data) - _OVERLAP)
        if len(self.found) < _MOST:
            self.found += self._secrets(data[:cut] if self._is_text else data)
        self._lines += data.count(b"\n", 0, cut)
        self._rest = data[cut:]

    def _secrets(self, data: bytes) -> Iterator[Secret]:
        found = tokens_in(data, is_text=bool(self._is_text))
        if self._is_text and not self._lines and len(data) < _WRITTEN:
            found += assignments_in(data, self._name)
        for place, what in sorted(found):
            line = self._lines + data.count(b"\n", 0, place) + 1 if self._is_text else None
            key = (line, "" if self._is_text else what)  # of a line one is told, whatever else stands in it
            if key not in self._told:
                self._told.add(key)
                yield Secret(line, what)


def _as_utf8(block: bytes) -> bytes:
    """Read what Windows writes in two bytes a character as the others do."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if block.startswith(mark):
            return block[2:].decode(encoding, errors="replace").encode(errors="replace")
    return block
