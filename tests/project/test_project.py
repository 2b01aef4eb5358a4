"""A project as an object: its backend, its samples, and errors that say which line asked for what failed."""

from __future__ import annotations

import copy
import json
import os
import pickle
from textwrap import dedent

import pytest

import packflow
from packflow import InferenceBackend, PackflowProject, plugin
from packflow.exceptions import InferenceBackendLoadError, ProjectError
from packflow.loaders import InferenceBackendLoader
from tests.support.packflow_yaml import BASE, write_project

MODEL = """
from pathlib import Path
from packflow import BackendConfig, InferenceBackend

class Config(BackendConfig):
    model_path: Path
    label: str = "none"
    parts: dict[str, list[Path]] = {}
    threshold: float = 0.5

class Backend(InferenceBackend):
    base_config_model = Config

    def initialize(self):
        self.model = self.config.model_path.read_text()

    def execute(self, inputs):
        return [{"model": self.model, "label": self.config.label} for _ in inputs]
"""

PLAIN = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [dict(row) for row in inputs]

made = Backend(verbose=False)
"""


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Let the process run in another folder than the project's."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def project(folder, text="", source=PLAIN):
    return PackflowProject(write_project(folder / "project", f"{BASE}{text}", source))


def failure(folder, text="", source=PLAIN):
    """Give the error with which a project refuses to load; it names the file, and chains its cause."""
    made = project(folder, text, source)
    with pytest.raises(ProjectError) as caught:
        made.load()
    assert caught.value.file == str(made.file)
    assert str(caught.value).startswith(caught.value.file)
    return caught.value


# Loading --------------------------------------------------------------------------------------------------------------


def test_settings_paths_and_overrides(tmp_path, elsewhere):
    made = project(tmp_path, "backend_config:\n  model_path: models/m.txt\n  label: a.txt\n  verbose: false\n", MODEL)
    (made.path / "models").mkdir()
    (made.path / "models" / "m.txt").write_text("the model")

    assert made.load()({"x": 1}) == {"model": "the model", "label": "a.txt"}
    assert made.load(label="mine")({"x": 1}) == {"model": "the model", "label": "mine"}
    assert InferenceBackendLoader.from_project(made.path, label="mine")({"x": 1})["label"] == "mine"
    assert made.config.backend_config["model_path"] == "models/m.txt"


def test_paths_among_the_overrides_are_those_of_the_caller(tmp_path, elsewhere):
    made = project(tmp_path, "backend_config: {model_path: m.txt, parts: {a: [x], b: [y]}}\n", MODEL)
    (elsewhere / "m.txt").write_text("the caller's")

    backend = made.load(model_path="m.txt", parts={"a": ["z"]}, verbose=False)

    assert backend({"x": 1})["model"] == "the caller's"
    assert {name: list(map(str, paths)) for name, paths in backend.config.parts.items()} == {
        "a": ["z"],
        "b": [str(made.path / "y")],
    }


def test_a_project_is_loaded_by_the_folder_of_its_file(tmp_path, elsewhere):
    made = project(tmp_path)

    for path in (made.path, made.file, os.path.relpath(made.path)):
        assert InferenceBackendLoader.from_project(path, verbose=False)({"x": 1}) == {"x": 1}


def test_an_override_may_be_called_path_or_self(tmp_path):
    source = PLAIN.replace("from packflow import", "from packflow import BackendConfig,").replace(
        "    def execute", "    class base_config_model(BackendConfig):\n        path: str\n\n    def execute"
    )
    made = project(tmp_path, source=source.replace("made = Backend(verbose=False)", ""))

    assert made.load(path="x").config.path == "x"
    assert InferenceBackendLoader.from_project(made.path, path="x").config.path == "x"
    with pytest.raises(ProjectError, match="'self' is not a setting"):
        made.load(self="x", path="x")


def test_the_configuration_file_of_the_environment_goes_before_all(tmp_path, monkeypatch):
    (tmp_path / "settings.json").write_text(json.dumps({"configs": {"feature_names": ["b"]}}))
    monkeypatch.setenv("BACKEND_CONFIG_FILE_PATH", str(tmp_path / "settings.json"))

    backend = project(tmp_path, "backend_config: {feature_names: [a], verbose: false}\n").load(feature_names=["c"])

    assert backend({"a": 1, "b": 2, "c": 3}) == {"b": 2}


def test_an_instance_is_given_as_it_is(tmp_path):
    made = project(tmp_path)
    (made.path / "packflow.yaml").write_text(BASE.replace(":Backend", ":made"))

    assert PackflowProject(made.path).load()({"x": 1}) == {"x": 1}
    (made.path / "packflow.yaml").write_text(BASE.replace(":Backend", ":made") + "backend_config: {verbose: true}\n")
    with pytest.raises(ProjectError, match="configured already"):
        PackflowProject(made.path).load()


def test_a_script_in_a_folder(tmp_path, elsewhere):
    folder = write_project(tmp_path / "project" / "src", "", PLAIN).parent
    (folder / "packflow.yaml").write_text(BASE.replace("inference:", "src/inference.py:"))

    assert PackflowProject(folder).load(verbose=False)({"x": 1}) == {"x": 1}


class Named(InferenceBackend):
    def execute(self, inputs):
        return [{"named": True} for _ in inputs]


@pytest.mark.parametrize("target", ["project-test", f"{__name__}:Named"])
def test_the_loader_module(tmp_path, target):
    made = write_project(tmp_path, f"{BASE.replace('inference:Backend', target)}loader: module\n")

    plugin.register("backend", "project-test", Named)
    try:
        assert PackflowProject(made).load(verbose=False)({"x": 1}) == {"named": True}
    finally:
        plugin.unregister("backend", "project-test")


def test_two_projects_of_the_same_layout(tmp_path):
    first = write_project(tmp_path / "a", BASE, PLAIN.replace("dict(row)", "{'first': True}"))
    second = write_project(tmp_path / "b", BASE, PLAIN.replace("dict(row)", "{'second': True}"))

    backends = [PackflowProject(folder).load(verbose=False) for folder in (first, second)]

    assert [backend({}) for backend in backends] == [{"first": True}, {"second": True}]


def test_the_public_names():
    assert packflow.PackflowProject is PackflowProject
    assert packflow.project.PackflowProject is PackflowProject


# What fails, and the line that asked for it ---------------------------------------------------------------------------


def test_another_python(tmp_path):
    error = failure(tmp_path, "python_version: 3.9\n")

    assert (error.line, error.field) == (4, "python_version")
    assert "asks for Python ==3.9.*, and this is Python 3." in str(error)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import gone_for_good", "gone_for_good"),
        ("raise SystemExit(3)", "SystemExit"),
        ("def", "SyntaxError"),
        ("class Backand: pass", "no 'Backend'"),
        ("class Backend: pass", "does not inherit from InferenceBackend"),
        ("Backend = 1", "of type int"),
        (PLAIN.replace("execute", "exequte").replace("made =", "#"), "does not define execute"),
        (PLAIN.replace("made =", "#") + "    def initialize(self):\n        raise OSError('gone')\n", "gone"),
    ],
)
def test_a_backend_that_cannot_be_had(tmp_path, source, reason):
    error = failure(tmp_path, source=source)

    assert (error.line, error.field) == (3, "inference_backend")
    assert reason in str(error)
    assert error.__cause__ is not None


def test_a_file_that_is_not_there(tmp_path):
    made = project(tmp_path)
    (made.path / "inference.py").rename(made.path / "inferense.py")

    with pytest.raises(ProjectError, match=r"line 3: inference_backend: .*inferense\.py") as caught:
        made.load()
    assert isinstance(caught.value.__cause__, InferenceBackendLoadError)


def test_a_name_that_nobody_registers(tmp_path):
    made = write_project(tmp_path, f"{BASE.replace('inference:Backend', 'no-such-backend')}loader: module\n")

    with pytest.raises(ProjectError) as caught:
        PackflowProject(made).load()

    assert caught.value.line == 3
    assert "no-such-backend" in str(caught.value)
    assert caught.value.explanation == caught.value.__cause__.explanation is not None


@pytest.mark.parametrize(
    ("settings", "line", "field"),
    [
        ("  verbose: false\n  feature_name: [a]\n", 6, "backend_config.feature_name"),
        ("  feature_names: a\n", 5, "backend_config.feature_names"),
        ("  feature_names:\n    - a\n    - 1\n", 7, "backend_config.feature_names.1"),
        ("  rename_fields:\n    a: b\n    c: [d]\n", 7, "backend_config.rename_fields.c"),
        ("  nested_field_delimiter: 1\n  feature_names: a\n", 5, "backend_config.nested_field_delimiter"),
        ("  input_format: nmupy\n", 5, "backend_config.input_format"),
        ("  verbose: {}\n  zzz: 1\n  flatten_lists: 5\n", 6, "backend_config.zzz"),
    ],
)
def test_a_setting_that_the_backend_refuses(tmp_path, settings, line, field):
    error = failure(tmp_path, f"backend_config:\n{settings}")

    assert (error.line, error.field) == (line, field)
    assert f"line {line}: {field}: " in str(error)


def test_a_setting_that_is_missing(tmp_path):
    error = failure(tmp_path, "backend_config: {label: x}\n", MODEL)

    assert (error.line, error.field) == (4, "backend_config.model_path")
    assert "model_path" in str(error)
    assert failure(tmp_path, "", MODEL).line is None


def test_a_setting_that_load_was_given(tmp_path):
    for wrong, told in (({"verbos": True}, "'verbos' is not a setting"), ({"input_format": "nine"}, "'nine'")):
        with pytest.raises(ProjectError) as caught:
            project(tmp_path, "backend_config: {input_format: nope}\n").load(**wrong)

        assert (caught.value.file, caught.value.line, caught.value.field) == (None, None, None)
        assert str(caught.value).startswith("In what load() was given: ")
        assert told in str(caught.value)


def test_where_nobody_knows_which_setting_is_wrong_both_places_are_told(tmp_path):
    made = project(tmp_path, "backend_config:\n  input_format: numpy\n")
    with pytest.raises(ProjectError) as caught:
        made.load(verbose=False)
    assert (caught.value.line, caught.value.field) == (4, "backend_config")
    assert "line 4: backend_config, with what load() was given: input_format='numpy' needs" in str(caught.value)
    with pytest.raises(ProjectError, match=r"line 4: backend_config: input_format='numpy' needs"):
        made.load()


@pytest.mark.parametrize(
    ("initialize", "line", "field"),
    [
        ("self.config.model_path.read_text()", 6, "backend_config.model_path"),
        ("open(self.config.parts['a'][1])", 8, "backend_config.parts.a.1"),
        ("Path('/gone').read_text()", 3, "inference_backend"),
        ("open(self.config.both)", 3, "inference_backend"),
        ("int('x')", 3, "inference_backend"),
    ],
)
def test_a_file_that_a_setting_names_and_that_is_not_there(tmp_path, initialize, line, field):
    source = MODEL.replace("threshold: float = 0.5", "both: Path | None = None; again: Path | None = None")
    source = source.replace("self.model = self.config.model_path.read_text()", initialize)
    assert initialize in source
    settings = "  label: m.txt\n  model_path: ../m.txt\n  parts:\n    a: [x, y]\n  both: b\n  again: b\n"
    made = project(tmp_path, f"backend_config:\n{settings}", source)
    with pytest.raises(ProjectError) as caught:
        made.load()
    assert (caught.value.line, caught.value.field) == (line, field)


def test_a_file_that_an_override_names_and_that_is_not_there(tmp_path, elsewhere):
    made = project(tmp_path, "backend_config: {model_path: m.txt}\n", MODEL)
    (made.path / "m.txt").write_text("here")
    with pytest.raises(ProjectError, match=r"^In what load\(\) was given: .*'gone.txt'") as caught:
        made.load(model_path="gone.txt")
    assert (caught.value.file, caught.value.line, caught.value.field) == (None, None, None)


def test_a_secret_setting_that_is_refused_is_not_shown(tmp_path):
    source = MODEL.replace("threshold: float = 0.5", "api_key: int = 0")

    error = failure(tmp_path, "backend_config:\n  model_path: x\n  api_key: canary\n", source)

    assert (error.line, error.field) == (6, "backend_config.api_key")
    assert "canary" not in str(error)


@pytest.mark.parametrize("written", ["label: a.txt", "extras: {x: [a.txt]}"])
def test_a_text_that_names_a_file_of_the_project_is_pointed_at(tmp_path, elsewhere, written):
    source = MODEL.replace("model_path: Path", "extras: dict = {}").replace("self.config.model_path", "Path('a.txt')")
    made = project(tmp_path, f"backend_config: {{{written}}}\n", source)
    (made.path / "a.txt").write_text("here")

    with pytest.raises(ProjectError, match=r"pathlib\.Path") as caught:
        made.load()
    assert f"backend_config.{'label' if 'label' in written else 'extras.x.0'}: there is such a file" in str(
        caught.value
    )

    (made.path / "a.txt").rename(elsewhere / "a.txt")
    assert made.load()

    (elsewhere / "a.txt").unlink()
    with pytest.raises(ProjectError) as caught:
        made.load()
    assert "pathlib" not in str(caught.value)


def test_a_setting_that_is_a_truth_value_takes_the_words_for_it(tmp_path):
    assert project(tmp_path, "backend_config: {verbose: no, flatten_lists: on}\n").load().config.flatten_lists is True


# Samples --------------------------------------------------------------------------------------------------------------


def test_samples(tmp_path):
    made = project(tmp_path)
    made.samples_file.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\n{"a": "\xc3\xa4"}\n')

    assert made.samples() == [{"a": 1}, {"a": "ä"}]


@pytest.mark.parametrize(("content", "line"), [(b'{"a": 1}\n[1]\n', 2), (b"{", 1), (b'{"a": "\xff"}', 1)])
def test_samples_that_are_no_records(tmp_path, content, line):
    made = project(tmp_path)
    made.samples_file.write_bytes(content)

    with pytest.raises(ProjectError) as caught:
        made.samples()
    assert (caught.value.file, caught.value.line) == (str(made.samples_file), line)


def test_samples_that_cannot_be_read(tmp_path):
    made = project(tmp_path)
    with pytest.raises(ProjectError, match="there is no such file") as caught:
        made.samples()
    assert caught.value.file == str(made.samples_file)

    made.samples_file.mkdir()
    with pytest.raises(ProjectError, match="cannot be read"):
        made.samples()


# What it leads to -----------------------------------------------------------------------------------------------------


def test_validate_and_export(tmp_path):
    made = project(tmp_path)
    made.samples_file.write_text('{"a": 1}\n')
    (made.path / "requirements.txt").write_text("packflow\n")
    told = []

    assert made.validate().passed
    export = made.export(tmp_path / "archives", progress=told.append)

    assert export.path == tmp_path / "archives" / "demo-0.1.0.zip"
    assert export.path.is_file()
    assert told


# The object -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_copies(tmp_path, twin):
    made = project(tmp_path, "env: {DEMO: x}\n")

    again = twin(made)

    assert (again.path, again.config) == (made.path, made.config)


def test_its_repr_is_its_folder(tmp_path):
    assert repr(project(tmp_path)) == f"PackflowProject({str(tmp_path / 'project')!r})"


def test_reading_a_project_imports_none_of_its_code(tmp_path):
    project(tmp_path, source="raise SystemExit('imported')")


def test_errors_can_be_pickled(tmp_path):
    error = failure(tmp_path, "backend_config: {verbos: true}\n")

    again = pickle.loads(pickle.dumps(error))

    assert (str(again), again.file, again.line, again.field) == (str(error), error.file, error.line, error.field)


def test_a_loaded_backend_works_in_another_process(tmp_path, script):
    folder = write_project(tmp_path / "project", f"{BASE}env: {{DEMO_A: x}}\n", PLAIN)
    done = script(
        dedent(
            f"""
            import pickle
            from packflow import PackflowProject
            made = pickle.loads({pickle.dumps(PackflowProject(folder))!r})
            backend = pickle.loads(pickle.dumps(made.load(verbose=False)))
            print(backend({{"x": 1}}))
            """
        )
    )

    assert done.stdout == "{'x': 1}\n"
