"""Names that others have here are refused before anything is written; no plugin is imported to know them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packflow import plugin
from packflow.exceptions import ScaffoldError
from packflow.scaffold.plugins import plan_plugin
from packflow.scaffold.taken import refuse_taken_names
from tests.support.distributions import add_distribution


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed distributions; one of them has a backend and hooks."""
    plugins = {"backend": {"Thermo_Stat": "acme_heat:Fast"}, "hooks": {"acme-watch": "acme_heat:hooks"}}
    modules = {"acme_heat.py": "raise RuntimeError('imported')", "zenith/__init__.py": "raise RuntimeError('imported')"}
    add_distribution(tmp_path, "Acme.Heat", "1.2", plugins, modules)
    (tmp_path / "mere_folder").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    plugin.refresh()
    yield tmp_path
    monkeypatch.undo()
    plugin.refresh()


def refusal(name: str, kind: str = "backend", package: str | None = None) -> str:
    with pytest.raises(ScaffoldError) as caught:
        refuse_taken_names(plan_plugin(name, kind, package=package))
    return str(caught.value)


def test_a_free_name_is_free(site: Path) -> None:
    refuse_taken_names(plan_plugin("acme-fresh", "backend"))
    refuse_taken_names(plan_plugin("mere-folder", "backend"))  # a folder without code hides nothing
    assert "acme_heat" not in sys.modules


@pytest.mark.parametrize("name", ["acme-heat", "Acme.Heat", "ACME_HEAT"])
def test_an_installed_distribution_has_its_name_in_every_spelling(site: Path, name: str) -> None:
    told = refusal(name)
    assert all(text in told for text in (repr(name), "is installed here", "uninstall it first"))


@pytest.mark.parametrize("name", ["thermo-stat", "Thermo.Stat"])
def test_a_plugin_of_the_kind_has_its_name(site: Path, name: str) -> None:
    told = refusal(name)
    assert all(text in told for text in ("a backend called 'Thermo_Stat'", "Acme.Heat 1.2", "Choose another"))
    refuse_taken_names(plan_plugin(name, "preprocessor"))  # each kind has names of its own
    assert "acme_heat" not in sys.modules


def test_hooks_are_not_chosen_by_name_so_that_none_is_taken(site: Path) -> None:
    refuse_taken_names(plan_plugin("acme-watch", "hooks"))


def test_a_module_that_can_be_imported_has_its_name(site: Path) -> None:
    told = refusal("Zenith")
    assert all(text in told for text in ("'zenith'", str(site / "zenith" / "__init__.py"), "--package"))
    refuse_taken_names(plan_plugin("Zenith", "backend", package="zenith_models"))
    assert "'acme_heat'" in refusal("acme-new", package="acme_heat")
    assert "zenith" not in sys.modules


def test_what_packflow_needs_is_not_shadowed() -> None:
    assert "'numpy'" in refusal("acme-numbers", package="numpy")
    assert "is installed here" in refusal("numpy")
