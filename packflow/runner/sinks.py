"""Where results go: JSON Lines, to a file that appears whole or not at all, or to a stream."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from packflow.backend.validation import json_problem
from packflow.exceptions import InferenceBackendValidationError

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def write_jsonl(rows: Iterable[Any], stream: BinaryIO) -> None:
    r"""Write rows as JSON Lines.

    Example:
        >>> import io
        >>> stream = io.BytesIO()
        >>> write_jsonl([{"label": "a"}, {"label": "b"}], stream)
        >>> stream.getvalue()
        b'{"label":"a"}\n{"label":"b"}\n'

    Raises:
        InferenceBackendValidationError: a row is not JSON; ``.row`` is its index, and nothing of the rows is written.
    """
    stream.write(b"".join([_line(index, row) for index, row in enumerate(rows)]))


def _line(index: int, row: Any) -> bytes:
    try:
        return _encode(row).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it, UTF-8 cannot
        return _encode_ascii(row).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InferenceBackendValidationError(
            f"The output of row {index} is not JSON: {json_problem(row) or error}. ensure_native_types "
            "(packflow.utils.normalize) converts what has a JSON form.",
            row=index,
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that takes its name only when the block ends well; otherwise nothing is left of it.

    A path that is there and is no regular file (a pipe, a device) is written to as it is.

    Raises:
        OSError: the file cannot be written, for a reason for which it could not be opened plainly either.
    """
    mode = _mode_of(path)
    if mode is not None and not stat.S_ISREG(mode):
        with path.open("wb") as stream:
            yield stream
        return
    target = path.resolve()  # a link keeps pointing where it points
    if mode is not None:
        target.open("ab").close()  # a file that is read-only is not replaced either
    # A name may be as long as names may be; the temporary one, which is longer, has its beginning alone.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        partial.chmod(_new_mode() if mode is None else stat.S_IMODE(mode))
        partial.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise


def _mode_of(path: Path) -> int | None:
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
