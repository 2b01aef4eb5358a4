"""Hooks plugins at work: loaded late, one by one, in one order; what they register; what is left of those that fail."""

from __future__ import annotations

import pickle
import sys
import threading
import types
from contextlib import nullcontext

import loguru
import pytest

from packflow import InferenceBackend, plugin
from packflow.exceptions import (
    AmbiguousPluginError,
    BlockedPluginError,
    PluginError,
    PluginLoadError,
    PluginRegistrationError,
)
from packflow.plugin import hookimpl
from packflow.plugin.index import Index
from packflow.plugin.registry import Registry
from tests.support.distributions import BACKEND

LISTENER = """
import sys
from packflow.plugin import hookimpl

@hookimpl
def packflow_call_finished(backend, metrics):
    sys.acme_heard.append(__name__)
"""
BROKEN_LISTENER = LISTENER + "    raise ValueError('deaf')\n"


def registering(name: str = "dynamic", target: str = "acme_models:Fast", then: str = "") -> str:
    return f"""
from packflow.plugin import hookimpl

@hookimpl
def packflow_register_backends(registry):
    registry.register({name!r}, {target!r})
    {then}
"""


@pytest.fixture(autouse=True)
def heard():
    sys.acme_heard = []
    yield sys.acme_heard
    del sys.acme_heard


def add(site, distribution: str, source: str, name: str = "hooks", version: str = "1.0") -> None:
    module = distribution.replace("-", "_") + "_" + name.lower().replace("-", "_")
    site.add(distribution, version, {"hooks": {name: module}}, {f"{module}.py": source, "acme_models.py": BACKEND})


def hooks_states(registry: Registry) -> dict[str, str]:
    return {f"{record.distribution}/{record.name}": record.state for record in registry.records("hooks")}


def test_listeners_are_called_in_the_order_of_distribution_and_name(site, heard):
    for distribution in ("zeta", "acme", "Beta"):
        add(site, distribution, LISTENER)
    registry = site.registry()
    listeners = registry.listeners()
    assert [name for name, _ in listeners.call_finished] == ["acme/hooks", "Beta/hooks", "zeta/hooks"]
    listeners.notify_call_finished(None, None)
    assert heard == ["acme_hooks", "Beta_hooks", "zeta_hooks"]
    assert listeners.call_failed == listeners.backend_initialized == ()
    assert set(hooks_states(registry).values()) == {"loaded"}


def test_tryfirst_and_trylast_go_before_the_order_of_names(site):
    for distribution, marker in (("a", "hookimpl(trylast=True)"), ("b", "hookimpl"), ("c", "hookimpl(tryfirst=True)")):
        add(site, distribution, LISTENER.replace("@hookimpl", f"@{marker}"))
    assert [name for name, _ in site.registry().listeners().call_finished] == ["c/hooks", "b/hooks", "a/hooks"]


def test_they_are_imported_in_that_order_too(site, heard):
    for distribution in ("zeta", "acme", "Beta"):
        add(site, distribution, "import sys\nsys.acme_heard.append(__name__)\n" + LISTENER)
    site.registry().listeners()
    assert heard == ["acme_hooks", "Beta_hooks", "zeta_hooks"]


@pytest.mark.parametrize("first", [False, True])
def test_one_registered_directly_is_called_before_those_installed_whenever_it_came(site, first):
    add(site, "acme", LISTENER)
    registry = site.registry()
    if not first:
        registry.listeners()
    registry.register("hooks", "zz", types.SimpleNamespace(packflow_call_finished=hookimpl(lambda backend: None)))
    assert [name for name, _ in registry.listeners().call_finished] == ["zz", "acme/hooks"]


def test_two_distributions_may_give_their_hooks_one_name(site):
    for distribution in ("acme", "beta"):
        add(site, distribution, LISTENER)
    registry = site.registry()
    assert len(registry.listeners().call_finished) == 2
    assert set(hooks_states(registry).values()) == {"loaded"}


def test_one_object_that_two_declare_is_the_first_one_s(site):
    plugins = {"hooks": {"one": "acme_shared", "two": "acme_shared"}}
    site.add("acme", "1.0", plugins, {"acme_shared.py": LISTENER})
    registry = site.registry()
    assert [name for name, _ in registry.listeners().call_finished] == ["acme/one"]
    (broken,) = [record for record in registry.records("hooks") if record.state == "broken"]
    assert broken.name == "two"
    assert "it is the same object as 'acme/one', which is in use already" in broken.reason


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise RuntimeError('no GPU')", "RuntimeError: no GPU"),
        ("raise SystemExit(1)", "SystemExit: 1"),
        ("def broken(:", "SyntaxError"),
        (LISTENER.replace("call_finished", "call_finnished"), "the nearest is 'packflow_call_finished'"),
        (
            registering(then="raise ValueError('half-way')"),
            "packflow_register_backends failed with ValueError: half-way",
        ),
        (registering(then="raise SystemExit"), "failed with SystemExit"),
        (registering(then="registry.register('a/b', 'x:y')"), "contains '/'"),
        (registering(then="registry.register('Dynamic', 'x:y')"), "registers that name twice"),
        (registering(then="registry.register('x', int)"), "no subclass of InferenceBackend"),
    ],
)
def test_one_that_fails_is_logged_once_and_leaves_nothing_behind(site, logs, heard, source, said):
    add(site, "bad", source, version="0.3")
    add(site, "good", LISTENER)
    registry = site.registry()
    for _ in range(2):
        registry.listeners().notify_call_finished(None, None)
        assert not registry.has("backend", "dynamic")
    assert heard == ["good_hooks", "good_hooks"]
    (error,) = logs.texts("ERROR")
    assert said in error
    assert "'hooks' of bad 0.3" in error
    assert hooks_states(registry) == {"bad/hooks": "broken", "good/hooks": "loaded"}
    assert said in registry.records("hooks")[0].reason
    registry.configure(autoload=True)
    assert len(logs.texts("ERROR")) == 1


def test_in_strict_mode_it_is_raised_each_time_and_the_others_are_loaded(site, heard):
    add(site, "bad", "raise RuntimeError('no GPU')")
    add(site, "good", LISTENER)
    registry = site.registry(PACKFLOW_STRICT_PLUGINS="1")
    for _ in range(2):
        with pytest.raises(PluginLoadError, match="no GPU"):
            registry.listeners()
        with pytest.raises(PluginLoadError, match="no GPU"):
            registry.find("backend", "zzz")
    assert registry.find("preprocessor", "records").built_in
    assert hooks_states(registry) == {"bad/hooks": "broken", "good/hooks": "loaded"}


@pytest.mark.parametrize("strict", [False, True])
def test_a_listener_that_fails_does_not_keep_the_others_from_hearing(site, logs, heard, strict):
    add(site, "bad", BROKEN_LISTENER)
    add(site, "good", LISTENER)
    registry = site.registry(PACKFLOW_STRICT_PLUGINS=str(int(strict)))
    listeners = registry.listeners()
    if strict:
        with pytest.raises(
            PluginError, match=r"'bad/hooks' failed in packflow_call_finished: ValueError: deaf"
        ) as caught:
            listeners.notify_call_finished(None, None)
        assert isinstance(caught.value.__cause__, ValueError)
        assert logs.texts("ERROR") == []
    else:
        listeners.notify_call_finished(None, None)
        (error,) = logs.texts("ERROR")
        assert "'bad/hooks' failed in packflow_call_finished: ValueError: deaf" in error
    assert heard == ["bad_hooks", "good_hooks"]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("event", "arguments"),
    [("backend_initialized", 1), ("call_finished", 2), ("call_failed", 3), ("backend_closing", 1)],
)
def test_a_listener_that_exits_ends_nothing_and_is_named(site, logs, event, arguments, strict):
    source = f"import sys\nfrom packflow.plugin import hookimpl\n\n@hookimpl\ndef packflow_{event}(): sys.exit(9)\n"
    add(site, "bad", source)
    listeners = site.registry(PACKFLOW_STRICT_PLUGINS=str(int(strict))).listeners()
    said = f"'bad/hooks' failed in packflow_{event}: SystemExit: 9"
    with pytest.raises(PluginError, match=said) if strict else nullcontext():
        getattr(listeners, f"notify_{event}")(*[None] * arguments)
    assert strict or said in logs.texts("ERROR")[0]


@pytest.mark.parametrize("interrupt", ["KeyboardInterrupt", "GeneratorExit"])
def test_an_interrupt_passes_through_a_listener(site, interrupt):
    source = f"from packflow.plugin import hookimpl\n\n@hookimpl\ndef packflow_call_finished(): raise {interrupt}\n"
    add(site, "acme", source)
    with pytest.raises((KeyboardInterrupt, GeneratorExit)):
        site.registry().listeners().notify_call_finished(None, None)


SECRETIVE_LISTENER = """
import json
from packflow.plugin import hookimpl

@hookimpl
def packflow_call_finished(backend, metrics):
    secret = "hunter2"
    json.loads("no" + "thing")
"""


def test_a_failing_listener_is_logged_by_its_own_line_and_never_with_variables(site, logs):
    add(site, "bad", SECRETIVE_LISTENER)
    listeners = site.registry().listeners()
    told: list[str] = []
    handler = loguru.logger.add(told.append, diagnose=True, backtrace=True)
    try:
        listeners.notify_call_finished("records of mine", None)
    finally:
        loguru.logger.remove(handler)
    (error,) = logs.texts("ERROR")
    assert "JSONDecodeError" in error
    assert "bad_hooks.py, line 8)" in error
    everything = "".join(str(message) for message in told)
    assert "hunter2" not in everything
    assert "records of mine" not in everything


def test_a_listener_that_fails_each_time_says_so_once_and_then_at_debug(site, logs):
    add(site, "bad", BROKEN_LISTENER)
    listeners = site.registry().listeners()
    for _ in range(3):
        listeners.notify_call_finished(None, None)
    assert len(logs.texts("ERROR")) == 1
    assert len(logs.texts("DEBUG")) == 2


def test_what_they_register_is_found_when_nothing_installed_has_the_name(site):
    add(site, "acme", registering())
    site.add("beta", "1.0", {"backend": {"static": "acme_models:Fast"}})
    registry = site.registry()
    assert registry.load("backend", "static").__name__ == "Fast"
    assert "acme_hooks" not in sys.modules  # a name that is declared needs no hooks plugin
    assert [record.name for record in registry.records("backend")] == ["static"]
    found = registry.find("backend", "Dynamic")
    assert (found.qualified, found.distribution, found.plugin) == ("acme/dynamic", "acme", "acme/hooks")
    assert registry.load("backend", "acme/dynamic").__name__ == "Fast"
    (record,) = [record for record in registry.records("backend") if record.name == "dynamic"]
    assert (record.distribution, record.version, record.state) == ("acme", "1.0", "loaded")


def test_a_qualified_name_alone_loads_the_hooks_too(site):
    add(site, "acme", registering())
    assert site.registry().find("backend", "acme/dynamic").name == "dynamic"


@pytest.mark.parametrize("hooks_first", [False, True])
def test_an_installed_name_always_goes_before_a_registered_one(site, hooks_first):
    add(site, "acme", registering("static"))
    site.add("beta", "2.0", {"backend": {"static": "acme_models:Fast"}})
    registry = site.registry()
    if hooks_first:
        registry.listeners()
    assert registry.find("backend", "static").distribution == "beta"
    assert registry.find("backend", "acme/static").plugin == "acme/hooks"
    clash = {record.distribution: (record.state, record.reason) for record in registry.records("backend")}
    assert clash["beta"] == ("ready", None)
    assert clash["acme"][0] == "conflict"
    assert "beta 2.0" in clash["acme"][1]
    assert "ask for 'acme/static'" in clash["acme"][1]


@pytest.mark.parametrize("hooks_first", [False, True])
def test_an_override_by_what_a_hooks_plugin_registers_does_not_depend_on_what_is_loaded(site, hooks_first):
    add(site, "acme", registering("static"))
    site.add("beta", "2.0", {"backend": {"static": "acme_models:Fast"}})
    registry = site.registry(PACKFLOW_PLUGIN_OVERRIDES="static=acme/static")
    if hooks_first:
        registry.listeners()
    assert registry.find("backend", "static").distribution == "acme"


def test_one_name_registered_by_two_is_ambiguous(site):
    add(site, "acme", registering())
    add(site, "beta", registering(), version="2.0")
    registry = site.registry()
    with pytest.raises(AmbiguousPluginError, match=r"acme 1.0 \('acme/dynamic'\), beta 2.0 \('beta/dynamic'\)"):
        registry.find("backend", "dynamic")
    assert registry.find("backend", "beta/dynamic").version == "2.0"


def test_a_target_that_leads_nowhere_names_the_hooks_plugin(site):
    add(site, "acme", registering(target="acme_gone:Fast"))
    with pytest.raises(PluginLoadError, match=r"registered by the hooks plugin 'acme/hooks' 1\.0"):
        site.registry().load("backend", "dynamic")


def test_each_registration_hook_is_for_its_own_kind(site):
    source = """
from packflow.plugin import hookimpl
from packflow.normalizers.base import Normalizer

class Money(Normalizer):
    def to_native(self, obj):
        return 1

@hookimpl
def packflow_register_preprocessors(registry):
    registry.register("lower", "packflow.backend.preprocessors.records:RecordsPreprocessor")

@hookimpl
def packflow_register_normalizers(registry):
    registry.register("acme.Money", Money())
"""
    add(site, "acme", source)
    registry = site.registry()
    assert registry.load("preprocessor", "lower").__name__ == "RecordsPreprocessor"
    assert type(registry.load("normalizer", "acme.Money")).__name__ == "Money"
    assert not registry.has("backend", "lower")


def test_a_hooks_plugin_that_looks_for_plugins_while_it_is_loaded(site):
    source = (
        "import sys\nassert not sys.acme_registry.has('backend', 'zzz')\nsys.acme_registry.listeners()\n"
        + registering()
    )
    add(site, "acme", source)
    registry = sys.acme_registry = site.registry()
    assert registry.has("backend", "dynamic")


@pytest.mark.parametrize(
    ("environ", "states"),
    [
        ({"PACKFLOW_DISABLE_PLUGINS": "bad/hooks"}, {"bad/hooks": "blocked", "good/hooks": "loaded"}),
        ({"PACKFLOW_PLUGINS": "good"}, {"bad/hooks": "blocked", "good/hooks": "loaded"}),
        ({"PACKFLOW_PLUGIN_AUTOLOAD": "0"}, {"bad/hooks": "blocked", "good/hooks": "blocked"}),
    ],
)
def test_control_acts_before_import(site, logs, environ, states):
    add(site, "bad", "raise RuntimeError")
    add(site, "good", LISTENER)
    registry = site.registry(**environ)
    registry.listeners()
    assert hooks_states(registry) == states
    assert "bad_hooks" not in sys.modules
    assert logs.texts("ERROR") == []


def test_the_deny_list_reaches_what_is_registered(site):
    add(site, "acme", registering())
    registry = site.registry(PACKFLOW_DISABLE_PLUGINS="acme/dynamic")
    with pytest.raises(BlockedPluginError, match="acme/dynamic"):
        registry.find("backend", "dynamic")
    allowed = site.registry(PACKFLOW_PLUGINS="acme/hooks")
    assert allowed.find("backend", "dynamic").name == "dynamic"


def test_listeners_that_a_caller_keeps_follow_the_settings(site):
    add(site, "acme", LISTENER)
    registry = site.registry()
    kept = registry.listeners()
    registry.configure(deny=["acme"])
    assert kept.call_finished == ()
    registry.configure(deny=None)
    assert len(kept.call_finished) == 1
    registry.refresh()
    assert len(kept.call_finished) == 1
    assert registry.listeners() is kept


def test_a_registered_hooks_plugin_is_heard_at_once_and_taken_back(site):
    registry = site.registry()
    kept = registry.listeners()
    hooks = types.SimpleNamespace(packflow_call_finished=hookimpl(lambda backend: None))
    with registry.register("hooks", "mine", hooks):
        assert [name for name, _ in kept.call_finished] == ["mine"]
        registry.configure(strict=True)
        assert [name for name, _ in kept.call_finished] == ["mine"]
    assert kept.call_finished == ()


def test_a_registered_hooks_plugin_can_replace_another_and_come_back(site):
    registry = site.registry()
    kept = registry.listeners()
    calls = []
    first, second = (
        types.SimpleNamespace(packflow_call_finished=hookimpl(made))
        for made in (lambda: calls.append(1), lambda: calls.append(2))
    )
    registry.register("hooks", "mine", first)
    with registry.register("hooks", "mine", second, replace=True):
        kept.notify_call_finished(None, None)
    kept.notify_call_finished(None, None)
    assert calls == [2, 1]
    with pytest.raises(PluginRegistrationError):
        registry.register("hooks", "mine", types.SimpleNamespace(), replace=True)
    kept.notify_call_finished(None, None)
    assert calls == [2, 1, 1]


def test_a_registered_hooks_plugin_whose_registration_fails_leaves_nothing(site):
    class Half:
        @hookimpl
        def packflow_register_backends(self, registry):
            registry.register("half", "acme_models:Fast")
            raise ValueError("half-way")

        @hookimpl
        def packflow_call_finished(self):
            pass

    registry = site.registry()
    with pytest.raises(PluginRegistrationError, match="half-way") as caught:
        registry.register("hooks", "half", Half())
    assert isinstance(caught.value.__cause__, ValueError)
    assert registry.listeners().call_finished == ()
    assert not registry.has("backend", "half")
    assert not [record for record in registry.records() if record.name == "half"]


def test_a_hooks_plugin_registered_as_text_is_loaded_with_the_others(site, logs):
    (site.folder / "acme_text.py").write_text(LISTENER)
    registry = site.registry()
    registry.register("hooks", "text", "acme_text")
    assert "acme_text" not in sys.modules
    assert [name for name, _ in registry.listeners().call_finished] == ["text"]
    registry.register("hooks", "gone", "acme_gone")
    assert [name for name, _ in registry.listeners().call_finished] == ["text"]
    assert "acme_gone" in logs.texts("ERROR")[0]
    registry.unregister("hooks", "text")
    assert registry.listeners().call_finished == ()


def test_in_strict_mode_a_text_that_fails_once_hooks_are_in_use_is_not_registered(site):
    registry = site.registry(PACKFLOW_STRICT_PLUGINS="1")
    registry.listeners()
    with pytest.raises(PluginLoadError, match="acme_gone"):
        registry.register("hooks", "gone", "acme_gone")
    assert registry.records("hooks") == []
    registry.listeners()


@pytest.mark.parametrize("interrupt", ["KeyboardInterrupt", "GeneratorExit"])
def test_an_interrupt_passes_and_leaves_nothing_half_done(site, interrupt):
    add(site, "acme", registering(then=f"import sys\n    if not sys.acme_heard: raise {interrupt}"))
    registry = site.registry()
    with pytest.raises((KeyboardInterrupt, GeneratorExit)):
        registry.listeners()
    assert [record.name for record in registry.records("backend")] == []
    sys.acme_heard.append("go on")
    assert registry.has("backend", "dynamic")


def test_many_threads_load_them_once(site):
    add(site, "acme", "import sys, time\nsys.acme_heard.append('import')\ntime.sleep(0.05)\n" + LISTENER)
    registry = site.registry()
    together = threading.Barrier(16)
    counts = []

    def listen() -> None:
        together.wait()
        counts.append(len(registry.listeners().call_finished))

    threads = [threading.Thread(target=listen) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 16
    assert sys.acme_heard == ["import"]


def test_nobody_listens_where_nothing_is_installed():
    listeners = Registry(scan=Index, environ={}).listeners()
    assert listeners.backend_initialized == listeners.call_finished == listeners.call_failed == ()
    listeners.notify_call_failed(None, "execute", ValueError())


def test_listeners_pickle_as_those_of_the_process():
    assert pickle.loads(pickle.dumps(plugin.listeners())) is plugin.listeners()


def test_a_backend_tells_the_listeners():
    seen = []

    class Hooks:
        @hookimpl
        def packflow_backend_initialized(self, backend):
            seen.append(("initialized", type(backend).__name__))

        @hookimpl
        def packflow_call_finished(self, metrics):
            seen.append(("finished", metrics.batch_size))

        @hookimpl
        def packflow_call_failed(self, step, error):
            seen.append(("failed", step, type(error).__name__))

    class Picky(InferenceBackend):
        def execute(self, inputs):
            return [{"half": 1 / row["x"]} for row in inputs]

    with plugin.register("hooks", "tests", Hooks()):
        backend = Picky(verbose=False)
        backend([{"x": 1}, {"x": 2}])
        with pytest.raises(Exception, match="division"):
            backend({"x": 0})
    backend({"x": 1})
    assert seen == [("initialized", "Picky"), ("finished", 2), ("failed", "execute", "ZeroDivisionError")]
