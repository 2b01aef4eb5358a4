from __future__ import annotations

from pathlib import Path

import pytest

from packflow.loaders.projects import project_name
from packflow.utils.module_names import plain_name


@pytest.mark.parametrize("directory", ["/home/me/model", "/tmp/a b-c.d_e", "/ü/x"])
def test_a_local_project_s_modules_are_called_as_it_calls_them(directory):
    module = f"{project_name(Path(directory), 12)}.pkg.geo"
    assert plain_name(module) == "pkg.geo"
    assert plain_name(f"No module named '{module}'") == "No module named 'pkg.geo'"


@pytest.mark.parametrize("name", ["acme.geo", "packflow.loaders.projects.finder", "packflow.loaders.projects", ""])
def test_other_names_stay(name):
    assert plain_name(name) == name
