from __future__ import annotations

import contextlib
import importlib
import sys

import pytest

from packflow.loaders.projects import PACKAGE, discarded_on_failure, finder, open_project, project_name
from packflow.loaders.projects.finder import FINDER


def test_a_name_alone_is_enough_to_import_a_projects_file(project):
    home = project({"helpers.py": "VALUE = 7"})
    name = project_name(home, 900)
    assert importlib.import_module(f"{name}.helpers").VALUE == 7


def test_a_name_whose_directory_is_gone_says_so(tmp_path):
    name = project_name(tmp_path / "gone", 1)
    with pytest.raises(ModuleNotFoundError, match=r"There is no directory .*gone.*unpickled") as caught:
        importlib.import_module(f"{name}.helpers")
    assert caught.value.name == name


def test_other_imports_are_left_to_others():
    assert FINDER.find_spec("json") is None
    assert FINDER.find_spec(f"{PACKAGE}.finder") is None


def test_the_finder_comes_back_when_somebody_took_it_away(project, monkeypatch):
    home = project({"helpers.py": "VALUE = 1"})
    monkeypatch.setattr(sys, "meta_path", [each for each in sys.meta_path if each is not FINDER])
    name = open_project(home)
    assert importlib.import_module(f"{name}.helpers").VALUE == 1
    open_project(home)
    assert sys.meta_path.count(FINDER) == 1


def test_a_thread_that_opens_a_project_takes_nothing_from_one_that_imports(project, monkeypatch):
    class Refreshed(dict):
        """What is put in is gone at once, as where another thread opens a project at that moment."""

        def __setitem__(self, path, found):
            super().__setitem__(path, found)
            self.clear()

    monkeypatch.setattr(finder, "_directories", Refreshed())
    name = project_name(project({"helpers.py": "VALUE = 3"}), 901)
    assert importlib.import_module(f"{name}.helpers").VALUE == 3


def fail_after_importing(project_module, module):
    with contextlib.suppress(KeyError), discarded_on_failure(project_module):
        importlib.import_module(f"{project_module}.{module}")
        raise KeyError


def test_what_a_failing_block_imported_is_taken_back_and_nothing_else(project):
    home = project({"kept.py": "", "pkg/__init__.py": "", "pkg/lost.py": "", "pkg/kept.py": ""})
    name = open_project(home)
    kept = [importlib.import_module(f"{name}.{module}") for module in ("kept", "pkg", "pkg.kept")]
    fail_after_importing(name, "pkg.lost")
    assert {module for module in sys.modules if module.startswith(name)} == {name, *(m.__name__ for m in kept)}
    assert not hasattr(kept[1], "lost")
    assert kept[1].kept is kept[2]


def test_a_project_of_which_nothing_is_left_goes_too(project):
    name = open_project(project({"helpers.py": ""}))
    fail_after_importing(name, "helpers")
    assert name not in sys.modules
    assert not hasattr(sys.modules[PACKAGE], name.rpartition(".")[2])
