"""What plugins cost: as data, as a table at the end of each process, and not at all where nobody asks."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

from packflow.exceptions import PluginError, PluginLoadError
from packflow.plugin import hookimpl
from packflow.plugin.index import Index
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Registration
from packflow.plugin.registry import Registry
from packflow.plugin.tracing import Trace, TraceRow, begin, table
from tests.support.distributions import BACKEND, add_distribution
from tests.support.scripts import clean_environment

HOOKS = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_register_backends(registry):
    registry.register("dynamic", "acme_models:Fast")

@hookimpl
def packflow_call_finished(backend, metrics):
    if metrics == "bad":
        raise ValueError("bad")

@hookimpl
def packflow_call_failed():
    pass
"""
ACME = PluginRef("hooks", "watch", "acme", "acme", "1.2")


def counts(trace: Trace | None) -> dict[tuple[str, str], tuple[int, int]]:
    """Give calls and errors by plugin and hook."""
    assert trace is not None
    return {(row.plugin, row.hook): (row.calls, row.errors) for row in trace.rows()}


# What is measured ---------------------------------------------------------------------------------------------------


def test_imports_and_hooks_are_measured_by_plugin(site, logs):
    plugins = {"hooks": {"watch": "acme_watch"}, "backend": {"bad": "acme_bad:Fast"}}
    modules = {"acme_watch.py": HOOKS, "acme_models.py": BACKEND, "acme_bad.py": "raise ImportError"}
    site.add("acme", "1.2", plugins, modules)
    registry = site.registry(PACKFLOW_TRACE="1")
    listeners = registry.listeners()
    for metrics in ("good", "bad", "good"):
        listeners.notify_call_finished(None, metrics)
    registry.load("backend", "dynamic")
    with pytest.raises(PluginLoadError):
        registry.load("backend", "bad")
    assert counts(registry.trace) == {
        ("acme/watch", "import"): (1, 0),
        ("acme/watch", "packflow_register_backends"): (1, 0),
        ("acme/watch", "packflow_call_finished"): (3, 1),
        ("acme/dynamic", "import"): (1, 0),
        ("acme/bad", "import"): (1, 1),
    }
    assert {(row.distribution, row.version) for row in registry.trace.rows()} == {("acme", "1.2")}
    assert "'acme/watch' failed in packflow_call_finished: ValueError: bad" in logs.texts("ERROR")[0]
    assert "acme_watch.py, line 11)" in logs.texts("ERROR")[0]


def test_one_registered_directly_is_measured_too():
    registry = Registry(scan=Index, environ={"PACKFLOW_TRACE": "on"})
    registry.register("hooks", "mine", SimpleNamespace(packflow_call_finished=hookimpl(lambda: None)))
    registry.listeners().notify_call_finished(None, None)
    (row,) = registry.trace.rows()
    assert row[:6] == ("mine", None, None, "packflow_call_finished", 1, 0)


def test_a_registration_hook_that_fails_is_an_error_of_its_own():
    registry = Registry(scan=Index, environ={"PACKFLOW_TRACE": "1"})

    @hookimpl
    def packflow_register_backends(registry):
        raise ValueError("no folder")

    with pytest.raises(PluginError, match="no folder"):
        registry.register("hooks", "mine", SimpleNamespace(packflow_register_backends=packflow_register_backends))
    assert counts(registry.trace) == {("mine", "packflow_register_backends"): (1, 1)}


def test_times_add_up_and_the_longest_is_kept(monkeypatch):
    ticks = iter([0, 3_000_000, 10_000_000, 11_000_000])
    monkeypatch.setattr("packflow.plugin.tracing.perf_counter_ns", lambda: next(ticks))
    trace = Trace()
    listener = trace.timed(ACME, "packflow_call_finished", lambda metrics: metrics)
    assert listener(metrics=1) == 1
    assert listener(metrics=2) == 2
    assert trace.rows() == [TraceRow("acme/watch", "acme", "1.2", "packflow_call_finished", 2, 0, 4.0, 3.0)]


def test_what_took_longest_comes_first(monkeypatch):
    ticks = iter([0, 1, 0, 5, 0, 3])
    monkeypatch.setattr("packflow.plugin.tracing.perf_counter_ns", lambda: next(ticks))
    trace = Trace()
    for name in ("a", "b", "c"):
        trace.timed(Registration("hooks", name, None), "import", lambda: None)()
    assert [row.plugin for row in trace.rows()] == ["b", "c", "a"]


def test_an_exception_passes_and_is_counted():
    trace = Trace()

    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trace.timed(ACME, "packflow_call_failed", fail)()
    assert counts(trace) == {("acme/watch", "packflow_call_failed"): (1, 1)}


@pytest.fixture
def hasty_threads():
    """Let Python change from thread to thread as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_many_threads_lose_no_call(hasty_threads):
    trace = Trace()
    listener = trace.timed(ACME, "packflow_call_finished", lambda: None)
    together = threading.Barrier(8)

    def call(_):
        together.wait()
        for _ in range(5000):
            listener()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, range(8)))
    assert counts(trace) == {("acme/watch", "packflow_call_finished"): (40000, 0)}


# Switching it on ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", " ", "0", "off", "No"])
def test_nothing_is_wrapped_where_it_is_off(value):
    registry = Registry(scan=Index, environ={} if value is None else {"PACKFLOW_TRACE": value})
    assert registry.trace is None

    def listen(backend, metrics):
        pass

    registry.register("hooks", "mine", SimpleNamespace(packflow_call_finished=hookimpl(listen)))
    assert registry.listeners().call_finished == (("mine", listen),)


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_it_is_switched_on_as_other_settings_are(value):
    assert isinstance(begin({"PACKFLOW_TRACE": value}), Trace)


@pytest.mark.parametrize("value", ["2", "maybe", "1,2"])
def test_a_value_that_is_neither_is_an_error(value):
    with pytest.raises(PluginError, match=f"PACKFLOW_TRACE='{value}' is neither on .1. nor off .0."):
        Registry(scan=Index, environ={"PACKFLOW_TRACE": value})


# The table ----------------------------------------------------------------------------------------------------------


def test_the_table_is_for_people_and_obeys_no_code_of_a_name():
    rows = [
        TraceRow("acme/wa\x1b[2Jtch", "acme", "1.2", "packflow_call_finished", 1000, 2, 1234.567, 0.5),
        TraceRow("mine\nother", None, None, "import", 1, 0, 0.001, 0.001),
    ]
    assert table(rows) == dedent("""\
        plugin             version  hook                    calls  errors  total ms  max ms
        acme/wa\\x1b[2Jtch  1.2      packflow_call_finished   1000       2   1234.57    0.50
        mine other         -        import                      1       0      0.00    0.00
        """)


def test_a_report_is_printed_once_and_only_if_there_is_something(capsys):
    trace = Trace()
    trace.report()
    assert capsys.readouterr().err == ""
    trace.timed(ACME, "import", lambda: None)()
    trace.report()
    trace.report()
    assert capsys.readouterr().err.count(f"PACKFLOW_TRACE: what plugins cost in process {os.getpid()}\n") == 1


@pytest.mark.parametrize("stream", [None, "closed"])
def test_a_report_without_standard_error_fails_in_silence(monkeypatch, tmp_path, stream):
    if stream == "closed":
        stream = (tmp_path / "err").open("w")
        stream.close()
    trace = Trace()
    trace.timed(ACME, "import", lambda: None)()
    monkeypatch.setattr(sys, "stderr", stream)
    trace.report()


# Whole processes ----------------------------------------------------------------------------------------------------

PROGRAM = """
import multiprocessing
import os
import sys
from packflow import InferenceBackend, plugin

class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs

def call(backend, times):
    for number in range(times):
        backend({"n": number})

if __name__ == "__main__":
    backend = Echo(verbose=False)
    call(backend, 3)
    ways = multiprocessing.get_all_start_methods() if "workers" in sys.argv else []
    for times, way in enumerate(ways, start=4):
        worker = multiprocessing.get_context(way).Process(target=call, args=(backend, times))
        worker.start()
        worker.join()
        assert worker.exitcode == 0
    if hasattr(os, "fork") and "workers" in sys.argv:
        child = os.fork()
        if not child:
            call(backend, 30)
            sys.exit()
        os.waitpid(child, 0)
    print([row.calls for row in plugin.trace() if row.hook == "packflow_call_finished"])
"""


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    add_distribution(
        folder,
        "acme",
        "1.2",
        {"hooks": {"watch": "acme_watch"}},
        {"acme_watch.py": HOOKS, "program.py": PROGRAM},
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "program.py", *arguments],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(folder), **variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_process_prints_its_own_table_when_it_ends(tmp_path):
    done = run(tmp_path, "workers", PACKFLOW_TRACE="1", PACKFLOW_LOG_LEVEL="ERROR")
    assert done.returncode == 0, done.stderr
    forked = [30] if hasattr(os, "fork") else []
    expected = [3, *range(4, 4 + len(multiprocessing.get_all_start_methods())), *forked]
    assert done.stdout == "[3]\n"
    heads = re.findall(r"^PACKFLOW_TRACE: what plugins cost in process (\d+)$", done.stderr, re.MULTILINE)
    assert len(heads) == len(set(heads)) == len(expected)
    calls = re.findall(r"^acme/watch +1\.2 +packflow_call_finished +(\d+) +0 ", done.stderr, re.MULTILINE)
    assert sorted(map(int, calls)) == expected


def test_nothing_is_printed_where_it_is_off(tmp_path):
    done = run(tmp_path, PACKFLOW_LOG_LEVEL="ERROR")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_a_mistaken_value_is_an_error_of_the_first_look_up(tmp_path):
    done = run(tmp_path, PACKFLOW_TRACE="maybe", PACKFLOW_LOG_LEVEL="ERROR")
    assert done.returncode == 1
    assert "PluginError: PACKFLOW_TRACE='maybe' is neither on (1) nor off (0)." in done.stderr
