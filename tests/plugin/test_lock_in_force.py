"""A registry with a lock in force: distributions locked, then upgraded, edited, removed and added."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
import types

import pytest

from packflow.exceptions import (
    BlockedPluginError,
    PluginError,
    PluginLoadError,
    PluginLockError,
    UnknownPluginError,
)
from packflow.plugin import recorded
from packflow.plugin.doctor import examine
from packflow.plugin.index import scan
from packflow.plugin.lockable import lockable
from packflow.plugin.lockfile import to_text
from packflow.plugin.locks import PluginLock
from packflow.plugin.policy import read
from tests.support.distributions import BACKEND, remove_distribution
from tests.support.records import write_record

BREAKS = "raise RuntimeError('imported')"
HOOKS = """
from packflow.plugin import hookimpl

@hookimpl
def packflow_register_backends(registry):
    registry.register("dynamic", "acme_models:Fast")

@hookimpl
def packflow_call_finished(backend, metrics):
    pass
"""


@pytest.fixture
def lock_path(tmp_path):
    return tmp_path / "lock.toml"


def install(site, name="acme", version="1.0", plugins=None, source=BACKEND):
    module = f"{name}_{version.replace('.', '_')}"
    plugins = plugins or {"backend": {"fast": f"{module}:Fast"}}
    info = site.add(name, version, plugins, {f"{module}.py": source, "acme_models.py": BACKEND})
    return write_record(info, f"{module}.py")


def write_lock(path) -> PluginLock:
    lock = lockable(scan(sys.path), read({})).lock
    path.write_text(to_text(lock))
    return lock


def test_what_is_locked_is_used(site, lock_path):
    install(site)
    write_lock(lock_path)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    assert registry.load("backend", "fast").__name__ == "Fast"
    assert registry.load("preprocessor", "records").__name__ == "RecordsPreprocessor"
    assert {record.state for record in registry.records() if record.distribution in ("acme", "packflow")} <= {
        "ready",
        "loaded",
    }


def upgrade(site, info):
    remove_distribution(info)
    install(site, version="1.1", source=BREAKS)


def change_value(site, info):
    (info / "entry_points.txt").write_text("[packflow.backends]\nfast = acme_evil:Fast\n")


def change_record(site, info):
    (info / "RECORD").write_text((info / "RECORD").read_text().replace("acme_1_0.py,sha256=", "acme_1_0.py,sha256=x"))


def lose_record(site, info):
    (info / "RECORD").unlink()


CHANGES = [
    (upgrade, "acme 1.0 is locked, but 1.1 is installed; pip install 'acme==1.0', or lock again with"),
    (change_value, "is acme_evil:Fast, but acme_1_0:Fast is locked; pip install --force-reinstall 'acme==1.0'"),
    (change_record, "was installed from other files than those that are locked; pip install --force-reinstall"),
    (lose_record, "there is no RECORD of the files that are installed; pip install --force-reinstall"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_what_was_changed_is_refused_before_it_is_imported(site, lock_path, change, said):
    info = install(site)
    write_lock(lock_path)
    change(site, info)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    for name in ("fast", "acme/fast"):
        with pytest.raises(BlockedPluginError) as caught:
            registry.load("backend", name)
        assert said in str(caught.value)
        assert "by PACKFLOW_PLUGIN_LOCK" in str(caught.value)
        assert said in caught.value.explanation
        with pytest.raises(BlockedPluginError):
            registry.has("backend", name)
    (record,) = [record for record in registry.records("backend") if record.distribution == "acme"]
    assert (record.state, said in record.reason) == ("blocked", True)
    assert said in registry.why("backend", "fast").text
    assert not {"acme_1_0", "acme_1_1", "acme_evil"} & sys.modules.keys()
    assert registry.load("preprocessor", "records")  # the others go on


def test_what_is_new_is_refused_and_as_good_as_not_installed(site, lock_path):
    install(site)
    write_lock(lock_path)
    install(site, "other", plugins={"backend": {"fast": "other_1_0:Fast", "new": "other_1_0:Fast"}}, source=BREAKS)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    assert registry.load("backend", "fast").__module__ == "acme_1_0"
    for name in ("new", "other/new", "other/fast"):
        assert not registry.has("backend", name)
        with pytest.raises(BlockedPluginError, match="PACKFLOW_PLUGIN_LOCK does not hold it; to use it, lock again"):
            registry.load("backend", name)
    states = {record.name: record.state for record in registry.records() if record.distribution == "other"}
    assert states == {"fast": "blocked", "new": "blocked"}
    assert "other_1_0" not in sys.modules


def test_what_is_broken_is_not_to_be_locked_again_but_repaired(site, lock_path):
    install(site, plugins={"backend": {"odd": "no value!"}})
    write_lock(lock_path)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    said = (
        "does not hold it, as it is broken (its value 'no value!' is not of the form 'module:object'); repair it, and"
    )
    (record,) = [record for record in registry.records("backend") if record.name == "odd"]
    assert said in (record.reason or "")
    assert said in registry.why("backend", "odd").text
    with pytest.raises(BlockedPluginError, match="it is broken"):
        registry.load("backend", "odd")


def test_what_is_missing_is_named_with_what_to_install(site, lock_path):
    info = install(site)
    write_lock(lock_path)
    remove_distribution(info)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    with pytest.raises(BlockedPluginError, match=r"is locked, but not installed; pip install 'acme==1.0'"):
        registry.load("backend", "fast")
    with pytest.raises(UnknownPluginError):
        registry.load("backend", "nonsense")
    assert "pip install 'acme==1.0'" in registry.why("backend", "fast").text
    (record,) = [record for record in registry.records("backend") if record.distribution == "acme"]
    assert record.state == "blocked"


def test_what_is_missing_leaves_its_name_to_nobody(site, lock_path):
    info = install(site)
    install(site, "zenith")
    write_lock(lock_path)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    with pytest.raises(PluginError, match="Several installed distributions"):
        registry.find("backend", "fast")
    remove_distribution(info)
    registry.refresh()
    with pytest.raises(BlockedPluginError, match=r"acme==1\.0"):
        registry.find("backend", "fast")
    assert registry.find("backend", "zenith/fast").distribution == "zenith"


def test_a_shadowed_copy_does_not_count(site, lock_path, tmp_path, monkeypatch):
    install(site)
    write_lock(lock_path)
    late = tmp_path / "late"
    late.mkdir()
    info = late / "acme-0.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 0.9\n")
    (info / "entry_points.txt").write_text("[packflow.backends]\nfast = acme_old:Fast\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(late)])
    assert site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path)).find("backend", "fast").version == "1.0"


def test_hooks_plugins_run_if_they_are_locked(site, lock_path):
    plugins = {"hooks": {"watch": "acme_1_0"}}
    info = install(site, plugins=plugins, source=HOOKS)
    write_lock(lock_path)
    install(site, "other", plugins={"hooks": {"spy": "other_1_0"}}, source=BREAKS)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    assert [name for name, _ in registry.listeners().call_finished] == ["acme/watch"]
    assert registry.load("backend", "dynamic").__name__ == "Fast"
    assert "other_1_0" not in sys.modules

    remove_distribution(info)
    for version in (None, "1.1"):
        if version:
            install(site, version=version, plugins={"hooks": {"watch": "acme_1_1"}}, source=BREAKS)
        registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
        for _ in range(2):
            with pytest.raises(PluginLockError, match=r"The hooks plugin 'watch' of acme 1\.[01] is to be used"):
                registry.listeners()
        with pytest.raises(PluginLockError):
            registry.find("backend", "dynamic")
        assert registry.load("preprocessor", "records")
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path), PACKFLOW_DISABLE_PLUGINS="acme")
    assert registry.listeners().call_finished == ()


def test_what_hooks_register_may_be_called_like_what_is_not_locked(site, lock_path):
    install(site, plugins={"hooks": {"watch": "acme_1_0"}}, source=HOOKS)
    write_lock(lock_path)
    install(site, "other", plugins={"backend": {"dynamic": "other_1_0:Fast"}}, source=BREAKS)
    assert site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path)).load("backend", "dynamic").__module__ == "acme_models"


def test_objects_may_be_registered_and_texts_if_they_are_locked(site, lock_path):
    install(site)
    write_lock(lock_path)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    fast = registry.load("backend", "fast")
    registry.register("backend", "mine", fast)
    registry.register("backend", "same", "acme_1_0:Fast")
    registry.register("backend", "text", "acme_models:Fast")
    registry.register("backend", "fast", "acme_models:Fast", replace=True)
    assert registry.load("backend", "mine") is registry.load("backend", "same") is fast
    for name in ("text", "fast"):
        with pytest.raises(BlockedPluginError, match="holds no backend plugin that is acme_models:Fast"):
            registry.load("backend", name)
    assert {record.name: record.state for record in registry.records("backend")}["text"] == "blocked"
    assert "acme_models" not in sys.modules


def test_a_text_for_hooks_is_refused_when_hooks_are_needed(site, lock_path):
    write_lock(lock_path)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    registry.register("hooks", "mine", "acme_models")
    with pytest.raises(PluginLockError, match="registered directly is to be used, but is not what is locked"):
        registry.listeners()


@pytest.mark.parametrize("content", [None, "lock-version = 9", "["])
def test_with_a_file_that_cannot_be_read_nothing_is_loaded(site, lock_path, content, logs):
    install(site, source=BREAKS)
    if content is not None:
        lock_path.write_text(content)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    lookups = [registry.load, registry.find, registry.has]
    for attempt in [lambda look=look: look("backend", "fast") for look in lookups] + [registry.listeners]:
        for _ in range(2):
            with pytest.raises(PluginLockError) as caught:
                attempt()
            assert str(lock_path) in str(caught.value)
            assert "packflow plugins lock -o" in str(caught.value)
            assert caught.value.__cause__ is not None
    assert "acme_1_0" not in sys.modules
    assert {record.state for record in registry.records()} == {"blocked"}
    assert registry.why("backend", "fast").outcome == "blocked"
    assert [str(lock_path) in text for text in logs.texts("WARNING")] == [True]


def test_a_lock_is_configured_by_path_or_as_an_object(site, lock_path, monkeypatch, tmp_path):
    install(site)
    lock = write_lock(lock_path)
    monkeypatch.chdir(tmp_path)
    registry = site.registry()
    registry.find("backend", "fast")
    for given in ("lock.toml", lock_path, lock):
        install_later = install(site, "later", plugins={"backend": {"late": "acme_models:Fast"}})
        registry.configure(lock=given)
        registry.refresh()
        with pytest.raises(BlockedPluginError, match=r"configure\(lock=…\) does not hold it"):
            registry.find("backend", "late")
        registry.configure(lock=None)
        assert registry.find("backend", "late").distribution == "later"
        remove_distribution(install_later)


def test_a_relative_path_keeps_its_meaning(site, lock_path, monkeypatch, tmp_path):
    write_lock(lock_path)
    monkeypatch.chdir(tmp_path)
    registry = site.registry()
    registry.configure(lock="lock.toml")
    monkeypatch.chdir(os.sep)
    registry.refresh()
    assert registry.load("preprocessor", "records")


@pytest.mark.parametrize("given", ["gone.toml", "", 5, b"lock.toml", ["lock.toml"]])
def test_a_lock_that_makes_no_sense_changes_nothing(site, given):
    install(site)
    registry = site.registry()
    with pytest.raises(PluginError, match=r"configure\(lock=…\)"):
        registry.configure(lock=given, deny=["acme"])
    assert registry.find("backend", "fast")


def test_a_variable_that_is_set_wins(site, lock_path):
    write_lock(lock_path)
    install(site)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    registry.configure(lock=lockable(scan(sys.path), read({})).lock)
    with pytest.raises(BlockedPluginError, match="PACKFLOW_PLUGIN_LOCK does not hold it"):
        registry.find("backend", "fast")


def test_without_a_lock_no_record_is_read(site, monkeypatch):
    install(site)
    monkeypatch.setattr(recorded, "read_record", None)
    assert site.registry().load("backend", "fast")


def shadow(monkeypatch, folder, path, source=BREAKS):
    """Put a module into a folder in front of the one that stands for site-packages."""
    module = folder / path
    module.parent.mkdir(parents=True)
    module.write_text(source)
    monkeypatch.syspath_prepend(folder)
    return module


@pytest.mark.parametrize(
    "path", ["acme_0.py", "acme_1/__init__.py", "acme_2/models.py", "acme_3/deep/models.py", "acme_4/deep/__init__.py"]
)
def test_another_file_in_front_of_a_locked_module_is_not_imported(site, lock_path, tmp_path, monkeypatch, path):
    value = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    write_record(site.add("acme", "1.0", {"backend": {"fast": f"{value}:Fast"}}, {path: BACKEND}), path)
    write_lock(lock_path)
    other = shadow(monkeypatch, tmp_path / "elsewhere", path)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    with pytest.raises(PluginLoadError) as caught:
        registry.load("backend", "fast")
    assert f"comes from {other}, but the one at {site.folder / path} is locked" in str(caught.value)
    assert "by PACKFLOW_PLUGIN_LOCK, its module" in str(caught.value)
    assert caught.value.__cause__ is None
    assert not any(getattr(module, "__file__", None) == str(other) for module in sys.modules.values())
    registry.register("backend", "text", f"{value}:Fast")
    with pytest.raises(PluginLoadError, match="rename the former"):
        registry.load("backend", "text")
    with pytest.raises(PluginLoadError, match="RuntimeError: imported"):
        site.registry().load("backend", "fast")  # so that is what stands in front


def test_the_doctor_does_not_import_it_either(site, lock_path, tmp_path, monkeypatch):
    install(site)
    write_lock(lock_path)
    shadow(monkeypatch, tmp_path / "elsewhere", "acme_1_0.py")
    monkeypatch.setenv("PACKFLOW_PLUGIN_LOCK", str(lock_path))
    (found,) = examine(["acme/fast"]).plugins
    assert [(each.code, each.severity) for each in found.findings] == [("not-as-locked", "error")]
    assert found.findings[0].what.startswith("by PACKFLOW_PLUGIN_LOCK, its module 'acme_1_0' comes from")
    assert found.findings[0].remedy.startswith("Rename the former")


def test_a_module_that_is_imported_already_is_compared_too(site, lock_path, tmp_path, monkeypatch):
    install(site)
    write_lock(lock_path)
    shadow(monkeypatch, tmp_path / "elsewhere", "acme_1_0.py", BACKEND)
    importlib.import_module("acme_1_0")
    sys.path.remove(str(tmp_path / "elsewhere"))
    with pytest.raises(PluginLoadError, match="elsewhere"):
        site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path)).load("backend", "fast")


def test_hooks_plugins_are_compared_too(site, lock_path, tmp_path, monkeypatch, logs):
    install(site, plugins={"hooks": {"hooks": "acme_1_0"}}, source=HOOKS)
    write_lock(lock_path)
    shadow(monkeypatch, tmp_path / "elsewhere", "acme_1_0.py", HOOKS)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    assert registry.listeners().call_finished == ()
    assert "its module 'acme_1_0' comes from" in logs.texts("ERROR")[0]


def test_a_module_that_the_distribution_did_not_record_is_not_compared(site, lock_path, tmp_path, monkeypatch):
    """It is installed editably, or is another distribution's."""
    write_record(site.add("acme", "1.0", {"backend": {"fast": "acme_elsewhere:Fast"}}), editable=True)
    write_lock(lock_path)
    shadow(monkeypatch, tmp_path / "src", "acme_elsewhere.py", BACKEND)
    registry = site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path))
    assert registry.load("backend", "fast").__module__ == "acme_elsewhere"


def test_a_module_made_by_hand_has_no_file_to_compare(site, lock_path, monkeypatch):
    info = site.add("acme", "1.0", {"backend": {"fast": "acme_hand.made:Fast"}}, {"acme_hand/made.py": BACKEND})
    write_record(info, "acme_hand/made.py")
    write_lock(lock_path)
    made = types.ModuleType("acme_hand")
    made.__spec__ = importlib.machinery.ModuleSpec("acme_hand", None)
    monkeypatch.setitem(sys.modules, "acme_hand", made)
    with pytest.raises(PluginLoadError, match="ModuleNotFoundError"):
        site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path)).load("backend", "fast")


def test_a_link_to_the_locked_folder_is_that_folder(site, lock_path, tmp_path, monkeypatch):
    install(site)
    write_lock(lock_path)
    (tmp_path / "link").symlink_to(site.folder)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "link"), *sys.path])
    assert site.registry(PACKFLOW_PLUGIN_LOCK=str(lock_path)).load("backend", "fast").__name__ == "Fast"


def test_a_selection_asks_not_where_modules_come_from(site, tmp_path, monkeypatch):
    """They come from there in the process that handed it over, too."""
    install(site)
    shadow(monkeypatch, tmp_path / "src", "acme_1_0.py", BACKEND)
    parent, child = site.registry(), site.registry()
    child.adopt(parent.selection())
    assert child.load("backend", "fast") is parent.load("backend", "fast")
