"""The command beside plugins that are broken in every way: they cost nobody but who asks for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import packflow
from tests.support.distributions import BACKEND, add_distribution
from tests.support.scripts import clean_environment

BROKEN = {
    "exits": "raise SystemExit(3)",
    "misspelt": "def broken(:\n",
    "missing": "import acme_library_that_is_not_there",
    "panics": "raise BaseException('no way on')",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of plugins of which only ``sound`` can be imported; each broken one has hooks too."""
    folder = tmp_path / "site"
    add_distribution(folder, "acme-sound", "1.0", {"backend": {"sound": "acme_sound:Fast"}}, {"acme_sound.py": BACKEND})
    for name, source in BROKEN.items():
        module = f"acme_{name}"
        plugins = {
            "backend": {name: f"{module}:Backend"},
            "preprocessor": {f"{name}-records": f"{module}:Records"},
            "normalizer": {module: f"{module}:Normalizer"},
            "hooks": {name: module},
        }
        add_distribution(folder, f"acme-{name}", "2.0", plugins, {f"{module}.py": source})
    return folder


def packflow_command(site: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", "packflow", *arguments],
        env=clean_environment(PYTHONPATH=path),
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_said(site: Path) -> None:
    done = packflow_command(site, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"packflow, version {packflow.__version__}\n", "")


def test_all_of_them_are_listed(site: Path) -> None:
    add_distribution(site, "acme-garbled", "1.0", entry_points=b"\xff\xfe[packflow.backends]")
    done = packflow_command(site, "plugins", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = {(each["kind"], each["name"]): each["state"] for each in json.loads(done.stdout)}
    assert {("backend", name) for name in (*BROKEN, "sound")} <= found.keys()
    assert {("hooks", name) for name in BROKEN} <= found.keys()
    assert found["distribution", "acme_garbled"] == "broken"
    table = packflow_command(site, "plugins", "list")
    assert table.returncode == 0
    assert all(name in table.stdout for name in (*BROKEN, "sound"))


def test_listing_imports_no_more_than_it_needs(site: Path) -> None:
    script = (
        "import sys\n"
        "from packflow.cli import main\n"
        "main(['plugins', 'list'], standalone_mode=False)\n"
        "print(*sorted(sys.modules))\n"
    )
    env = clean_environment(PYTHONPATH=str(site))
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"numpy", "pydantic", "pluggy", "packflow.backend.base", "packflow.runner.engine"}
    assert not [name for name in loaded if name.startswith("acme")]


def test_a_sound_backend_runs_beside_them(site: Path) -> None:
    done = packflow_command(site, "run", "sound", "--quiet", given='{"x": 1}\n')
    assert (done.returncode, json.loads(done.stdout)) == (0, {"x": 1})
    assert all(f"acme-{name} 2.0" in done.stderr for name in BROKEN)  # whose hooks are missed, and said to be
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", BROKEN)
def test_the_one_that_is_asked_for_says_whose_it_is_and_why(site: Path, name: str) -> None:
    done = packflow_command(site, "run", name, "--quiet", given='{"x": 1}\n')
    assert (done.returncode, done.stdout) == (1, "")
    causes = {"exits": "SystemExit", "misspelt": "SyntaxError", "missing": "acme_library_that_is_not_there"}
    told = (f"acme-{name} 2.0", f"{name} = acme_{name}:Backend", causes.get(name, "no way on"))
    assert all(text in done.stderr for text in told), done.stderr
    assert "Traceback" not in done.stderr
