"""How a process ended, put into findings."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from packflow.plugin.doctor.judge import examination, registered_by
from packflow.plugin.doctor.report import Finding
from packflow.plugin.refs import PluginRef
from packflow.utils.processes.watching import Ending

PLUGIN = PluginRef("backend", "fast", "acme.models:Fast", "acme", "1.0", "/site/acme.dist-info")
SOUND: dict[str, Any] = {"failure": None, "mistakes": [], "milliseconds": 3.5, "modules": 2, "heavy": [], "threads": []}


def failed(code: str = "import-failed", **more: Any) -> dict[str, Any]:
    failure = {"code": code, "what": "it failed", "where": "", "causes": [], "lacking": "", **more}
    return {**SOUND, "failure": failure}


def only(ending: Ending) -> Finding:
    (found,) = examination(PLUGIN, ending, 5.0).findings
    assert found.distribution == "acme"
    return found


def answered(answer: dict[str, Any] | None, **more: Any) -> Ending:
    return Ending(0, begun=True, answer=answer, **more)


def test_nothing_seen_is_nothing_found() -> None:
    plugin = examination(PLUGIN, answered(SOUND), 5.0)
    assert (plugin.status, plugin.milliseconds, plugin.modules, plugin.findings) == ("ok", 3.5, 2, ())
    assert (plugin.kind, plugin.qualified, plugin.version, plugin.value) == (
        "backend",
        "acme/fast",
        "1.0",
        PLUGIN.value,
    )


def test_a_failure_is_told_with_its_place_and_causes() -> None:
    found = only(answered(failed(where="acme/models.py:3", causes=["OSError: x", "KeyError: y"])))
    assert (found.code, found.what, found.where) == ("import-failed", "it failed", "acme/models.py:3")
    assert found.details == ("caused by OSError: x", "caused by KeyError: y")
    assert found.remedy == "Repair or upgrade acme, or leave the plugin out with PACKFLOW_DISABLE_PLUGINS=acme/fast."


def test_without_a_place_the_entry_point_is_given() -> None:
    assert only(answered(failed())).where == "packflow.backends: fast = acme.models:Fast"


def test_a_module_that_is_lacking_is_to_be_installed() -> None:
    assert "has the module 'torch' (an extra of acme may bring it)" in only(answered(failed(lacking="torch.nn"))).remedy
    assert "{odd}" in only(answered(failed(lacking="{odd}"))).remedy
    assert only(answered(failed(lacking="acme.gone"))).remedy.startswith("Repair or upgrade acme")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGILL])
def test_a_crash_names_the_signal(number: signal.Signals) -> None:
    found = only(Ending(-number, begun=True))
    assert (found.code, found.what) == ("crash", f"it ends the process with {number.name}")


def test_a_kill_may_be_the_systems() -> None:
    assert "memory" in only(Ending(-signal.SIGKILL, begun=True)).what


def test_signals_and_statuses_without_a_name_are_numbers() -> None:
    assert "signal 1000" in only(Ending(-1000, begun=True)).what
    assert "0xc0000005" in only(Ending(0xC0000005, begun=True)).what


def test_a_crash_is_placed_by_its_trace() -> None:
    trace = 'Current thread 0x1 (most recent call first):\n  File "/site/acme/models.py", line 7 in load\n'
    assert only(Ending(-11, begun=True, trace=trace)).where == "/site/acme/models.py:7, in load"


@pytest.mark.parametrize("status", [0, 1, 3])
def test_an_end_without_an_answer_is_an_exit(status: int) -> None:
    found = only(Ending(status, begun=True))
    assert found.code == "exits"
    assert f"status {status}" in found.what


def test_a_hang_is_told_with_the_limit() -> None:
    found = only(Ending(None, timed_out=True, begun=True, left_processes=True))
    assert (found.code, found.what) == ("hang", "it was still being imported after 5 s, and was ended")


def test_packflows_own_failure_is_not_the_plugins() -> None:
    assert only(Ending(None, timed_out=True)).code == "core-import"
    found = only(Ending(1, stderr="Traceback\nImportError: no packflow\n"))
    assert found.code == "core-import"
    assert "ImportError: no packflow" in found.what
    assert only(Ending(0, answer={"failure": failed("core-import")["failure"]})).code == "core-import"


def test_a_process_that_cannot_be_started_is_told() -> None:
    found = only(Ending(None, not_started="[Errno 11] Resource temporarily unavailable"))
    assert (found.code, found.what) == ("not-started", "[Errno 11] Resource temporarily unavailable")


def test_traces_left_are_told_beside_each_other() -> None:
    ending = answered(
        {**SOUND, "threads": ["a", "b"], "heavy": ["jax", "torch"]},
        stdout="\nfirst\nsecond\nthird\n",
        stderr="  \n",
        left_processes=True,
    )
    plugin = examination(PLUGIN, ending, 5.0)
    told = {found.code: found.what for found in plugin.findings}
    assert told == {
        "heavy-import": "importing it imports jax, torch",
        "prints": "it prints 'first' and 2 more lines",
        "processes-left": "it leaves processes running, which were ended",
        "threads-left": "it leaves threads running: a, b",
    }
    assert plugin.status == "warn"
    assert plugin.heavy == ("jax", "torch")


def test_what_comes_before_the_plugin_is_not_its_output() -> None:
    found = only(Ending(1, stdout="from a .pth file", stderr="and more"))
    assert found.code == "core-import"


def test_a_note_leaves_a_plugin_ok() -> None:
    plugin = examination(PLUGIN, answered(SOUND, stderr="a warning\n"), 5.0)
    assert (plugin.status, [found.code for found in plugin.findings]) == ("ok", ["writes-to-stderr"])


def test_what_a_hooks_plugin_registers_belongs_to_its_distribution() -> None:
    hooks = PLUGIN._replace(kind="hooks", problem="some")
    (found,) = registered_by(hooks, answered({**SOUND, "registered": [["backend", "small", "acme:Small"]]}))
    assert found == PluginRef("backend", "small", "acme:Small", "acme", "1.0", "/site/acme.dist-info")
    assert registered_by(hooks, Ending(1)) == []
