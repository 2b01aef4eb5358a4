"""Checks for plugins of every kind: how they are declared, and what importing them does."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from packflow import plugin as plugins
from packflow.plugin.apiversion import ATTRIBUTE, PLUGIN_API_VERSION, verdict
from packflow.plugin.heavy import HEAVY_LIBRARIES
from packflow.plugin.kinds import GROUPS, object_problem
from packflow.plugin.refs import PluginRef, parse_value
from packflow.testing.judging.attempts import Attempt, attempt
from packflow.testing.judging.elsewhere import import_there
from packflow.testing.suites.base import Suite, unless
from packflow.utils.errors import short


class PluginSuite(Suite):
    """What the suites of all kinds share.

    Attributes:
        kind: the kind of plugin.
        heavy_libraries: what an import must not bring along.
        heavy_imports_allowed: libraries that importing the plugin may bring along; what *they* do is not looked at.
        timeout: how many seconds a process or a thread that the suite starts may take.
        light_import: the capability to be imported without a heavy library.
        quiet_import: the capability to be imported without printing anything.
        clean_import: the capability to be imported without changing the process.
    """

    kind: ClassVar[str]
    heavy_libraries: frozenset[str] | set[str] = HEAVY_LIBRARIES
    heavy_imports_allowed: frozenset[str] | set[str] = frozenset()
    timeout: float = 120.0
    light_import: bool = True
    quiet_import: bool = True
    clean_import: bool = True

    def is_plugin(self, value: Any) -> bool:
        """Whether an object can be a plugin of the suite's kind."""
        return object_problem(self.kind, value) is None

    def find(self) -> Attempt:
        """Give the plugin's object, loaded by its name where that is how the suite has it."""
        given = self.declared("plugin")
        return attempt(plugins.load, self.kind, given) if isinstance(given, str) else Attempt(given)

    def target(self) -> Any:
        """Give the plugin's object, or wait for the check that says why there is none."""
        found = self.given(self.find(), "test_it_loads", "loading the plugin")
        if problem := self._problem(found):
            self.wait_for("test_it_loads", problem)
        return found

    def _problem(self, found: Any) -> str | None:
        return object_problem(self.kind, found) or verdict(found).problem

    def test_it_loads(self) -> None:
        """The plugin's name leads to an object of its kind, written for a plugin API that this packflow has."""
        found = self.find()
        if found.error is not None:
            self.fail(
                found.text, "Install the package again (pip install -e .); packflow plugins doctor says what is wrong."
            )
        problem = self._problem(found.value)
        if problem:
            self.fail(
                problem,
                f"Let the entry point, or `plugin` in the suite, name the {self.kind} itself, and let its "
                f"{ATTRIBUTE} be that of the packflow that it is tested with, {PLUGIN_API_VERSION}.",
            )

    # Declaration ------------------------------------------------------------------------------------------------------

    def test_it_is_declared_in_metadata(self) -> None:
        """The name is declared by an installed distribution, and the qualified name means the same object."""
        name = self._name("there is no name to look up")
        found = self.target()
        ref = plugins.find(self.kind, name)
        group = GROUPS[self.kind]
        remedy = f'Declare it in pyproject.toml under [project.entry-points."{group}"], and install the package again.'
        if not isinstance(ref, PluginRef):
            self.fail(f"{name!r} is registered by running code ({ref!r}); no metadata have it", remedy)
        qualified = attempt(plugins.load, self.kind, ref.qualified)
        if qualified.value is not found:
            self.fail(f"{ref.qualified!r} gave {qualified.text}; {name!r} gave {found!r}", remedy)

    def _name(self, otherwise: str) -> str:
        given = self.declared("plugin")
        if not isinstance(given, str):
            pytest.skip(f"{otherwise}: `plugin` is an object; set it to the plugin's name")
        return given

    # Importing --------------------------------------------------------------------------------------------------------

    def module(self) -> str:
        """Name the module that the plugin is imported from."""
        given = self.declared("plugin")
        if isinstance(given, str):
            self.target()
            parts = parse_value(plugins.find(self.kind, given).value)
            if parts:
                return parts[0]
        found = self.target()
        owner = found if hasattr(found, "__module__") else type(found)
        return str(getattr(found, "__name__", "") if self._is_module(found) else owner.__module__)

    @staticmethod
    def _is_module(found: Any) -> bool:
        from types import ModuleType

        return isinstance(found, ModuleType)

    def _import(self) -> dict[str, Any]:
        module = self.module()
        done = import_there(module, tuple(sorted(self.heavy_imports_allowed)), self.timeout)
        if done.error is not None:
            self.wait_for("test_import_works_by_itself", done.text)
        report: dict[str, Any] = done.value
        if report["missing"]:
            pytest.skip(f"the module {module!r} cannot be imported by that name in another process")
        return report

    def _imported(self) -> dict[str, Any]:
        report = self._import()
        if report["error"]:
            self.wait_for("test_import_works_by_itself", report["error"])
        return report

    def test_import_works_by_itself(self) -> None:
        """The plugin's module can be imported first of all, in a process that has imported nothing else of its own."""
        done = import_there(self.module(), tuple(sorted(self.heavy_imports_allowed)), self.timeout)
        seen = done.text if done.error is not None else self._import()["error"]
        if seen:
            self.fail(
                f"importing {self.module()!r} alone failed: {seen}",
                "Import in each module what it needs, and leave out what only tests set up.",
            )

    @unless("quiet_import")
    def test_import_prints_nothing(self) -> None:
        """Importing the plugin prints nothing."""
        printed = self._imported()["printed"]
        if printed:
            self.fail(
                f"it printed {short(printed, 300)}", "Take the print away, or log at DEBUG when a backend is made."
            )

    @unless("light_import")
    def test_import_brings_no_heavy_library(self) -> None:
        """Importing the plugin imports no heavy library."""
        heavy = set(self.heavy_libraries) - set(self.heavy_imports_allowed)
        brought = sorted(heavy.intersection(self._imported()["imported"]))
        if brought:
            self.fail(
                f"it imported {', '.join(brought)}",
                "Import it in initialize(), or in the function that needs it. Where that cannot be, declare it: "
                f"heavy_imports_allowed = {{{', '.join(map(repr, brought))}}}.",
            )

    @unless("clean_import")
    def test_import_changes_nothing(self) -> None:
        """Importing the plugin leaves the process as it was: logging, paths, environment, warnings, folder, threads."""
        changed = self._imported()["changed"]
        if changed:
            seen = "; ".join(f"{what}: {_changes(*states)}" for what, states in sorted(changed.items()))
            self.fail(
                f"it changed {seen}",
                "Do it in initialize(), or leave it to the program. Where a library that it needs does it, name that "
                "in heavy_imports_allowed.",
            )


def _changes(before: str, after: str) -> str:
    """Show the part of two long texts that differs."""
    start = next((n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(before))
    start = max(0, start - 20)
    return f"…{short(before[start:], 60)} became …{short(after[start:], 60)}"
