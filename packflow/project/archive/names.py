"""Which paths an archive may hold: those that can be unpacked on every system, inside the folder, and apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import category, normalize

#: What file systems allow for one part of a path, and for all of it, in bytes of UTF-8.
_LONGEST_PART = 255
_LONGEST_PATH = 1000

_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?", re.IGNORECASE)


class Clash(NamedTuple):
    """Two paths that are one and the same on some systems."""

    first: str
    second: str


def path_problem(path: str) -> str | None:
    r"""Say what keeps a path, relative and with ``/`` between its parts, out of an archive; None where nothing does.

    Example:
        >>> path_problem("models/café.onnx")
        >>> path_problem("../.ssh/id_rsa")
        "it leads out of the folder ('..')"
        >>> path_problem("data\\a.csv")
        'it has a backslash, which separates folders on Windows'
        >>> path_problem("aux.py")
        "'aux.py' is the name of a device on Windows"

    Returns:
        A clause, to stand behind the path and a colon.
    """
    if not path:
        return "it is empty"
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        return "it is not UTF-8"
    if path.startswith("/"):
        return "it is absolute"
    if "\\" in path:
        return "it has a backslash, which separates folders on Windows"
    for char in path:
        if category(char) in ("Cc", "Cf", "Zl", "Zp"):
            return f"it has a control character (U+{ord(char):04X})"
    if len(encoded) > _LONGEST_PATH:
        return f"it is longer than {_LONGEST_PATH} bytes"
    return next(filter(None, map(_part_problem, path.split("/"))), None)


def _part_problem(part: str) -> str | None:
    if part == "..":
        return "it leads out of the folder ('..')"
    if part in ("", "."):
        return f"it has the empty part {part!r}"
    if wrong := _NOT_ON_WINDOWS.search(part):
        return f"it has {wrong[0]!r}, which Windows does not allow in names"
    if part[-1] in ". ":
        return f"{part!r} ends with {part[-1]!r}, which Windows takes off"
    if _DEVICES.fullmatch(part):
        return f"{part!r} is the name of a device on Windows"
    if len(part.encode()) > _LONGEST_PART:
        return f"a part of it is longer than {_LONGEST_PART} bytes"
    return None


def find_clash(paths: Iterable[str]) -> Clash | None:
    r"""Give two paths that are one where case does not count, or accents are written otherwise; None if there are none.

    A file clashes with a folder, too. Folders alone do not: what is in them comes together.

    Example:
        >>> find_clash(["data/a.csv", "README.md", "Data/A.csv"])
        Clash(first='data/a.csv', second='Data/A.csv')
        >>> find_clash(["model", "Model/weights.bin"])
        Clash(first='model', second='Model/weights.bin')
        >>> find_clash(["a/x.py", "A/y.py"])
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        key = _folded(path)
        above = [key[:index] for index, char in enumerate(key) if char == "/"]
        taken = next((files[folder] for folder in above if folder in files), None)
        if other := files.get(key) or folders.get(key) or taken:
            return Clash(other, path)
        files[key] = path
        folders.update((folder, path) for folder in above if folder not in folders)
    return None


def _folded(path: str) -> str:
    # Folding may take a text apart again, as it does with the Greek iota subscript.
    return normalize("NFC", normalize("NFC", path).casefold())
