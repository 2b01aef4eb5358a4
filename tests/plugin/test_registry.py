"""What is read and when: one scan, at the first look-up, kept in memory and nowhere else."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from packflow.exceptions import PluginError, UnknownPluginError
from packflow.plugin.doctor import examine
from packflow.plugin.index import Index, scan
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry
from tests.support.distributions import BACKEND, add_distribution
from tests.support.logs import Captured
from tests.support.scripts import run_script

FAST = PluginRef("backend", "fast", "acme:Fast", "acme", "1.0")


class Scans:
    """Counts how often what is installed was read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> Index:
        self.count += 1
        return Index([FAST])


def test_what_is_installed_is_read_once_and_only_when_it_is_asked_for():
    scans = Scans()
    registry = Registry(scan=scans, environ={})
    assert scans.count == 0
    registry.find("backend", "fast")
    registry.has("backend", "other")
    registry.records()
    registry.listeners()
    with suppress(UnknownPluginError):
        registry.load("preprocessor", "unknown")
    registry.configure(deny=["zenith"])
    registry.register("backend", "mine", "acme:Mine").remove()
    assert scans.count == 1
    registry.refresh()
    registry.find("backend", "fast")
    registry.find("backend", "fast")
    assert scans.count == 2


def test_threads_that_ask_at_once_share_one_scan():
    scans = Scans()
    registry = Registry(scan=scans, environ={})
    start = threading.Barrier(16)

    def find(_: int) -> PluginRef:
        start.wait()
        return registry.find("backend", "fast")

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(find, range(16))) == {FAST}
    assert scans.count == 1


def test_finding_and_loading_write_nothing_to_disk(tmp_path: Path):
    home, site = tmp_path / "home", tmp_path / "site"
    home.mkdir()
    add_distribution(site, "acme", "1.0", {"backend": {"fast": "acme_kept:Fast"}}, {"acme_kept.py": BACKEND})
    before = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")}
    source = "from packflow import plugin; plugin.plugins(); print(plugin.load('backend', 'fast').__name__)"
    folders = {name: str(home) for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA", "TMPDIR")}
    env = {**folders, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    done = run_script(tmp_path, source, env=env)
    assert (done.returncode, done.stdout) == (0, "Fast\n"), done.stderr
    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*")} - before == {Path("inference.py")}
    assert "acme_kept" not in sys.modules


LONG = "long" * 25_000


@pytest.mark.parametrize("spelling", [LONG, f"acme/{LONG}", f"acme:{LONG}"])
@pytest.mark.parametrize(
    "use",
    [
        lambda registry, name: registry.find("backend", name),
        lambda registry, name: registry.find(name, "fast"),
        lambda registry, name: registry.unregister("backend", name),
        lambda registry, name: registry.configure(lock=name),
        lambda registry, name: examine([name]),
    ],
    ids=["find", "kind", "unregister", "lock", "doctor"],
)
def test_no_error_repeats_a_name_of_any_length(use, spelling):
    with pytest.raises(PluginError) as caught:
        use(Registry(scan=Scans(), environ={}), spelling)
    assert len(str(caught.value)) < 2000
    assert len(caught.value.explanation or "") < 2000


def test_what_is_told_of_a_name_repeats_it_in_part():
    told = Registry(scan=Scans(), environ={"PACKFLOW_DISABLE_PLUGINS": LONG}).why(None, LONG)
    assert told.name == LONG
    assert len(told.text + told.hint) < 2000


def _with_a_hidden_rival(tmp_path: Path, **environ: str) -> Registry:
    """Give a registry where ``thermostat`` is zenith's, and acme's only copy that has it is behind an older one."""
    front, site = tmp_path / "front", tmp_path / "site"
    add_distribution(front, "acme", "0.9")
    add_distribution(site, "acme", "1.0", {"backend": {"thermostat": "acme:Fast"}})
    add_distribution(site, "zenith", "2.0", {"backend": {"thermostat": "zenith:Fast", "boiler": "zenith:Fast"}})
    return Registry(scan=lambda: scan([str(front), str(site)]), environ=environ)


def test_a_name_that_goes_to_another_because_of_an_old_copy_is_warned_of_once(tmp_path: Path, logs: Captured) -> None:
    registry = _with_a_hidden_rival(tmp_path)
    for name in ("boiler", "zenith/thermostat"):
        registry.find("backend", name)
    assert logs.texts("WARNING") == []
    for _ in range(2):
        assert registry.find("backend", "thermostat").qualified == "zenith/thermostat"
    (warning,) = logs.texts("WARNING")
    assert "'thermostat' means the backend plugin of zenith 2.0, but acme 1.0 at" in warning
    assert "shadowed by acme 0.9" in warning
    assert "'zenith/thermostat'" in warning


def test_such_a_name_is_refused_in_strict_mode(tmp_path: Path) -> None:
    registry = _with_a_hidden_rival(tmp_path, PACKFLOW_STRICT_PLUGINS="1")
    with pytest.raises(PluginError, match=r"acme 1\.0 at .* has it too"):
        registry.find("backend", "thermostat")
    assert registry.find("backend", "zenith/thermostat")
