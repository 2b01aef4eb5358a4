"""What the registry does where threads, signals or the garbage collector ask for something else halfway."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from packflow.exceptions import PluginRegistrationError
from packflow.plugin import hookimpl, resolve
from packflow.plugin.index import Index
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry
from packflow.plugin.tracing import Trace
from tests.support.threads import ends, interrupted, meanwhile

ACME = PluginRef("hooks", "watch", "acme:watch", "acme", "1.2")


def test_a_refresh_counts_though_a_scan_is_under_way() -> None:
    scans: list[str] = []
    threads: list[threading.Thread] = []

    def scan() -> Index:
        scans.append("begun")
        if len(scans) == 1:
            threads.append(meanwhile(registry.refresh, within=0.5))
        return Index()

    registry = Registry(scan=scan, environ={})
    registry.has("backend", "fast")
    threads[0].join(30)
    registry.has("backend", "fast")
    assert len(scans) == 2


def test_the_stamp_changes_once_more_when_what_a_hooks_plugin_registered_is_gone(monkeypatch: Any) -> None:
    registry = Registry(scan=Index, environ={})
    hooks = SimpleNamespace(
        packflow_register_backends=hookimpl(lambda registry: registry.register("fast", "acme:Fast"))
    )
    registration = registry.register("hooks", "mine", hooks)
    assert registry.has("backend", "fast")
    seen: list[Any] = []
    swap = registry._hooks.swap

    def swap_seen(*arguments: Any) -> None:
        meanwhile(lambda: seen.append((registry.stamp, registry.has("backend", "fast"))), within=0.5)
        swap(*arguments)

    monkeypatch.setattr(registry._hooks, "swap", swap_seen)
    registration.remove()
    assert seen
    assert not registry.has("backend", "fast")
    assert registry.stamp is not seen[0][0]


@pytest.mark.parametrize(("kind", "target"), [("backend", "acme:Fast"), ("hooks", "acme")])
def test_of_threads_that_register_a_name_at_once_one_has_it(monkeypatch: Any, kind: str, target: str) -> None:
    registry = Registry(scan=Index, environ={})
    registry.has("backend", "fast")
    outcomes: list[str] = []
    threads: list[threading.Thread] = []
    taken = resolve.taken

    def register() -> None:
        try:
            registry.register(kind, "fast", target)
            outcomes.append("registered")
        except PluginRegistrationError:
            outcomes.append("refused")

    def taken_while_another_registers(*arguments: Any) -> Any:
        found = taken(*arguments)
        if not threads:
            threads.append(threading.current_thread())
            threads.append(meanwhile(register, within=0.5))
        return found

    monkeypatch.setattr(resolve, "taken", taken_while_another_registers)
    register()
    threads[1].join(30)
    assert sorted(outcomes) == ["refused", "registered"]


def test_a_hooks_plugin_may_look_for_others_while_another_thread_loads_hooks(site: Any, monkeypatch: Any) -> None:
    """One thread is about to take a plugin in; the other does so already, and would wait for the first."""
    source = "from packflow.plugin import hookimpl\n@hookimpl\ndef packflow_call_finished():\n    pass\n"
    site.add("acme", "1.0", {"hooks": {"watch": "acme_watch"}}, {"acme_watch.py": source})
    registry = site.registry()
    inside, begun = threading.Event(), threading.Event()
    found: list[bool] = []

    def look() -> None:
        inside.set()
        begun.wait(30)
        found.append(registry.has("backend", "unknown"))

    hooks = SimpleNamespace(packflow_register_backends=hookimpl(look))
    other = threading.Thread(target=lambda: registry.register("hooks", "mine", hooks), daemon=True)
    load = registry._hooks._load

    def load_while_another_is_taken_in(plugin: Any) -> Any:
        loaded = load(plugin)
        if not other.ident:
            other.start()
            inside.wait(30)
            threading.Timer(0.2, begun.set).start()
        return loaded

    monkeypatch.setattr(registry._hooks, "_load", load_while_another_is_taken_in)
    assert ends(registry.listeners)
    other.join(30)
    assert not other.is_alive()
    assert found == [False]
    assert [name for name, _ in registry.listeners().call_finished] == ["acme/watch"]


def test_a_module_that_looks_for_plugins_may_be_imported_by_a_hooks_plugin(site: Any, monkeypatch: Any) -> None:
    """One thread imports the module, and so may not wait for the other, which waits for the import."""
    source = "from packflow.plugin import hookimpl\n@hookimpl\ndef packflow_call_finished():\n    pass\n"
    module = "import sys\nsys.acme_imported()\n"
    site.add("acme", "1.0", {"hooks": {"watch": "acme_watch"}}, {"acme_watch.py": source, "acme_models.py": module})
    registry = site.registry()
    inside, begun = threading.Event(), threading.Event()

    def imported() -> None:
        begun.set()
        inside.wait(30)
        registry.listeners()

    monkeypatch.setattr("sys.acme_imported", imported, raising=False)

    def register(registry: Any) -> None:
        inside.set()
        __import__("acme_models")

    def register_hooks() -> None:
        registry.register("hooks", "mine", SimpleNamespace(packflow_register_backends=hookimpl(register)))

    importer = threading.Thread(target=lambda: __import__("acme_models"), daemon=True)
    importer.start()
    begun.wait(30)
    assert ends(register_hooks)
    importer.join(30)
    assert not importer.is_alive()
    assert [name for name, _ in registry.listeners().call_finished] == ["acme/watch"]


def test_a_registration_may_be_taken_back_while_another_is_made(monkeypatch: Any) -> None:
    """As objects do that are collected meanwhile."""
    registry = Registry(scan=Index, environ={})
    made = [registry.register("backend", f"n{number}", "acme:Fast") for number in range(3)]
    taken = resolve.taken

    def taken_while_another_goes(*arguments: Any) -> Any:
        if len(made) == 3:
            made.pop().remove()
        return taken(*arguments)

    monkeypatch.setattr(resolve, "taken", taken_while_another_goes)
    assert ends(lambda: registry.register("backend", "last", "acme:Fast"))
    assert [record.name for record in registry.records("backend")] == ["last", "n0", "n1"]


def test_what_is_installed_may_be_asked_for_while_it_is_read() -> None:
    scans: list[str] = []

    def scan() -> Index:
        scans.append("begun")
        if len(scans) == 1:
            registry.has("backend", "fast")  # as an object that is collected meanwhile, or a signal's handler, does
        return Index()

    registry = Registry(scan=scan, environ={})
    assert ends(lambda: registry.has("backend", "fast"))


def test_what_a_listener_costs_is_noted_wherever_another_is_told() -> None:
    trace = Trace()
    listener = trace.timed(ACME, "packflow_call_finished", lambda: None)
    told = 0

    def tell() -> None:
        nonlocal told
        told += 1
        listener()

    def listen() -> None:
        listener()
        with interrupted(Trace._add.__code__, tell):
            listener()

    assert ends(listen)
    assert told
    assert [row.calls for row in trace.rows()] == [2 + told]
