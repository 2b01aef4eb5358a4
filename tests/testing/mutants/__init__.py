"""Plugins that are broken in one way each, with a suite for each. pytest runs them in a process of its own.

`breaking` marks a plugin with the check that must fail for it; the modules are named so that an ordinary run of the
tests collects none of this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

C = TypeVar("C", bound=type)


class Mutants:
    """The broken plugins of one kind, and the suites made of them."""

    def __init__(self, namespace: dict[str, Any], base: type) -> None:
        self.namespace = namespace
        self.base = base

    def breaking(self, check: str, **attributes: Any) -> Callable[[C], C]:
        """Mark a class as a plugin that must fail a check, and make its suite, with further attributes."""

        def mark(broken: C) -> C:
            self.add(check, broken.__name__, **{"plugin": broken, **attributes})
            return broken

        return mark

    def add(self, check: str, name: str, **attributes: Any) -> None:
        """Make the suite of a broken plugin, or of a suite that says something wrong."""
        suite = type(f"Test{name}", (self.base,), {**attributes, "broken_rule": check})
        suite.__module__ = self.namespace["__name__"]
        assert suite.__name__ not in self.namespace, f"two mutants are called {name}"
        self.namespace[suite.__name__] = suite
