"""Whatever a user writes is read back as it was from YAML, and shown as it is by Markdown."""

from __future__ import annotations

import html
import re

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from packflow.scaffold.texts import markdown_text, yaml_list, yaml_text

PRINTABLE = st.characters(codec="utf-8").filter(str.isprintable)
LINES = st.text(PRINTABLE | st.sampled_from(" #>-+*_`[]()<>!|&;:=~\\$0123456789.ab"), min_size=1)
TEXTS = st.lists(LINES, min_size=1).map("\n".join)
HOSTILE = [
    "yes", "No", "on", "null", "~", "1.0", "0x10", "1_000", "1e3", "2026-11-21", "12:30:45", ".inf", "-", "- a", "a: b",
    "a #b", "#b", "'", '"', "\\", "'a\"b", "{a}", "[a]", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "a\nb", "---",
    "...", "<<", "=", "? a", "ünïcode 日本 🎈",
]  # fmt: skip


@given(TEXTS)
def test_yaml_reads_the_text_back(text: str) -> None:
    assert yaml.safe_load(f"a: {yaml_text(text)}\nb: 1\n") == {"a": text, "b": 1}


@pytest.mark.parametrize("text", HOSTILE)
def test_yaml_reads_back_what_means_something_to_it(text: str) -> None:
    assert yaml.safe_load(f"a: {yaml_text(text)}\nb: 1\n") == {"a": text, "b": 1}


@given(st.lists(TEXTS))
def test_yaml_reads_the_list_back(texts: list[str]) -> None:
    assert yaml.safe_load(f"a: {yaml_list(texts)}\nb: 1\n") == {"a": texts, "b": 1}


def test_what_needs_no_quotes_has_none() -> None:
    assert [yaml_text(text) for text in ("prices", "house-prices", "a.b_2")] == ["prices", "house-prices", "a.b_2"]


@given(TEXTS)
@example("# heading")
@example("- item\n+ item\n* item\n1. item\n2) item")
@example("setext\n===\nsetext\n---")
@example("| a | b |\n|---|---|")
@example("> quote")
@example("```\ncode\n```\n~~~\ncode\n~~~")
@example("    code")
@example("*a* _b_ __c__ **d** `e` snake_case_name ~~f~~")
@example("[a](b) ![a](b) <b>bold</b> <https://a.b> [a]: b")
@example("&amp; &#35; \\* $x$")
@example("a\\\nb  \nc")
@example("_a b_")
def test_markdown_shows_the_text_as_one_paragraph(text: str) -> None:
    shown = MarkdownIt("commonmark").enable("table").render(f"# Title\n\n{markdown_text(text)}\n\nThe end.\n")
    inside = shown.removeprefix("<h1>Title</h1>\n").removesuffix("<p>The end.</p>\n")
    words = text.split()
    plain = html.unescape(inside.replace("<p>", " ").replace("</p>", " "))
    assert not re.search(r"<(?!/?p>)", inside)
    assert plain.split() == words


def test_a_plain_sentence_stays_as_it_is() -> None:
    text = "Says what a house costs, from its size (m2), and how sure it is: 90 % or more; see file_name-2.py."
    assert markdown_text(text) == text
