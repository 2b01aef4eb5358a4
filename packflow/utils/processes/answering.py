"""The side of the process that runs somebody's code: what it writes, held fast before that code runs.

Whatever that code does to functions, streams and descriptors, the answer is written into a file of its own. Where the
parent has given a key, the answer is sealed with it, so that a file which that code has written is not taken for one.
That holds off accidents and imitations; code in the same process that sets out to find the key can find it.
"""

from __future__ import annotations

import faulthandler
from collections.abc import Callable
from hashlib import blake2b
from json import dumps
from os import O_CREAT, O_WRONLY, close, dup2, fstat, getpid, open, read, replace, write  # noqa: A004  # held fast
from os import devnull as _devnull
from typing import Any

#: The files in the folder of a process.
BEGUN, ANSWER, ENDED, TRACE = "begun", "answer", "ended", "trace"

#: How long a seal is, in characters.
SEAL = 64


def seal(key: bytes, name: str, data: bytes) -> str:
    """Give what proves that data were written by someone who has the key.

    Example:
        >>> seal(b"key", "answer", b"{}") == seal(b"key", "ended", b"{}")
        False
    """
    return blake2b(name.encode() + b"\0" + data, key=key, digest_size=SEAL // 2).hexdigest()


def take_key() -> bytes:
    """Read the key from standard input, which is empty from then on."""
    key = b""
    while part := read(0, 4096):
        key += part
    nothing = open(_devnull, 0)
    dup2(nothing, 0)
    close(nothing)
    return key


def open_trace(folder: str) -> int:
    """Let a crash of this process say where it was; give the descriptor of the file."""
    trace = open(f"{folder}/{TRACE}", O_WRONLY | O_CREAT, 0o600)
    faulthandler.enable(trace)
    return trace


def writer(folder: str, key: bytes = b"") -> Callable[[str, Any], None]:
    """Give a function that writes a file of the folder as JSON, all or nothing; in any forked copy it does nothing.

    Args:
        folder: where the files go; it exists.
        key: seals the files; they are not sealed if it is empty.
    """
    me = getpid()

    def write_file(name: str, data: Any) -> None:
        if getpid() != me:  # somebody's code has forked: the copy has no answer to give
            return
        text = dumps(data, default=str).encode()
        sealed = seal(key, name, text).encode() + text if key else text
        unfinished = f"{folder}/{name}.unfinished"
        file = open(unfinished, O_WRONLY | O_CREAT, 0o600)
        rest = memoryview(sealed)
        while rest:
            rest = rest[write(file, rest) :]
        close(file)
        replace(unfinished, f"{folder}/{name}")  # noqa: PTH105  # held fast

    return write_file


def printed_so_far() -> list[int]:
    """Say how much has been written to standard output and standard error, in bytes, where they are files."""
    return [fstat(1).st_size, fstat(2).st_size]
