"""A plugin as its users meet it: built as a wheel, installed into a fresh environment, listed, run and removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.environments import REPOSITORY, Environment, build_wheel

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme-thermostat"
version = "2.1.0"
dependencies = ["packflow>=1.0"]

[project.entry-points."packflow.backends"]
thermostat = "acme_thermostat:Thermostat"

[project.entry-points."packflow.preprocessors"]
celsius = "acme_thermostat:Celsius"
"""

MODULE = """
from packflow import InferenceBackend
from packflow.backend.preprocessors import Preprocessor, map_records


class Celsius(Preprocessor):
    def __call__(self, records):
        return map_records(lambda record: (record["fahrenheit"] - 32) / 1.8, records)


class Thermostat(InferenceBackend):
    def execute(self, inputs):
        return [{"heating": celsius < 19.5} for celsius in inputs]
"""

LOAD = """
import sys
from packflow.loaders import ModuleLoader
assert "acme_thermostat" not in sys.modules
backend = ModuleLoader("thermostat").load(input_format="celsius", verbose=False)
print(backend({"fahrenheit": 59.0}), backend([{"fahrenheit": 77.0}]))
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "project/acme_thermostat.py").write_text(MODULE)
    return build_wheel(tmp_path / "project", tmp_path / "wheels")


def test_a_plugin_is_built_installed_listed_loaded_run_and_removed(
    environment: Environment, wheel: Path, tmp_path: Path
) -> None:
    assert "thermostat" not in environment.plugin_names("backend")
    environment.install(wheel)

    assert "thermostat" in environment.plugin_names("backend")
    assert "celsius" in environment.plugin_names("preprocessor")
    assert "acme-thermostat" in environment.packflow("plugins", "list").stdout

    loaded = environment.run(str(environment.python), "-c", LOAD)
    assert loaded.stdout.splitlines()[-1] == "{'heating': True} [{'heating': False}]"

    readings = tmp_path / "readings.csv"
    readings.write_text("room,fahrenheit\nhall,59.0\nattic,77\n")
    decisions = tmp_path / "decisions.jsonl"
    run = ["run", "acme-thermostat/thermostat", str(readings), "-o", str(decisions), "--set", "input_format=celsius"]
    environment.packflow(*run)
    assert [json.loads(line) for line in decisions.read_text().splitlines()] == [{"heating": True}, {"heating": False}]

    environment.pip("uninstall", "--yes", "acme-thermostat")
    assert "thermostat" not in environment.plugin_names("backend")


def test_the_wheel_of_packflow_holds_its_type_marker_and_its_built_in_plugins(environment: Environment) -> None:
    where = environment.run(str(environment.python), "-c", "import packflow; print(packflow.__file__)").stdout.strip()
    assert Path(where).with_name("py.typed").is_file()
    assert REPOSITORY not in Path(where).parents
    assert {"passthrough", "records", "numpy"} <= environment.plugin_names("preprocessor")
