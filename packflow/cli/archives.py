"""What the commands that read an archive have in common: how much it may hold, and how its files are listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from packflow.project.archive.limits import Limits

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


def _read_size(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    """Read a number of bytes, with a unit if it has one, such as ``500MB`` or ``2GiB``."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([KMGT]I?|)B?", text.strip(), re.IGNORECASE | re.ASCII)
    if found is None:
        raise click.BadParameter(f"{text!r} is no size; expected bytes, or as in 500MB or 20GiB.")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def limits_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say how much an archive may hold."""
    size = click.option("--max-size", metavar="SIZE", callback=_read_size,
                        help="What an archive's files may come to, as in 20GB. By default 8GiB, and of an archive that "
                        "is small itself 100 times its size, but no less than 256MiB.")  # fmt: skip
    files = click.option("--max-files", metavar="N", type=click.IntRange(min=1), default=20_000, show_default=True,
                         help="How many files an archive may hold.")  # fmt: skip
    return size(files(command))


def limits_of(max_size: int | None, max_files: int) -> Limits:
    """Give the limits that these options say."""
    from packflow.project.archive.limits import Limits

    return Limits(max_size, max_files)
