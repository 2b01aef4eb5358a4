"""Requirements are judged as installers judge them: by version, marker and extra."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.plugin.doctor.distributions import Metadata
from packflow.plugin.doctor.requirements import judge_requirements, required_names


def judged(*requires: str, extras: tuple[str, ...] = (), packflow: str = "1.4.0", **versions: str) -> list[str]:
    copy = Metadata("acme", "2.0", "/site/acme.dist-info", (), requires)
    found = list(judge_requirements(copy, extras, versions, packflow))
    assert all(each.distribution == "acme" and each.where == "/site/acme.dist-info" for each in found)
    return [f"{each.code}: {each.what}" for each in found]


@pytest.mark.parametrize("text", ["packflow", "packflow>=1", "Packflow~=1.4", "packflow>=1,<2", "packflow==1.*"])
def test_the_packflow_that_runs_satisfies(text: str) -> None:
    assert judged(text) == []


def test_another_packflow_is_an_error_that_gives_both_versions() -> None:
    assert judged("packflow<2,>=1.5") == [
        "packflow-requirement: acme 2.0 requires packflow<2,>=1.5, and packflow 1.4.0 runs"
    ]
    assert judged("packflow>=1.5", packflow="1.5.0rc1") != []
    assert judged("packflow>=1", packflow="1.5.0rc1") == []


def test_what_else_is_required_has_to_be_there_in_the_right_version() -> None:
    assert judged("numpy>=1.26", numpy="2.1") == []
    assert judged("Torch_Vision>=0.1", **{"torch-vision": "0.2"}) == []
    assert judged("torch>=2") == ["requirement-missing: acme 2.0 requires torch>=2, which is not installed"]
    assert judged("torch>=2", torch="1.13") == [
        "requirement-version: acme 2.0 requires torch>=2, and torch 1.13 is installed"
    ]


def test_markers_decide_whether_a_requirement_counts() -> None:
    assert judged("torch; python_version < '3'") == []
    assert judged("torch; python_version >= '3'") != []
    assert judged("torch; extra == 'gpu'") == []
    assert judged("torch; extra == 'gpu'", extras=("gpu",)) != []
    assert judged("packflow>9; extra == 'gpu'", extras=("cpu",)) == []
    assert judged("packflow>9; extra == 'gpu'", extras=("cpu", "gpu")) != []


def test_what_is_no_requirement_is_told_and_harms_no_other() -> None:
    first, second = judged("torch >== 2", "numpy")
    assert first.startswith("requirement-unreadable: acme 2.0 requires 'torch >== 2'")
    assert second.startswith("requirement-missing")


def test_what_is_no_version_satisfies_nobody_who_asks_for_one() -> None:
    assert judged("torch", torch="from-somewhere") == []
    assert judged("torch>=1", torch="from-somewhere") != []


@given(st.lists(st.text(max_size=20), max_size=5))
def test_no_text_is_too_strange(requires: list[str]) -> None:
    judged(*requires)
    required_names(requires)


def test_names_are_given_whatever_the_markers_say() -> None:
    assert required_names(["A.B>=1; extra == 'x'", "c[d]; python_version < '3'", "?"]) == {"a-b", "c"}
