"""Puts a tree of files on the disk, all of it or nothing; whatever is there already stays as it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from errno import EEXIST
from pathlib import Path
from typing import BinaryIO, Protocol

from packflow.exceptions import ScaffoldError
from packflow.utils.aside import folder_aside

#: What to do about a folder that is not empty.
_REMEDY = "choose another folder with --directory, or move those files"


class Source(Protocol):
    """Where the bytes of a file come from."""

    @property
    def is_program(self) -> bool:
        """Whether it may be run."""

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Open it for reading."""


def write_tree(
    tree: Mapping[str, str | bytes | Source],
    folder: Path,
    *,
    among_others: bool = False,
    remedy: str = _REMEDY,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write a tree into a folder that is new or empty. The folders above it are made too.

    Example:
        >>> write_tree({"src/hello.py": "print('hello')"}, Path("greeting"))
        >>> Path("greeting/src/hello.py").read_text()
        "print('hello')"

    The files are written into a hidden folder beside the new one and moved when all of them are there, so that nobody
    finds half of them.

    Args:
        tree: relative paths, each with its text, its bytes, or where these come from.
        folder: where they go.
        among_others: whether other files may be in the folder; none that has the name of a new one.
        remedy: what an error says is to be done about others, where they may not be.
        check: looks at the files before they are moved, in the folder that it is given; if it raises, none is.

    Raises:
        ScaffoldError: something is in the way, or it cannot be written there. Nothing of it is left behind.
    """
    try:
        refuse_what_is_in_the_way(folder, tree if among_others else None, remedy)
        base = whole = folder.resolve()
        while not base.exists():
            base = base.parent
        with folder_aside(base, prefix=".packflow-") as aside:
            staged = aside / whole.relative_to(base)
            for path, content in tree.items():
                file = staged.joinpath(*path.split("/"))
                file.parent.mkdir(parents=True, exist_ok=True)
                _write(file, content)
            if check is not None:
                check(staged)
            _move_contents(aside, base)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScaffoldError(f"{str(folder)!r} cannot be written: {reason}. Nothing of it was left behind.") from error


def _write(file: Path, content: str | bytes | Source) -> None:
    if isinstance(content, str):
        file.write_text(content, encoding="utf-8", newline="\n")
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with content.open() as source, file.open("wb") as target:
            shutil.copyfileobj(source, target)
        if content.is_program:
            file.chmod(file.stat().st_mode | 0o111)


def refuse_what_is_in_the_way(folder: Path, among: Collection[str] | None = None, remedy: str = _REMEDY) -> None:
    """Refuse a folder that a tree cannot be written into, before there is a tree.

    Args:
        folder: the folder.
        among: the paths of a tree that may stand among other files; None if there may not be any.
        remedy: what is to be done about others, where there may not be any.

    Raises:
        ScaffoldError: something is in the way; the text says what.
    """
    if folder.is_symlink() and not folder.exists():
        raise ScaffoldError(f"{str(folder)!r} is a link that leads nowhere. Remove it, or choose another folder.")
    if folder.exists() and not folder.is_dir():
        raise ScaffoldError(f"{str(folder)!r} is there already, and is no folder. Choose another place.")
    inside = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    if among is None and inside:
        raise ScaffoldError(
            f"The folder {str(folder)!r} is not empty; in the way: {_listed(inside)}. Nothing is overwritten: {remedy}."
        )
    taken = sorted({path.partition("/")[0] for path in among or ()}.intersection(inside))
    if taken:
        raise ScaffoldError(
            f"In the folder {str(folder)!r} there is already: {_listed(taken)}. Nothing is overwritten: choose another "
            "folder with --directory, or move those files."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _move_contents(source: Path, target: Path) -> None:
    """Move what is in one folder into another; if that fails half-way, all of it is back where it was."""
    moved: list[str] = []
    try:
        for entry in sorted(source.iterdir()):
            if os.path.lexists(target / entry.name):  # somebody else has put it there meanwhile
                raise FileExistsError(EEXIST, f"{entry.name!r} is there already")
            entry.rename(target / entry.name)
            moved.append(entry.name)
    except BaseException:
        for name in moved:
            (target / name).rename(source / name)
        raise
