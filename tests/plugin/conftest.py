"""A folder that stands for site-packages, and registries of its own for each test."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from packflow.plugin.index import scan
from packflow.plugin.registry import Registry
from tests.support.distributions import add_distribution


class Site:
    """A folder of made-up distributions at the front of ``sys.path``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self,
        name: str,
        version: str = "1.0",
        plugins: Mapping[str, Mapping[str, str]] | None = None,
        modules: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Path:
        info = add_distribution(self.folder, name, version, plugins, modules, **options)
        importlib.invalidate_caches()
        return info

    def registry(self, **environ: str) -> Registry:
        """Give a registry that sees this folder and what is really installed."""
        return Registry(scan=lambda: scan(sys.path), environ=environ)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)):
            del sys.modules[name]
