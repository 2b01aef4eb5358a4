"""What an ignore file says: ``.gitignore``, as git reads it, and ``.packflowignore``, which is written alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pathspec import GitIgnoreSpec

#: In bytes; a longer file is none that a person wrote.
LONGEST = 1 << 20

_ANY_FOLDERS = "**"
_TRAILING_SPACES = re.compile(r"(?<!\\)((?:\\\\)*) +$")


class Rule(NamedTuple):
    """One line of an ignore file."""

    #: The line's number, the first being 1, and its text.
    line: int
    text: str
    #: Whether what it matches is kept, and not ignored.
    keeps: bool
    folders_only: bool
    #: A pattern for each part of a path; ``**`` for any number of folders.
    parts: tuple[str, ...]

    def matches(self, parts: Sequence[str], *, is_folder: bool) -> bool:
        """Tell whether it is about a path itself; what is about a folder is not about the files in it."""
        return (is_folder or not self.folders_only) and _match(self.parts, parts)


class IgnoreFile(NamedTuple):
    r"""What one file says of what lies in its folder, and below.

    Example:
        >>> file = parse("*.log\n!keep.log\n/data/\n", ".gitignore")
        >>> file.rule_for("logs/a.log", is_folder=False).text
        '*.log'
        >>> file.rule_for("keep.log", is_folder=False).keeps
        True
        >>> file.rule_for("data", is_folder=False)
    """

    #: The file's path, as messages give it.
    path: str
    rules: tuple[Rule, ...]

    def rule_for(self, path: str, *, is_folder: bool) -> Rule | None:
        """Give the rule that decides about a path; None if the file says nothing of it.

        Args:
            path: relative to the file's folder, with ``/`` between its parts.
            is_folder: whether it is a folder.
        """
        parts = path.split("/")
        for rule in reversed(self.rules):
            if rule.matches(parts, is_folder=is_folder):
                return rule
        return None


def parse(text: str, path: str) -> IgnoreFile:
    """Read an ignore file. As in git, a line that is no pattern means nothing."""
    lines = text.removeprefix("\ufeff").split("\n")
    rules = (_parse_line(number, line.removesuffix("\r")) for number, line in enumerate(lines, start=1))
    return IgnoreFile(path, tuple(rule for rule in rules if rule))


def _parse_line(number: int, line: str) -> Rule | None:
    pattern = _TRAILING_SPACES.sub(r"\1", line)
    if not pattern or pattern.startswith("#"):
        return None
    keeps = pattern.startswith("!")
    pattern = pattern[keeps:]
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    parts = pattern.removeprefix("/").split("/")
    if "/" not in pattern and parts != [_ANY_FOLDERS]:
        parts = [_ANY_FOLDERS, *parts]
    if not all(part and _pattern(part) for part in parts):
        return None
    return Rule(number, line, keeps, folders_only, tuple(parts))


def _match(patterns: Sequence[str], parts: Sequence[str]) -> bool:
    places = {0}  # up to where the path may have been read; with a set of them, no pattern takes long
    for pattern in patterns:
        if pattern == _ANY_FOLDERS:
            places = set(range(min(places), len(parts)))
        else:
            places = {place + 1 for place in places if place < len(parts) and _fits(pattern, parts[place])}
        if not places:
            return False
    # What is inside of a folder is meant by a last ``**``, and not the folder itself.
    return patterns[-1] == _ANY_FOLDERS or len(parts) in places


@lru_cache(maxsize=4096)
def _fits(pattern: str, part: str) -> bool:
    compiled = _pattern(pattern)
    return compiled is not None and compiled.match_file(part)


@lru_cache(maxsize=1024)
def _pattern(part: str) -> GitIgnoreSpec | None:
    """Compile the pattern of one part of a path; None if it is none."""
    spaces = len(part) - len(part.rstrip(" "))
    part = part[: len(part) - spaces] + "\\ " * spaces if spaces and not part.rstrip(" ").endswith("\\") else part
    try:
        return GitIgnoreSpec.from_lines([f"\\{part}" if part[0] in "#!" else part])
    except ValueError:
        return None
