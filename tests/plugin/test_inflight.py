"""Many threads at once: each plugin is imported once, all see the same, and nobody waits for ever."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from packflow import plugin
from packflow.exceptions import AmbiguousPluginError, PackflowError
from packflow.loaders import ModuleLoader
from packflow.plugin import api
from packflow.plugin.index import scan
from packflow.plugin.inflight import InFlight
from packflow.plugin.registry import Registry
from tests.support.distributions import BACKEND, add_distribution
from tests.support.scripts import run_script

THREADS = 32
#: What a module does first: it takes note of its import, and takes its time.
SLOW = "import sys, time\nsys.acme_imports.append(__name__)\ntime.sleep(0.05)\n"
BROKEN = SLOW + "raise RuntimeError('driver too old')\n"


@pytest.fixture(autouse=True)
def imports() -> Iterator[list[str]]:
    """Give the names of the made-up modules that were run, one for each time."""
    sys.acme_imports = []
    yield sys.acme_imports
    del sys.acme_imports


@pytest.fixture
def shared(site, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Give the process a registry that has looked at nothing yet."""
    registry = site.registry()
    monkeypatch.setattr(api, "_shared", registry)
    return registry


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Call each function in a thread of its own, all at the same time; give what they gave or raised."""
    together = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        together.wait(30)
        try:
            return call()
        except PackflowError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


WAYS: dict[str, Callable[[], Any]] = {
    "load": lambda: plugin.load("backend", "fast"),
    "qualified": lambda: plugin.load("backend", "acme/fast"),
    "resolve": lambda: ModuleLoader("fast").resolve(),
    "construct": lambda: type(ModuleLoader("fast").load(verbose=False)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_plugin_that_many_threads_ask_for_is_imported_once(site, shared, imports, way):
    site.add("acme", "1.0", {"backend": {"fast": "acme_once:Fast"}}, {"acme_once.py": SLOW + BACKEND})
    found = at_once(*[WAYS[way]] * THREADS)
    assert [cls.__name__ for cls in found] == ["Fast"] * THREADS
    assert len(set(found)) == 1
    assert imports == ["acme_once"]


@pytest.mark.parametrize("way", WAYS)
def test_a_plugin_that_fails_is_tried_once_whoever_asks(site, shared, imports, way):
    site.add("acme", "1.0", {"backend": {"fast": "acme_fails:Fast"}}, {"acme_fails.py": BROKEN})
    errors = at_once(*[WAYS[way]] * THREADS)
    assert len({id(error) for error in errors}) == THREADS
    (text,) = {str(error) for error in errors}
    assert "RuntimeError: driver too old" in text
    assert imports == ["acme_fails"]


def test_many_plugins_at_once_are_imported_once_each_and_so_is_what_they_share(site, shared, imports):
    names = [f"fast{number}" for number in range(THREADS)]
    modules = {f"acme_many/{name}.py": SLOW + "from acme_many import base\n" + BACKEND for name in names[::2]}
    modules |= {f"acme_many/{name}.py": BROKEN for name in names[1::2]}
    modules |= {"acme_many/__init__.py": "", "acme_many/base.py": SLOW}
    site.add("acme", "1.0", {"backend": {name: f"acme_many.{name}:Fast" for name in names}}, modules)
    found = at_once(*[lambda name=name: plugin.load("backend", name) for name in names])
    assert [getattr(cls, "__module__", None) for cls in found[::2]] == [f"acme_many.{name}" for name in names[::2]]
    assert [error.name for error in found[1::2]] == names[1::2]
    assert sorted(imports) == sorted([*(f"acme_many.{name}" for name in names), "acme_many.base"])


def test_the_first_look_ups_of_many_threads_make_one_scan(site):
    scans = []

    def counted():
        scans.append(threading.get_ident())
        return scan([str(site.folder)])

    site.add("acme", "1.0", {"backend": {"fast": "acme_scan:Fast"}})
    registry = Registry(scan=counted, environ={})
    found = at_once(*[lambda: registry.find("backend", "fast").qualified] * THREADS)
    assert found == ["acme/fast"] * THREADS
    assert len(scans) == 1


REGISTERS = """
from packflow.plugin import hookimpl
@hookimpl
def packflow_register_backends(registry):
    registry.register("fast", "acme_contributed:Fast")
"""


def test_hooks_plugins_are_loaded_once_whoever_needs_them_first(site, shared, imports):
    modules = {"acme_hooks.py": SLOW + REGISTERS, "acme_contributed.py": SLOW + BACKEND}
    site.add("acme", "1.0", {"hooks": {"h": "acme_hooks"}}, modules)
    found = at_once(*[lambda: plugin.load("backend", "fast")] * THREADS)
    assert len(set(found)) == 1
    assert imports == ["acme_hooks", "acme_contributed"]


def test_no_thread_sees_what_only_some_hooks_plugins_have_registered(site, shared):
    # acme has registered the name long before zeta has, and another thread asks in between.
    slower = "import sys\nsys.acme_begun.set()\nsys.acme_go_on.wait(30)\n"
    site.add("acme", "1.0", {"hooks": {"h": "acme_quick"}}, {"acme_quick.py": REGISTERS})
    site.add("zeta", "1.0", {"hooks": {"h": "acme_slower"}}, {"acme_slower.py": slower + REGISTERS})
    sys.acme_begun, sys.acme_go_on = threading.Event(), threading.Event()

    def ask_in_between():
        assert sys.acme_begun.wait(30)
        threading.Timer(0.1, sys.acme_go_on.set).start()
        return plugin.find("backend", "fast")

    found = at_once(lambda: plugin.find("backend", "fast"), ask_in_between)
    assert [type(error) for error in found] == [AmbiguousPluginError] * 2


MUTUAL = "from packflow import plugin\nplugin.load('backend', {other!r})\n"
TOLERANT = (
    "from packflow import plugin\nfrom packflow.exceptions import PluginLoadError\n"
    "try:\n    plugin.load('backend', {other!r})\nexcept PluginLoadError:\n    pass\n"
)
NAP = "import time\ntime.sleep(0.02)\n"
WATCHED = """
import faulthandler, sys, threading
faulthandler.dump_traceback_later(40, exit=True)
sys.path.insert(0, "site")
from packflow import plugin
from packflow.exceptions import PluginLoadError
together = threading.Barrier(16)
outcomes = []

def ask(number):
    name = NAMES[number % len(NAMES)]
    together.wait()
    try:
        outcomes.append(plugin.load("backend", name).__name__)
    except PluginLoadError as error:
        outcomes.append(type(error).__name__)

threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(outcomes), *sorted(set(outcomes)))
for name in NAMES:
    try:
        print(name, plugin.load("backend", name).__name__)
    except PluginLoadError as error:
        print(name, type(error).__name__)
"""


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("loads", [MUTUAL, TOLERANT], ids=["needing", "trying"])
def test_plugins_that_load_each_other_do_not_deadlock(tmp_path: Path, size, loads):
    names = [f"ring{number}" for number in range(size)]
    modules = {
        f"acme_{name}.py": NAP + loads.format(other=other) + BACKEND
        for name, other in zip(names, names[1:] + names[:1], strict=True)
    }
    plugins = {"backend": {name: f"acme_{name}:Fast" for name in names}}
    add_distribution(tmp_path / "site", "acme", "1.0", plugins, modules)
    done = run_script(tmp_path, f"NAMES = {names}\n{WATCHED}")
    assert done.returncode == 0, done.stderr
    total, *seen = done.stdout.splitlines()[0].split()
    assert total == "16"
    assert set(seen) <= {"Fast", "PluginLoadError"}
    if loads is TOLERANT:
        assert done.stdout.splitlines()[1:] == [f"{name} Fast" for name in names]


WAITING = """
import faulthandler, sys, threading
faulthandler.dump_traceback_later(40, exit=True)
sys.path.insert(0, "site")
sys.acme_hook_runs, sys.acme_import_runs = threading.Event(), threading.Event()
from packflow import plugin

def load():
    assert sys.acme_hook_runs.wait(30)
    plugin.load("backend", "fast")

thread = threading.Thread(target=load)
thread.start()
plugin.listeners()
thread.join()
print(plugin.find("backend", "other").value)
"""


def test_a_hooks_plugin_that_waits_for_a_module_does_not_keep_it_from_registering(tmp_path: Path):
    hooks = (
        "import sys\nfrom packflow import plugin\n"
        "@plugin.hookimpl\ndef packflow_register_backends(registry):\n"
        "    sys.acme_hook_runs.set()\n    assert sys.acme_import_runs.wait(30)\n    plugin.load('backend', 'fast')\n"
    )
    module = (
        "import sys, time\nfrom packflow import plugin\nsys.acme_import_runs.set()\ntime.sleep(0.1)\n"
        "plugin.register('backend', 'other', 'acme_other:Fast')\n" + BACKEND
    )
    plugins = {"hooks": {"h": "acme_hooks"}, "backend": {"fast": "acme_waited:Fast"}}
    add_distribution(tmp_path / "site", "acme", "1.0", plugins, {"acme_hooks.py": hooks, "acme_waited.py": module})
    done = run_script(tmp_path, WAITING)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["acme_other:Fast"]


@pytest.mark.parametrize("change", ["__setitem__", "__delitem__"])
def test_who_asks_in_the_middle_of_taking_work_or_giving_it_back_goes_on_alone(change: str) -> None:
    work, answers = InFlight(), []

    def asked_before(owners: Any, *arguments: Any) -> None:  # as a signal's handler does
        with work.turn("import", done=lambda: False) as alone:
            answers.append(alone)
        getattr(dict, change)(owners, *arguments)

    def asked_after(owners: Any, *arguments: Any) -> None:
        getattr(dict, change)(owners, *arguments)
        with work.turn("import", done=lambda: False) as alone:
            answers.append(alone)

    for asked in (asked_before, asked_after):
        work._owners = type("Owners", (dict,), {change: asked})()
        with work.turn("import", done=lambda: False) as alone:
            assert alone
    assert answers == [False, False]
    with work.turn("import", done=lambda: False) as alone:
        assert alone
