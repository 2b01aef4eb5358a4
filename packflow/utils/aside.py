"""Files that are written aside and take their name only when they are whole."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Give an empty file to write to, which takes the name asked for when the block ends well; else nothing is left.

    Example:
        >>> from pathlib import Path
        >>> with written_aside(Path("prices.json")) as partial:
        ...     _ = partial.write_text("{}")
        ...     Path("prices.json").exists()
        False
        >>> Path("prices.json").read_text()
        '{}'

    A file that is there keeps its permissions, a new one gets those that it would have if it were opened plainly. A
    link keeps pointing where it points.

    Args:
        path: a regular file, or one that is not there yet.

    Raises:
        OSError: the file cannot be written, for a reason for which it could not be opened plainly either.
    """
    mode = mode_of(path)
    target = path.resolve()
    if mode is not None:
        target.open("ab").close()  # a file that is read-only is not replaced either
    # A name may be as long as names may be; the temporary one, which is longer, has its beginning alone.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".partial")
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(_new_mode() if mode is None else stat.S_IMODE(mode))
        partial.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise


def mode_of(path: Path) -> int | None:
    """Give a file's type and permissions; None where there is no such file yet."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _new_mode() -> int:
    """Give the permissions that a plainly opened new file would have."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
