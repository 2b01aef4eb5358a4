"""The JSON Schema says of the fields what the configuration takes, and the file in the documentation is that schema."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

import packflow
from packflow.project import ProjectConfig, schema
from packflow.project.config_errors import EXAMPLES
from packflow.project.values import value
from packflow.project.yaml import read_yaml
from tests.support.packflow_yaml import refused, write_project

SCHEMA = schema.json_schema()
KINDS = {"string": str, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None)}


def allows(rules, found):
    """Whether a schema lets a value through; of JSON Schema, as much as ours uses."""
    if "if" in rules and not allows(rules["if"], found) and not allows(rules["else"], found):
        return False
    kinds = rules.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(isinstance(found, KINDS[kind]) for kind in kinds):
        return False
    if found not in rules.get("enum", [found]) or found != rules.get("const", found):
        return False
    if isinstance(found, str):
        return re.search(rules.get("pattern", ""), found) is not None
    if isinstance(found, list):
        return all(allows(rules.get("items", {}), item) for item in found)
    if not isinstance(found, dict):
        return True
    own = rules.get("properties", {})
    other = rules.get("additionalProperties", {})
    return (
        set(rules.get("required", ())) <= found.keys()
        and all(allows(rules.get("propertyNames", {}), name) for name in found)
        and all(other is not False and allows(other, found[name]) for name in found.keys() - own.keys())
        and all(allows(own[name], found[name]) for name in found.keys() & own.keys())
    )


def as_an_editor_reads(text):
    return value(read_yaml(text, "packflow.yaml"), "packflow.yaml")


BASE = "name: demo\nversion: 1.0\ninference_backend: inference:Backend\n"
RIGHT = [
    BASE,
    BASE.replace("demo", "007"),
    BASE + "python_version: 3.10\n",
    BASE + 'python_version: ">=3.10"\n',
    BASE + "maintainers: [Ada, 1, on]\n",
    BASE + "env: {A: 1, B: yes, C: true}\nbackend_config: {x: [1]}\nextra: {}\n",
    BASE + "env:\nloader:\nextra:\ndescription:\nmaintainers:\npython_version:\nbackend_config:\n",
    BASE.replace("inference:Backend", "onnx") + "loader: module\n",
]
WRONG = [
    BASE.replace("name: demo\n", ""),
    BASE.replace("demo", "a b"),
    BASE.replace("demo", "[a]"),
    BASE.replace("demo", "''"),
    BASE.replace("1.0", "'1 0'"),
    BASE.replace("inference:Backend", "onnx"),
    BASE.replace("inference:Backend", "onnx") + "loader: local\n",
    BASE + "vesrion: 1\n",
    BASE + "loader: far\n",
    BASE + "maintainers: Ada\n",
    BASE + "maintainers: [[Ada]]\n",
    BASE + "maintainers: ['']\n",
    BASE + "env: [A]\n",
    BASE + "env: {a-b: x}\n",
    BASE + "env: {A: }\n",
    BASE + "env: {A: [x]}\n",
    BASE + "backend_config: x\n",
    BASE + "extra: []\n",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_packflow_reads_the_schema_lets_through(tmp_path, text):
    assert allows(SCHEMA, as_an_editor_reads(text))
    assert packflow.PackflowProject(write_project(tmp_path, text))


@pytest.mark.parametrize("text", WRONG)
def test_what_the_schema_refuses_packflow_does_too(tmp_path, text):
    assert not allows(SCHEMA, as_an_editor_reads(text))
    assert refused(tmp_path, text)


def test_it_has_every_field():
    assert list(SCHEMA["properties"]) == list(EXAMPLES)
    assert set(EXAMPLES) == set(ProjectConfig.model_fields)


@pytest.mark.parametrize("field", EXAMPLES)
def test_the_examples_are_right(tmp_path, field):
    others = "".join(line + "\n" for line in BASE.splitlines() if not line.startswith(f"{field}:"))

    made = packflow.PackflowProject(write_project(tmp_path, f"{others}{EXAMPLES[field]}\n"))

    assert made.config.line_of(field) is not None


def test_the_module_prints_it(capsys):
    runpy.run_path(schema.__file__, run_name="__main__")

    assert json.loads(capsys.readouterr().out) == SCHEMA


def test_the_documentation_has_it():
    page = Path(packflow.__file__).parent.parent / "docs" / "reference" / "packflow.schema.json"

    # To write it anew: python -m packflow.project.schema > docs/reference/packflow.schema.json
    assert json.loads(page.read_text(encoding="utf-8")) == SCHEMA
