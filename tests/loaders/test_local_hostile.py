"""Scripts that do odd things to themselves and to Python: each is loaded, or refused by a load error."""

from __future__ import annotations

import sys

import pytest

from packflow.exceptions import InferenceBackendLoadError
from packflow.loaders import LocalLoader, ModuleLoader
from packflow.loaders.sources import backends_in

BACKEND = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return inputs
"""


def refusal(home, target="inference:Backend") -> str:
    with pytest.raises(InferenceBackendLoadError) as caught:
        LocalLoader(target, directory=home).load()
    return str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        BACKEND + "del __file__",
        BACKEND + "del __file__, __spec__, __loader__, __package__",
        BACKEND + "import sys, types\nsys.modules[__name__] = types.SimpleNamespace(Backend=Backend)",
    ],
)
def test_a_script_that_hides_itself_loads(project, source):
    home = project({"inference.py": source})
    assert LocalLoader("inference:Backend", directory=home).load(verbose=False)({"x": 1}) == {"x": 1}


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("sys.modules[__name__] = 3", "it has no 'Backend'"),
        ("sys.modules[__name__] = Odd()", "it has no 'Backend'"),
        ("sys.modules[__name__] = Worse()", "looking up 'Backend' failed: ZeroDivisionError"),
        ("Backend = Odd()", "of type Odd; expected a subclass"),
        ("Backend = Worse()", "of type Worse"),
        ("del Backend; Backed = Worse()", "it has no 'Backend'"),
    ],
)
def test_objects_whose_own_code_fails_are_refused(project, last, said):
    odd = """
import sys

class Odd:
    def __repr__(self):
        raise RuntimeError

class Worse:
    def __getattribute__(self, name):
        raise ZeroDivisionError
"""
    assert said in refusal(project({"inference.py": BACKEND + odd + last}))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import asyncio\nraise asyncio.CancelledError", "CancelledError (/"),
        ("class Stop(BaseException): pass\nraise Stop('now')", "Stop: now"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", "Odd: <no text: Odd.__str__"),
        ("raise SyntaxError", "SyntaxError: None ("),
    ],
)
def test_whatever_a_script_raises_is_a_load_error(project, source, said):
    home = project({"inference.py": source})
    assert said in refusal(home)
    sys.path.insert(0, str(home))
    try:
        with pytest.raises(InferenceBackendLoadError, match="importing the module 'inference' failed"):
            ModuleLoader("inference:Backend").load()
    finally:
        sys.path.remove(str(home))


@pytest.mark.parametrize(
    "mischief",
    [
        "sys.path = None",
        "sys.path = ()",
        "sys.path.append(3); sys.path.append(b'.')",
        "sys.path.append('a\\0b')",
        "sys.path[:] = [None]",
    ],
)
@pytest.mark.parametrize("then", ["", "raise RuntimeError('stop')"])
def test_whatever_becomes_of_sys_path_is_taken_back(project, mischief, then):
    home = project({"inference.py": f"{BACKEND}\nimport sys\n{mischief}\n{then}"})
    if then:
        assert "RuntimeError: stop" in refusal(home)
    else:
        assert LocalLoader("inference:Backend", directory=home).load(verbose=False)
    # What is left of sys.path is looked at after every test here.


@pytest.mark.parametrize("target", ["a" * 300 + ":Backend", "b" * 300 + ".py:Backend", "pkg." + "c" * 300 + ":Backend"])
def test_a_name_that_is_too_long_for_the_file_system(project, target):
    home = project({"pkg/__init__.py": ""})
    assert "LocalLoader(" in refusal(home, target)


@pytest.mark.parametrize("directory", [5, b".", [], object()])
def test_a_directory_that_is_no_path_is_refused_at_once(directory):
    with pytest.raises(InferenceBackendLoadError, match=r"The directory of LocalLoader is .*; expected a path as text"):
        LocalLoader("inference:Backend", directory=directory)


def test_a_module_without_a_file_is_no_obstacle():
    with pytest.raises(InferenceBackendLoadError, match=r"is the class object, which does not inherit"):
        ModuleLoader("builtins:object").load()


def test_a_setting_may_be_called_self(project):
    with pytest.raises(InferenceBackendLoadError, match="cannot take self"):
        LocalLoader(
            "inference:backend",
            directory=project({"inference.py": BACKEND + "backend = Backend(verbose=False)"}),
        ).load(self=1)


def test_a_target_without_an_object_is_met_with_the_backends_of_the_file(project):
    home = project({"inference.py": BACKEND + "\nclass Second(Backend): pass\nclass Other(dict): pass"})
    for target in ("inference.py", "inference"):
        with pytest.raises(InferenceBackendLoadError) as caught:
            LocalLoader(target, directory=home)
        assert f"'{target}:Backend', '{target}:Second'." in str(caught.value)
    assert backends_in(home / "none.py") == []


def test_a_missing_module_says_where_the_project_s_are_looked_for(project):
    home = project({"deep/app/inference.py": "import helpers\n" + BACKEND, "deep/helpers.py": ""})
    text = refusal(home, "deep.app.inference:Backend")
    assert f"are looked for in {str(home)!r} and in {str(home / 'deep' / 'app')!r}." in text


@pytest.mark.parametrize("helper", ["helpers.py", "helpers/__init__.py"])
def test_a_bare_name_looked_up_at_run_time_is_told_from_an_import(project, helper):
    home = project({"inference.py": BACKEND + "import importlib\nimportlib.import_module('helpers')", helper: ""})
    text = refusal(home)
    assert "helpers" in text
    assert "by import statements alone: a pickle, or importlib.import_module('helpers')" in text
