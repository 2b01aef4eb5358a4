"""Selections: made in one registry or process, adopted in another."""

from __future__ import annotations

import pickle
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import InferenceBackend
from packflow.exceptions import BlockedPluginError, PluginError, PluginLockError, UnknownPluginError
from packflow.plugin.index import Index, scan
from packflow.plugin.lockable import lockable
from packflow.plugin.lockfile import to_text
from packflow.plugin.locks import PluginLock
from packflow.plugin.policy import read
from packflow.plugin.refs import PluginRef
from packflow.plugin.registry import Registry
from packflow.plugin.selections import settings_of
from tests.support.distributions import BACKEND, remove_distribution
from tests.support.records import write_record
from tests.support.scripts import run_script


class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs


ECHO = Echo(verbose=False)
LISTENER = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_call_finished(backend, metrics):
    pass
"""


def install(site, name="acme", version="1.0", plugins=None, source=BACKEND, record=True):
    module = f"{name}_{version.replace('.', '_')}"
    plugins = plugins or {"backend": {"fast": f"{module}:Fast"}}
    info = site.add(name, version, plugins, {f"{module}.py": source})
    return write_record(info, f"{module}.py") if record else info


def sent(selection):
    """Give what arrives in another process."""
    return pickle.loads(pickle.dumps(selection))


def test_a_selection_is_data(site):
    install(site)
    parent = site.registry(PACKFLOW_DISABLE_PLUGINS="packflow/numpy")
    parent.register("backend", "echo", Echo)
    one, other = parent.selection(), parent.selection()
    assert one == other == sent(one)
    assert hash(one) == hash(other) == hash(sent(one))
    assert len({one, other, sent(one)}) == 1
    parent.configure(strict=True)
    assert parent.selection() != one


def test_what_adopted_a_selection_has_the_same_one(site):
    install(site)
    install(site, "blocked")
    parent = site.registry(PACKFLOW_DISABLE_PLUGINS="blocked", PACKFLOW_PLUGIN_OVERRIDES="numpy=acme/fast")
    parent.register("backend", "echo", Echo)
    parent.register("backend", "text", "acme_1_0:Fast")
    selection = parent.selection()
    child = site.registry(PACKFLOW_PLUGINS="nothing")
    child.adopt(sent(selection))
    assert child.selection() == selection


def test_names_mean_the_same_whatever_the_variables_say(site):
    install(site)
    install(site, "zenith")
    install(site, "blocked", plugins={"backend": {"other": "blocked_1_0:Fast"}})
    parent = site.registry(PACKFLOW_PLUGIN_OVERRIDES="fast=zenith/fast", PACKFLOW_DISABLE_PLUGINS="blocked")
    parent.register("backend", "echo", Echo)
    parent.register("backend", "one", ECHO)
    variables = {
        "PACKFLOW_DISABLE_PLUGINS": "zenith",
        "PACKFLOW_PLUGIN_OVERRIDES": "nonsense",
        "PACKFLOW_STRICT_PLUGINS": "maybe",
        "PACKFLOW_PLUGIN_LOCK": "/gone",
    }
    child = site.registry(**variables)
    child.adopt(sent(parent.selection()))
    for _ in range(2):
        assert child.find("backend", "fast").distribution == "zenith"
        assert child.find("backend", "acme/fast").distribution == "acme"
        assert child.load("backend", "echo") is Echo
        assert child.load("backend", "one") is ECHO
        with pytest.raises(BlockedPluginError, match="names 'blocked'"):
            child.find("backend", "other")
        child.refresh()


def test_nothing_else_that_is_installed_or_was_registered_is_used(site):
    install(site)
    parent = site.registry()
    selection = parent.selection()
    install(site, "later", plugins={"backend": {"late": "later_1_0:Fast"}, "hooks": {"h": "later_1_0"}}, source="1/0")
    child = site.registry()
    child.register("backend", "early", Echo)
    child.adopt(selection)
    assert not child.has("backend", "late")
    with pytest.raises(BlockedPluginError, match="the adopted selection of plugins does not hold it; to use it, hand"):
        child.load("backend", "late")
    with pytest.raises(UnknownPluginError):
        child.find("backend", "early")
    assert child.listeners().call_finished == ()
    child.register("backend", "own", Echo)
    assert child.load("backend", "own") is Echo


def test_a_registration_stands_in_front_in_the_child_too(site):
    install(site)
    parent = site.registry()
    parent.register("backend", "fast", "acme_1_0:Missing", replace=True)
    parent.register("backend", "fast", Echo, replace=True)
    child = site.registry()
    child.adopt(sent(parent.selection()))
    assert child.load("backend", "fast") is Echo
    child.unregister("backend", "fast")
    assert child.find("backend", "fast").distribution == "acme"


def test_a_registration_from_before_cannot_take_an_adopted_one_back(site):
    child = site.registry()
    before = child.register("backend", "echo", "acme:Gone")
    parent = site.registry()
    parent.register("backend", "echo", Echo)
    child.adopt(parent.selection())
    before.remove()
    assert child.load("backend", "echo") is Echo


def test_texts_are_not_imported_before_they_are_asked_for(site):
    install(site)
    parent = site.registry()
    parent.register("backend", "text", "acme_1_0:Fast")
    child = site.registry()
    child.adopt(sent(parent.selection()))
    assert "acme_1_0" not in sys.modules
    assert child.load("backend", "text").__name__ == "Fast"


def test_every_difference_is_told_at_once(site, monkeypatch):
    gone, upgraded, changed, edited = (install(site, name) for name in ("gone", "upgraded", "changed", "edited"))
    module = types.ModuleType("acme_vanishing")
    exec(BACKEND, module.__dict__)
    monkeypatch.setitem(sys.modules, "acme_vanishing", module)
    parent = site.registry()
    parent.register("backend", "vanishing", module.Fast)
    selection = sent(parent.selection())

    monkeypatch.delitem(sys.modules, "acme_vanishing")
    remove_distribution(gone)
    remove_distribution(upgraded)
    install(site, "upgraded", "1.1")
    (changed / "entry_points.txt").write_text("[packflow.backends]\nfast = other:Fast\n")
    write_record(edited)
    child = site.registry()
    child.register("backend", "early", Echo)
    with pytest.raises(PluginLockError) as caught:
        child.adopt(selection)
    lines = str(caught.value).splitlines()
    assert lines[0] == "This process cannot have the plugins of the one that handed them over:"
    assert [line.partition(", but")[0] for line in lines[1:5]] == [
        "- the backend plugin 'fast' of changed 1.0 is other:Fast",
        "- edited 1.0 was installed from other files than those that are locked",
        "- the backend plugin 'fast' of gone 1.0 is locked",
        "- upgraded 1.0 is locked",
    ]
    assert "'vanishing'" in lines[5]
    assert "No module named 'acme_vanishing'" in lines[5]
    assert child.load("backend", "early") is Echo  # it goes on as it was


def make_local():
    class Local(Echo):
        pass

    return Local


def make_module():
    module = types.ModuleType("nowhere")
    exec(LISTENER, module.__dict__)
    return module


@pytest.mark.parametrize("given", [None, "selection", b"", {}, PluginLock()])
def test_what_is_no_selection_is_refused(site, given):
    registry = site.registry()
    before = registry.selection()
    with pytest.raises(PluginLockError, match=r"is no selection of plugins\. Hand over what"):
        registry.adopt(given)
    assert registry.selection() == before


@pytest.mark.parametrize(
    ("kind", "target"),
    [("backend", make_local()), ("backend", Echo(verbose=False)), ("hooks", make_module())],
)
def test_what_nobody_could_import_is_refused_where_it_is_known(site, kind, target):
    parent = site.registry()
    parent.register(kind, "mine", target)
    parent.register("backend", "fine", Echo)
    with pytest.raises(PluginLockError, match=f"the {kind} plugin 'mine' is .*not to be found") as caught:
        parent.selection()
    assert "'fine'" not in str(caught.value)


def test_what_has_no_record_is_compared_without_one(site):
    info = install(site, record=False)
    selection = site.registry().selection()
    child = site.registry()
    child.adopt(selection)
    assert child.load("backend", "fast")
    write_record(info, "acme_1_0.py")
    with pytest.raises(PluginLockError, match="was installed from other files"):
        site.registry().adopt(selection)


def test_a_broken_plugin_keeps_its_name_in_the_child(site):
    install(site)
    install(site, "broken", plugins={"backend": {"fast": "no value!"}})
    parent, child = site.registry(), site.registry()
    child.adopt(parent.selection())
    for registry in (parent, child):
        with pytest.raises(PluginError, match="Several installed distributions"):
            registry.find("backend", "fast")


def test_under_a_lock_the_selection_is_what_is_locked(site, tmp_path):
    info = install(site)
    lock = lockable(scan(sys.path), read({})).lock
    (tmp_path / "lock.toml").write_text(to_text(lock))
    install(site, "later")
    parent = site.registry(PACKFLOW_PLUGIN_LOCK=str(tmp_path / "lock.toml"))
    assert parent.selection().lock == lock
    parent.register("backend", "text", "later_1_0:Fast")
    with pytest.raises(PluginLockError, match="not those that are locked"):
        parent.selection()
    parent.unregister("backend", "text")
    remove_distribution(info)
    parent.refresh()
    with pytest.raises(PluginLockError, match=r"pip install 'acme==1\.0'"):
        parent.selection()
    (tmp_path / "lock.toml").unlink()
    parent.refresh()
    with pytest.raises(PluginLockError, match="cannot be used"):
        parent.selection()


entries = st.sampled_from(["acme", "acme/fast", "zenith"])


@given(st.lists(entries), st.lists(entries), st.randoms())
def test_settings_that_mean_the_same_are_the_same(allow, deny, random):
    one = settings_of(read({}, {"allow": allow, "deny": deny}))
    shuffled = random.sample(allow, len(allow)) + allow
    assert settings_of(read({}, {"allow": shuffled, "deny": deny[::-1]})) == one
    again = {name: value for name, value in one if name != "overrides"}
    assert settings_of(read({}, again)) == one


def test_listeners_follow(site):
    install(site, plugins={"hooks": {"watch": "acme_1_0"}}, source=LISTENER)
    selection = site.registry().selection()
    install(site, "later", plugins={"hooks": {"spy": "later_1_0"}}, source=LISTENER)
    child = site.registry()
    listeners = child.listeners()
    assert [name for name, _ in listeners.call_finished] == ["acme/watch", "later/spy"]
    child.adopt(selection)
    assert [name for name, _ in listeners.call_finished] == ["acme/watch"]


def test_a_registry_of_its_own_needs_no_disk():
    ref = PluginRef("backend", "fast", "acme:Fast", "acme", "1.0", "/nowhere")
    registry = Registry(scan=lambda: Index([ref]), environ={})
    (entry,) = registry.selection().lock.plugins
    assert entry.record is None


WORKERS = """
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from packflow import InferenceBackend, plugin

class Mine(InferenceBackend):
    def execute(self, inputs):
        return inputs

def seen(name):
    return plugin.load("backend", name).__module__, len(plugin.selection().lock.plugins)

if __name__ == "__main__":
    plugin.configure(deny=["acme/slow"])
    plugin.register("backend", "mine", Mine)
    selection = plugin.selection()
    os.environ["PACKFLOW_DISABLE_PLUGINS"] = "acme"
    for method in ("fork", "spawn"):
        options = {"mp_context": get_context(method), "initializer": plugin.adopt, "initargs": (selection,)}
        with ProcessPoolExecutor(1, **options) as workers:
            for name in ("fast", "mine"):
                module, count = workers.submit(seen, name).result()
                assert count == len(selection.lock.plugins)
                print(method, name, module)
    shutil.rmtree("acme-1.0.dist-info")
    with ProcessPoolExecutor(1, **options) as workers:
        try:
            workers.submit(seen, "mine").result()
        except BrokenProcessPool:
            print("broken")
"""


def test_worker_processes_have_the_plugins_of_the_one_that_started_them(site):
    install(site, plugins={"backend": {"fast": "acme_1_0:Fast", "slow": "acme_1_0:Slow"}})
    done = run_script(site.folder, WORKERS, env={"PYTHONPATH": str(site.folder)})
    assert done.returncode == 0, done.stderr
    modules = [line.split() for line in done.stdout.splitlines()]
    assert [(method, name) for method, name, _ in modules[:-1]] == [
        ("fork", "fast"),
        ("fork", "mine"),
        ("spawn", "fast"),
        ("spawn", "mine"),
    ]
    assert {module for _, _, module in modules[:-1]} <= {"acme_1_0", "__main__", "__mp_main__"}
    assert modules[-1] == ["broken"]
    assert "the backend plugin 'fast' of acme 1.0 is locked, but not installed" in done.stderr
