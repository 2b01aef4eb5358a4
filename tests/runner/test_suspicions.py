"""What is probably not meant in a CSV is warned of, once, and changes nothing."""

from __future__ import annotations

import pytest

from packflow.runner import suspicions
from packflow.runner.csv_blocks import CsvLines
from tests.support.logs import Captured


def records(content: str, size: int = 9, types: str = "auto") -> list[dict[str, object]]:
    lines = content.encode().splitlines(keepends=True)
    batches = CsvLines(lines, "in.csv", types).batches(size)  # type: ignore[arg-type]  # any text
    return [record for batch in batches for record in batch.fresh(0, len(batch))]


CODES = "zip,n\n01234,1\n10115,2\n00501,x\n99999,4\n"


@pytest.mark.parametrize("size", [1, 2, 9])
def test_codes_among_numbers_are_warned_of_once_with_their_lines(logs: Captured, size: int) -> None:
    read = records(CODES, size)
    assert [record["zip"] for record in read] == ["01234", 10115, "00501", 99999]
    (told,) = logs.texts("WARNING")
    assert told.startswith("in.csv: column 'zip' has the text '01234' (line 2) and the number 10115 (line 3)")
    assert "--csv-types text" in told


@pytest.mark.parametrize(
    "content",
    [
        "zip\n01234\n00501\n",  # all of them text
        "n\n1\nNA\n2\n",  # no code
        "a,b\n01234,1\n00501,2\n",  # another column
    ],
)
def test_other_columns_are_not_warned_of(logs: Captured, content: str) -> None:
    records(content)
    assert logs.texts("WARNING") == []


def test_where_all_is_text_there_is_nothing_to_warn_of(logs: Captured) -> None:
    records(CODES, types="text")
    assert logs.texts("WARNING") == []


def test_the_search_for_codes_has_an_end(logs: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspicions, "_MOST_RECORDS", 2)
    assert len(records("zip\n01234\n00501\n10115\n", size=1)) == 3
    assert logs.texts("WARNING") == []


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_a_header_with_other_separators_is_warned_of(logs: Captured, sign: str, word: str) -> None:
    assert records(f"x{sign}y\n1{sign}2\n") == [{f"x{sign}y": f"1{sign}2"}]
    (told,) = logs.texts("WARNING")
    assert told.startswith(f"in.csv: the header is one name, {f'x{sign}y'!r}, with {word} in it.")


def test_several_names_with_such_signs_are_not_warned_of(logs: Captured) -> None:
    records("a;b,c\n1,2\n")
    assert logs.texts("WARNING") == []
