"""The functions of :mod:`packflow.plugin`: each is a method of the process's one registry."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from packflow.plugin.notify import Listeners
from packflow.plugin.records import PluginRecord
from packflow.plugin.refs import PluginRef
from packflow.plugin.registration import Registration
from packflow.plugin.registry import Registry
from packflow.plugin.tracing import TraceRow, report_at_exit

if TYPE_CHECKING:
    from packflow.plugin.explain import Explanation
    from packflow.plugin.locks import PluginLock


class _Unchanged:
    """Stands for a setting that is not to be changed."""

    def __repr__(self) -> str:
        return "unchanged"


_UNCHANGED: Final = _Unchanged()
_shared: Registry | None = None
_shared_lock = threading.Lock()


def shared() -> Registry:
    """Give the registry of this process; it is made when it is first asked for."""
    global _shared
    if _shared is None:
        with _shared_lock:
            if _shared is None:
                _shared = Registry()
                if _shared.trace:
                    report_at_exit(_shared.trace)
    return _shared


@contextmanager
def isolated(registry: Registry) -> Iterator[Registry]:
    """Put another registry in the place of the process's for a block. All threads see it; for tests.

    Example:
        >>> from packflow.plugin.index import Index
        >>> with isolated(Registry(scan=Index, environ={})):
        ...     plugins()
        []

    Whatever was made before the block goes on with the registry it was made with: a backend tells its own listeners.
    """
    global _shared
    with _shared_lock:
        before, _shared = _shared, registry
    try:
        yield registry
    finally:
        with _shared_lock:
            _shared = before


def load(kind: str, name: str) -> Any:
    """Give the object behind a plugin's name, importing that plugin alone. What came of it is remembered.

    Example:
        >>> load("preprocessor", "records").__name__
        'RecordsPreprocessor'

    Args:
        kind: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``.
        name: the plugin's name, or ``distribution/name``.

    Returns:
        What the plugin names: a class or an instance, as the kind has it.

    Raises:
        UnknownPluginError: there is none of that name.
        AmbiguousPluginError: several distributions have it.
        BlockedPluginError: a setting keeps it out.
        PluginLoadError: its import failed, or gave something else than a plugin of that kind.
    """
    return shared().load(kind, name)


def find(kind: str, name: str) -> PluginRef | Registration:
    """Give the plugin that a name means, without importing it.

    Example:
        >>> find("preprocessor", "numpy").qualified
        'packflow/numpy'

    Args:
        kind: the kind of plugin.
        name: the plugin's name, or ``distribution/name``.

    Raises:
        UnknownPluginError: there is none of that name.
        AmbiguousPluginError: several distributions have it.
        BlockedPluginError: a setting keeps it out.
    """
    return shared().find(kind, name)


def has(kind: str, name: str) -> bool:
    """Whether a name means a plugin. Cheaper than catching what :func:`find` raises, and nothing is imported.

    Example:
        >>> has("preprocessor", "numpy"), has("preprocessor", "nonsense")
        (True, False)

    Args:
        kind: the kind of plugin.
        name: the plugin's name, or ``distribution/name``.

    Raises:
        AmbiguousPluginError: several distributions have it.
        BlockedPluginError: a setting keeps it out.
    """
    return shared().has(kind, name)


def stamp() -> object:
    """Give an object that is replaced whenever a name may have come to mean something else.

    Example:
        >>> before = stamp()
        >>> registration = register("backend", "counter", "collections:Counter")
        >>> stamp() is before
        False
        >>> registration.remove()

    What is worked out from look-ups can be kept for as long as this stays the same object.
    """
    return (_shared or shared()).stamp


def plugins(kind: str | None = None) -> list[PluginRecord]:
    """List what is installed and registered, with the state of each. No plugin is imported.

    Example:
        >>> [record.name for record in plugins("preprocessor") if record.distribution == "packflow"]
        ['numpy', 'passthrough', 'records']

    Args:
        kind: the kind to list; every kind, and the distributions that were left out, if None.
    """
    return shared().records(kind)


def why(kind: str | None, name: str) -> Explanation:
    """Tell how a name is resolved: every plugin that has it, and why it won, lost or was kept out. None is imported.

    Example:
        >>> with register("backend", "counter", "collections:Counter"):
        ...     print(why("backend", "counter").text)
        backend 'counter': means a direct registration
          won       a direct registration, counter = collections:Counter
                    what is registered directly goes before all else

    Args:
        kind: the kind of plugin; every kind if None.
        name: the plugin's name, or ``distribution/name``.

    Returns:
        The candidates with their verdicts, and the same as text. What hooks plugins register counts as far as they are
        loaded; those that are not yet are named in the notes.
    """
    return shared().why(kind, name)


def register(kind: str, name: str, target: Any, *, replace: bool = False) -> Registration:
    """Register a plugin without installing it: in a notebook, a script or a test.

    Example:
        >>> with register("backend", "counter", "collections:Counter"):
        ...     find("backend", "counter").value
        'collections:Counter'

    Args:
        kind: the kind of plugin.
        name: the name it is to be found by.
        target: the object, or a text ``"module:object"``, which is imported when the name is asked for.
        replace: stand in front of the installed or registered plugin that has the name.

    Returns:
        The registration. ``remove()`` takes it back, and so does the end of a ``with`` block.

    Raises:
        PluginRegistrationError: the name is taken or impossible, or the object is of the wrong kind.
    """
    return shared().register(kind, name, target, replace=replace)


def unregister(kind: str, name: str) -> None:
    """Take back what :func:`register` registered under a name. What had the name before has it again.

    Example:
        >>> _ = register("backend", "counter", "collections:Counter")
        >>> unregister("backend", "counter")

    Args:
        kind: the kind of plugin.
        name: its name.

    Raises:
        UnknownPluginError: nothing is registered directly under that name.
    """
    shared().unregister(kind, name)


def listeners() -> Listeners:
    """Give who listens to what, loading the hooks plugins when it is first asked for.

    Example:
        >>> listeners().call_finished
        ()

    Returns:
        Always the same object; its attributes are empty tuples where nobody listens.

    Raises:
        PluginError: in strict mode, a hooks plugin could not be loaded.
    """
    return shared().listeners()


def trace() -> list[TraceRow]:
    """Give what plugins have cost this process so far, what took longest first.

    Example:
        >>> trace()  # PACKFLOW_TRACE is not set
        []

    Returns:
        A row for each import of a plugin and for each of its hooks that was called; none where ``PACKFLOW_TRACE`` was
        not set when packflow first looked for plugins.

    Raises:
        PluginError: ``PACKFLOW_TRACE`` is neither on nor off.
    """
    measured = shared().trace
    return measured.rows() if measured else []


def refresh() -> None:
    """Forget what was read and loaded: the next look-up scans the environment and reads the settings again.

    Example:
        >>> refresh()

    Direct registrations and ``configure()`` stay. A module that was imported stays in ``sys.modules``, so a plugin's
    changed code needs a new process; one whose import failed is tried again.
    """
    shared().refresh()


def configure(
    *,
    allow: Iterable[str] | _Unchanged | None = _UNCHANGED,
    deny: Iterable[str] | _Unchanged | None = _UNCHANGED,
    autoload: bool | _Unchanged | None = _UNCHANGED,
    strict: bool | _Unchanged | None = _UNCHANGED,
    overrides: Mapping[str, str] | _Unchanged | None = _UNCHANGED,
    lock: str | os.PathLike[str] | PluginLock | _Unchanged | None = _UNCHANGED,
) -> None:
    """Say which plugins may be used. What is left out stays as it is; None goes back to the default.

    Example:
        >>> configure(deny=["packflow/numpy"])
        >>> why("preprocessor", "numpy").outcome
        'blocked'
        >>> configure(deny=None)

    An environment variable that is set wins over the setting here; :mod:`packflow.plugin.policy` lists them.

    Args:
        allow: only these, and the built-ins, may be used: ``distribution`` or ``distribution/name``.
        deny: these may not be used, whatever ``allow`` says.
        autoload: False if only what ``allow`` names, and the built-ins, may be used.
        strict: True if failures of plugins are to be raised rather than logged.
        overrides: bare names, each with the ``distribution/name`` that it is to mean.
        lock: the path of a lock file, or a lock: what is installed may be used if it is exactly what is locked.

    Raises:
        PluginError: a setting cannot be understood; PluginLockError, if it is the lock file.
    """
    given: dict[str, Any] = {"allow": allow, "deny": deny, "autoload": autoload, "strict": strict}
    given |= {"overrides": overrides, "lock": lock}
    shared().configure(**{name: value for name, value in given.items() if not isinstance(value, _Unchanged)})
