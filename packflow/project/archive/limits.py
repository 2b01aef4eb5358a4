"""How much an archive may hold: what is far more than that is refused before any of it is unpacked. Pure."""

from __future__ import annotations

from typing import NamedTuple

#: What the files may come to, in bytes, where nobody has said.
SIZE = 8 << 30
#: How many times larger than the archive the files may be, where nobody has said; data and code come to 3 to 20 times.
RATIO = 100
#: So much, in bytes, may be unpacked of an archive however small it is.
ALWAYS = 256 << 20
#: How many files there may be, where nobody has said.
FILES = 20_000


class Limits(NamedTuple):
    """What an archive may come to. More of either is for whoever knows where the archive is from.

    Example:
        >>> Limits().largest(1 << 20) == ALWAYS, Limits().largest(1 << 30) == SIZE
        (True, True)
        >>> Limits(size=5).largest(1 << 30)
        5
    """

    #: What all files may come to, unpacked, in bytes. None stands for 8 GiB, and for 100 times the archive's own size
    #: where that is less, but for no less than 256 MiB.
    size: int | None = None
    #: How many files.
    files: int = FILES

    def largest(self, archive: int) -> int:
        """Give how many bytes may be unpacked.

        Args:
            archive: the archive's own size in bytes.
        """
        return min(SIZE, max(ALWAYS, RATIO * archive)) if self.size is None else self.size


def size_text(size: int) -> str:
    """Give a size in words.

    Example:
        >>> size_text(120), size_text(1536), size_text(8 << 30)
        ('120 bytes', '1.5 KiB', '8 GiB')
    """
    if size < 1024:
        return f"{size} byte{'s' * (size != 1)}"
    number, unit = float(size), ""
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"):  # noqa: B007  # the one it ends with
        number /= 1024
        if number < 1024:
            break
    return f"{number:.1f}".removesuffix(".0") + f" {unit}"
