"""``packflow plugins lock``: writing, comparing and verifying, in one process; and a few times as users run it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from packflow.plugin.lockfile import read_lock
from tests.support.distributions import add_distribution, remove_distribution
from tests.support.records import write_record
from tests.support.scripts import clean_environment

BREAKS = "raise RuntimeError('imported')"


class Workplace:
    """A folder that stands for site-packages, and one to work in."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.site = site
        self.file = folder / "packflow-lock.toml"

    def add(self, name: str = "acme", version: str = "1.0", *, record: bool = True, **plugins: dict[str, str]) -> Path:
        declared = plugins or {"backend": {"fast": f"{name}:Fast"}}
        info = add_distribution(self.site, name, version, declared, {f"{name}.py": BREAKS})
        importlib.invalidate_caches()
        return write_record(info, f"{name}.py") if record else info

    def lock(self, *arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, ["plugins", "lock", *arguments])
        assert result.exit_code == status, result.output
        return result

    def differences(self, *arguments: str) -> list[str]:
        result = self.lock("--check", *arguments, status=1)
        assert f"{len(result.stdout.splitlines())} difference" in result.stderr
        return result.stdout.splitlines()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    for name in [name for name in os.environ if name.startswith("PACKFLOW")]:
        monkeypatch.delenv(name)
    (tmp_path / "site").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.chdir(tmp_path / "work")
    return Workplace(tmp_path / "site", tmp_path / "work")


def test_what_is_installed_is_written_and_found_to_be_installed(workplace):
    workplace.add()
    result = workplace.lock()
    assert result.stdout == ""
    assert "packflow-lock.toml: " in result.stderr
    locked = read_lock(str(workplace.file))
    names = {(plugin.kind, plugin.qualified, plugin.version) for plugin in locked.plugins}
    assert ("backend", "acme/fast", "1.0") in names
    assert "packflow/records" in {qualified for _, qualified, _ in names}
    result = workplace.lock("--check")
    assert result.stdout == ""
    assert "packflow-lock.toml holds what is installed" in result.stderr
    assert "acme" not in sys.modules


def test_writing_twice_changes_nothing(workplace):
    workplace.add()
    workplace.lock()
    before = workplace.file.read_bytes()
    workplace.lock()
    assert workplace.file.read_bytes() == before
    assert [file.name for file in workplace.file.parent.iterdir()] == ["packflow-lock.toml"]


def test_every_difference_is_printed(workplace):
    gone, upgraded, changed, edited, _ = map(workplace.add, ("gone", "upgraded", "changed", "edited", "same"))
    workplace.lock()
    remove_distribution(gone)
    remove_distribution(upgraded)
    workplace.add("upgraded", "1.1")
    (changed / "entry_points.txt").write_text("[packflow.backends]\nfast = changed:Slow\n")
    write_record(edited)
    workplace.add("extra")
    lines = workplace.differences()
    assert lines == [
        "the backend plugin 'fast' of changed 1.0 is changed:Slow, but changed:Fast is locked",
        "edited 1.0 was installed from other files than those that are locked",
        "the backend plugin 'fast' of gone 1.0 is locked, but not installed",
        "upgraded 1.0 is locked, but 1.1 is installed",
        "the backend plugin 'fast' of extra 1.0 is installed, but not locked",
    ]
    found = json.loads(workplace.lock("--check", "--json", status=1).stdout)
    assert [one["text"] for one in found] == lines
    assert [one["what"] for one in found] == ["value", "record", "missing", "version", "extra"]
    assert (found[3]["locked"], found[3]["installed"]) == ("1.0", "1.1")


def test_what_a_setting_keeps_out_is_a_difference_with_its_reason(workplace, monkeypatch):
    workplace.add()
    workplace.lock()
    monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "acme")
    assert workplace.differences() == [
        "the backend plugin 'fast' of acme is locked, but PACKFLOW_DISABLE_PLUGINS names 'acme'"
    ]
    assert "Left out: the backend plugin 'fast' of acme 1.0: PACKFLOW_DISABLE_PLUGINS names" in workplace.lock().stderr
    assert "acme" not in workplace.file.read_text()


def test_edited_files_are_found_where_that_is_asked_for(workplace):
    workplace.add()
    workplace.lock()
    (workplace.site / "acme.py").write_text("print('evil')\n")
    workplace.lock("--check")
    # What is really installed may have been edited, too.
    lines = [line for line in workplace.differences("--verify") if "acme" in line]
    assert lines == ["acme.py of acme 1.0 was changed after it was installed"]
    found = json.loads(workplace.lock("--check", "--verify", "--json", status=1).stdout)
    assert ("file", "acme") in [(one["what"], one["distribution"]) for one in found]


def test_a_file_that_is_in_force_is_what_is_written_and_compared(workplace, monkeypatch, tmp_path):
    path = tmp_path / "elsewhere.toml"
    monkeypatch.setenv("PACKFLOW_PLUGIN_LOCK", str(path))
    workplace.lock()
    workplace.add()
    assert "acme" in workplace.lock("--check", status=1).stdout
    workplace.lock()
    workplace.lock("--check")
    assert not workplace.file.exists()


def test_two_with_one_name_are_both_locked(workplace):
    workplace.add("acme")
    workplace.add("zenith")
    workplace.lock()
    assert {"acme/fast", "zenith/fast"} <= {plugin.qualified for plugin in read_lock(str(workplace.file)).plugins}


def test_broken_plugins_and_unreadable_distributions_are_left_out_and_told(workplace):
    workplace.add("acme", backend={"fine": "acme:Fast", "odd": "no value!"})
    workplace.add("twice", backend={"a-b": "twice:One", "a_b": "twice:Two"})
    bad = workplace.add("unreadable")
    (bad / "METADATA").write_text("")
    said = workplace.lock().stderr
    assert "Left out: the backend plugin 'odd' of acme 1.0: its value" in said
    assert "declares that name more than once" in said
    assert "Left out: unreadable at" in said
    assert [plugin.name for plugin in read_lock(str(workplace.file)).plugins if plugin.kind == "backend"] == ["fine"]
    workplace.lock("--check")


def test_what_has_no_record_cannot_be_locked(workplace, monkeypatch):
    workplace.add("old", record=False)
    workplace.add("older", record=False)
    result = workplace.lock(status=1)
    assert "old 1.0 at " in result.stderr
    assert "older 1.0 at " in result.stderr
    assert "has no RECORD of its files" in result.stderr
    assert "pip install --force-reinstall" in result.stderr
    assert "delete it if an older version left it behind" in result.stderr
    assert not workplace.file.exists()
    monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "old,older")
    workplace.lock()


def test_an_editable_installation_is_locked_and_warned_about(workplace):
    write_record(workplace.add(), "acme.py", editable=True)
    assert "Warning: acme 1.0 is installed editably: changes of its files go unnoticed" in workplace.lock().stderr
    assert "acme" in workplace.file.read_text()
    verified = CliRunner().invoke(main, ["plugins", "lock", "--check", "--verify"])
    assert "Warning: acme 1.0 is installed editably" in verified.stderr
    assert "acme" not in verified.stdout


def test_a_module_that_no_record_covers_is_locked_and_warned_about(workplace):
    workplace.add("acme", backend={"fast": "acme.models:Fast", "other": "zenith.models:Fast"})
    said = "the RECORD of acme 1.0 does not list the module of {}: changes of its files go unnoticed"
    stderr = workplace.lock().stderr
    assert said.format("zenith.models:Fast") in stderr
    assert said.format("acme.models:Fast") not in stderr


def test_other_files_are_not_overwritten(workplace, tmp_path):
    precious = tmp_path / "pyproject.toml"
    precious.write_text("[project]\nname = 'precious'\n")
    result = workplace.lock("-o", str(precious), status=1)
    assert "is no lock file, and is left as it is" in result.stderr
    assert "precious" in precious.read_text()
    workplace.lock("-o", str(tmp_path / "new.toml"))
    (tmp_path / "new.toml").write_text((tmp_path / "new.toml").read_text() + "<<<<<<< HEAD\n")
    assert "it is no TOML" in workplace.lock("--check", "-o", str(tmp_path / "new.toml"), status=1).stderr
    workplace.lock("-o", str(tmp_path / "new.toml"))
    workplace.lock("--check", "-o", str(tmp_path / "new.toml"))


@pytest.mark.parametrize("path", ["gone/lock.toml", ".", "long" * 100])
def test_a_file_that_cannot_be_written_or_read_is_one_line(workplace, path):
    for arguments in (["-o", path], ["-o", path, "--check"]):
        result = workplace.lock(*arguments, status=1)
        assert path in result.stderr
        assert len(result.stderr.splitlines()) <= 2
        assert "Traceback" not in result.output


def test_a_lock_goes_to_standard_output(workplace, tmp_path):
    workplace.add()
    result = workplace.lock("-o", "-")
    (tmp_path / "copy.toml").write_text(result.stdout)
    workplace.lock("--check", "-o", str(tmp_path / "copy.toml"))
    assert not Path("-").exists()


def test_a_file_without_a_name_is_wrong_usage(workplace):
    assert "expected a file's name" in workplace.lock("-o", "", status=2).stderr


@pytest.mark.parametrize("option", ["--verify", "--json"])
def test_options_of_check_go_with_it(workplace, option):
    assert f"{option} goes with --check" in workplace.lock(option, status=2).stderr


def test_mistaken_settings_are_told(workplace, monkeypatch):
    monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "nobody")
    assert "Warning: PACKFLOW_DISABLE_PLUGINS names 'nobody'" in workplace.lock().stderr
    monkeypatch.setenv("PACKFLOW_STRICT_PLUGINS", "1")
    assert "names 'nobody'" in workplace.lock(status=1).stderr


def test_control_codes_are_spelt_out(workplace):
    workplace.add("acme", backend={"fast\x1b[2J": "acme:Fast", "odd\x1b": "no value"})
    assert "\x1b" not in workplace.lock().stderr
    workplace.file.write_text("lock-version = 1\n")
    assert "fast\\x1b[2J" in "".join(workplace.differences())


def command(workplace: Workplace, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, *arguments],
        env=clean_environment(PYTHONPATH=str(workplace.site), **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


SCRIPT = """
import sys
from packflow.cli import main
try:
    main(prog_name="packflow")
finally:
    heavy = {"pydantic", "numpy", "pluggy", "acme"} & set(sys.modules)
    assert not heavy or "run" in sys.argv, heavy
"""


def test_neither_plugins_nor_heavy_libraries_are_imported(workplace):
    workplace.add()
    for arguments in ([], ["--check", "--verify"]):
        done = command(workplace, "plugins", "lock", *arguments)
        assert "Traceback" not in done.stderr


def test_an_unreadable_lock_file_stops_what_needs_plugins_and_nothing_else(workplace):
    workplace.add()
    workplace.file.write_text("lock-version = 1\ndistribution = 5\n")
    variables = {"PACKFLOW_PLUGIN_LOCK": str(workplace.file)}
    assert command(workplace, "--version", **variables).returncode == 0
    listed = command(workplace, "plugins", "list", "--json", **variables)
    assert listed.returncode == 0
    assert {plugin["state"] for plugin in json.loads(listed.stdout)} == {"blocked"}
    assert f"The lock file {workplace.file} (PACKFLOW_PLUGIN_LOCK) cannot be used: 'distribution' is 5" in listed.stderr
    assert "cannot be read" in command(workplace, "plugins", "why", "fast", **variables).stdout
    ran = command(workplace, "run", "fast", **variables)
    assert ran.returncode == 1
    assert "cannot be used: 'distribution' is 5" in ran.stderr
    assert "imported" not in ran.stderr
