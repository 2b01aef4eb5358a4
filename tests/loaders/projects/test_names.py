from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.loaders.projects.names import PACKAGE, project_directory, project_name

parts = st.lists(st.binary(min_size=1, max_size=12).filter(lambda raw: not {0, 47} & set(raw)), max_size=5)


@pytest.mark.skipif(os.name != "posix", reason="paths of arbitrary bytes are POSIX")
@given(parts, st.integers(1, 10**6))
def test_a_directory_can_be_read_off_its_name(raw, number):
    directory = Path("/", *map(os.fsdecode, raw))
    name = project_name(directory, number)
    assert project_directory(name) == directory
    assert project_directory(name.rpartition(".")[2]) == directory
    assert re.fullmatch(r"[A-Za-z0-9_]+", name.removeprefix(f"{PACKAGE}."))


@given(st.lists(st.sampled_from(["a", "_", "-", ".", "a_", "_a", "u", "_u", "x5f", "1"]), min_size=1, max_size=6))
def test_different_directories_have_different_names(raw):
    text = "".join(raw)
    other = text.replace("_u", "_").replace("-", "_")
    names = {project_name(Path("/home") / directory, 1) for directory in (text, other)}
    assert len(names) == len({Path("/home") / text, Path("/home") / other})


def test_a_name_can_be_read_by_people():
    assert project_name(Path("/home/me/my-model"), 2).endswith(".p2___home__me__my_dmodel")


@pytest.mark.parametrize("name", ["finder", "names", "p1", "p1_", "p_a", "p1_a_", "p1_a_q", "p1_a.b", "P1_a", "p1_é"])
def test_other_names_stand_for_no_directory(name):
    assert project_directory(name) is None
