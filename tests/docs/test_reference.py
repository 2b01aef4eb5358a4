"""The reference's hand-written tables say what the code does, and leave nothing out."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from loguru import logger as host_logger
from pydantic_core import PydanticUndefined

import packflow
from packflow import BackendConfig, InferenceBackend
from packflow.plugin.kinds import BUILT_IN_NAMES, GROUPS
from packflow.plugin.policy import VARIABLES
from tests.docs.conftest import DOCS

SOURCES = {path: path.read_text(encoding="utf-8") for path in Path(packflow.__file__).parent.rglob("*.py")}


def rows(text, first_heading):
    """Give the rows of the table whose first column has a heading: lists of cells."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {first_heading} |"):
            next(lines)
            break
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    assert found, f"no table whose first column is {first_heading!r}"
    return found


def test_every_setting_is_listed_with_its_default(read_page):
    listed = {
        cells[0].strip("`"): cells[2].strip("`") for cells in rows(read_page("reference/configuration.md"), "field")
    }
    defaults = {}
    for name, field in BackendConfig.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        assert default is not PydanticUndefined
        defaults[name] = repr(getattr(default, "value", default)).replace("'", '"')

    assert listed == defaults


def test_every_environment_variable_is_listed(read_page):
    listed = {cells[0].strip("`") for cells in rows(read_page("reference/environment.md"), "variable")}
    named = {name for text in SOURCES.values() for name in re.findall(r'"((?:PACKFLOW|BACKEND)_[A-Z_]+)"', text)}

    assert set(VARIABLES.values()) <= named
    assert listed == named


def test_every_kind_of_plugin_is_listed_with_its_group(read_page):
    listed = {cells[0].strip("`"): cells[1].strip("`") for cells in rows(read_page("reference/plugin.md"), "kind")}

    assert listed == dict(GROUPS)


@pytest.mark.parametrize(
    ("module", "page"),
    [
        ("packflow", "backend"),
        ("packflow.loaders", "loaders"),
        ("packflow.normalizers", "normalizers"),
        ("packflow.utils.normalize", "normalizers"),
        ("packflow.runner", "runner"),
        ("packflow.backend.preprocessors", "preprocessors"),
    ],
)
def test_every_public_name_is_documented(module, page, read_page):
    text = read_page(f"reference/{page}.md")

    assert [name for name in importlib.import_module(module).__all__ if name not in text] == []


def test_every_public_name_of_the_plugin_package_is_documented(read_page):
    text = read_page("reference/plugin.md") + read_page("reference/hooks.md")

    # `hookspec` is for packflow's own hooks
    names = set(importlib.import_module("packflow.plugin").__all__) - {"hookspec"}
    assert [name for name in sorted(names) if not re.search(rf"(packflow\.plugin\.|:: ){name}\b", text)] == []


def test_every_option_of_the_command_line_is_shown_by_its_own_help(read_page):
    text = read_page("reference/command-line.md")
    commands = set(importlib.import_module("packflow.cli").main.list_commands(None)) - {"plugins"}
    commands |= {
        f"plugins {name}" for name in importlib.import_module("packflow.cli.plugins").plugins.list_commands(None)
    }

    assert commands >= {"run", "plugins list", "plugins new"}
    for command in commands:
        assert f"## packflow {command}\n" in text
        assert f"\npackflow {command} --help\n" in text


def test_the_lines_of_construction_and_call_are_listed(read_page):
    listed = [
        (level, place.strip("`"), message)
        for heading in ("Constructing a backend", "Calling it")
        for level, place, message in rows(read_page("reference/log-lines.md").partition(f"## {heading}\n")[2], "level")
    ]

    class Listed(InferenceBackend):
        def execute(self, inputs):
            return inputs

    written = []
    handler = host_logger.add(lambda line: written.append(line.record), level=0)
    try:
        Listed()([{"n": 1}])
    finally:
        host_logger.remove(handler)

    assert len(written) == 5
    for record in written:
        begins = re.match(r"\w+", record["message"])[0]
        where = (record["level"].name, f"{record['name']}:{record['function']}")
        assert any(where == (level, place) and begins in message for level, place, message in listed), record["message"]


def test_every_place_of_a_log_line_exists(read_page):
    places = re.findall(r"`(packflow[\w.]*):(\w+)`", read_page("reference/log-lines.md"))

    assert len(places) >= 7
    for module, function in places:
        source = Path(importlib.import_module(module).__file__).read_text(encoding="utf-8")
        assert re.search(rf"def {function}\(", source), f"{module} has no {function}"


def test_no_module_that_the_reference_names_is_missing():
    for path in (DOCS / "reference").glob("*.md"):
        for name in re.findall(r"^\.\. (?:auto)?module:: ([\w.]+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert importlib.import_module(name)


def test_every_built_in_normalizer_is_listed(read_page):
    page = read_page("reference/normalizers.md")
    sentence = page.partition("The built-in ones, under the names ")[2].partition(":\n")[0]

    assert set(re.findall(r"`(\w+)`", sentence)) == BUILT_IN_NAMES["normalizer"]
