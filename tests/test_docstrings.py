"""Every example in a docstring of packflow runs, and gives what it says."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pluggy
import pytest

import packflow

ROOT = Path(packflow.__file__).parent
MODULES = sorted(
    ".".join(("packflow", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKEND_CONFIG_FILE_PATH", raising=False)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name):
    results = doctest.testmod(importlib.import_module(name), verbose=False)

    assert results.failed == 0, f"{results.failed} of {results.attempted} examples failed; see the output above"


def test_public_names_have_an_example():
    without = []
    for owner in (
        "packflow",
        "packflow.loaders",
        "packflow.normalizers",
        "packflow.plugin",
        "packflow.testing",
        "packflow.testing.strategies",
        "packflow.utils.normalize",
    ):
        module = importlib.import_module(owner)
        for name in module.__all__:
            value = getattr(module, name)
            # the markers are pluggy's own objects; the hooks' docstrings show them at work
            if isinstance(value, (str, pluggy.HookimplMarker, pluggy.HookspecMarker)):
                continue
            if ">>>" not in (value.__doc__ or ""):
                without.append(f"{owner}.{name}")

    assert without == []
