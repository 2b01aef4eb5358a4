"""The hooks plugins of one registry, from the first that is wanted to the last that is taken out of use.

They are loaded when they are first needed, one by one, none able to harm another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.plugin import policy
from packflow.plugin.inflight import InFlight
from packflow.plugin.kinds import fold
from packflow.plugin.notify import Listeners
from packflow.plugin.registration import Plugin, Registration
from packflow.utils.importing import inside_import
from packflow.utils.once import Once

if TYPE_CHECKING:
    from packflow.plugin.index import Index
    from packflow.plugin.manager import HookManager
    from packflow.plugin.policy import Policy
    from packflow.plugin.refs import PluginRef
    from packflow.plugin.tracing import Trace

#: What is registered directly: the registrations of each (kind, key), the latest of which counts.
Direct = Mapping[tuple[str, str], Sequence[Registration]]


def allowed_hooks(installed: Index, settings: Policy) -> list[PluginRef]:
    """Give the installed hooks plugins that may be used, in the order in which they are loaded."""
    allowed = [ref for ref in installed.of_kind("hooks") if policy.blocked(settings, ref) is None]
    return sorted(allowed, key=lambda ref: (fold(ref.distribution), ref.key))


def wanted_hooks(installed: Index, settings: Policy, direct: Direct) -> list[Plugin]:
    """Give every hooks plugin that is to be in use, in the order in which they are loaded."""
    return [*allowed_hooks(installed, settings), *_latest_hooks(direct)]


def refused_hooks(installed: Index, settings: Policy, direct: Direct) -> list[tuple[Plugin, str]]:
    """Give the hooks plugins that are counted on but that a lock keeps out, with the reasons.

    Nobody asks for a hooks plugin by name, so that nobody would notice that it does not run.
    """
    if settings.frozen is None:
        return []
    found: list[tuple[Plugin, str | None]] = []
    found += [(ref, policy.mismatch(settings, ref)) for ref in installed.of_kind("hooks")]
    found += [(entry, settings.frozen.refuses_text(entry)) for entry in _latest_hooks(direct)]
    return [(plugin, reason) for plugin, reason in found if reason is not None]


def _latest_hooks(direct: Direct) -> list[Registration]:
    return [entries[-1] for (kind, _), entries in sorted(direct.items()) if kind == "hooks" and entries]


class _OccupiedError(Exception):
    """Another thread takes a hooks plugin in, and may be waiting for this one."""


class Hooks:
    """Which hooks plugins are in use, who listens, and what they have registered.

    Attributes:
        listeners: who listens to what; always the same object, kept up to date.
        contributed: what the hooks plugins have registered, as far as they are loaded.
        failures: why a hooks plugin is not in use, for those that could not be.
    """

    def __init__(self, load: Callable[[Plugin], Any], lock: threading.RLock, trace: Trace | None = None) -> None:
        self.listeners = Listeners()
        self.contributed: tuple[Registration, ...] = ()
        self.failures: dict[Plugin, str] = {}
        self.complete = False
        self._generation = 0  # counts the changes to what is wanted
        self._load = load
        self._logged = Once()
        self._in_use: set[Plugin] = set()
        self._manager: HookManager | None = None
        self._in_flight = InFlight()
        self._trace = trace
        self._lock = lock  # pluggy's manager is not made for many threads
        self._adder: int | None = None  # the thread in which the code of one that is taken in is running

    def ensure(self, wanted: Callable[[], Sequence[Plugin]], *, strict: bool) -> None:
        """Load every hooks plugin that is wanted and not in use yet.

        A hooks plugin may look for other plugins while it is loaded: it then sees what has been registered so far.

        Raises:
            PluginError: in strict mode, the first failure. The others are loaded all the same.
        """
        if self.complete or self._adder == threading.get_ident():
            return
        with self._in_flight.turn("hooks", done=lambda: self.complete) as alone:
            if not alone or self.complete:
                return
            self.listeners.strict = strict
            generation = self._generation
            try:
                errors = [error for plugin in wanted() if (error := self._take_in(plugin, strict))]
            except _OccupiedError:
                return
            if errors:
                raise errors[0]
            self.complete = self._generation == generation

    def _take_in(self, plugin: Plugin, strict: bool) -> PluginError | None:
        if plugin in self._in_use:
            return None
        try:
            found = self._load(plugin)
            # One who takes another in at this moment may wait for the import that this thread is in the middle of.
            if not self._lock.acquire(blocking=not inside_import()):
                raise _OccupiedError
            try:
                self.add(plugin, found)
            finally:
                self._lock.release()
        except PluginError as error:
            self.failures[plugin] = str(error)
            if not strict:
                self._log(plugin, error)
                return None
            return error
        return None

    def _log(self, plugin: Plugin, error: PluginError) -> None:
        from packflow.utils.log import logger

        if self._logged(plugin):
            logger.error(f"{error} packflow goes on without it.")

    def add(self, plugin: Plugin, found: Any) -> None:
        """Take a hooks plugin in use.

        Raises:
            PluginRegistrationError: it is not what it has to be; nothing of it is left behind.
        """
        with self._lock:
            before, self._adder = self._adder, threading.get_ident()
            try:
                self.manager.add(found, plugin)
            finally:
                self._adder = before
            self._in_use.add(plugin)
            self.failures.pop(plugin, None)
            self._publish()

    def discard(self, plugin: Plugin) -> None:
        """Take a hooks plugin out of use, with all that it registered."""
        with self._lock:
            if plugin in self._in_use:
                self._in_use.discard(plugin)
                self.manager.discard(plugin.qualified)
                self._publish()

    def swap(self, before: Registration | None, entry: Registration | None) -> None:
        """Put one directly registered hooks plugin in the place of another.

        Raises:
            PluginRegistrationError: the new one is not what it has to be; the one before is in use again.
        """
        if before:
            self.discard(before)
        if entry and entry.lazy:
            self.outdate()
        elif entry:
            try:
                self.add(entry, entry.target)
            except BaseException:
                if before and before.lazy:
                    self.outdate()
                elif before:
                    self.add(before, before.target)
                raise

    def reset(self, direct: Direct) -> None:
        """Take every hooks plugin out of use but the objects that are registered directly."""
        self.discard_all()
        for entry in _latest_hooks(direct):
            if not entry.lazy:
                self.add(entry, entry.target)

    def outdate(self) -> None:
        """Take note that other hooks plugins are wanted now, so that :meth:`ensure` looks again."""
        self._generation += 1
        self.complete = False

    def discard_all(self) -> None:
        """Take every hooks plugin out of use; :meth:`ensure` loads those wanted anew."""
        with self._lock:
            self.outdate()
            self.failures = {}
            self._in_use = set()
            self._manager = None
            self._publish()

    @property
    def manager(self) -> HookManager:
        """The pluggy manager; made, and pluggy imported, when the first hooks plugin comes in."""
        if self._manager is None:
            from packflow.plugin.manager import HookManager

            self._manager = HookManager(trace=self._trace)
        return self._manager

    def _publish(self) -> None:
        manager = self._manager
        self.contributed = (
            tuple(entry for name in sorted(manager.contributed) for entry in manager.contributed[name])
            if manager
            else ()
        )
        self.listeners.take_in(manager.listening if manager else lambda _: ())
