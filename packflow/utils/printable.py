"""Text of other people's making, made fit to be shown on a terminal."""

from __future__ import annotations

from unicodedata import category


def printable(text: str) -> str:
    r"""Spell out what a terminal would obey instead of show: a package may be called anything.

    Example:
        >>> print(printable("evil\x1b[2Jname"))
        evil\x1b[2Jname
    """
    return "".join(
        char.encode("unicode_escape").decode() if category(char) in ("Cc", "Cf", "Cs") and char != "\n" else char
        for char in text
    )
