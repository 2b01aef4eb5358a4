"""The registry: where the index, the settings, direct registrations and what is loaded come together.

The decisions are elsewhere (`resolve`, `policy`, `index`); this is the thin shell that holds the state. A process has
one, behind the functions of `api`; a test makes its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.plugin import errors, policy, resolve, tracing
from packflow.plugin.direct import DirectRegistrations, Stack
from packflow.plugin.hooks import Hooks, refused_hooks, wanted_hooks
from packflow.plugin.index import Index, scan
from packflow.plugin.kinds import GROUPS
from packflow.plugin.loader import Loader
from packflow.plugin.notify import Listeners
from packflow.plugin.records import PluginRecord, list_records
from packflow.plugin.registration import Plugin, Registration, registration_problem
from packflow.plugin.settings import require_lock
from packflow.plugin.settled import Complaints, Mistakes, Settled, settle

if TYPE_CHECKING:
    from packflow.plugin.explain import Explanation
    from packflow.plugin.selections import PluginSelection


class Registry:
    """Finds, loads and registers plugins.

    Example:
        >>> from packflow.plugin.refs import PluginRef
        >>> registry = Registry(scan=lambda: Index([PluginRef("backend", "fast", "acme:Fast", "acme", "1.0")]))
        >>> registry.find("backend", "FAST").value
        'acme:Fast'

    Args:
        scan: gives the index of what is installed; called at the first look-up, and again after :meth:`refresh`.
        environ: where the settings' variables are.
    """

    def __init__(self, *, scan: Callable[[], Index] = scan, environ: Mapping[str, str] = os.environ) -> None:
        self._scan = scan
        self._environ = environ
        self._configured: dict[str, Any] = {}
        self._lock = threading.RLock()  # held while hooks plugins are taken in, and so while their code runs
        # Entered anew where an object that is collected, or a signal's handler, asks for a plugin meanwhile.
        self._scanning = threading.RLock()
        self._static: Settled | None = None
        self._complaints = Complaints()
        self._direct = DirectRegistrations()
        #: Measures what plugins cost; None where nobody wants to know.
        self.trace = tracing.begin(environ)
        self._loader = Loader(self.trace)
        #: Another object whenever a name may have come to mean something else.
        self.stamp = object()
        self._hooks = Hooks(self._load, self._lock, self.trace)

    def load(self, kind: str, name: str) -> Any:
        """Give the object behind a name; see :func:`packflow.plugin.load`."""
        plugin = self.find(kind, name)
        with self._explained(kind, name):
            return self._load(plugin)

    def _load(self, plugin: Plugin) -> Any:
        frozen = self._settled().policy.frozen
        if frozen and (reason := frozen.misplaced(plugin)):
            raise errors.load_failed(plugin, reason, advised=True)
        return self._loader.load(plugin)

    def find(self, kind: str, name: str) -> Plugin:
        """Give the plugin that a name means, without importing it; see :func:`packflow.plugin.find`."""
        found = self._look_up(kind, name)
        if found is None:
            around = self._around()
            if kind == "hooks":  # those are not loaded to look for one of them, so what they register may be unknown
                around = around._replace(contributed=())
            with self._explained(kind, name):
                from packflow.plugin.known import unknown_name

                raise resolve.unlocked(around, kind, name) or unknown_name(around, kind, name)
        return found

    def has(self, kind: str, name: str) -> bool:
        """Whether a name means a plugin; see :func:`packflow.plugin.has`."""
        return self._look_up(kind, name) is not None

    def _look_up(self, kind: str, name: str) -> Plugin | None:
        _check_kind(kind)
        self._refuse(self._settled().mistakes)
        if resolve.needs_hooks(self._around(), kind, name):
            self._load_hooks()
        around = self._around()
        with self._explained(kind, name):
            found = resolve.choose(around, kind, name)
        self._refuse(resolve.hidden_rivals(around, kind, name, found))
        return found

    def why(self, kind: str | None, name: str) -> Explanation:
        """Tell how a name is resolved; see :func:`packflow.plugin.why`."""
        from packflow.plugin.explain import with_hint

        if kind is not None:
            _check_kind(kind)
        self._complaints.tell(self._settled().warnings)
        return with_hint(self._explain(kind, name), self._around())

    def _explain(self, kind: str | None, name: str) -> Explanation:
        from packflow.plugin.explain import explain

        static = self._settled()
        wanted = wanted_hooks(static.installed, static.policy, self._direct.now)
        failures = {hook: self._loader.failure(hook) or self._hooks.failures.get(hook) for hook in wanted}
        absent = {hook: why for hook, why in failures.items() if why or not self._loader.is_loaded(hook)}
        return explain(self._around(), kind, name, failure=self._loader.failure, absent=absent)

    @contextmanager
    def _explained(self, kind: str, name: str | None = None) -> Iterator[None]:
        """Attach to what is raised how the name, or else the error's own, was resolved."""
        try:
            yield
        except PluginError as error:
            own = "/".join(filter(None, (error.distribution, error.name)))
            with suppress(Exception):  # telling more must not stand in the way of the error itself
                error.explained(self._explain(kind, name or own).text)
            raise

    def records(self, kind: str | None = None) -> list[PluginRecord]:
        """List every plugin; see :func:`packflow.plugin.plugins`."""
        if kind is not None:
            _check_kind(kind)
        static = self._settled()
        self._complaints.tell(static.warnings)
        return list_records(self._around(), self._loader, self._hooks, kind)

    def listeners(self) -> Listeners:
        """Give who listens to what; see :func:`packflow.plugin.listeners`."""
        self._refuse(self._settled().mistakes)
        self._load_hooks()
        return self._hooks.listeners

    def register(self, kind: str, name: str, target: Any, *, replace: bool = False) -> Registration:
        """Register a plugin; see :func:`packflow.plugin.register`."""
        _check_kind(kind)
        entry = Registration(kind, name, target, remove=self._remove)
        if problem := registration_problem(entry):
            raise errors.registration(entry, problem)
        around = None if replace else self._around()

        def added(stack: Stack) -> Stack:
            if around and (problem := resolve.taken(around._replace(direct={(kind, entry.key): stack}), entry)):
                raise errors.registration(entry, problem)
            return [*stack, entry]

        # A module may register others while it is imported, and a hooks plugin that is taken in may wait for it.
        with self._lock if kind == "hooks" else nullcontext():
            in_use = self._hooks.complete
            if kind == "hooks":
                self._hooks.swap((None, *added(self._direct.stack(entry)))[-2], entry)
            self._direct.change(entry, added)
            self.stamp = object()
        self._load_hooks_again(in_use, or_else=entry.remove)
        return entry

    def unregister(self, kind: str, name: str) -> None:
        """Take the latest registration of a name back; see :func:`packflow.plugin.unregister`."""
        _check_kind(kind)
        stack = self._direct.stack(Registration(kind, name, None))
        if not stack:
            registered = [stack[-1].name for (other, _), stack in self._direct.now.items() if other == kind and stack]
            raise errors.not_registered(kind, name, registered)
        stack[-1].remove()

    def _remove(self, entry: Registration) -> None:
        with self._lock if entry.kind == "hooks" else nullcontext():
            stack = self._direct.stack(entry)
            if entry not in stack:
                return
            self._direct.change(entry, lambda entries: [other for other in entries if other is not entry])
            if entry.kind == "hooks" and stack[-1] is entry:
                self._hooks.swap(entry, (None, *self._direct.stack(entry))[-1])
            self.stamp = object()  # now that nobody finds any more what it had registered

    def configure(self, **settings: Any) -> None:
        """Change settings; see :func:`packflow.plugin.configure`."""
        configured = {**self._configured, **settings}
        changed = policy.read(self._environ, configured)
        outweighed = policy.read({}, configured)  # what a variable outweighs must make sense all the same
        if "lock" in settings:
            require_lock(outweighed.lock, outweighed.origin("lock"))
            configured["lock"] = outweighed.lock  # a path as it is meant now
        with self._lock:
            in_use = self._hooks.complete
            with self._scanning:  # or else a scan under way would settle with the old settings
                self._configured = configured
                if self._static is not None:
                    self._static = settle(self._static.scanned, changed)
            self._reset_hooks()
        self._load_hooks_again(in_use)

    def selection(self) -> PluginSelection:
        """Give the plugins of this process as data; see :func:`packflow.plugin.selection`."""
        from packflow.plugin.selections import select

        static = self._settled()
        self._refuse(static.mistakes)
        return select(static, self._direct.now)

    def adopt(self, selection: PluginSelection) -> None:
        """Use exactly the plugins of another process; see :func:`packflow.plugin.adopt`."""
        from packflow.plugin.selections import adopted

        taken = adopted(selection, self._scan(), self._loader.load)
        made = [Registration(entry.kind, entry.name, target, remove=self._remove) for entry, target in taken.registered]
        direct = {(entry.kind, entry.key): [entry] for entry in made}
        with self._lock:
            in_use = self._hooks.complete
            with self._scanning:
                self._environ, self._configured, self._static = taken.environ, taken.configured, taken.settled
            self._direct.replace(direct)
            self._reset_hooks()
        self._load_hooks_again(in_use)

    def refresh(self) -> None:
        """Forget what was read and loaded; see :func:`packflow.plugin.refresh`."""
        import importlib

        importlib.invalidate_caches()
        with self._lock:
            in_use = self._hooks.complete
            with self._scanning:  # or else a scan under way would bring back what was there before
                self._static = None
            self._complaints = Complaints()
            self._loader.forget()
            self._reset_hooks()
        self._load_hooks_again(in_use)

    def _reset_hooks(self) -> None:
        self._hooks.reset(self._direct.now)
        self.stamp = object()

    def _load_hooks(self) -> None:
        if not self._hooks.complete:
            with self._explained("hooks"):
                self._hooks.ensure(self._wanted_hooks, strict=self._settled().policy.strict)
            self.stamp = object()
            if self._hooks.complete:
                self._look_at_settings_again()
        if self._hooks.complete:
            self._refuse(self._settled().late_mistakes)

    def _look_at_settings_again(self) -> None:
        """Now that all have registered what they would, an entry that still means nothing is a mistake."""
        with self._scanning:
            if self._static is not None:
                failed = [plugin.distribution or "" for plugin in self._hooks.failures]
                self._static = self._static.with_hooks(self._hooks.contributed, failed)

    def _load_hooks_again(self, in_use: bool, or_else: Callable[[], None] = lambda: None) -> None:
        """Bring those up to date who already listen, for callers keep what :meth:`listeners` gave them."""
        if in_use and not self._hooks.complete:
            try:
                self._load_hooks()
            except PluginError:
                or_else()
                raise

    def _wanted_hooks(self) -> list[Plugin]:
        static = self._settled()
        for plugin, reason in refused_hooks(static.installed, static.policy, self._direct.now):
            raise errors.hooks_refused(plugin, reason)
        return wanted_hooks(static.installed, static.policy, self._direct.now)

    def _around(self) -> resolve.Surroundings:
        static = self._settled()
        return resolve.Surroundings(static.installed, static.policy, self._direct.now, self._hooks.contributed)

    def _settled(self) -> Settled:
        static = self._static
        if static is None:
            with self._scanning:
                static = self._static
                if static is None:
                    static = settle(self._scan(), policy.read(self._environ, self._configured))
                    self._static = static
        return static

    def _refuse(self, mistakes: Mistakes) -> None:
        static = self._settled()
        self._complaints.refuse(mistakes, unreadable=static.unreadable, strict=static.policy.strict)


def _check_kind(kind: str) -> None:
    if kind not in GROUPS:
        raise errors.unknown_kind(kind)
