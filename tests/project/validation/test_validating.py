"""A project is validated as a whole: what the report says, and what it keeps to itself."""

from __future__ import annotations

import json
import math
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import packflow
from packflow import PackflowProject
from packflow.exceptions import ProjectError
from packflow.plugin.lockfile import from_text
from packflow.project.validation import CHECKS, validate_project
from tests.plugin.conftest import Site
from tests.plugin.conftest import site as site
from tests.project.validation.projects import SOUND, check, write_project
from tests.support.processes import signal_at_start

NUMPY = """
import numpy
from packflow import InferenceBackend

class Model(InferenceBackend):
    def execute(self, inputs):
        return [{"doubled": float(row[0])} for row in inputs]
"""


def test_a_sound_project(tmp_path: Path) -> None:
    """The report has what an archive is to hold."""
    import tomli_w

    folder = write_project(tmp_path, NUMPY, config="backend_config: {input_format: numpy, feature_names: [n]}")
    told: list[str] = []
    report = PackflowProject(folder).validate(progress=told.append)
    assert report.passed, report.checks
    assert [each.name for each in report.checks] == list(CHECKS)
    assert {each.status for each in report.checks} == {"passed"}
    assert (report.name, report.version, report.path) == ("doubler", "1.0", str(folder))
    assert (report.samples, report.outputs, report.failures) == (3, 3, ())
    assert told[-1] == "running 3 samples"
    assert report.ran_with is not None
    assert report.ran_with.python == ".".join(map(str, sys.version_info[:3]))
    used = report.ran_with.distributions
    assert (used["numpy"], used["packflow"]) == (version("numpy"), packflow.__version__)
    assert "pytest" not in used
    assert report.plugins is not None
    locked = from_text(tomli_w.dumps(report.plugins))
    assert [plugin.qualified for plugin in locked.plugins if plugin.kind == "preprocessor"] == ["packflow/numpy"]
    assert json.loads(json.dumps(report.as_json()))["passed"] is True
    assert not list(folder.glob("**/__pycache__"))
    assert not [name for name in sys.modules if name.endswith("inference") and str(folder.name) in name]


def test_the_samples_that_fail_are_named_by_their_lines(tmp_path: Path) -> None:
    source = """
    from packflow import InferenceBackend

    def weigh(n):
        return [None, 1, 0, 1][n] or weights()

    def weights():
        try:
            raise FileNotFoundError("weights.bin")
        except OSError as error:
            raise ValueError("no weights") from error

    class Model(InferenceBackend):
        def transform_inputs(self, inputs):
            return [weigh(row["n"]) for row in inputs]

        def execute(self, inputs):
            return [{"n": n} for n in inputs]
    """
    report = validate_project(write_project(tmp_path, source))
    (failure,) = report.failures
    assert (failure.line, failure.step, failure.exception, failure.message) == (
        3,  # the second sample: a line is blank
        "transform_inputs",
        "ValueError",
        "no weights",
    )
    assert failure.where == 'inference.py:11, in weights: raise ValueError("no weights") from error'
    assert failure.causes == ("FileNotFoundError: weights.bin",)
    assert check(report, "samples").detail == "1 of 3 samples fail"
    assert (report.outputs, report.ran_with, report.plugins, report.passed) == (None, None, None, False)
    assert check(report, "ending").status == "passed"


def test_values_of_the_environment_are_set_and_not_shown(tmp_path: Path) -> None:
    source = """
    import os
    from packflow import InferenceBackend

    print(os.environ["GREETING"], flush=True)

    class Model(InferenceBackend):
        def execute(self, inputs):
            assert os.environ["MODE"] == "on"
            raise ValueError("refused: " + os.environ["API_TOKEN"] + self.config.password)
    """
    config = """
    env: {GREETING: good morning, API_TOKEN: abc, MODE: "on"}
    backend_config: {password: hunter2}
    """
    source = source.replace(
        "    class Model(InferenceBackend):\n",
        "    from packflow import BackendConfig\n    class Config(BackendConfig):\n        password: str\n\n"
        "    class Model(InferenceBackend):\n        backend_config_model = Config\n",
    )
    config = "\n".join(line.strip() for line in config.splitlines())
    report = validate_project(write_project(tmp_path, source, config=config))
    assert report.failures[0].message == "refused: ********************"
    everything = json.dumps(report.as_json())
    assert "it prints" in everything
    for secret in ("good morning", "abc", "hunter2"):
        assert secret not in everything


def test_a_configuration_that_is_wrong_is_a_failed_check(tmp_path: Path) -> None:
    folder = write_project(tmp_path, files={"packflow.yaml": "name: x\nversion: 1\ninference_backend: 3:4\n"})
    report = validate_project(folder)
    found = check(report, "config")
    assert (report.passed, report.name, found.status, found.where) == (False, None, "failed", "packflow.yaml:3")
    assert str(folder) not in found.detail
    assert check(report, "samples").status == "skipped"
    assert check(report, "requirements").status == "passed"


def test_a_missing_setting_is_told_as_projects_give_it(tmp_path: Path) -> None:
    source = """
    from packflow import BackendConfig, InferenceBackend

    class Config(BackendConfig):
        model_path: str

    class Model(InferenceBackend):
        base_config_model = Config
        def execute(self, inputs):
            return inputs
    """
    found = check(validate_project(write_project(tmp_path, source)), "backend")
    assert found.detail.endswith("model_path: Field required. Give it under 'backend_config' in packflow.yaml")


def test_another_python_is_told_and_nothing_is_run(tmp_path: Path) -> None:
    config = "name: x\nversion: 1\ninference_backend: inference:Model\npython_version: <3\n"
    report = validate_project(write_project(tmp_path, "raise SystemExit", {"packflow.yaml": config}))
    assert [each.name for each in report.checks if each.status == "failed"] == ["python"]
    assert check(report, "backend").status == "skipped"


def test_without_samples_the_backend_is_loaded_all_the_same(tmp_path: Path) -> None:
    report = validate_project(write_project(tmp_path, files={"samples.jsonl": None}))
    assert [each.name for each in report.checks if each.status == "failed"] == ["samples-file"]
    assert (check(report, "backend").status, check(report, "samples").status) == ("passed", "skipped")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"inference.py": None}, "there is neither a file"),
        ({"inference.py": None, "inference/__init__.py": "from .nothing import Model"}, "named 'inference.nothing'"),
    ],
)
def test_a_module_of_the_projects_own_that_is_missing_is_nothing_to_install(
    tmp_path: Path, files: dict[str, str | None], said: str
) -> None:
    found = check(validate_project(write_project(tmp_path, files=files)), "backend")
    assert (found.status, found.remedy) == ("failed", "Correct the code, or what packflow.yaml says of it.")
    assert said in found.detail
    assert "packflow.loaders" not in found.detail


def test_the_project_runs_in_a_folder_of_its_own(tmp_path: Path) -> None:
    source = SOUND + "\nopen('weights.bin')\n"
    report = validate_project(write_project(tmp_path, source, {"weights.bin": "w"}))
    found = check(report, "backend")
    assert found.status == "failed"
    assert "'weights.bin' is in the project, but a project may run in any folder" in found.remedy


INSTALLED = """
import json
from packflow import InferenceBackend

class Fast(InferenceBackend):
    def execute(self, inputs):
        if inputs[0]["n"] > 1:
            json.loads("{")
        return inputs
"""


@pytest.mark.parametrize(("target", "plugins"), [("acme_fast:Fast", ""), ("fast", "acme-fast/fast, ")])
def test_an_installed_backend(site: Site, tmp_path: Path, target: str, plugins: str) -> None:
    """What it is called by decides whether it is a plugin; it has no RECORD, and so cannot be locked."""
    entry_points = {"packflow.backends": {"fast": "acme_fast:Fast"}}
    site.add("acme-fast", "1.2", entry_points, {"acme_fast.py": INSTALLED})
    files = {
        "packflow.yaml": f"name: x\nversion: 1\nloader: module\ninference_backend: {target}\n",
        "samples.jsonl": '{"n": 1}\n',
    }
    report = validate_project(write_project(tmp_path / "project", files=files))
    assert report.passed, report.checks
    assert "code" not in [each.name for each in report.checks]
    found = check(report, "plugins")
    assert found.detail.startswith(f"the samples used {plugins}packflow/records")
    assert (found.status, bool(found.lines)) == ((("warning", True)) if plugins else ("passed", False))


def test_the_line_of_an_installed_backend_is_named_and_not_a_librarys(site: Site, tmp_path: Path) -> None:
    site.add("acme-fast", "1.2", modules={"acme_fast.py": INSTALLED})
    config = "name: x\nversion: 1\nloader: module\ninference_backend: acme_fast:Fast\n"
    files = {"packflow.yaml": config, "samples.jsonl": '{"n": 2}\n'}
    report = validate_project(write_project(tmp_path / "project", files=files))
    (failure,) = report.failures
    assert check(report, "samples").remedy == "Correct the samples, or what packflow.yaml says of the backend."
    assert failure.where == f'{site.folder / "acme_fast.py"}:8, in execute: json.loads("{{")'
    assert failure.exception == "json.decoder.JSONDecodeError"


def test_a_file_that_an_installed_backend_misses_is_one_of_packflow_yaml(site: Site, tmp_path: Path) -> None:
    reads = """
from pathlib import Path
from packflow import BackendConfig, InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError

class Config(BackendConfig):
    weights: Path

class Fast(InferenceBackend):
    base_config_model = Config

    def initialize(self):
        try:
            self.config.weights.read_text()
        except FileNotFoundError as error:
            raise InferenceBackendInitializationError("There are no weights.") from error

    def execute(self, inputs):
        return inputs
"""
    site.add("acme-fast", "1.2", modules={"acme_fast.py": reads})
    config = "name: x\nversion: 1\nloader: module\ninference_backend: acme_fast:Fast\n"
    config += "backend_config:\n  verbose: false\n  weights: w.bin\n"
    found = check(validate_project(write_project(tmp_path / "project", files={"packflow.yaml": config})), "backend")
    assert found.where == "packflow.yaml:7"
    assert found.remedy == "Correct what packflow.yaml says of it, or the file that it names."


@pytest.mark.parametrize("missing", ["nowhere", ""])
def test_where_there_is_no_project_there_is_nothing_to_report(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ProjectError):
        validate_project(tmp_path / missing)


@pytest.mark.parametrize("timeout", [0, -1, math.inf, math.nan])
def test_a_time_limit_is_a_length_of_time(tmp_path: Path, timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        validate_project(write_project(tmp_path), timeout=timeout)


def test_an_interpreter_that_cannot_be_started_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    found = check(validate_project(write_project(tmp_path)), "backend")
    assert found.status == "failed"
    assert "no-python" in found.detail


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_signal_that_comes_while_the_process_is_started_ends_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signal_at_start(monkeypatch):
        validate_project(write_project(tmp_path, "import time\ntime.sleep(600)"))
