"""The pages as files: each can be reached, is a text, and shows code that can at least be read."""

from __future__ import annotations

import ast
import json
import re
import sys

import pytest

from tests.docs.conftest import DOCS

KINDS = ["tutorial", "how-to", "reference", "explanation"]
PAGES = sorted(path for kind in KINDS for path in (DOCS / kind).glob("*.md"))


def toctrees(text):
    return [
        entry
        for body in re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for entry in body.splitlines()
        if entry and not entry.startswith(":")
    ]


def blocks(path, *languages):
    pattern = rf"^```({'|'.join(languages)})\n(.*?)^```$"
    return [match[2] for match in re.finditer(pattern, path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)]


def test_each_kind_of_page_is_reached_from_the_first():
    assert toctrees((DOCS / "index.md").read_text(encoding="utf-8")) == [f"{kind}/index" for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_each_page_is_listed_once_by_its_kind(kind):
    listed = toctrees((DOCS / kind / "index.md").read_text(encoding="utf-8"))
    there = [path.stem for path in (DOCS / kind).glob("*.md") if path.stem != "index"]

    assert sorted(listed) == sorted(there)


def test_notebooks_are_text():
    assert [path for kind in KINDS for path in (DOCS / kind).rglob("*.ipynb")] == []  # what a build leaves is no source


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_a_page_is_a_notebook_if_it_has_cells(path):
    text = path.read_text(encoding="utf-8")

    # without its header a page is no notebook, and its cells would be shown and not run
    assert ("{code-cell}" in text) == text.startswith("---\njupytext:\n")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_code_that_is_only_shown_can_be_read(path):
    for block in blocks(path, "python"):
        ast.parse(block)
    for block in blocks(path, "json"):
        json.loads(block)
    if sys.version_info >= (3, 11):
        import tomllib

        for block in blocks(path, "toml"):
            tomllib.loads(block)


@pytest.mark.parametrize("name", ["explanation/flow.svg", "explanation/rooms.svg"])
def test_a_picture_needs_nothing_from_elsewhere(name):
    text = (DOCS / name).read_text(encoding="utf-8")

    assert text.startswith("<svg ")
    assert re.findall(r'href="(?!#)|url\((?!#)|<script|@import', text) == []
