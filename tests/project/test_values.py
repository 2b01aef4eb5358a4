"""What values are: YAML 1.2's, and texts as they are written where texts are asked for."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import ProjectError
from packflow.project.values import text, value
from packflow.project.yaml import read_yaml


def value_of(written):
    return value(read_yaml(f"a: {written}", "packflow.yaml"), "packflow.yaml")["a"]


def text_of(written):
    return text(read_yaml(f"a: {written}", "packflow.yaml"))["a"]


VALUES = {
    "": None,
    "~": None,
    "null": None,
    "NULL": None,
    "true": True,
    "False": False,
    "yes": "yes",
    "no": "no",
    "on": "on",
    "Off": "Off",
    "y": "y",
    "tRUE": "tRUE",
    "1": 1,
    "-1": -1,
    "+1": 1,
    "010": 10,
    "0o17": 15,
    "0x1F": 31,
    "0b1": "0b1",
    "1_000": "1_000",
    "1,000": "1,000",
    "1.5": 1.5,
    "1.": 1.0,
    ".5": 0.5,
    "-.5": -0.5,
    "1e3": 1000.0,
    "1E-3": 0.001,
    "1.5e+3": 1500.0,
    ".inf": math.inf,
    "-.INF": -math.inf,
    "inf": "inf",
    "nan": "nan",
    "12:30:45": "12:30:45",
    "2024-01-01": "2024-01-01",
    "2024-01-01T00:00:00Z": "2024-01-01T00:00:00Z",
    "1.2.3": "1.2.3",
    ".": ".",
    "e3": "e3",
    "\u0661\u0662": "\u0661\u0662",
    "=": "=",
    "'1'": "1",
    '"true"': "true",
    "!!str 1": "1",
    "! 1": "1",
    "''": "",
    "a b  c": "a b  c",
    "a#b": "a#b",
    "a # b": "a",
}


@pytest.mark.parametrize(("written", "expected"), VALUES.items())
def test_values_are_those_of_yaml_1_2(written, expected):
    found = value_of(written)

    assert found == expected
    assert type(found) is type(expected)


def test_nan():
    assert math.isnan(value_of(".nan"))


@pytest.mark.parametrize("written", ["7" * 5000, "0x" + "f" * 5000, "1e999", "-1e999"])
def test_numbers_too_large_are_refused(written):
    with pytest.raises(ProjectError, match="too large") as caught:
        value(read_yaml(f"a:\n  - b: {written}", "packflow.yaml"), "packflow.yaml", "extra")

    assert (caught.value.line, caught.value.field) == (2, "extra.a.0.b")


@pytest.mark.parametrize("written", [each for each in VALUES if each not in ("", "~", "null", "NULL")])
def test_texts_are_what_is_written(written):
    expected = {"'1'": "1", '"true"': "true", "!!str 1": "1", "! 1": "1", "''": "", "a # b": "a"}

    assert text_of(written) == expected.get(written, written)


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_none(written):
    assert text_of(written) is None
    assert text_of(f"'{written}'") == written


def test_names_are_texts():
    document = read_yaml("on: 1\n1: 2\n~: 3\n1.0: 4\ntrue: 5", "packflow.yaml")

    assert list(value(document, "packflow.yaml")) == ["on", "1", "~", "1.0", "true"]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc:# -", max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON)
def test_json_means_what_it_means_in_json(found):
    written = json.dumps(found).replace("\x7f", "\\u007f")  # which JSON leaves as it is

    read = value(read_yaml(f'{{"a": {written}}}', "packflow.yaml"), "packflow.yaml")

    assert read == {"a": found}
