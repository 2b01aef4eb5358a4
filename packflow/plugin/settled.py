"""What is read once: what is installed, the settings that hold, the lock; and what is wrong with those settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from packflow.exceptions import PluginError, PluginLockError
from packflow.plugin import errors, policy
from packflow.plugin.hooks import allowed_hooks
from packflow.plugin.index import Index
from packflow.plugin.policy import Policy
from packflow.plugin.registration import Plugin, Registration
from packflow.utils.once import Once

if TYPE_CHECKING:
    from packflow.plugin.recorded import Recorded

#: Texts by the entry that each is about, and the setting in which that stands.
Mistakes = Mapping[tuple[str, str], str]


class Settled(NamedTuple):
    """What is read once."""

    #: What was found.
    scanned: Index
    #: The same, and what is locked but was not found.
    installed: Index
    policy: Policy
    #: Why the lock cannot be read; None if it can, or there is none.
    unreadable: PluginLockError | None = None
    #: The text for each entry of the settings that means nothing.
    mistakes: Mistakes = MappingProxyType({})
    #: The same for those that could have meant something until every hooks plugin had registered what it would.
    late_mistakes: Mistakes = MappingProxyType({})

    @property
    def warnings(self) -> list[str]:
        """Give all that is wrong with the settings, in words, for those who only look."""
        return [*([str(self.unreadable)] if self.unreadable else []), *self.mistakes.values()]

    def with_hooks(self, contributed: Iterable[Registration], failed: Iterable[str]) -> Settled:
        """Look at the settings again now that all hooks plugins have registered what they would.

        Args:
            contributed: what they have registered.
            failed: the distributions whose hooks plugins are not in use, and may have registered more.
        """
        found = _mistakes(self.installed, self.policy, contributed, failed)
        late = {place: text for place, text in found.items() if place not in self.mistakes}
        return self._replace(late_mistakes=late)


class Complaints:
    """Says what is wrong with the settings: each mistake once, as a warning, or where that is wanted, as an error."""

    def __init__(self) -> None:
        self._told = Once()

    def refuse(self, mistakes: Mistakes, *, unreadable: PluginLockError | None, strict: bool) -> None:
        """Raise what must not be passed over, and tell the rest.

        Raises:
            PluginLockError: the lock cannot be read.
            PluginError: in strict mode, the first mistake.
        """
        if unreadable is not None:
            raise PluginLockError(str(unreadable)) from unreadable.__cause__
        for mistake in mistakes.values():
            if strict:
                raise PluginError(mistake)
        self.tell(mistakes.values())

    def tell(self, mistakes: Iterable[str]) -> None:
        """Log the mistakes that have not been told yet."""
        for mistake in mistakes:
            if self._told(mistake):
                from packflow.utils.log import logger

                logger.warning(mistake)


def settle(scanned: Index, settings: Policy, *, read_record: Callable[[str], Recorded] | None = None) -> Settled:
    """Settle what can be settled before any plugin is imported.

    Args:
        scanned: what is installed.
        settings: the settings.
        read_record: reads what was recorded of a distribution; that is done only where a lock is in force.
    """
    installed, unreadable = scanned, None
    if settings.lock is not None:
        installed, settings, unreadable = _in_force(scanned, settings, read_record)
    open_ended = [ref.distribution for ref in allowed_hooks(installed, settings)]
    return Settled(scanned, installed, settings, unreadable, _mistakes(installed, settings, (), open_ended))


def _in_force(
    scanned: Index, settings: Policy, read_record: Callable[[str], Recorded] | None
) -> tuple[Index, Policy, PluginLockError | None]:
    from packflow.plugin import recorded
    from packflow.plugin.frozen import Frozen, freeze
    from packflow.plugin.lockfile import read_lock
    from packflow.plugin.locks import PluginLock
    from packflow.plugin.selections import PluginSelection

    read = read_record or recorded.read_record
    lock, origin = settings.lock, settings.origin("lock")
    if isinstance(lock, str):
        try:
            lock = read_lock(lock, origin)
        except PluginLockError as error:
            return scanned, settings._replace(frozen=Frozen(origin, unreadable=str(error))), error
    if isinstance(lock, PluginSelection):
        texts = [(entry.kind, entry.value) for entry in lock.registered if entry.lazy]
        frozen, missing = freeze(lock.lock, "the adopted selection of plugins", scanned.refs, read, texts)
        # Where the other process has taken its modules from was its own affair.
        frozen = frozen._replace(again="hand over a selection of what is installed", places=MappingProxyType({}))
    else:
        frozen, missing = freeze(lock or PluginLock(), origin, scanned.refs, read)
    return Index([*scanned.refs, *missing], scanned.problems), settings._replace(frozen=frozen), None


def _mistakes(
    index: Index, settings: Policy, contributed: Iterable[Registration], open_ended: Iterable[str]
) -> dict[tuple[str, str], str]:
    """Give the entries of the settings that mean nothing, by entry and setting, each with the text that says so."""
    known: list[Plugin] = [*index.refs, *contributed]
    entries = policy.unknown_entries(settings, known, open_ended)
    names = [(plugin.name, plugin.distribution or "", plugin.qualified) for plugin in known]
    return {(entry, where): errors.unknown_entry(entry, where, names) for entry, where in entries}
