"""What in a CSV is right as it stands, and probably not what was meant: it is warned of, once."""

from __future__ import annotations

from collections.abc import Sequence

from packflow.runner.sources import Record, is_code
from packflow.utils.log import logger

#: So many records are looked at, once there are codes: it takes about as long as to read them.
_MOST_RECORDS = 100_000
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def warn_of_other_separators(header: list[str], source: str) -> None:
    """Warn where a header looks as if something else than commas separated its names."""
    found = [word for sign, word in _OTHER_SEPARATORS.items() if sign in header[0]]
    if len(header) == 1 and found:
        logger.warning(
            f"{source}: the header is one name, {header[0]!r}, with {found[0]} in it. Cells are separated by commas; "
            "if this file has others, write it anew with commas."
        )


class CodesAmongNumbers:
    """Warns of columns where texts such as ``01234`` stand beside numbers: post codes, of which some look like numbers.

    Example:
        >>> codes = CodesAmongNumbers("in.csv")
        >>> codes.look([2, 3], [{"zip": "01234", "n": 1}, {"zip": 10115, "n": 2}])  # warns of zip

    Args:
        source: the input's name.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._codes: dict[str, tuple[int, str]] = {}
        self._numbers: dict[str, tuple[int, int | float]] = {}
        self._told: set[str] = set()
        self._left = _MOST_RECORDS

    def look(self, lines: Sequence[int], records: list[Record]) -> None:
        """Look at more records, with the numbers of their lines."""
        if self._left <= 0:
            return
        self._left -= len(records)
        codes, numbers = self._codes, self._numbers
        for name in records[0] if records else ():  # all have the same names
            if name in self._told:
                continue
            for line, record in zip(lines, records, strict=True):
                value = record[name]
                if type(value) is str:
                    if name not in codes and is_code(value):
                        codes[name] = (line, value)
                elif value is not None and name not in numbers:
                    numbers[name] = (line, value)
            if name in codes and name in numbers:
                self._tell(name)

    def _tell(self, name: str) -> None:
        self._told.add(name)
        (code_line, code), (number_line, number) = self._codes[name], self._numbers[name]
        logger.warning(
            f"{self._source}: column {name!r} has the text {code!r} (line {code_line}) and the number {number!r} (line "
            f"{number_line}), for each cell is read by its own spelling. If they are codes, keep all cells as text: "
            "--csv-types text."
        )
