"""The pluggy manager: a hooks plugin is registered whole or not at all, and called apart from every other.

:class:`HookManager` is an ordinary :class:`pluggy.PluginManager` with a stricter door; it uses pluggy's public names
only. It knows nothing of installed distributions: the registry hands it objects.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pluggy

from packflow.exceptions import PluginRegistrationError
from packflow.plugin import errors, hookspecs
from packflow.plugin.hookchecks import plugin_problem
from packflow.plugin.kinds import fold
from packflow.plugin.markers import PREFIX, PROJECT_NAME
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Registration, registration_problem
from packflow.plugin.tracing import Trace
from packflow.utils.causes import cause_text

#: Each hook through which plugins register others, with the kind that it is for.
REGISTRATION_HOOKS = {
    "packflow_register_backends": "backend",
    "packflow_register_preprocessors": "preprocessor",
    "packflow_register_normalizers": "normalizer",
}

Listener = Callable[..., Any]


class Registrar:
    """What a registration hook is given: it takes plugins of one kind.

    Example:
        >>> registry = Registrar("backend", Registration("hooks", "acme", None))
        >>> registry.register("acme-small", "acme.models:Small")
    """

    def __init__(self, kind: str, source: PluginRef | Registration) -> None:
        self.kind = kind
        self.registered: list[Registration] = []
        self._source = source

    def register(self, name: str, target: Any) -> None:
        """Register a plugin.

        Args:
            name: its name.
            target: the object, or a text ``"module:object"``, which is imported when the name is asked for.

        Raises:
            PluginRegistrationError: the name is impossible or given twice, or the object is of the wrong kind.
        """
        source = self._source
        entry = Registration(
            self.kind,
            name,
            target,
            distribution=source.distribution,
            version=source.version,
            plugin=source.qualified,
        )
        problem = registration_problem(entry)
        if problem is None and any(entry.key == other.key for other in self.registered):
            problem = f"{source.qualified} registers that name twice"
        if problem:
            raise errors.registration(entry, problem)
        self.registered.append(entry)


class HookManager(pluggy.PluginManager):
    """Holds the hooks plugins, and what each has registered.

    Args:
        specs: what has the hooks' specifications as its attributes.
        trace: measures the hooks' functions; None if nobody wants to know.

    Attributes:
        contributed: the plugins that hooks plugins have registered, by the qualified name of the hooks plugin.
    """

    def __init__(self, specs: Any = hookspecs, trace: Trace | None = None) -> None:
        super().__init__(PROJECT_NAME)
        self.add_hookspecs(specs)
        self.contributed: dict[str, list[Registration]] = {}
        self._sources: dict[str, PluginRef | Registration] = {}
        self._trace = trace
        self._hooks = {
            name: tuple(inspect.signature(getattr(specs, name)).parameters)
            for name in vars(specs)
            if name.startswith(PREFIX)
        }

    def check(self, plugin: Any, source: PluginRef | Registration) -> None:
        """Refuse an object that is not fit to be a hooks plugin.

        Raises:
            PluginRegistrationError: it is not; the text names the plugin, what is wrong, and the nearest hook.
        """
        problem = plugin_problem(plugin, self._hooks, self.parse_hookimpl_opts)
        if problem:
            raise errors.registration(source, problem)

    def add(self, plugin: Any, source: PluginRef | Registration) -> None:
        """Register a hooks plugin, and what it registers in turn. If anything fails, nothing of it stays behind.

        Args:
            plugin: the module or the instance.
            source: says whose it is.

        Raises:
            PluginRegistrationError: the plugin is not fit, is there already, or one of its registration hooks failed.
        """
        name = source.qualified
        try:
            self.check(plugin, source)
            other = self.get_name(plugin)
            if other is not None:
                raise errors.registration(source, f"it is the same object as {other!r}, which is in use already")
            self.register(plugin, name)
            self._sources[name] = source
            self.contributed[name] = self._ask_for_plugins(name, source)
        except BaseException as error:
            if self.get_plugin(name) is plugin:
                self._sources.pop(name, None)
                self.unregister(name=name)
            if isinstance(error, (KeyboardInterrupt, GeneratorExit, PluginRegistrationError)):
                raise
            # A plugin's attributes may do anything when they are looked at; even exiting must harm nobody else.
            raise errors.registration(source, f"it failed with {cause_text(error)}") from error

    def discard(self, name: str) -> None:
        """Take a hooks plugin back, with what it has registered. One that is not there is no mistake."""
        self.contributed.pop(name, None)
        if self._sources.pop(name, None) is not None:
            self.unregister(name=name)

    def _ask_for_plugins(self, name: str, source: PluginRef | Registration) -> list[Registration]:
        registered: list[Registration] = []
        for hook, kind in REGISTRATION_HOOKS.items():
            for function in self._functions(hook, only=name):
                registrar = Registrar(kind, source)
                try:
                    function(registry=registrar)
                except PluginRegistrationError as error:
                    raise errors.registration(source, f"its {hook} failed: {error}") from error
                except (KeyboardInterrupt, GeneratorExit):
                    raise
                except BaseException as error:  # a plugin that exits here must not take the program with it
                    raise errors.registration(source, f"its {hook} failed with {cause_text(error)}") from error
                registered += registrar.registered
        return registered

    def _functions(self, hook: str, only: str) -> Iterable[Listener]:
        return [function for name, function in self.listening(hook) if name == only]

    def listening(self, hook: str) -> tuple[tuple[str, Listener], ...]:
        """Give the plugins that implement a hook, each with a function that takes all of the hook's arguments by name.

        The order is that of pluggy's ``tryfirst`` and ``trylast``, then of distribution and name; never that of
        registration.
        """
        implementations = getattr(self.hook, hook).get_hookimpls()
        ranked = sorted(implementations, key=lambda found: (_rank(found), self._order(found.plugin_name)))
        return tuple((found.plugin_name, self._listener(found, hook)) for found in ranked)

    def _listener(self, found: pluggy.HookImpl, hook: str) -> Listener:
        listener = _taking(found, self._hooks[hook])
        return self._trace.timed(self._sources[found.plugin_name], hook, listener) if self._trace else listener

    def _order(self, name: str) -> tuple[str, str]:
        source = self._sources.get(name)
        return (fold(source.distribution or ""), source.key) if source else ("", name)


def _rank(implementation: pluggy.HookImpl) -> int:
    return int(implementation.trylast) - int(implementation.tryfirst)


def _taking(implementation: pluggy.HookImpl, arguments: tuple[str, ...]) -> Listener:
    """Give a function that hands on those of a hook's arguments that an implementation takes."""
    function: Listener = implementation.function
    wanted = (*implementation.argnames, *implementation.kwargnames)
    if set(wanted) == set(arguments):
        return function

    def listener(**given: Any) -> Any:
        return function(**{name: given[name] for name in wanted})

    return listener
