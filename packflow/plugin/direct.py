"""What is registered directly: for each name a stack of registrations, of which the latest counts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from packflow.plugin.registration import Registration

#: The registrations of one name, the latest last; never changed once it is there.
Stack = list[Registration]


class DirectRegistrations:
    """The direct registrations of one registry, changed in many threads.

    Example:
        >>> direct = DirectRegistrations()
        >>> entry = Registration("backend", "fast", "acme:Fast")
        >>> direct.change(entry, lambda stack: [*stack, entry])
        >>> direct.now
        {('backend', 'fast'): [<Registration backend 'fast' = acme:Fast>]}

    Attributes:
        now: the stack of each (kind, key). Another dict after each change: other threads may be reading the old one.
    """

    def __init__(self) -> None:
        self.now: Mapping[tuple[str, str], Stack] = {}
        # Objects that are collected, and handlers of signals, may take registrations back in the middle of a change.
        self._writing = threading.RLock()  # never held while a plugin's code runs

    def stack(self, entry: Registration) -> Stack:
        """Give the registrations of an entry's name."""
        return self.now.get((entry.kind, entry.key), [])

    def change(self, entry: Registration, change: Callable[[Stack], Stack]) -> None:
        """Put another stack in the place of that of an entry's name.

        Args:
            entry: the entry.
            change: gives the new stack for the present one, or raises; it may be asked again.
        """
        place = (entry.kind, entry.key)
        with self._writing:
            while True:
                known = self.now
                changed = {**known, place: change(known.get(place, []))}
                if self.now is known:
                    self.now = changed
                    return

    def replace(self, stacks: Mapping[tuple[str, str], Stack]) -> None:
        """Put others in the place of all."""
        with self._writing:
            self.now = stacks
