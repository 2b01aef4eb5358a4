"""An environment for one test: packflow and its built-ins, what the test says is installed, what it registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from packflow.plugin.api import isolated
from packflow.plugin.index import Index, Problem, scan
from packflow.plugin.kinds import GROUPS, name_problem
from packflow.plugin.notify import Listeners
from packflow.plugin.refs import PluginRef, value_problem
from packflow.plugin.registration import Registration
from packflow.plugin.registry import Registry
from packflow.utils.nearest import did_you_mean


class PluginEnvironment:
    """What packflow finds while a test runs. The fixture ``packflow_plugins`` gives one.

    Example:
        >>> from packflow.testing import PluginEnvironment
        >>> with PluginEnvironment.entered() as packflow_plugins:
        ...     _ = packflow_plugins.register("backend", "counter", "collections:Counter")
        ...     packflow_plugins.install("acme", "1.2", backend={"fast": "acme.fast:Fast"})
        ...     packflow_plugins.names("backend")
        ['counter', 'fast']

    No installed plugin but packflow's built-ins is found, and none of the environment's variables is read. It holds
    for the whole process, whichever way packflow is asked: by its functions, by a loader, by ``input_format``, or by
    the normalizers. Backends that were made before keep the hooks plugins of their time.

    Attributes:
        registry: the registry behind all that.
    """

    def __init__(self) -> None:
        self._installed: list[PluginRef] = []
        self._built_in: tuple[PluginRef, ...] | None = None
        self._registered: list[Registration] = []
        self.registry = Registry(scan=self._scan, environ={})

    @classmethod
    @contextmanager
    def entered(cls) -> Iterator[PluginEnvironment]:
        """Make an environment and put it in force for a block."""
        environment = cls()
        with isolated(environment.registry):
            try:
                yield environment
            finally:
                environment.clear()

    def register(self, kind: str, name: str, target: Any, *, replace: bool = False) -> Registration:
        """Register a plugin, as :func:`packflow.plugin.register` does; it is taken back when the test ends.

        Args:
            kind: the kind of plugin.
            name: its name.
            target: the object, or a text ``"module:object"``.
            replace: stand in front of the plugin that has the name.

        Returns:
            The registration; ``remove()`` takes it back earlier.
        """
        entry = self.registry.register(kind, name, target, replace=replace)
        self._registered.append(entry)
        return entry

    def install(self, distribution: str, version: str = "1.0", /, **plugins: Mapping[str, str]) -> None:
        """Let a distribution be installed, as far as packflow can see.

        Args:
            distribution: its name.
            version: its version.
            plugins: for each kind, its plugins: ``backend={"fast": "acme.fast:Fast"}``. The modules need not exist as
                long as nobody loads from them.
        """
        refs = []
        for kind, entries in plugins.items():
            if kind not in GROUPS:
                raise ValueError(f"there is no kind of plugin {kind!r}.{did_you_mean(kind, GROUPS)}")
            for name, value in entries.items():
                problem = name_problem(name) or value_problem(value)
                refs.append(PluginRef(kind, name, value, distribution, version, "", problem))
        self._installed += refs
        self.registry.refresh()

    def names(self, kind: str | None = None) -> list[str]:
        """Name the plugins that are there beside packflow's own."""
        return [record.name for record in self.registry.records(kind) if record.distribution != "packflow"]

    def listeners(self) -> Listeners:
        """Give who listens to what."""
        return self.registry.listeners()

    def clear(self) -> None:
        """Take everything back, so that backends that the test leaves behind tell nobody any more."""
        for entry in reversed(self._registered):
            entry.remove()
        self._registered.clear()
        if any(ref.kind == "hooks" for ref in self._installed):
            self._installed.clear()
            self.registry.refresh()

    def _scan(self) -> Index:
        if self._built_in is None:
            found = scan()
            self._built_in = tuple(ref for ref in found.refs if ref.built_in)
        problems: list[Problem] = []
        return Index([*self._built_in, *self._installed], problems)
