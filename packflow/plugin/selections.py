"""A selection: all that the meaning of plugins' names depends on in a process, as data that another can adopt."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

from packflow.exceptions import PluginLoadError, PluginLockError
from packflow.plugin import policy
from packflow.plugin.index import Index
from packflow.plugin.kinds import describe
from packflow.plugin.lockable import lockable
from packflow.plugin.locks import PluginLock, differences
from packflow.plugin.policy import Policy
from packflow.plugin.registration import Registration
from packflow.plugin.settled import Settled, settle
from packflow.utils.errors import short

#: The settings that a selection carries; the lock itself takes the place of ``lock``.
SETTINGS = ("allow", "deny", "autoload", "strict", "overrides")


class RegisteredPlugin(NamedTuple):
    """A direct registration, as data.

    Example:
        >>> from packflow import plugin
        >>> with plugin.register("backend", "counter", "collections:Counter"):
        ...     plugin.selection().registered[0].value
        'collections:Counter'
    """

    kind: str
    name: str
    #: Where the object is, as ``module:object``, or the name of a module.
    value: str
    #: Whether it was registered as a text, to be imported when it is asked for, and not as an object.
    lazy: bool


@dataclass(frozen=True)
class PluginSelection:
    """The plugins of a process, to be handed to its workers. It can be pickled, hashed and compared.

    Example:
        >>> from packflow import plugin
        >>> plugin.selection() == plugin.selection()
        True

    Attributes:
        lock: the installed plugins that may be used. Where an installer has recorded nothing of a distribution, its
            version and values alone are compared.
        registered: what is registered directly.
        settings: the settings that hold, by name, sorted.
    """

    lock: PluginLock
    registered: tuple[RegisteredPlugin, ...]
    settings: tuple[tuple[str, Any], ...]


def settings_of(settings: Policy) -> tuple[tuple[str, Any], ...]:
    """Give the settings that hold, in a form that is the same for all that mean the same.

    Example:
        >>> from packflow.plugin.policy import read
        >>> dict(settings_of(read({"PACKFLOW_DISABLE_PLUGINS": "b, a"})))["deny"]
        ('a', 'b')
    """
    found = ((name, getattr(settings, name)) for name in sorted(SETTINGS))
    return tuple((name, tuple(sorted(set(value))) if isinstance(value, tuple) else value) for name, value in found)


def as_configured(settings: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Give a selection's settings as ``configure()`` takes them."""
    return {name: dict(value) if name == "overrides" else value for name, value in settings}


def as_data(direct: Mapping[tuple[str, str], Sequence[Registration]]) -> tuple[RegisteredPlugin, ...]:
    """Give what is registered directly as data; of several registrations of a name, the latest.

    Raises:
        PluginLockError: objects cannot be found by importing something; the text names all of them.
    """
    latest = [entries[-1] for _, entries in sorted(direct.items()) if entries]
    problems = [
        f"the {entry.kind} plugin {entry.name!r} is {describe(entry.target)}, which is not to be found under any name "
        "in its module"
        for entry in latest
        if _where(entry) is None
    ]
    if problems:
        raise failed(
            "What is registered directly cannot be handed to another process",
            problems,
            "Register what a module has under a name of its own, or install it as a plugin.",
        )
    return tuple(RegisteredPlugin(entry.kind, entry.name, _where(entry) or "", entry.lazy) for entry in latest)


def _where(entry: Registration) -> str | None:
    """Say from where an object can be imported; None if nowhere."""
    target = entry.target
    if isinstance(target, str):
        return target
    if isinstance(target, ModuleType):
        return target.__name__ if sys.modules.get(target.__name__) is target else None
    cls = target if isinstance(target, type) else type(target)
    module = sys.modules.get(cls.__module__)
    if target is cls:
        found: Any = module
        for part in cls.__qualname__.split("."):
            found = getattr(found, part, None)
        return f"{cls.__module__}:{cls.__qualname__}" if found is cls else None
    names = sorted(name for name, value in vars(module).items() if value is target) if module else []
    return f"{cls.__module__}:{names[0]}" if names else None


def restored(
    registered: Iterable[RegisteredPlugin], load: Callable[[Registration], Any], problems: list[str]
) -> list[tuple[RegisteredPlugin, Any]]:
    """Import the objects that a selection has registered; texts stay texts.

    Args:
        registered: the registrations.
        load: imports one that is a text.
        problems: what cannot be imported is added to it.
    """
    found = []
    for entry in registered:
        target: Any = entry.value
        if not entry.lazy:
            try:
                target = load(Registration(entry.kind, entry.name, entry.value))
            except PluginLoadError as error:
                problems.append(str(error))
        found.append((entry, target))
    return found


def select(static: Settled, direct: Mapping[tuple[str, str], Sequence[Registration]]) -> PluginSelection:
    """Say which plugins a process has.

    Args:
        static: what is installed there, and the settings that hold.
        direct: what is registered directly there.

    Raises:
        PluginLockError: a lock is in force, and what is there is not what it holds; or something is registered that
            another process could not import.
    """
    settings = static.policy
    problems = [reason for ref in static.installed.refs if (reason := policy.mismatch(settings, ref)) is not None]
    if settings.frozen is not None:
        latest = [entries[-1] for entries in direct.values() if entries]
        problems += sorted(reason for entry in latest if (reason := settings.frozen.refuses_text(entry)) is not None)
    if problems:
        raise failed("The plugins here are not those that are locked, so that they cannot be handed on", problems, "")
    lock = lockable(static.scanned, settings, broken=True).lock
    return PluginSelection(lock, as_data(direct), settings_of(settings))


class Adopted(NamedTuple):
    """What a process has to go by from then on."""

    #: Stands in for the environment's variables.
    environ: Mapping[str, str]
    configured: dict[str, Any]
    settled: Settled
    registered: list[tuple[RegisteredPlugin, Any]]


def adopted(selection: PluginSelection, scanned: Index, load: Callable[[Registration], Any]) -> Adopted:
    """Say what adopting a selection means in a process. Only what was registered as an object is imported.

    Args:
        selection: what to adopt.
        scanned: what is installed in the process.
        load: imports what is registered as a text.

    Raises:
        PluginLockError: not everything is as it is in the selection, and the text names every difference; or it is no
            selection.
    """
    if not isinstance(selection, PluginSelection):
        raise PluginLockError(
            f"{short(selection)} is no selection of plugins. Hand over what packflow.plugin.selection() gives there."
        )
    configured = as_configured(selection.settings)
    here = lockable(scanned, policy.read({}, configured), broken=True)
    reasons = {key: reason for key, (_, reason) in here.left_out.items()}
    problems = [found.text for found in differences(selection.lock, here.lock, reasons) if found.what != "extra"]
    registered = restored(selection.registered, load, problems)
    if problems:
        raise failed(
            "This process cannot have the plugins of the one that handed them over",
            problems,
            "Install the same distributions for both, and register what both can import.",
        )
    configured["lock"] = selection
    return Adopted(MappingProxyType({}), configured, settle(scanned, policy.read({}, configured)), registered)


def failed(what: str, problems: Sequence[str], advice: str) -> PluginLockError:
    """Put all that stands in the way into one error."""
    return PluginLockError("\n".join([f"{what}:", *(f"- {problem}" for problem in problems), *filter(None, [advice])]))
