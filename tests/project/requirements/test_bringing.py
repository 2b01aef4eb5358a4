"""What a project ran with, compared with what its requirements bring."""

from __future__ import annotations

import pytest

from packflow.project.requirements import Installed
from packflow.project.requirements.bringing import not_brought
from packflow.project.requirements.lines import parse_requirement

INSTALLED = {
    "packflow": Installed("1.0", ("numpy",)),
    "numpy": Installed("2.0"),
    "frames": Installed("3.0", ("dates>=1", "numpy", "arrow; extra == 'parquet'", "no such requirement")),
    "dates": Installed("1.1", ("frames",)),
    "arrow": Installed("7.0", ("bits",)),
    "bits": Installed("1.0"),
}


@pytest.mark.parametrize(
    ("required", "ran_with", "imported", "left"),
    [
        ([], ["packflow", "NumPy"], ["NumPy"], []),
        ([], ["dates", "frames", "bits"], [], ["dates"]),  # each of the two brings the other
        ([], ["bits", "arrow", "frames"], ["arrow"], ["arrow", "frames"]),
        (["Frames"], ["dates", "frames"], ["dates"], []),
        (["frames"], ["arrow", "bits"], [], []),
        (["frames"], ["arrow", "bits"], ["arrow"], ["arrow"]),
        (["frames[parquet]"], ["arrow", "bits"], ["arrow"], []),
        (["frames; python_version < '3'"], ["frames"], [], ["frames"]),
        (["gone"], ["bits"], [], ["bits"]),
    ],
)
def test_what_no_requirement_brings(
    required: list[str], ran_with: list[str], imported: list[str], left: list[str]
) -> None:
    entries = [parse_requirement(text, "requirements.txt", 1) for text in required]
    assert not_brought(ran_with, imported, entries, INSTALLED.get) == left


def test_a_constraint_brings_nothing() -> None:
    constraint = parse_requirement("frames", "requirements.txt", 1, constraint=True)
    assert not_brought(["frames"], [], [constraint], INSTALLED.get) == ["frames"]
