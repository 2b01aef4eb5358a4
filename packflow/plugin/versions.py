"""Which of two versions of a distribution is the newer. Needed only where one folder holds both."""

from __future__ import annotations

from typing import Any


def version_key(text: str) -> tuple[Any, ...]:
    """Give a key that sorts version numbers from old to new, in the order that Python packaging defines.

    Example:
        >>> sorted(["1.10", "1.9", "1.10rc1", "nonsense"], key=version_key)
        ['nonsense', '1.9', '1.10rc1', '1.10']

    What is no version number, or an endless one, sorts before everything that is one.
    """
    from packaging.version import Version  # few environments have two versions to compare

    try:
        return (1, Version(text))
    except ValueError:  # InvalidVersion, or more digits than Python reads
        return (0, text)
