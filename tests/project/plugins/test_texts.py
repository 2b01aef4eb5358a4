"""Settings as Python, texts as TOML, headings moved down."""

from __future__ import annotations

import ast
import math
import sys
from importlib import import_module
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from packflow.project.plugins.texts import below_heading, python_literal, toml_author, toml_text

SETTINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
TOML: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


@given(st.dictionaries(st.text(), SETTINGS))
def test_settings_come_back_from_python(settings: dict[str, Any]) -> None:
    text = python_literal(settings)
    ast.parse(text)
    assert eval(text, {"__builtins__": {"float": float}}) == settings


def test_what_is_no_number_is_written_too() -> None:
    found = eval(python_literal({"a": math.nan, "b": -math.inf}), {"float": float})
    assert math.isnan(found["a"])
    assert found["b"] == -math.inf


@given(st.text())
def test_any_text_is_a_line_of_toml(text: str) -> None:
    found = TOML.loads(f"text = {toml_text(text)}")["text"]
    assert found.split() == "".join(char if char.isprintable() else " " for char in text).split()


@given(st.text().filter(str.strip))
def test_any_maintainer_is_an_author(text: str) -> None:
    (author,) = TOML.loads(f"authors = [{toml_author(text)}]")["authors"]
    assert set(author) <= {"name", "email"}


def test_headings_go_below_and_nothing_else_changes() -> None:
    text = "# A\n####### no\n#no\n~~~\n# b\n```\n# c\n~~~\n##### D\n"
    assert below_heading(text) == "### A\n####### no\n#no\n~~~\n# b\n```\n# c\n~~~\n###### D\n"
