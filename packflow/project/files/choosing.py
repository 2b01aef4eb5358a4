"""Decides which files of a tree belong in an archive, and says of everything else why it does not. Pure.

In this order: the folder that the archive is written to; what never belongs (`unwanted`); what the ignore files
exclude; links that lead elsewhere; what is no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from packflow.project.files.ignoring import IgnoreFile
from packflow.project.files.tree import GITIGNORE, OWN_IGNORE, Entry, Tree
from packflow.project.files.unwanted import reason_by_inside, reason_by_name

OUTPUT = "archives are written there"


class TreeFile(NamedTuple):
    """A file that belongs in the archive."""

    #: Its path in the archive.
    path: str
    #: The path of the file itself, relative to the project; another one where ``path`` leads through a link.
    source: str


class LeftOut(NamedTuple):
    """Something that does not belong in the archive.

    Example:
        >>> str(LeftOut(".git/", "it belongs to version control"))
        '.git/: it belongs to version control'
    """

    #: Its path in the project; a folder's ends with ``/``.
    path: str
    #: Why, as a clause.
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class Chosen(NamedTuple):
    """What was decided about a tree."""

    #: Sorted by path.
    files: tuple[TreeFile, ...]
    #: Sorted by path; of a folder that is left out, nothing is listed that lies in it.
    left_out: tuple[LeftOut, ...]

    def why_not(self, path: str) -> str | None:
        """Say why a file or folder is left out, or the folder that it lies in; None if it is not among those."""
        for left in self.left_out:
            if path == left.path.rstrip("/") or (left.path.endswith("/") and path.startswith(left.path)):
                return left.reason
        return None


def choose(tree: Tree, *, output: str | None = None, outer: Sequence[tuple[str, IgnoreFile]] = ()) -> Chosen:
    """Decide about everything in a tree.

    Args:
        tree: the project's folder.
        output: the path of the folder where archives are written, if it is one of the tree's.
        outer: ignore files that lie outside of the tree but speak of it, from the one that decides first; each with the
            tree's path relative to the folder that it speaks of.
    """
    judge = _Judge(tree, output, outer)
    found = list(judge.walk("", "", linked=False))
    files = sorted(one for one in found if isinstance(one, TreeFile))
    return Chosen(tuple(files), tuple(sorted(one for one in found if isinstance(one, LeftOut))))


class _Judge:
    """Decides entry by entry, and remembers the ignore files of the folders that it came through."""

    def __init__(self, tree: Tree, output: str | None, outer: Sequence[tuple[str, IgnoreFile]]) -> None:
        self._tree = tree
        self._output = output
        self._ignore_files: dict[tuple[str, str], IgnoreFile | None] = {}
        # A repository that ignores the whole project has nothing to say of what is in it.
        whole = any(
            (rule := file.rule_for("/".join(parts[: end + 1]), is_folder=True)) and not rule.keeps
            for prefix, file in outer
            for parts in [prefix.split("/") if prefix else []]
            for end in range(len(parts))
        )
        self._outer = () if whole else outer

    def walk(self, folder: str, real: str, *, linked: bool) -> Iterator[TreeFile | LeftOut]:
        """Decide about what lies in a folder, and below it.

        Args:
            folder: its path in the archive.
            real: its path in the tree.
            linked: whether ``folder`` leads through a link.
        """
        for name, entry in self._tree.entries(real).items():
            path, source = _joined(folder, name), _joined(real, name)
            is_folder = "folder" in (entry.kind, entry.target_kind)
            reason = self._reason(path, source, entry)
            if reason is None and entry.kind == "link":
                reason = self._link_problem(source, entry, linked)
                source = source if entry.target is None else entry.target
            if reason is not None:
                yield LeftOut(f"{path}/" if is_folder else path, reason)
            elif is_folder:
                yield from self.walk(path, source, linked=linked or entry.kind == "link")
            else:
                yield TreeFile(path, source)

    def _reason(self, path: str, source: str, entry: Entry) -> str | None:
        """Say why an entry is left out; what a link leads to is looked at apart."""
        for place in dict.fromkeys((path, source)):
            if self._output in (place, source):
                return OUTPUT
            kinds = {"folder": (True,), "link": (False, True)}.get(entry.kind, (False,))
            for is_folder in kinds:
                if reason := reason_by_name(place, is_folder=is_folder) or self._ignored(place, is_folder):
                    return reason
        if entry.kind == "folder":
            return reason_by_inside(self._tree.entries(source))
        return entry.problem if entry.kind == "other" else None

    def _link_problem(self, link: str, entry: Entry, linked: bool) -> str | None:
        target = entry.target
        if target is None:
            return entry.problem
        if entry.target_kind == "folder":
            if linked:
                return "it is a link to a folder, inside of a folder that is linked itself"
            if not target or f"{link}/".startswith(f"{target}/"):
                return "it is a link to a folder that it lies in itself"
        parts = target.split("/")
        for end in range(1, len(parts) + 1):
            part = "/".join(parts[:end])
            found = self._tree.entries("/".join(parts[: end - 1]))[parts[end - 1]]
            if reason := self._reason(part, part, found):
                return f"it is a link to {target}, and of {part}: {reason}"
        return None

    def _ignored(self, path: str, is_folder: bool) -> str | None:
        """Say which line of which ignore file excludes a path. Each kind of ignore file decides for itself."""
        parts = path.split("/")
        for kind in (GITIGNORE, OWN_IGNORE):
            files = [
                (file, "/".join(parts[depth:]))
                for depth in range(len(parts) - 1, -1, -1)
                if (file := self._ignore_file("/".join(parts[:depth]), kind))
            ]
            if kind == GITIGNORE:
                files += [(file, _joined(prefix, path)) for prefix, file in self._outer]
            for file, below in files:
                if rule := file.rule_for(below, is_folder=is_folder):
                    if rule.keeps:
                        break
                    return f"{file.path} excludes it (line {rule.line}: {rule.text.strip()})"
        return None

    def _ignore_file(self, folder: str, kind: str) -> IgnoreFile | None:
        key = (folder, kind)
        if key not in self._ignore_files:
            there = kind in self._tree.entries(folder)
            self._ignore_files[key] = self._tree.ignore_file(_joined(folder, kind)) if there else None
        return self._ignore_files[key]


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
