"""The environment that the fixture gives: alone, for one test, for everything that asks packflow."""

from __future__ import annotations

import subprocess
import sys

import pytest

from packflow import BackendConfig, plugin
from packflow.backend.preprocessors import Preprocessor, get_preprocessor
from packflow.exceptions import NormalizationError, PluginLoadError, PluginRegistrationError, UnknownPluginError
from packflow.loaders import ModuleLoader
from packflow.normalizers import Normalizer
from packflow.plugin import hookimpl
from packflow.testing import PluginEnvironment
from packflow.utils.normalize import ensure_native_types
from tests.support.backends import Echo
from tests.support.distributions import BACKEND, add_distribution
from tests.support.scripts import clean_environment


class Length(Preprocessor):
    def __call__(self, records):
        return [len(record) for record in records]


class Money:
    amount = 3


class MoneyNormalizer(Normalizer):
    def to_native(self, obj):
        return obj.amount


class Heard:
    def __init__(self):
        self.calls = 0

    @hookimpl
    def packflow_call_finished(self, metrics):
        self.calls += 1


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a backend for real, as far as the metadata go."""
    add_distribution(tmp_path, "really-there", "1.0", {"backend": {"there": "there:Fast"}}, {"there.py": BACKEND})
    monkeypatch.syspath_prepend(tmp_path)
    plugin.refresh()
    yield "there"
    monkeypatch.undo()
    plugin.refresh()


def test_no_installed_plugin_is_found_but_the_built_ins_are(installed):
    assert plugin.has("backend", installed)
    with PluginEnvironment.entered() as environment:
        assert not plugin.has("backend", installed)
        assert plugin.has("preprocessor", "numpy")
        assert {record.distribution for record in plugin.plugins()} == {"packflow"}
        assert environment.names() == []
    assert plugin.has("backend", installed)


def test_what_is_registered_is_found_by_whatever_asks(packflow_plugins):
    packflow_plugins.register("backend", "echo", Echo)
    packflow_plugins.register("preprocessor", "length", Length)
    packflow_plugins.register("normalizer", f"{__name__}.Money", MoneyNormalizer)
    heard = Heard()
    packflow_plugins.register("hooks", "heard", heard)

    assert ModuleLoader("echo").load(verbose=False)({"n": 1}) == {"n": 1}
    assert get_preprocessor(BackendConfig(input_format="length"))([{"a": 1}]) == [1]
    assert ensure_native_types([Money()]) == [3]
    assert heard.calls == 1
    assert packflow_plugins.names() == ["echo", "length", f"{__name__}.Money", "heard"]


def test_everything_is_taken_back():
    heard = Heard()
    with PluginEnvironment.entered() as environment:
        environment.register("normalizer", f"{__name__}.Money", MoneyNormalizer)
        environment.register("hooks", "heard", heard)
        assert ensure_native_types(Money()) == 3
        left_behind = Echo(verbose=False)
        left_behind({"n": 1})
    left_behind({"n": 1})
    Echo(verbose=False)({"n": 1})

    assert heard.calls == 1
    with pytest.raises(NormalizationError, match=r"Money.* has no JSON form"):
        ensure_native_types(Money())


def test_backends_of_before_keep_their_listeners():
    before, within = Heard(), Heard()
    with plugin.register("hooks", "before", before):
        backend = Echo(verbose=False)
        with PluginEnvironment.entered() as environment:
            environment.register("hooks", "within", within)
            backend({"n": 1})
            Echo(verbose=False)({"n": 1})
        backend({"n": 1})

    assert (before.calls, within.calls) == (2, 1)


def test_an_exception_takes_everything_back_too(installed):
    def fail_inside():
        with PluginEnvironment.entered() as environment:
            environment.register("backend", "echo", Echo)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert plugin.has("backend", installed)
    assert not plugin.has("backend", "echo")


def test_environments_can_stand_in_each_other():
    with PluginEnvironment.entered() as outer:
        outer.register("backend", "outer", Echo)
        with PluginEnvironment.entered() as inner:
            inner.register("backend", "inner", Echo)
            assert inner.names() == ["inner"]
        assert outer.names() == ["outer"]
        assert plugin.has("backend", "outer")
        assert not plugin.has("backend", "inner")


def test_a_registration_can_be_taken_back_earlier(packflow_plugins):
    registration = packflow_plugins.register("backend", "echo", Echo)
    registration.remove()
    assert packflow_plugins.names() == []


def test_names_that_are_taken_are_refused_as_elsewhere(packflow_plugins):
    with pytest.raises(PluginRegistrationError, match="has that name already"):
        packflow_plugins.register("preprocessor", "records", Length)
    packflow_plugins.register("preprocessor", "records", Length, replace=True)
    assert plugin.load("preprocessor", "records") is Length


def test_distributions_can_be_installed_in_it(packflow_plugins):
    packflow_plugins.install("acme", "2.0", backend={"echo": "tests.support.backends:Echo", "gone": "acme.gone:X"})
    packflow_plugins.install("zenith", backend={"echo": "zenith:Echo"}, hooks={"timings": "tests.support.backends"})

    assert plugin.load("backend", "acme/echo") is Echo
    assert plugin.find("backend", "acme/echo").version == "2.0"
    assert packflow_plugins.names("backend") == ["echo", "echo", "gone"]
    with pytest.raises(PluginLoadError, match=r"acme 2\.0.*No module named 'acme'"):
        plugin.load("backend", "gone")
    with pytest.raises(ValueError, match=r"no kind of plugin 'backends'\. Did you mean 'backend'\?"):
        packflow_plugins.install("acme", backends={})


def test_the_variables_of_the_environment_are_not_read(packflow_plugins, monkeypatch):
    monkeypatch.setenv("PACKFLOW_DISABLE_PLUGINS", "acme")
    packflow_plugins.install("acme", backend={"echo": "tests.support.backends:Echo"})
    assert plugin.load("backend", "echo") is Echo
    plugin.configure(deny=["acme"])
    assert [record.state for record in plugin.plugins("backend")] == ["blocked"]


def test_settings_of_before_do_not_hold_in_it():
    plugin.configure(deny=["packflow/numpy"])
    try:
        with PluginEnvironment.entered():
            assert plugin.has("preprocessor", "numpy")
    finally:
        plugin.configure(deny=None)


def test_unknown_names_are_as_unknown_as_elsewhere(packflow_plugins):
    with pytest.raises(UnknownPluginError):
        plugin.load("backend", "nothing")


SESSION = """
import sys

def test_nothing_of_packflow_was_imported():
    own = {"packflow.testing", "packflow.testing.pytest_plugin"}
    imported = {name for name in sys.modules if name.split(".")[0] == "packflow"}
    assert imported == own | {"packflow", "packflow.utils", "packflow.utils.lazy"}
    heavy = {"numpy", "pydantic", "loguru", "click", "rich", "msgspec", "importlib_metadata"}
    assert not heavy & set(sys.modules)

def test_the_fixture_is_there(packflow_plugins):
    from packflow import plugin
    packflow_plugins.register("backend", "counter", "collections:Counter")
    assert plugin.has("backend", "counter")

def test_and_it_was_for_that_test_alone():
    from packflow import plugin
    assert not plugin.has("backend", "counter")
"""


def test_a_run_that_does_not_ask_for_the_fixture_imports_nothing_of_packflow(tmp_path):
    (tmp_path / "test_session.py").write_text(SESSION, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_session.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_strategies_alone_need_hypothesis_and_the_suites_alone_pytest():
    script = (
        "import sys; sys.modules['hypothesis'] = None; import packflow.testing; assert 'pytest' not in sys.modules; "
        "from packflow.testing import BackendSuite; sys.modules['pytest'] = None; "
        "from packflow.testing import PluginEnvironment"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], env=clean_environment(), check=True, timeout=120)
