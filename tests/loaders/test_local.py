"""What LocalLoader loads, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendLoadError
from packflow.loaders import LocalLoader
from packflow.loaders.projects import PACKAGE

BACKEND = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""


def local_modules() -> set[str]:
    return {name for name in sys.modules if name.startswith(f"{PACKAGE}.p")}


def refusal(*args, **config) -> str:
    """The text of the load error, after a check that nothing is left behind."""
    before = set(sys.modules)
    with pytest.raises(InferenceBackendLoadError) as caught:
        LocalLoader(*args).load(**config)
    left = {name for name in set(sys.modules) - before if name.startswith(f"{PACKAGE}.p")}
    assert not left
    return str(caught.value)


def test_the_current_directory_at_load_time_is_the_default(project, monkeypatch):
    loader = LocalLoader("inference:Backend")
    monkeypatch.chdir(project({"inference.py": BACKEND}))
    assert loader.load(verbose=False)({"sample": "data"}) == {"sample": "data"}


def test_a_directory_may_be_named(project, monkeypatch):
    home = project({"models/inference.py": BACKEND})
    monkeypatch.chdir(home)
    for directory in (home / "models", str(home / "models"), "models"):
        assert isinstance(LocalLoader("inference:Backend", directory).load(), InferenceBackend)


def test_modules_in_packages_and_paths_to_files(project, monkeypatch):
    home = project({"pkg/__init__.py": "", "pkg/inference.py": BACKEND, "deep/er/my-model.py": BACKEND})
    monkeypatch.chdir(home)
    targets = [
        "pkg.inference:Backend",
        "pkg/inference.py:Backend",
        "./pkg/inference.py:Backend",
        f"{home}/pkg/inference.py:Backend",
        "deep/er/my-model.py:Backend",
        "deep.er.inference:Backend",
    ]
    project({"deep/er/inference.py": BACKEND}, home)
    for target in targets:
        assert LocalLoader(target).load(verbose=False)([]) == []
    monkeypatch.chdir(home / "deep" / "er")
    assert LocalLoader("inference.py:Backend").load(verbose=False)([]) == []


def test_a_class_takes_configuration_and_an_instance_does_not(project):
    home = project({"inference.py": BACKEND + "\nready = Backend(verbose=False)\nclass Outer:\n    Inner = Backend\n"})
    assert LocalLoader("inference:Backend", home).load(feature_names=["a"]).config.feature_names == ["a"]
    assert LocalLoader("inference:Outer.Inner", home).load(verbose=False).config.verbose is False
    assert LocalLoader("inference:ready", home).load()({"a": 1}) == {"a": 1}
    with pytest.raises(InferenceBackendLoadError, match=r"instance of Backend.*verbose") as caught:
        LocalLoader("inference:ready", home).load(verbose=True)
    assert "inference:ready" in str(caught.value)


def test_resolve_gives_the_object_and_constructs_nothing(project):
    home = project({"inference.py": BACKEND + "    def initialize(self):\n        raise RuntimeError('constructed')\n"})
    loader = LocalLoader("inference:Backend", home)
    assert issubclass(loader.resolve(), InferenceBackend)
    assert loader.resolve() is loader.resolve()
    with pytest.raises(InferenceBackendInitializationError, match="constructed") as caught:
        loader.load()
    assert type(caught.value) is InferenceBackendInitializationError


def test_each_loader_sees_the_files_as_they_are(project):
    home = project({"inference.py": "VERSION = 1" + BACKEND})
    first = LocalLoader("inference:Backend", home)
    old = first.resolve()
    project({"inference.py": "VERSION = 2" + BACKEND}, home)  # same size, and within the same second
    new = LocalLoader("inference:Backend", home).resolve()
    assert [sys.modules[each.__module__].VERSION for each in (old, new)] == [1, 2]
    assert first.resolve() is old


def test_a_failed_load_can_be_mended_and_tried_again(project):
    home = project({"inference.py": "import helpers" + BACKEND, "helpers.py": "1/0"})
    loader = LocalLoader("inference:Backend", home)
    with pytest.raises(InferenceBackendLoadError, match="ZeroDivisionError"):
        loader.load()
    project({"helpers.py": "1/1"}, home)
    assert loader.load(verbose=False)([]) == []


def test_nothing_is_written_into_the_project(project):
    home = project({"inference.py": "import helpers" + BACKEND, "helpers.py": ""})
    LocalLoader("inference:Backend", home).load()
    assert sorted(path.name for path in home.iterdir()) == ["helpers.py", "inference.py"]


@pytest.mark.parametrize(
    ("files", "target", "words"),
    [
        ({"inference.py": ""}, "inferense:Backend", ["inferense.py'", "Did you mean 'inference.py'?"]),
        ({"zzz.py": "", "notes.txt": ""}, "inference:Backend", ["inference.py'", "Python files in", "zzz.py"]),
        ({}, "inference:Backend", ["inference.py'", "no Python files"]),
        ({"inference.txt": ""}, "inference.txt:Backend", ["inference.txt' is not a Python file"]),
        ({"a/inference.py": ""}, "a.inferense:Backend", ["inferense.py'", "Did you mean 'inference.py'?"]),
        ({"inference.py": ""}, "a.b.inference:Backend", ["inference.py'", "no directory"]),
        ({"inference.py": ""}, "a/inference.py:Backend", ["a/inference.py'", "no directory"]),
        ({"inference.py": ""}, "./inferense.py:Backend", ["no file", "Did you mean 'inference.py'?"]),
        ({"a/inference.py": ""}, "./a:Backend", ["is a directory", "inference.py"]),
        ({"a.py/inference.py": ""}, "a.py:Backend", ["is a directory", "inference.py"]),
        ({"a/inference.py": ""}, "a:Backend", ["directory without __init__.py", "inference.py"]),
        ({"a/model.pkl": ""}, "a/model.pkl:Backend", ["model.pkl' is not a Python file"]),
        ({"a/model.v2.py": ""}, "a/model.v2.py:Backend", ["model.v2.py'", "no other dot"]),
        ({"inference.py": ""}, "inference.more:Backend", ["more.py'", "neither", "no directory"]),
    ],
)
def test_a_file_that_is_not_there(project, monkeypatch, files, target, words):
    home = project({**files, "unrelated/__init__.py": ""})
    monkeypatch.chdir(home)
    text = refusal(target)
    for word in [repr(target), str(home), *words]:
        assert word in text


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing", "does not exist"), ("file.txt", "is not a directory")],
)
def test_a_directory_that_is_none(project, name, words):
    home = project({"file.txt": ""})
    assert words in refusal("inference:Backend", home / name)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise ValueError('boom')", ["ValueError: boom", "helpers.py, line 1"]),
        ("import sys\n\nsys.exit(3)", ["SystemExit: 3", "ended the program", "helpers.py, line 3"]),
        ("x = 1\ndef f(:\n", ["SyntaxError: invalid syntax", "helpers.py, line 2"]),
        ("import no_such_module", ["No module named 'no_such_module'", "helpers.py, line 1"]),
        ("from inference import Nope", ["cannot import name 'Nope' from", "'inference'", "helpers.py, line 1"]),
        ("from ..outside import x", ["attempted relative import beyond top-level package", "helpers.py, line 1"]),
        ("from .. import finder", ["attempted relative import beyond top-level package", "helpers.py, line 1"]),
        ("import inference.nope", ["No module named 'inference.nope'", "helpers.py, line 1"]),
        ("x = '\0'", ["null byte"]),
        ("def f():\n    f()\nf()", ["RecursionError", "helpers.py, line 2"]),
        (
            "raise ExceptionGroup('many', [OSError()])" if sys.version_info >= (3, 11) else "raise OSError('many')",
            ["many"],
        ),
    ],
)
def test_a_script_that_cannot_be_imported(project, source, words):
    home = project({"inference.py": "import early, helpers" + BACKEND, "early.py": "", "helpers.py": source})
    text = refusal("inference:Backend", home)
    for word in ["inference:Backend", "importing 'inference'", str(home), *words]:
        assert word in text
    assert PACKAGE not in text


def test_the_cause_is_chained_and_an_interrupt_passes(project):
    home = project(
        {
            "inference.py": "raise ValueError('boom')",
            "stopped.py": "import early\nraise KeyboardInterrupt",
            "early.py": "",
        }
    )
    with pytest.raises(InferenceBackendLoadError) as caught:
        LocalLoader("inference:Backend", home).load()
    assert isinstance(caught.value.__cause__, ValueError)
    before = local_modules()
    with pytest.raises(KeyboardInterrupt):
        LocalLoader("stopped:Backend", home).load()
    assert local_modules() == before


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        (BACKEND, "Backnd", ["no 'Backnd'", "Did you mean 'Backend'?"]),
        (BACKEND, "Zzzzzz", ["no 'Zzzzzz'", "The backends in that module: 'Backend'"]),
        ("x = 1", "Backend", ["no 'Backend'", "no InferenceBackend in that module"]),
        (BACKEND, "InferenceBackend", ["InferenceBackend itself"]),
        ("def Backend(): ...", "Backend", ["the function Backend()"]),
        ("import json as Backend", "Backend", ["the module 'json'"]),
        ("class Backend: ...", "Backend", ["the class Backend, which does not inherit"]),
        ("Backend = 3", "Backend", ["3, of type int"]),
    ],
)
def test_an_object_that_is_no_backend(project, source, name, words):
    home = project({"inference.py": source})
    text = refusal(f"inference:{name}", home)
    for word in [f"inference:{name}", str(home / "inference.py"), *words]:
        assert word in text


def test_what_a_script_does_to_sys_path_is_taken_back_and_said(project, warned):
    source = "import sys, os\nsys.path.insert(0, os.path.dirname(__file__))\nsys.path = ['/elsewhere', *sys.path]\n"
    home = project({"inference.py": source + BACKEND})
    before = list(sys.path)
    assert LocalLoader("inference:Backend", home).load(verbose=False)([]) == []
    assert sys.path == before
    assert len(warned) == 1
    assert "['/elsewhere']" in warned[0]  # the project's own directory is not missed


def test_importing_the_loaders_imports_no_backend_and_installs_nothing():
    code = (
        "import sys; before = list(sys.meta_path); from packflow import loaders; from packflow.loaders import *\n"
        "assert {'LocalLoader', 'ModuleLoader'} <= set(dir(loaders)) & set(globals())\n"
        "assert sys.meta_path == before\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'numpy', 'pydantic'}"
        " or name.startswith(('packflow.backend', 'packflow.plugin', 'packflow.loaders.projects'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_a_file_made_within_the_resolution_of_the_directorys_time_stamp_is_seen(project):
    home = project({"inference.py": "import helpers" + BACKEND})
    stamp = home.stat().st_mtime_ns
    with pytest.raises(InferenceBackendLoadError, match="No module named 'helpers'"):
        LocalLoader("inference:Backend", home).load()
    project({"helpers.py": ""}, home)
    os.utime(home, ns=(stamp, stamp))
    assert LocalLoader("inference:Backend", home).load(verbose=False)([]) == []


def test_a_directory_that_cannot_be_listed_is_still_a_load_error(project, monkeypatch):
    home = project({"inference.py": ""})

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    assert "cannot be listed: Permission denied" in refusal("inferense:Backend", home)
