"""Files and folders that are made aside, and leave nothing behind if the work on them does not end well.

Their names are known before they are made, so that no signal can come between the making and what removes them.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir


@contextmanager
def folder_aside(within: Path | None = None, *, prefix: str = "packflow-") -> Iterator[Path]:
    """Give an empty folder of one's own, which is removed with all that is in it when the block ends.

    Example:
        >>> with folder_aside() as folder:
        ...     _ = (folder / "notes").write_text("here today")
        >>> folder.exists()
        False

    Args:
        within: where it is made; by default where temporary files go.
        prefix: how its name begins.

    Raises:
        OSError: it cannot be made.
    """
    folder = Path(within or gettempdir(), f"{prefix}{token_hex(8)}")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    partial = target.with_name(f".{target.name[:40]}.{token_hex(8)}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
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
