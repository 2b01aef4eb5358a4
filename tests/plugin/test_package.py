"""The package as a whole: what importing and listing cost, and that its promises about itself hold."""

from __future__ import annotations

import doctest
import json
import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import packflow.plugin
from packflow.plugin.kinds import BUILT_IN_NAMES, GROUPS
from tests.support.distributions import BACKEND, add_distribution
from tests.support.scripts import clean_environment

FOLDER = Path(packflow.plugin.__file__).parent
MODULES = ["packflow.plugin", *(f"packflow.plugin.{found.name}" for found in pkgutil.iter_modules([str(FOLDER)]))]


def run(source: str, *path: Path, **environ: str) -> str:
    """Run Python in a process of its own, with folders at the front of ``sys.path``."""
    env = clean_environment(PYTHONPATH=os.pathsep.join(map(str, path)), **environ)
    command = [sys.executable, "-W", "error", "-c", source]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


LOADED = "print(json.dumps(sorted(sys.modules)))"


def test_importing_the_package_imports_next_to_nothing():
    modules = set(json.loads(run(f"import json, sys\nimport packflow.plugin\n{LOADED}")))
    ours = {name for name in modules if name.partition(".")[0] == "packflow"}
    assert ours == {"packflow", "packflow.plugin", "packflow.utils", "packflow.utils.lazy"}
    assert not modules & {"pluggy", "importlib_metadata", "numpy", "pydantic", "loguru", "difflib"}


def test_listing_imports_no_plugin_however_broken_they_are(tmp_path):
    plugins = {
        "backend": {"fast": "acme_listed:Fast", "bad/name": "acme_listed:Fast", "odd": "not a module!"},
        "preprocessor": {"numpy": "acme_listed:Fast"},
        "normalizer": {"acme.Money": "acme_listed:Money"},
        "hooks": {"hooks": "acme_listed"},
    }
    add_distribution(tmp_path, "acme-listed", "1.0", plugins, {"acme_listed.py": "raise SystemExit('imported!')"})
    add_distribution(tmp_path, "acme-garbled", "1.0", entry_points=b"\xff\xfe[packflow.backends]")
    source = f"import json, sys\nfrom packflow import plugin\nprint(json.dumps(plugin.plugins()))\n{LOADED}"
    listed, modules = map(json.loads, run(source, tmp_path).splitlines())
    states = {(kind, name, distribution): state for kind, name, distribution, _, _, state, *_ in listed}
    assert states["backend", "fast", "acme-listed"] == "ready"
    assert states["backend", "bad/name", "acme-listed"] == "broken"
    assert states["backend", "odd", "acme-listed"] == "broken"
    assert states["preprocessor", "numpy", "acme-listed"] == "conflict"
    assert states["preprocessor", "numpy", "packflow"] == "ready"
    assert states["hooks", "hooks", "acme-listed"] == "ready"
    assert states["distribution", "acme_garbled", "acme_garbled"] == "broken"
    ours = {"packflow.normalizers", "packflow.backend"}
    assert not [name for name in modules if name in ours or name.startswith(("acme", "numpy", "pluggy", "pydantic"))]


def test_a_built_in_is_found_without_any_other_plugin(tmp_path):
    add_distribution(
        tmp_path, "acme-noisy", "1.0", {"hooks": {"h": "acme_noisy"}}, {"acme_noisy.py": "raise SystemExit"}
    )
    source = "import sys\nfrom packflow import plugin\nprint(plugin.load('preprocessor', 'records').__name__)"
    assert run(source, tmp_path).strip() == "RecordsPreprocessor"


@pytest.mark.parametrize("name", packflow.plugin.__all__)
def test_every_public_name_is_there(name):
    assert getattr(packflow.plugin, name) is not None
    assert name in dir(packflow.plugin)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = packflow.plugin.laod


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_do_what_they_say(name):
    assert doctest.testmod(import_module(name)).failed == 0


def test_only_public_names_of_pluggy_are_used():
    for file in FOLDER.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        for private in ("pluggy._", "._name2plugin", "_plugin_distinfo", "_hookexec", "._hookimpls", "._verify_hook"):
            assert private not in text, file


def test_one_place_imports_plugins():
    users = {file.name for file in FOLDER.glob("*.py") if "import_value" in file.read_text(encoding="utf-8")}
    assert users == {"refs.py", "loader.py"}
    importers = {file.name for file in FOLDER.glob("*.py") if "import_whole(" in file.read_text(encoding="utf-8")}
    assert importers == {"refs.py"}


def test_the_reserved_names_are_those_that_the_project_declares():
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {kind: set(project["entry-points"].get(group, ())) for kind, group in GROUPS.items()}
    assert declared == {kind: set(names) for kind, names in BUILT_IN_NAMES.items()}


ENVIRONMENT = {
    "acme-fast": {
        "backend": {"shared": "acme_x:Fast", "only": "acme_x:Fast"},
        "preprocessor": {"numpy": "acme_x:Fast"},
    },
    "other": {"backend": {"Shared": "acme_x:Fast"}, "hooks": {"h": "acme_x_hooks"}},
    "third": {"backend": {"shared": "acme_x:Fast", "x_y": "acme_x:Fast", "x-y": "acme_x:Slow"}},
}
SHOW = """
import json
from packflow import plugin
from packflow.exceptions import PluginError
def text(name):
    try:
        return plugin.find("backend", name).qualified
    except PluginError as error:
        return f"{type(error).__name__}: {error}"
names = ["shared", "only", "x.y", "onyl", "dynamic", "other/shared", "dup"]
print(json.dumps([[text(name) for name in names], plugin.plugins()]))
"""
HOOKS = """
from packflow.plugin import hookimpl
@hookimpl
def packflow_register_backends(registry):
    registry.register("dynamic", "acme_x:Fast")
"""
SHUFFLE = """
import os, random
listdir = os.listdir
def shuffled(*args):
    found = sorted(listdir(*args))
    random.Random(int(os.environ["SHUFFLE"])).shuffle(found)
    return found
os.listdir = shuffled
"""


def test_the_outcome_is_the_same_for_every_hash_seed_folder_order_and_process(tmp_path):
    for distribution, plugins in ENVIRONMENT.items():
        add_distribution(tmp_path, distribution, "1.0", plugins)
    for version in ("1.2", "1.10", "1.9"):
        add_distribution(tmp_path, "dup", version, {"backend": {"dup": f"acme_x:V{version.replace('.', '')}"}})
    (tmp_path / "acme_x.py").write_text(BACKEND)
    (tmp_path / "acme_x_hooks.py").write_text(HOOKS)
    outcomes = {run(SHUFFLE + SHOW, tmp_path, PYTHONHASHSEED=str(seed), SHUFFLE=str(seed * 7 + 1)) for seed in range(6)}
    (outcome,) = outcomes
    found, records = json.loads(outcome)
    assert found[0].startswith("AmbiguousPluginError")
    assert found[1:3] == ["acme-fast/only", "third/x-y"]
    assert "Did you mean 'only'?" in found[3]
    assert found[4:] == ["other/dynamic", "other/Shared", "dup/dup"]
    assert [record[3] for record in records if record[:2] == ["backend", "dup"]] == ["1.10"]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_find_the_same_plugins(tmp_path, method):
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("no fork here")
    add_distribution(tmp_path, "acme", "1.0", {"backend": {"fast": "acme_worker:Fast"}}, {"acme_worker.py": BACKEND})
    (tmp_path / "main.py").write_text(
        "import multiprocessing as m\n"
        "from packflow import plugin\n"
        "def work(_): return plugin.load('backend', 'fast').__name__\n"
        "if __name__ == '__main__':\n"
        "    plugin.load('backend', 'fast')\n"
        f"    with m.get_context({method!r}).Pool(2) as pool: print(pool.map(work, range(4)))\n"
    )
    env = clean_environment(PYTHONPATH=str(tmp_path))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "main.py")], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "['Fast', 'Fast', 'Fast', 'Fast']"
