"""The module names under which the files of local projects are imported: a directory, spelt as an identifier.

The name holds the whole path, so that a process which has never heard of the project (a worker that unpickles
one of its objects) can find the files by the name alone.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from packflow.utils.module_names import LOCAL_PROJECTS

#: The package below which every local project is imported.
PACKAGE = LOCAL_PROJECTS

_SHORT = {"/": "__", "_": "_u", "-": "_d", ".": "_p"}
_LONG = {short: character for character, short in _SHORT.items()}
_PROJECT = re.compile(r"p([0-9]+)_((?:[0-9A-Za-z]|_[_udp]|_x[0-9a-f]{2})+)")
_ESCAPE = re.compile(r"_(?:[_udp]|x[0-9a-f]{2})")


def project_name(directory: Path, number: int) -> str:
    """Give the module name of the numbered project in an absolute directory.

    Example:
        >>> project_name(Path("/home/me/my-model"), 1)
        'packflow.loaders.projects.p1___home__me__my_dmodel'
    """
    raw = os.fsencode(directory.as_posix())
    return f"{PACKAGE}.p{number}_{''.join(map(_encode, raw))}"


def project_directory(name: str) -> Path | None:
    """Give the directory that a project's name stands for; None for any other name.

    Example:
        >>> project_directory("p1___home__me__my_dmodel").as_posix()
        '/home/me/my-model'
        >>> project_directory("finder") is None
        True
    """
    match = _PROJECT.fullmatch(name.removeprefix(f"{PACKAGE}."))
    if match is None:
        return None
    # Latin-1 is bytes spelt as text, one for one.
    raw = _ESCAPE.sub(lambda escape: _decode(escape[0]), match[2]).encode("latin-1")
    return Path(os.fsdecode(raw))


def _encode(byte: int) -> str:
    character = chr(byte)
    if character.isascii() and character.isalnum():
        return character
    return _SHORT.get(character) or f"_x{byte:02x}"


def _decode(escape: str) -> str:
    return _LONG.get(escape) or chr(int(escape.removeprefix("_x"), base=16))
