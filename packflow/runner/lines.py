"""The lines of an input, taken a block at a time, with the count of those that were taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

#: In place of lines that have ended: a terminal that is asked again goes on after its end.
_END: Iterator[bytes] = iter(())


class Lines:
    r"""An iterator of lines that also gives several at once, and takes them back.

    Example:
        >>> lines = Lines([b"a\n", b"b\n", b"c\n"])
        >>> next(lines), lines.take(5), lines.taken
        (b'a\n', [b'b\n', b'c\n'], 3)

    Args:
        lines: the lines, in bytes.

    Attributes:
        taken: how many lines have been given.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._kept: deque[bytes] = deque()
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._kept:
            line = self._kept.popleft()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self._lines = _END
                raise
        self.taken += 1
        return line

    def take(self, most: int) -> list[bytes]:
        """Take lines; where the input fails after some, the failure waits until these have been looked at."""
        taken = [self._kept.popleft() for _ in range(min(most, len(self._kept)))]
        try:
            taken.extend(islice(self._lines, most - len(taken)))
        except Exception as error:
            if not taken:
                raise
            self._lines = _failing(error)
        else:
            if len(taken) < most:
                self._lines = _END
        self.taken += len(taken)
        return taken

    def give_back(self, lines: list[bytes]) -> None:
        """Put back the lines that were taken last."""
        self._kept.extendleft(reversed(lines))
        self.taken -= len(lines)


def _failing(error: Exception) -> Iterator[bytes]:
    raise error
    yield
