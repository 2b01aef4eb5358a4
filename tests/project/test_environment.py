"""A project's environment variables: the operator's go first, and no value is ever shown."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from packflow import PackflowProject
from packflow.exceptions import ProjectError
from packflow.loaders import InferenceBackendLoader
from packflow.project import ProjectConfig, environment
from packflow.project.environment import EnvironmentValues, set_environment
from tests.support.packflow_yaml import BASE, ECHO, write_project

CANARY = "canary-4711"

READS_AT_IMPORT = """
import os
from packflow import InferenceBackend

SEEN = os.environ.get("DEMO_A")

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"seen": SEEN}] * len(inputs)
"""


@pytest.fixture(autouse=True)
def _environment_as_before(monkeypatch):
    before = dict(os.environ)
    monkeypatch.setattr(environment, "_set", {})
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


def test_variables_are_set_before_the_code_is_imported_and_stay(tmp_path):
    backend = PackflowProject(write_project(tmp_path, f"{BASE}env: {{DEMO_A: 010}}\n", READS_AT_IMPORT)).load()

    assert backend({"x": 1}) == {"seen": "010"}
    assert os.environ["DEMO_A"] == "010"


@pytest.mark.parametrize("operators", ["mine", ""])
def test_the_operator_s_variable_stays(tmp_path, monkeypatch, operators):
    monkeypatch.setenv("DEMO_A", operators)

    backend = PackflowProject(write_project(tmp_path, f"{BASE}env: {{DEMO_A: project}}\n", READS_AT_IMPORT)).load()

    assert backend({"x": 1}) == {"seen": operators}
    assert os.environ["DEMO_A"] == operators


def test_nothing_is_set_by_reading(tmp_path):
    PackflowProject(write_project(tmp_path, f"{BASE}env: {{DEMO_A: x}}\n"))

    assert "DEMO_A" not in os.environ


def test_nothing_is_set_for_another_python(tmp_path):
    project = PackflowProject(write_project(tmp_path, f"{BASE}python_version: <3\nenv: {{DEMO_A: x}}\n"))

    with pytest.raises(ProjectError):
        project.load()

    assert "DEMO_A" not in os.environ


def test_a_project_that_was_edited_sets_its_own_anew():
    set_environment({"DEMO_A": "1"}, "a/packflow.yaml")
    set_environment({"DEMO_A": "2"}, "a/packflow.yaml")

    assert os.environ["DEMO_A"] == "2"


def test_two_projects_that_agree():
    set_environment({"DEMO_A": "1"}, "a/packflow.yaml")
    set_environment({"DEMO_A": "1", "DEMO_B": "2"}, "b/packflow.yaml")

    assert (os.environ["DEMO_A"], os.environ["DEMO_B"]) == ("1", "2")


def test_two_projects_that_disagree():
    set_environment({"DEMO_A": "1"}, "a/packflow.yaml")

    with pytest.raises(ProjectError) as caught:
        set_environment({"DEMO_B": "1", "DEMO_A": CANARY}, "b/packflow.yaml", {"DEMO_A": 7})

    assert (caught.value.file, caught.value.line, caught.value.field) == ("b/packflow.yaml", 7, "env.DEMO_A")
    assert "a/packflow.yaml" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert os.environ["DEMO_A"] == "1"
    assert "DEMO_B" not in os.environ


def test_the_operator_settles_what_projects_disagree_on():
    set_environment({"DEMO_A": "1"}, "a/packflow.yaml")
    os.environ["DEMO_A"] = "mine"

    set_environment({"DEMO_A": "2"}, "b/packflow.yaml")

    assert os.environ["DEMO_A"] == "mine"


def test_many_threads_load_one_project(tmp_path):
    folder = write_project(tmp_path, f"{BASE}env: {{DEMO_A: x}}\n", READS_AT_IMPORT)

    with ThreadPoolExecutor(8) as pool:
        backends = list(pool.map(lambda _: InferenceBackendLoader.from_project(folder, verbose=False), range(16)))

    assert [backend({"n": 1}) for backend in backends] == [{"seen": "x"}] * 16


# Values are never shown ----------------------------------------------------------------------------------------------


def test_names_are_logged_and_values_are_not(tmp_path, monkeypatch, logs):
    monkeypatch.setenv("DEMO_B", "mine")
    folder = write_project(tmp_path, f"{BASE}env: {{DEMO_A: {CANARY}, DEMO_B: {CANARY}}}\n")

    PackflowProject(folder).load()

    assert any("DEMO_A" in line and "set" in line for line in logs.texts("DEBUG"))
    assert any("DEMO_B" in line and "kept" in line for line in logs.texts("DEBUG"))
    assert CANARY not in logs.everything()
    assert "mine" not in logs.everything()


def test_no_repr_dump_or_pickle_has_a_value(tmp_path):
    project = PackflowProject(write_project(tmp_path, f"{BASE}env: {{DEMO_A: {CANARY}}}\n"))
    config = project.config

    shown = [
        repr(project),
        str(project),
        repr(config),
        str(config),
        repr(config.env),
        f"{config.env}",
        repr(vars(config)),
    ]
    shown += [config.model_dump_json(), str(config.model_dump()), repr(list(config.__repr_args__()))]
    shown += [repr(vars(project)), str(config.model_json_schema()), pickle.dumps(project).decode("latin-1")]
    assert CANARY not in "".join(shown)
    assert config.env["DEMO_A"] == CANARY
    assert pickle.loads(pickle.dumps(project)).config.env == config.env


def test_secrets_among_the_settings_are_masked_in_the_repr(tmp_path):
    text = f"{BASE}backend_config: {{api_key: {CANARY}}}\nextra: {{password: {CANARY}, team: search}}\n"

    shown = repr(PackflowProject(write_project(tmp_path, text)).config)

    assert CANARY not in shown
    assert "search" in shown


WRITTEN_WRONG = [
    f"env: {CANARY}",
    f"env: [{CANARY}]",
    f"env: [DEMO_A={CANARY}]",
    f"env: {{DEMO_A={CANARY}}}",
    f"env:\n  DEMO_A={CANARY}: ",
    f"env:\n  DEMO_A={CANARY}: x\n  DEMO_A={CANARY}: x",
    f"env:\n  DEMO_A={CANARY}: [!x y]",
    f"env:\n  DEMO_A: [{CANARY}]",
    f"env:\n  DEMO_A: {{x: {CANARY}}}",
    f"env:\n  DEMO_A: {{{CANARY}: x}}",
    f"env:\n  1A: {CANARY}",
    f"env:\n  DEMO_A: {CANARY}: x",
    f"env:\n  DEMO_A: *{CANARY}",
    f"env:\n  DEMO_A: !{CANARY}",
    f"env:\n  DEMO_A: &{CANARY} !!int {CANARY}",
    f"env:\n  DEMO_A: @{CANARY}",
    f"env:\n  DEMO_A: '{CANARY}",
    f'env:\n  DEMO_A: "{CANARY}\\q"',
    f'env:\n  DEMO_A: "{CANARY}\\0"',
    f'env:\n  DEMO_A: "{CANARY}\\ud800"',
    f"env:\n  DEMO_A: {CANARY}\n  DEMO_A: {CANARY}",
    f"env:\n  DEMO_A: {CANARY}\n DEMO_B: x",
    f"env:\n\tDEMO_A: {CANARY}",
    f"env:\n  DEMO_A: {CANARY}\x07",
    f"env:\n  DEMO_A: {CANARY}\n---\na: b",
    f"env:\n  DEMO_A: {CANARY}\nname: again",
    f"env:\n  DEMO_A: {CANARY}\nenvv: x",
    f"env:\n  DEMO_A: {CANARY}\nloader: far",
    f"env:\n  DEMO_A: {CANARY}\nextra: [",
    f"env: {{DEMO_A: {CANARY}",
]


@pytest.mark.parametrize("written", WRITTEN_WRONG)
def test_no_error_shows_a_value(tmp_path, written):
    with pytest.raises(ProjectError) as caught:
        PackflowProject(write_project(tmp_path, f"{BASE}{written}\n"))

    error = caught.value
    told = "".join(traceback.format_exception(type(error), error, None))
    assert CANARY not in told + repr(error) + repr(error.args) + repr(vars(error))
    assert pickle.dumps(error).find(CANARY.encode()) == -1


@pytest.mark.skipif(sys.platform == "win32", reason="there the environment holds every text")
def test_a_value_that_is_not_utf_8(tmp_path):
    folder = write_project(tmp_path, BASE)
    (folder / "packflow.yaml").write_bytes(BASE.encode() + f"env:\n  DEMO_A: {CANARY}\xe9\n".encode("latin-1"))

    with pytest.raises(ProjectError) as caught:
        PackflowProject(folder)

    assert CANARY not in "".join(traceback.format_exception(type(caught.value), caught.value, None))


def test_what_the_system_s_environment_cannot_hold(monkeypatch):
    def encode(text):
        return text.encode("ascii")

    monkeypatch.setattr(os, "fsencode", encode)
    with pytest.raises(ProjectError, match=r"env\.DEMO_A has a character") as caught:
        ProjectConfig(name="a", version="1", inference_backend="a:B", env={"DEMO_A": f"{CANARY}é"})

    assert CANARY not in "".join(traceback.format_exception(type(caught.value), caught.value, None))


def test_no_error_of_loading_shows_a_value(tmp_path, logs):
    for source, settings in (
        ("raise RuntimeError('no')", ""),
        (ECHO, "backend_config: {verbos: true}"),
        (ECHO.replace("def execute", "def run"), ""),
        (ECHO + "    def initialize(self): raise OSError('gone')", ""),
        ("x = 1", ""),
    ):
        folder = write_project(tmp_path, f"{BASE}env: {{DEMO_A: {CANARY}}}\n{settings}\n", source)
        with pytest.raises(ProjectError) as caught:
            PackflowProject(folder).load()
        assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert CANARY not in logs.everything()


def test_masked_values_are_still_a_dict():
    values = EnvironmentValues(A="x")

    assert isinstance(values, dict)
    assert values == {"A": "x"}
    assert "x" not in f"{values!r} {values!s} {values}"
