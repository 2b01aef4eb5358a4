"""Twelve kinds of broken plugins installed together, and some odd ones: packflow works, and the doctor names each.

The hooks plugin among them can be imported. One that hangs or ends the process with a signal would take any run with
it, for hooks plugins are loaded into the process that runs; a deny list keeps it out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import packflow
from tests.support.broken import BROKEN, ODD, add_broken
from tests.support.processes import ends
from tests.support.scripts import clean_environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks, and ends with signals")

FAULTY = {"ends-at-once", "asks-for-itself", "asks-for-a-broken-one"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    add_broken(folder)
    return folder


def command(site: Path, *arguments: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", "packflow", *arguments],
        env=clean_environment(PYTHONPATH=path, **env),
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def examined(site: Path) -> subprocess.CompletedProcess[str]:
    return command(site, "plugins", "doctor", "--json", "--timeout", "10")


@pytest.fixture(scope="module")
def report(examined: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(examined.stdout)
    return report


@pytest.fixture(scope="module")
def plugins(report: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(plugin["distribution"], plugin["name"]): plugin for plugin in report["plugins"]}


def test_the_version_is_said(site: Path) -> None:
    done = command(site, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"packflow, version {packflow.__version__}\n", "")


def test_all_are_listed(site: Path) -> None:
    done = command(site, "plugins", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert {each["name"] for each in json.loads(done.stdout)} >= {*BROKEN, *ODD, "sound"}


def test_a_sound_backend_runs(site: Path) -> None:
    done = command(site, "run", "sound", "--quiet", given='{"x": 1}\n')
    assert (done.returncode, json.loads(done.stdout)) == (0, {"x": 1})
    assert "acme-misspelt-hook 2.0" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_says_that_there_are_faults(examined: subprocess.CompletedProcess[str]) -> None:
    assert (examined.returncode, examined.stderr) == (1, "")


@pytest.mark.parametrize("name", [*BROKEN, *ODD])
def test_the_doctor_names_each_fault(name: str, plugins: dict[tuple[str, str], dict[str, Any]]) -> None:
    broken = (BROKEN | ODD)[name]
    plugin = plugins[f"acme-{name}", name]
    assert [found["code"] for found in plugin["findings"] if found["code"] == broken.code], plugin["findings"]
    (found,) = (found for found in plugin["findings"] if found["code"] == broken.code)
    said = "\n".join((found["what"], found["where"], *found["details"]))
    assert [text for text in broken.told if text not in said] == [], said
    assert found["remedy"]
    assert found["distribution"] == f"acme-{name}"


@pytest.mark.parametrize("name", BROKEN)
def test_one_fault_is_one_error(name: str, plugins: dict[tuple[str, str], dict[str, Any]]) -> None:
    plugin = plugins[f"acme-{name}", name]
    assert [found["code"] for found in plugin["findings"]] == [BROKEN[name].code]
    assert plugin["status"] == "fault"


@pytest.mark.parametrize("name", sorted(ODD.keys() - FAULTY))
def test_what_is_odd_is_no_fault(name: str, plugins: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert plugins[f"acme-{name}", name]["status"] in ("ok", "warn")


def test_a_sound_plugin_is_sound(plugins: dict[tuple[str, str], dict[str, Any]]) -> None:
    for key in [("acme-sound", "sound"), ("acme-sound", "acme.Money"), ("packflow", "records"), ("acme-heavy", "asks")]:
        assert (plugins[key]["status"], plugins[key]["findings"]) == ("ok", [])
        assert plugins[key]["milliseconds"] >= 0


def test_modules_are_counted_and_heavy_ones_told(plugins: dict[tuple[str, str], dict[str, Any]]) -> None:
    heavy = plugins["acme-heavy", "heavy"]
    assert (heavy["status"], heavy["modules"], heavy["heavy"]) == ("warn", 2, ["torch"])
    assert [found["code"] for found in heavy["findings"]] == ["heavy-import"]
    assert plugins["acme-heavy", "asks"]["modules"] == 2  # its own, and that of the one it asked for


def test_both_of_one_name_are_imported(plugins: dict[tuple[str, str], dict[str, Any]]) -> None:
    for distribution in ("acme-shared", "zenith-shared"):
        shared = plugins[distribution, "shared"]
        assert (shared["examined"], shared["modules"]) == ("imported", 1)
        assert f"{distribution}/shared" in shared["findings"][0]["remedy"]


def test_a_hanging_plugin_is_ended_with_its_children(site: Path, report: dict[str, Any]) -> None:
    child = int((site / "hanging").read_text())
    assert ends(child)


def test_the_parent_imports_nothing_that_may_be_broken(site: Path) -> None:
    script = (
        "import sys\n"
        "from packflow.cli import main\n"
        "try:\n"
        "    main(['plugins', 'doctor', 'sound'], standalone_mode=False)\n"
        "except SystemExit as end:\n"
        "    print(end.code)\n"
        "print(*sorted(sys.modules))\n"
    )
    env = clean_environment(PYTHONPATH=str(site))
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    status, modules = done.stdout.splitlines()[-2:]
    loaded = set(modules.split())
    assert status == "0"
    assert not loaded & {"numpy", "pydantic", "pluggy", "packflow.backend.base", "packflow.runner.engine"}
    assert not [name for name in loaded if name.startswith("acme")]
