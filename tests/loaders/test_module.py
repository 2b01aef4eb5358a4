from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from packflow import InferenceBackend, plugin
from packflow.exceptions import (
    InferenceBackendInitializationError,
    InferenceBackendLoadError,
    PluginError,
    UnknownPluginError,
)
from packflow.loaders import ModuleLoader

BACKEND = """
from packflow import InferenceBackend

class Backend(InferenceBackend):
    def execute(self, inputs):
        return [{"by": __name__} for _ in inputs]

class Outer:
    Inner = Backend
"""

Install = Callable[..., None]


@pytest.fixture
def install(project, tmp_path, monkeypatch) -> Iterator[Install]:
    """Put packages, as pip would leave them, into a directory that is on ``sys.path`` for the test."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    modules = set(sys.modules)

    def put(files: dict[str, str], distribution: str = "", backends: dict[str, str] | None = None) -> None:
        project(files, site)
        if distribution:
            info = f"{distribution.replace('-', '_')}-1.2.dist-info"
            entries = "\n".join(f"{name} = {value}" for name, value in (backends or {}).items())
            metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n"
            project({f"{info}/METADATA": metadata}, site)
            project({f"{info}/entry_points.txt": f"[packflow.backends]\n{entries}\n"}, site)
        plugin.refresh()

    yield put
    monkeypatch.undo()
    for name in set(sys.modules) - modules:
        if name.startswith("pf_"):
            del sys.modules[name]
    plugin.refresh()


def refusal(target: str, **config: object) -> str:
    with pytest.raises(InferenceBackendLoadError) as caught:
        ModuleLoader(target).load(**config)
    assert f"ModuleLoader({target!r})" in str(caught.value)
    return str(caught.value)


def test_a_module_and_an_object(install):
    install({"pf_a/__init__.py": "", "pf_a/backends.py": BACKEND + "\nready = Backend(verbose=False)\n"})
    assert ModuleLoader("pf_a.backends:Backend").load(verbose=False)({}) == {"by": "pf_a.backends"}
    assert ModuleLoader("pf_a.backends:Outer.Inner").load(feature_names=["x"]).config.feature_names == ["x"]
    assert ModuleLoader("pf_a.backends:ready").load() is sys.modules["pf_a.backends"].ready
    assert "is an instance of Backend" in refusal("pf_a.backends:ready", verbose=False)


def test_resolve_constructs_nothing(install):
    install(
        {"pf_a.py": BACKEND + "    pass\nclass Failing(Backend):\n    def initialize(self): raise OSError('no disk')\n"}
    )
    loader = ModuleLoader("pf_a:Failing")
    assert issubclass(loader.resolve(), InferenceBackend)
    with pytest.raises(InferenceBackendInitializationError, match="no disk"):
        loader.load()


def test_a_registered_name_imports_that_package_alone(install):
    install({"pf_a.py": BACKEND}, "pf-a", {"pf-model": "pf_a:Backend"})
    install({"pf_b.py": "raise RuntimeError('imported')"}, "pf-b", {"pf-other": "pf_b:Backend"})
    assert ModuleLoader("pf-model").load(verbose=False)({}) == {"by": "pf_a"}
    assert "pf_b" not in sys.modules


def test_two_packages_with_one_name_are_told_apart_by_the_distribution(install):
    install({"pf_a.py": BACKEND}, "pf-a", {"pf-model": "pf_a:Backend"})
    install({"pf_b.py": BACKEND}, "pf-b", {"pf-model": "pf_b:Backend"})
    text = refusal("pf-model")
    assert "pf-a/pf-model" in text
    assert "pf-b/pf-model" in text
    assert ModuleLoader("pf-b/pf-model").load(verbose=False)({}) == {"by": "pf_b"}
    assert ModuleLoader("pf-a/pf-model").load(verbose=False)({}) == {"by": "pf_a"}


def test_a_backend_registered_directly_is_found_by_its_name():
    class Echo(InferenceBackend):
        def execute(self, inputs):
            return inputs

    with plugin.register("backend", "pf-echo", Echo):
        assert ModuleLoader("pf-echo").resolve() is Echo
    assert "pf-echo" in refusal("pf-echo")


@pytest.mark.parametrize(
    ("source", "value", "words"),
    [
        ("raise SystemExit(3)", "pf_a:Backend", ["pf-a", "1.2", "SystemExit"]),
        ("def f(:", "pf_a:Backend", ["pf-a", "SyntaxError"]),
        (BACKEND, "pf_a:Backnd", ["pf-a", "Backnd"]),
        (BACKEND, "pf_a:Outer", ["Outer", "InferenceBackend"]),
    ],
)
def test_a_registered_name_that_leads_to_no_backend(install, source, value, words):
    install({"pf_a.py": source}, "pf-a", {"pf-model": value})
    text = refusal("pf-model")
    for word in words:
        assert word in text


def test_an_unknown_name_says_how_else_a_target_is_spelt():
    with pytest.raises(InferenceBackendLoadError) as caught:
        ModuleLoader("pf_missing.backends.Model").load()
    assert isinstance(caught.value.__cause__, UnknownPluginError)
    assert "'pf_missing.backends:Model'" in str(caught.value)
    assert "module:object" in str(caught.value)
    assert "LocalLoader('inference.py:Object')" in refusal("inference.py")
    assert "module:object" not in refusal("pf-missing")
    with pytest.raises(InferenceBackendLoadError) as caught:
        ModuleLoader("pf-none/pf-missing").load()
    assert isinstance(caught.value.__cause__, PluginError)


def test_a_file_or_a_distribution_before_the_colon_is_refused_with_the_right_spelling():
    for target in ("path/to/inference.py:Backend", "inference.py:Backend", "acme-fast/onnx:Backend"):
        with pytest.raises(InferenceBackendLoadError, match=r"LocalLoader.*'distribution/name'"):
            ModuleLoader(target)


@pytest.mark.parametrize(
    ("files", "target", "words"),
    [
        ({}, "pf_missing:Backend", ["no module 'pf_missing' installed"]),
        ({"pf_a/__init__.py": ""}, "pf_a.b.c:Backend", ["no module 'pf_a.b' installed"]),
        ({"pf_a.py": ""}, "pf_a.b:Backend", ["no module 'pf_a.b' installed"]),
        (
            {"pf_a.py": "import pf_needed"},
            "pf_a:Backend",
            ["No module named 'pf_needed'", "pf_a.py, line 1"],
        ),
        ({"pf_a.py": "\n1/0"}, "pf_a:Backend", ["ZeroDivisionError", "pf_a.py, line 2"]),
        ({"pf_a.py": "\ndef f(:"}, "pf_a:Backend", ["SyntaxError: invalid syntax", "pf_a.py, line 2"]),
        ({"pf_a.py": "raise SystemExit('over')"}, "pf_a:Backend", ["SystemExit: over", "pf_a.py, line 1"]),
        ({"pf_a.py": BACKEND}, "pf_a:Backnd", ["pf_a.py", "Did you mean 'Backend'?"]),
        ({"pf_a.py": BACKEND}, "pf_a:Outer", ["the class Outer, which does not inherit"]),
        ({"pf_a/b.py": ""}, "pf_a:Backend", ["no 'Backend'", "no InferenceBackend in that module"]),
    ],
)
def test_a_module_that_gives_no_backend(install, files, target, words):
    install(files)
    text = refusal(target)
    for word in words:
        assert word in text


def test_a_script_in_the_current_directory_is_pointed_at(project, monkeypatch):
    monkeypatch.chdir(project({"pf_script.py": BACKEND}))
    assert "LocalLoader('pf_script:Backend')" in refusal("pf_script:Backend")


def test_a_package_that_fails_half_way_leaves_nothing_behind(install):
    install({"pf_a/__init__.py": "import pf_a.part, pf_b\n1/0", "pf_a/part.py": "", "pf_b.py": ""})
    refusal("pf_a:Backend")
    assert {name for name in sys.modules if name.startswith("pf_")} == {"pf_b"}


def test_a_failing_submodule_leaves_its_package_as_it_was(install):
    install({"pf_a/__init__.py": "import pf_a.part", "pf_a/part.py": "", "pf_a/backends.py": "import pf_a.other\n1/0"})
    install({"pf_a/other.py": ""})
    refusal("pf_a.backends:Backend")
    assert {name for name in sys.modules if name.startswith("pf_")} == {"pf_a", "pf_a.part", "pf_a.other"}


def test_an_interrupt_passes(install):
    install({"pf_a.py": "raise KeyboardInterrupt"})
    with pytest.raises(KeyboardInterrupt):
        ModuleLoader("pf_a:Backend").load()
