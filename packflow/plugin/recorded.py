"""What the installer recorded of a distribution: the files that its wheel brought, and the hash of each.

Every installed distribution has a ``RECORD``. Most of its lines are the wheel's, and are the same wherever that wheel
is installed; the others are the installer's, and differ from one environment to the next. :func:`digest` is over the
wheel's lines alone, so that a lock file made in one environment holds in another.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from packflow.utils.causes import cause_text
from packflow.utils.errors import cut

#: What installers add to a folder of metadata.
_INSTALLERS_OWN = frozenset(
    {
        "INSTALLER",
        "RECORD",
        "RECORD.jws",
        "RECORD.p7s",
        "REQUESTED",
        "direct_url.json",
        "provenance_url.json",
        "uv_build.json",
        "uv_cache.json",
    }
)


class Row(NamedTuple):
    """A line of a ``RECORD``."""

    path: str
    #: As in ``sha256=…``, base64 without its padding; empty where the installer gave none.
    hash: str
    size: str


class Recorded(NamedTuple):
    """The part of a ``RECORD`` that comes from the wheel, or why it cannot be read."""

    rows: tuple[Row, ...] = ()
    #: A clause that goes on from the distribution's name; None if nothing is wrong.
    problem: str | None = None
    #: Whether the files that are imported are elsewhere, where no record covers them.
    editable: bool = False

    @property
    def digest(self) -> str | None:
        """The hash over the wheel's lines; None where there are none."""
        return None if self.problem else digest(self.rows)


def digest(rows: Iterable[Row]) -> str:
    """Hash the lines of a ``RECORD`` that come from the wheel. Their order makes no difference.

    Example:
        >>> rows = [Row("acme.py", "sha256=abc", "5"), Row("../../../bin/acme", "sha256=def", "7")]
        >>> digest(rows) == digest(rows[:1])
        True

    Returns:
        As in ``sha256:…``, in hexadecimal.
    """
    lines = sorted(tuple(row) for row in rows if _from_wheel(row.path))
    return "sha256:" + hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _from_wheel(path: str) -> bool:
    """Whether a file came with the wheel as it is: no script, no byte code, nothing the installer wrote."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or parts[0] in ("..", "/") or parts[0].endswith(":") or parts[-1].endswith(".pyc"):
        return False
    return not (len(parts) == 2 and parts[0].endswith(".dist-info") and parts[1] in _INSTALLERS_OWN)


def read_record(location: str) -> Recorded:
    """Read what was recorded of a distribution.

    Args:
        location: the folder of its metadata.
    """
    folder = Path(location)
    try:
        with _open(folder / "RECORD") as stream:
            text = stream.read().decode()
        rows = tuple(_row(cells) for cells in csv.reader(text.splitlines(), strict=True) if cells)
        editable = _is_editable(folder)
    except (FileNotFoundError, NotADirectoryError):
        return Recorded(problem="has no RECORD of its files")
    except Exception as error:  # noqa: BLE001 - whatever a stranger's metadata does, it harms no other distribution
        return Recorded(problem=f"has a RECORD that cannot be read ({cause_text(error)})")
    rows = tuple(row for row in rows if _from_wheel(row.path))
    if not any(row.hash for row in rows):
        return Recorded(problem="has a RECORD that holds the hash of none of its files")
    return Recorded(rows, editable=editable)


def _open(file: Path) -> BinaryIO:
    """Open a file to be read, but no pipe or device, which may never come to an end."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise ValueError("it is no regular file")
    return file.open("rb")


def _row(cells: list[str]) -> Row:
    if len(cells) != 3:
        raise ValueError(f"a line has {len(cells)} cells, where a path, a hash and a size are expected")
    return Row(*cells)


def _is_editable(folder: Path) -> bool:
    try:
        with _open(folder / "direct_url.json") as stream:
            origin = json.loads(stream.read())
    except (FileNotFoundError, ValueError):
        return False
    return isinstance(origin, dict) and bool((origin.get("dir_info") or {}).get("editable"))


def changed_files(location: str, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Compare the files of a distribution with what was recorded of them when it was installed.

    Args:
        location: the folder of its metadata.
        rows: what was recorded.

    Returns:
        The path of each file that is not as it was, and what is wrong with it; sorted.
    """
    parent = Path(location).parent
    found = [(cut(row.path), _change(parent / row.path, row)) for row in rows if row.hash]
    return sorted((path, change) for path, change in found if change)


def _change(file: Path, row: Row) -> str | None:
    algorithm, _, expected = row.hash.partition("=")
    try:
        hashed = hashlib.new(algorithm)
        with _open(file) as stream:
            while block := stream.read(1 << 20):
                hashed.update(block)
        found = base64.urlsafe_b64encode(hashed.digest()).decode().rstrip("=")
    except FileNotFoundError:
        return "is missing"
    except (OSError, ValueError, TypeError) as error:  # TypeError: a hash function of no fixed length
        return f"cannot be checked ({cause_text(error)})"
    return None if found == expected.rstrip("=") else "was changed after it was installed"
