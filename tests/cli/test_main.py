"""The command itself: its version, its help, what it imports, and how it says that a user was wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import packflow
from packflow.cli import main
from tests.support.scripts import clean_environment


def packflow_command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "packflow", *arguments]
    env = clean_environment(**variables)
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_it_says_its_version() -> None:
    done = packflow_command("--version")
    assert (done.returncode, done.stdout) == (0, f"packflow, version {packflow.__version__}\n")


def test_its_help_names_every_command() -> None:
    shown = packflow_command("--help").stdout
    assert "run" in shown
    assert "plugins" in shown
    assert packflow_command("run", "--help").returncode == 0
    assert "--json" in packflow_command("plugins", "list", "--help").stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    done = packflow_command("rum")
    assert done.returncode == 2
    assert "No such command 'rum'. Did you mean 'run'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Did you mean 'list'?" in packflow_command("plugins", "lits").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that is in use cannot be removed")
@pytest.mark.parametrize("command", ["validate", "export"])
def test_a_folder_that_is_gone_is_told_in_a_line(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = CliRunner().invoke(main, [command])
    monkeypatch.chdir(tmp_path)
    assert (done.exit_code, done.output) == (1, "Error: The current folder is there no more. Change to another one.\n")


def test_saying_the_version_loads_neither_the_backend_nor_any_plugin() -> None:
    script = (
        "import json, sys\n"
        "from packflow.cli import main\n"
        "main(['--version'], standalone_mode=False)\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=clean_environment(), capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {"packflow.backend.base", "packflow.plugin", "numpy", "pydantic", "loguru", "pluggy", "rich"}


def test_plugins_are_listed_with_their_kind_and_state() -> None:
    listed = json.loads(packflow_command("plugins", "list", "--json", "--kind", "preprocessor").stdout)
    built_in = {plugin["name"]: plugin for plugin in listed if plugin["distribution"] == "packflow"}
    location = built_in["records"].pop("location")
    assert "packflow-" in location
    assert Path(location).is_dir()
    assert built_in["records"] == {
        "name": "records",
        "kind": "preprocessor",
        "distribution": "packflow",
        "version": packflow.__version__,
        "value": "packflow.backend.preprocessors.records:RecordsPreprocessor",
        "state": "ready",
        "reason": None,
    }
    table = packflow_command("plugins", "list").stdout
    assert all(text in table for text in ("records", "preprocessor", "packflow", packflow.__version__, "ready"))


@pytest.fixture
def unreadable_distribution(tmp_path: Path) -> Path:
    """Give a folder with a distribution whose metadata stops whoever reads all of them, pydantic among them."""
    metadata = tmp_path / "acme_other-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-other\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_bytes(b"[acme.group]\n\xff\xfe no equals sign\n")
    return tmp_path


def test_plugins_are_listed_beside_a_distribution_that_cannot_be_read(unreadable_distribution: Path) -> None:
    done = packflow_command("plugins", "list", PYTHONPATH=str(unreadable_distribution))
    assert done.returncode == 0, done.stderr
    assert "records" in done.stdout
    assert "acme_other" in done.stdout


def test_a_command_that_cannot_be_loaded_is_told_in_a_line(unreadable_distribution: Path) -> None:
    done = packflow_command("run", "anything", PYTHONPATH=str(unreadable_distribution))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The command 'run' cannot be loaded: UnicodeDecodeError: ")
    assert "packflow plugins list" in done.stderr
    assert "Traceback" not in done.stderr
    shown = packflow_command("--traceback", "run", "anything", PYTHONPATH=str(unreadable_distribution))
    assert "Traceback" in shown.stderr


def test_an_unknown_kind_is_a_usage_error() -> None:
    assert packflow_command("plugins", "list", "--kind", "engine").returncode == 2
