"""Loading by name: that plugin alone, once, and whatever goes wrong is that plugin's own."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

import pytest

from packflow.exceptions import PluginLoadError
from tests.support.distributions import BACKEND, PREPROCESSOR, add_distribution

COUNTED = "import sys, time\nsys.acme_imports = getattr(sys, 'acme_imports', 0) + 1\ntime.sleep(0.05)\n"


@pytest.fixture(autouse=True)
def count_imports():
    sys.acme_imports = 0
    yield
    del sys.acme_imports


BROKEN = {
    "ImportError": ("raise ImportError('no libcudart.so')", "ImportError: no libcudart.so"),
    "missing dependency": (
        "import acme_never_installed",
        "ModuleNotFoundError: No module named 'acme_never_installed'",
    ),
    "RuntimeError": ("raise RuntimeError('CUDA driver too old')", "RuntimeError: CUDA driver too old"),
    "SyntaxError": ("def (:", "SyntaxError: "),
    "SystemExit": ("import sys\nsys.exit(3)", "SystemExit: 3"),
    "BaseException": ("class Stop(BaseException): pass\nraise Stop('x')", "Stop: x"),
    "RecursionError": ("def f(): f()\nf()", "RecursionError: "),
    "silent": ("raise KeyError", "KeyError"),
    "unprintable": (
        "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
        "Odd: <no text: Odd.__str__ raised ValueError>",
    ),
    "missing object": ("", "AttributeError: module 'acme_broken' has no attribute 'Fast'"),
    "wrong class": ("class Fast: pass", "the class 'acme_broken.Fast', which is no subclass of InferenceBackend"),
    "module": ("import packflow as Fast", "the module 'packflow', where a subclass or an instance"),
    "near object": ("class Fats: pass", "no attribute 'Fast' (the nearest is 'Fats')"),
    "function": ("def Fast(): pass", "it is the function 'acme_broken.Fast', where a subclass or an instance"),
    "None": ("Fast = None", "it is None, where"),
    "wrong object": ("Fast = 3", "a 'builtins.int', where a subclass or an instance of InferenceBackend is expected"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_an_error_of_its_own_name(site, case):
    source, said = BROKEN[case]
    site.add("acme-broken", "1.2", {"backend": {"broken": "acme_broken:Fast"}}, {"acme_broken.py": source})
    site.add("acme-good", "1.0", {"backend": {"good": "acme_good:Fast"}}, {"acme_good.py": BACKEND})
    registry = site.registry()
    with pytest.raises(PluginLoadError) as caught:
        registry.load("backend", "broken")
    text = str(caught.value)
    assert said in text
    assert "'broken' of acme-broken 1.2" in text
    assert "packflow.backends: broken = acme_broken:Fast" in text
    error = caught.value
    assert (error.kind, error.name, error.distribution, error.version) == ("backend", "broken", "acme-broken", "1.2")
    wrong_kind = case.startswith("wrong") or case in ("module", "None", "function")
    assert (error.__cause__ is None) == wrong_kind
    if not wrong_kind:
        assert type(error.__cause__).__name__ in text
    assert registry.load("backend", "good").__name__ == "Fast"
    states = {record.name: (record.state, record.reason) for record in registry.records("backend")}
    assert states["good"] == ("loaded", None)
    assert states["broken"][0] == "broken"
    assert said in states["broken"][1]


def test_a_package_that_fails_leaves_none_of_its_submodules_behind(site):
    files = {"acme_half/__init__.py": "from . import sub\nraise RuntimeError('half')", "acme_half/sub.py": "value = 1"}
    site.add("acme-half", "1.0", {"backend": {"half": "acme_half:Fast"}}, files)
    with pytest.raises(PluginLoadError, match="RuntimeError: half"):
        site.registry().load("backend", "half")
    assert [name for name in sys.modules if name.partition(".")[0] == "acme_half"] == []


def test_the_first_remedy_for_a_missing_library_is_to_install_it(site):
    site.add("acme", "1.2", {"backend": {"fast": "acme:Fast"}}, {"acme.py": "import acme_lib.deep"})
    with pytest.raises(PluginLoadError) as caught:
        site.registry().load("backend", "fast")
    text = str(caught.value)
    assert "Install what has the module 'acme_lib' (an extra of acme may bring it), or else repair, upgrade" in text


def test_a_missing_module_of_the_plugin_itself_is_no_library_to_install(site):
    site.add("acme", "1.2", {"backend": {"fast": "acme.fast:Fast"}}, {"acme.py": ""})
    with pytest.raises(PluginLoadError, match="Repair, upgrade or uninstall acme") as caught:
        site.registry().load("backend", "fast")
    assert "Install" not in str(caught.value)


def test_a_missing_module_is_named(site):
    site.add("acme", "1.0", {"backend": {"gone": "acme_gone.sub:Fast"}})
    with pytest.raises(PluginLoadError, match="No module named 'acme_gone'"):
        site.registry().load("backend", "gone")


def test_a_value_of_no_form_is_broken_before_it_is_tried(site):
    site.add("acme", "1.0", {"backend": {"odd": "not a module!"}})
    registry = site.registry()
    (record,) = [record for record in registry.records() if record.name == "odd"]
    assert record.state == "broken"
    assert "'not a module!' is not of the form 'module:object'" in record.reason
    with pytest.raises(PluginLoadError, match="is not of the form"):
        registry.load("backend", "odd")


def test_keyboard_interrupt_passes_and_nothing_is_remembered(site):
    site.add("acme", "1.0", {"backend": {"fast": "acme_slow:Fast"}}, {"acme_slow.py": "raise KeyboardInterrupt"})
    registry = site.registry()
    with pytest.raises(KeyboardInterrupt):
        registry.load("backend", "fast")
    (site.folder / "acme_slow.py").write_text(BACKEND + "# whole\n")
    assert registry.load("backend", "fast").__name__ == "Fast"


def test_only_the_plugin_that_is_asked_for_is_imported(site):
    plugins = {"backend": {"one": "acme_one:Fast", "two": "acme_two:Fast"}, "hooks": {"h": "acme_hooks"}}
    modules = {"acme_one.py": BACKEND, "acme_two.py": BACKEND, "acme_hooks.py": "raise SystemExit"}
    site.add("acme", "1.0", plugins, modules)
    site.registry().load("backend", "one")
    assert {name for name in sys.modules if name.startswith("acme_")} == {"acme_one"}


@pytest.mark.parametrize("broken", [False, True])
def test_what_came_of_it_is_remembered_until_refresh(site, broken):
    source = COUNTED + ("raise ValueError('first')" if broken else BACKEND)
    site.add("acme", "1.0", {"backend": {"fast": "acme_once:Fast"}}, {"acme_once.py": source})
    registry = site.registry()
    seen = []
    for _ in range(3):
        try:
            seen.append(registry.load("backend", "fast"))
        except PluginLoadError as error:
            seen.append((str(error), error.__cause__))
    assert sys.acme_imports == 1
    assert seen[0] == seen[1] == seen[2]
    if broken:
        (site.folder / "acme_once.py").write_text(BACKEND + "\n# whole again\n")
        registry.refresh()
        assert registry.load("backend", "fast").__name__ == "Fast"


def test_each_error_is_a_new_one(site):
    site.add("acme", "1.0", {"backend": {"fast": "acme_new:Fast"}}, {"acme_new.py": "raise ValueError('x')"})
    registry = site.registry()
    errors = []
    for _ in range(2):
        with pytest.raises(PluginLoadError) as caught:
            registry.load("backend", "fast")
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    assert errors[0].__cause__ is errors[1].__cause__


@pytest.mark.parametrize("broken", [False, True])
def test_many_threads_import_it_once(site, broken):
    source = COUNTED + ("raise ValueError('broken')" if broken else BACKEND)
    site.add("acme", "1.0", {"backend": {"fast": "acme_threads:Fast"}}, {"acme_threads.py": source})
    registry = site.registry()
    together = threading.Barrier(32)

    def load(_):
        together.wait()
        try:
            return registry.load("backend", "fast")
        except PluginLoadError as error:
            return str(error)

    with ThreadPoolExecutor(32) as threads:
        results = set(threads.map(load, range(32)))
    assert sys.acme_imports == 1
    assert len(results) == 1


def test_a_plugin_may_load_others_while_it_is_imported(site):
    first = "from packflow import plugin\nOther = plugin.load('preprocessor', 'records')\n" + BACKEND
    site.add("acme", "1.0", {"backend": {"fast": "acme_first:Fast"}}, {"acme_first.py": first})
    assert site.registry().load("backend", "fast").__name__ == "Fast"


def reentrant(site, source: str):
    """Give a registry whose plugin can reach it while it is imported."""
    site.add("acme", "1.0", {"backend": {"self": "acme_self:Fast"}}, {"acme_self.py": source})
    registry = site.registry()
    sys.acme_registry = registry
    return registry


def test_a_plugin_may_load_itself_once_it_is_there(site):
    registry = reentrant(site, BACKEND + "\nimport sys\nassert sys.acme_registry.load('backend', 'self') is Fast\n")
    assert registry.load("backend", "self").__name__ == "Fast"


def test_a_plugin_that_needs_itself_too_early_fails_and_others_do_not(site):
    registry = reentrant(site, "import sys\nsys.acme_registry.load('backend', 'self')\n" + BACKEND)
    with pytest.raises(PluginLoadError, match="while its own module was being imported"):
        registry.load("backend", "self")
    assert registry.load("preprocessor", "records").__name__ == "RecordsPreprocessor"


def test_a_plugin_that_tries_itself_too_early_and_goes_on_is_whole_in_the_end(site):
    source = "import sys\ntry: sys.acme_registry.load('backend', 'self')\nexcept Exception as e: early = e\n"
    registry = reentrant(site, source + BACKEND)
    assert registry.load("backend", "self").__name__ == "Fast"


@pytest.mark.parametrize("first", ["needing", "trying"])
def test_of_two_that_load_each_other_it_does_not_matter_which_is_asked_for_first(site, first):
    needing = "import sys\nsys.acme_registry.load('backend', 'trying')\n"
    trying = "import sys\ntry: sys.acme_registry.load('backend', 'needing')\nexcept Exception as e: early = e\n"
    plugins = {"backend": {"needing": "acme_needing:Fast", "trying": "acme_trying:Fast"}}
    site.add("acme", "1.0", plugins, {"acme_needing.py": needing + BACKEND, "acme_trying.py": trying + BACKEND})
    registry = sys.acme_registry = site.registry()
    registry.load("backend", first)
    assert registry.load("backend", "needing").__module__ == "acme_needing"
    assert registry.load("backend", "trying").__module__ == "acme_trying"


def test_two_that_cannot_do_without_each_other_are_tried_once(site):
    source = COUNTED + "sys.acme_registry.load('backend', '{}')\n" + BACKEND
    plugins = {"backend": {"one": "acme_one:Fast", "two": "acme_two:Fast"}}
    site.add("acme", "1.0", plugins, {"acme_one.py": source.format("two"), "acme_two.py": source.format("one")})
    registry = sys.acme_registry = site.registry()
    for _ in range(3):
        with pytest.raises(PluginLoadError, match="another plugin that it needs failed"):
            registry.load("backend", "one")
    assert sys.acme_imports == 2


@pytest.mark.parametrize("inside", ["acme_plain", "acme_plain.models"])
def test_what_fails_because_the_user_s_own_import_is_under_way_is_not_remembered(site, inside):
    early = "import sys\ntry: sys.acme_registry.load('backend', 'fast')\nexcept Exception as e: early = e\n"
    modules = {"acme_plain/__init__.py": early + BACKEND, "acme_plain/models.py": "from acme_plain import Fast"}
    site.add("acme", "1.0", {"backend": {"fast": f"{inside}:Fast"}}, modules)
    registry = sys.acme_registry = site.registry()
    module = importlib.import_module("acme_plain")
    assert isinstance(module.early, PluginLoadError)
    assert registry.load("backend", "fast") is module.Fast


def test_refresh_finds_what_was_installed_since_whatever_the_folder_s_time_says(site):
    registry = site.registry()
    before = site.folder.stat()
    assert not registry.has("backend", "late")
    add_distribution(site.folder, "acme", "1.0", {"backend": {"late": "acme_late:Fast"}}, {"acme_late.py": BACKEND})
    os.utime(site.folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not registry.has("backend", "late")
    registry.refresh()
    assert registry.load("backend", "late").__name__ == "Fast"


def test_two_plugins_that_load_each_other_in_two_threads_do_not_deadlock(site):
    wait = "import sys, time\nsys.acme_barrier.wait(10)\n"
    one = wait + dedent("""
        from packflow.exceptions import PluginLoadError
        try:
            sys.acme_registry.load("backend", "two")
        except PluginLoadError:
            pass
        """)
    two = one.replace('"two"', '"one"')
    plugins = {"backend": {"one": "acme_mutual_one:Fast", "two": "acme_mutual_two:Fast"}}
    site.add("acme", "1.0", plugins, {"acme_mutual_one.py": one + BACKEND, "acme_mutual_two.py": two + BACKEND})
    registry = sys.acme_registry = site.registry()
    sys.acme_barrier = threading.Barrier(2)
    found = {}
    threads = [
        threading.Thread(target=lambda name=name: found.update({name: registry.load("backend", name)}), daemon=True)
        for name in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {name: cls.__name__ for name, cls in found.items()} == {"one": "Fast", "two": "Fast"}


def test_a_thread_that_imports_the_module_itself_does_not_deadlock_with_one_that_loads_it(site):
    # The importing thread holds the module's import lock and asks for the plugin; the loading one waits for that lock.
    source = (
        "import sys\nsys.acme_begun.set()\nsys.acme_go_on.wait(10)\n"
        + BACKEND
        + "\nsys.acme_registry.load('backend', 'fast')\n"
    )
    site.add("acme", "1.0", {"backend": {"fast": "acme_locks:Fast"}}, {"acme_locks.py": source})
    registry = sys.acme_registry = site.registry()
    registry.find("backend", "fast")
    sys.acme_begun, sys.acme_go_on = threading.Event(), threading.Event()
    found = []
    importing = threading.Thread(target=lambda: found.append(__import__("acme_locks").Fast), daemon=True)
    loading = threading.Thread(target=lambda: found.append(registry.load("backend", "fast")), daemon=True)
    importing.start()
    assert sys.acme_begun.wait(10)
    loading.start()
    loading.join(0.2)
    sys.acme_go_on.set()
    importing.join(20)
    loading.join(20)
    assert len(found) == 2
    assert found[0] is found[1]


def test_instances_and_kinds(site):
    source = (
        BACKEND
        + PREPROCESSOR
        + "from packflow import plugin as hooks_module\nready = Fast(verbose=False)\nlate = Prepared\n"
    )
    plugins = {
        "backend": {"instance": "acme_kinds:ready"},
        "preprocessor": {"prepared": "acme_kinds:Prepared", "swapped": "acme_kinds:Fast"},
    }
    site.add("acme", "1.0", plugins, {"acme_kinds.py": source})
    registry = site.registry()
    assert type(registry.load("backend", "instance")).__name__ == "Fast"
    assert registry.load("preprocessor", "prepared").__name__ == "Prepared"
    with pytest.raises(PluginLoadError, match="no subclass of Preprocessor"):
        registry.load("preprocessor", "swapped")


def test_built_ins_are_plugins_like_any_other(site):
    registry = site.registry()
    assert registry.find("preprocessor", "numpy").qualified == "packflow/numpy"
    assert registry.load("normalizer", "numpy").__name__ == "NumpyNormalizer"
    assert registry.load("preprocessor", "packflow/Records") is registry.load("preprocessor", "records")
