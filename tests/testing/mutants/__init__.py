"""Plugins that are broken in one way each, with a suite for each. pytest runs the suites in a process of its own.

The plugins are in modules that import no pytest, for each of them is sent to a worker, which imports its module.
The modules are named so that an ordinary run of the tests collects none of this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

C = TypeVar("C", bound=type)

#: How many threads a check that needs several takes here.
THREADS = 4
_together = threading.Barrier(THREADS)


def meet_others() -> None:
    """Wait until all threads of a check are here, however they get the processor; alone, go on at once."""
    if threading.current_thread() is not threading.main_thread():
        _together.wait(60)


class Mutant(NamedTuple):
    """A broken plugin: the check that must fail, a name for its suite, and what the suite declares."""

    check: str
    name: str
    attributes: dict[str, Any]


class Mutants(list[Mutant]):
    """The broken plugins of a module."""

    def breaking(self, check: str, **attributes: Any) -> Callable[[C], C]:
        """Mark a class as a plugin that must fail a check."""

        def mark(broken: C) -> C:
            self.add(check, broken.__name__, **{"plugin": broken, **attributes})
            return broken

        return mark

    def add(self, check: str, name: str, **attributes: Any) -> None:
        """Note a broken plugin, or a suite that says something wrong."""
        self.append(Mutant(check, name, attributes))

    def into(self, namespace: dict[str, Any], base: type) -> None:
        """Make a suite of each in the module where pytest is to collect them."""
        for check, name, attributes in self:
            suite = type(f"Test{name}", (base,), {"broken_rule": check, **attributes})
            suite.__module__ = namespace["__name__"]
            assert suite.__name__ not in namespace, f"two mutants are called {name}"
            namespace[suite.__name__] = suite
