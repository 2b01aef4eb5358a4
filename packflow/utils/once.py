"""What is to be said once, however many threads come upon it."""

from __future__ import annotations

from collections.abc import Hashable


class Once:
    """Tells of each key whether it comes up for the first time; of threads that ask at once, it tells one so.

    Example:
        >>> first = Once()
        >>> first("a"), first("a"), first("b")
        (True, False, True)
        >>> "a" in first
        True
    """

    def __init__(self) -> None:
        self._marks: dict[Hashable, object] = {}

    def __call__(self, key: Hashable) -> bool:
        """Tell whether nobody has asked for this key before."""
        mark = object()
        return self._marks.setdefault(key, mark) is mark

    def __contains__(self, key: Hashable) -> bool:
        return key in self._marks
