"""What the process for a plugin sees, here in the process of the tests; and what it writes down."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from packflow.plugin.doctor.probe import load_core, observe
from packflow.plugin.refs import PluginRef
from tests.plugin.conftest import Site
from tests.support.distributions import BACKEND, PREPROCESSOR


@pytest.fixture(autouse=True, scope="module")
def _core() -> None:
    load_core()


def seen(site: Site, source: str, target: str = "Fast", kind: str = "backend", **modules: str) -> dict[str, Any]:
    site.add("acme", modules={"acme_seen.py": source, **{f"{name}.py": text for name, text in modules.items()}})
    value = target if ":" in target else f"acme_seen:{target}".removesuffix(":")
    return observe(PluginRef(kind, "fast", value, "acme", "1.0"))


def failure(*arguments: Any, **options: Any) -> dict[str, Any]:
    found = seen(*arguments, **options)["failure"]
    assert found is not None
    return dict(found)


def test_a_sound_plugin_has_nothing_but_figures(site: Site) -> None:
    found = seen(site, BACKEND)
    assert (found["failure"], found["mistakes"], found["modules"], found["heavy"]) == (None, [], 1, [])


def test_modules_are_counted_whose_import_fails_later(site: Site) -> None:
    found = seen(site, "import acme_helper\nraise OSError('gone')", acme_helper="")
    assert found["failure"]["code"] == "import-failed"
    assert found["modules"] == 1


def test_heavy_libraries_are_told_once(site: Site) -> None:
    site.add("torch", modules={"torch/__init__.py": "", "torch/nn.py": ""})
    assert seen(site, "import torch.nn\n" + BACKEND)["heavy"] == ["torch"]


@pytest.mark.parametrize(
    ("source", "code", "what"),
    [
        ("import acme_not_there", "import-failed", "ModuleNotFoundError: No module named 'acme_not_there'"),
        ("raise BaseException('out')", "import-failed", "BaseException: out"),
        ("raise KeyboardInterrupt", "import-failed", "KeyboardInterrupt"),
        ("raise SystemExit('bye')", "exits", "SystemExit: bye"),
        ("def broken(:", "syntax-error", "SyntaxError: invalid syntax"),
    ],
)
def test_a_failing_import_is_told_by_its_kind(site: Site, source: str, code: str, what: str) -> None:
    found = failure(site, source)
    assert found["code"] == code
    assert found["what"].startswith(what)
    assert "acme_seen.py:1, in <module>" in found["where"]


def test_a_missing_submodule_is_told_with_the_nearest(site: Site) -> None:
    site.add("acme-package", modules={"acme_package/__init__.py": "", "acme_package/backends.py": ""})
    found = failure(site, "", "acme_package.backend:Fast")
    assert (found["code"], found["what"]) == (
        "module-missing",
        "there is no module 'acme_package.backend' in 'acme_package'. Did you mean 'backends'?",
    )


def test_a_missing_module_that_the_plugin_itself_imports_is_a_failing_import(site: Site) -> None:
    site.add("acme-package", modules={"acme_inner/__init__.py": "import acme_inner.gone"})
    found = failure(site, "", "acme_inner.gone:Fast")
    assert (found["code"], found["lacking"]) == ("import-failed", "acme_inner.gone")


def test_a_missing_attribute_is_told_with_the_nearest(site: Site) -> None:
    found = failure(site, BACKEND, "Fats")
    assert found["code"] == "attribute-missing"
    assert "nearest is 'Fast'" in found["what"]


def test_an_attribute_error_of_the_plugins_own_is_a_failing_import(site: Site) -> None:
    assert failure(site, "import sys\nsys.nothing")["code"] == "import-failed"


def test_an_object_of_the_wrong_kind_is_told(site: Site) -> None:
    assert failure(site, PREPROCESSOR, "Prepared")["code"] == "wrong-object"


def test_a_plugin_for_another_plugin_api_is_told(site: Site) -> None:
    found = failure(site, BACKEND + "\nFast.plugin_api_version = 99\n")
    assert found["code"] == "api-version"
    assert "plugin API 99" in found["what"]


def test_a_misspelt_hook_is_told(site: Site) -> None:
    source = "from packflow.plugin import hookimpl\n@hookimpl\ndef packflow_call_ended(backend): pass\n"
    (mistake,) = seen(site, source, "", "hooks")["mistakes"]
    assert mistake["code"] == "hook-mistake"
    assert "'packflow_call_ended'" in mistake["what"]
    assert not mistake["what"].endswith(".")


def test_a_registration_hook_that_fails_is_placed(site: Site) -> None:
    source = """
    from packflow.plugin import hookimpl

    @hookimpl
    def packflow_register_backends(registry):
        raise OSError("no list of models")
    """
    (mistake,) = seen(site, source, "", "hooks")["mistakes"]
    assert "OSError: no list of models" in mistake["what"]
    assert "acme_seen.py:6, in packflow_register_backends" in mistake["where"]


def test_what_hooks_register_is_looked_at_or_named(site: Site) -> None:
    source = """
    from packflow import InferenceBackend
    from packflow.plugin import hookimpl

    class Wrong(InferenceBackend):
        def execute(self):
            return []

    @hookimpl
    def packflow_register_backends(registry):
        registry.register("small", "acme_models:Small")
        registry.register("wrong", Wrong)
    """
    found = seen(site, source, "", "hooks")
    assert found["registered"] == [("backend", "small", "acme_models:Small")]
    (mistake,) = found["mistakes"]
    assert mistake["code"] == "wrong-signature"
    assert mistake["what"].startswith("it registers the backend 'wrong': execute(self)")
    assert "acme_seen.py:6, in Wrong.execute" in mistake["where"]


def test_threads_that_are_left_are_named(site: Site) -> None:
    source = (
        "import threading\n"
        "end = threading.Event()\n"
        "threading.Thread(target=end.wait, name='waiting').start()\n"
        "threading.Thread(target=int, name='done').start()\n"
    )
    try:
        assert "waiting" in seen(site, source + BACKEND)["threads"]
    finally:
        sys.modules["acme_seen"].end.set()
