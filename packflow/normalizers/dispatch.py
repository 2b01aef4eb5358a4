"""Which rule converts objects of a type: found once for each type, then remembered.

The order, and why:

1. a normalizer registered under the qualified name of the type or of a base of it: nothing is more exact;
2. what a type says of itself: enumerations, named tuples, dataclasses;
3. a normalizer registered for the library that the type or a base of it comes from. It goes before Python's
   own types, for ``numpy.float64`` is a ``float`` as well;
4. Python's own types, their subclasses, and what behaves like a mapping, a set or a sequence.

No library is imported here. A normalizer is, when a type leads to it; an object of its library exists by
then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packflow import plugin
from packflow.exceptions import PluginLoadError
from packflow.normalizers.base import Native, Normalizer
from packflow.normalizers.plain import Rule, plain_rule, structural_rule
from packflow.normalizers.refusal import Refusal, library_name, qualified_name, type_name
from packflow.utils.module_names import plain_name

if TYPE_CHECKING:
    from packflow.normalizers.base import Many, Records

LEAVES = frozenset({str, int, float, bool, type(None)})
"""The types of which the leaves of a result are, exactly."""

CORE = LEAVES | {dict, list, tuple, set, frozenset, Native}
"""The types that `walk` reads itself. No normalizer can be registered for them."""

_MOST_TYPES = 4096
"""A program that makes types as it goes must not be kept from freeing them; beyond this, the next call
begins with none."""


class Rules:
    """The rules found so far, for one state of the registered plugins.

    Threads may share it: two that meet a new type at once find the same rule twice.

    Attributes:
        stamp: what `packflow.plugin.stamp` gave for that state.
        known: the rule for each type met so far.
        normalizers: the normalizer that a rule came from, for those types where it came from one.
        no_iterators: the types met so far that are none.
        many: what such a normalizer converts many objects of a type with at once, where it has such a function.
        records: what it makes records of an object of a type with, likewise.
    """

    def __init__(self, stamp: object, loaded: dict[str, Normalizer] | None = None) -> None:
        self.stamp = stamp
        self.known: dict[type, Rule] = {}
        self.normalizers: dict[type, Normalizer] = {}
        self.many: dict[type, Many] = {}
        self.records: dict[type, Records] = {}
        self.no_iterators: set[type] = set()
        self._loaded: dict[str, Normalizer] = {} if loaded is None else loaded

    def find(self, cls: type) -> Rule:
        """Give the rule for objects of exactly the class `cls`.

        Raises:
            Refusal: there is none.
            PluginError: a normalizer is registered for the type, but it cannot be used.
        """
        rule = self.known.get(cls)
        if rule is not None:
            return rule
        if len(self.known) >= _MOST_TYPES:
            _begin_anew(self)
        rule = self._by_name(cls) or structural_rule(cls) or self._by_library(cls) or plain_rule(cls)
        if rule is None:
            raise Refusal(_no_rule(cls))
        self.known[cls] = rule
        return rule

    def normalizer(self, cls: type) -> Normalizer | None:
        """Give the normalizer that converts objects of `cls`; None where one of the core's rules does."""
        if cls in CORE:
            return None
        self.find(cls)
        return self.normalizers.get(cls)

    def without_types(self) -> Rules:
        """Give rules that have met no type yet, with the same normalizers."""
        return Rules(self.stamp, self._loaded)

    def _by_name(self, cls: type) -> Rule | None:
        bases = [base for base in cls.__mro__ if base is not object and base not in CORE]
        names = [qualified_name(base) for base in bases]
        # A class of a local project has a module of a longer name than its files write, and register under.
        return self._first(cls, [spelling for name in names for spelling in (name, plain_name(name))])

    def _by_library(self, cls: type) -> Rule | None:
        return self._first(cls, [library_name(base) for base in cls.__mro__])

    def _first(self, cls: type, names: list[str]) -> Rule | None:
        """Give the rule of the first normalizer with one of these names that takes `cls` for its own."""
        for name in dict.fromkeys(names):
            if name not in self._loaded:
                if not plugin.has("normalizer", name):
                    continue
                self._loaded.setdefault(name, _load(name))  # the same one for all threads
            normalizer = self._loaded[name]
            rule: Rule | None = _asked(name, normalizer, "converter", cls)
            if rule is not None:
                many, records = (_asked_itself(name, normalizer, method, cls) for method in ("many", "records"))
                self.normalizers[cls] = normalizer
                if many is not None:
                    self.many[cls] = many
                if records is not None and not issubclass(cls, Iterator):  # an iterator's rows are what it holds
                    self.records[cls] = records
                return rule
        return None


def _asked(name: str, normalizer: Normalizer, method: str, cls: type) -> Any:
    """Give the function that one of a normalizer's methods chooses for a class."""
    try:
        return getattr(normalizer, method)(cls)
    except Exception as error:
        raise _failed(name, f"{method}({type_name(cls)})", error) from error


def _asked_itself(name: str, normalizer: Normalizer, method: str, cls: type) -> Any:
    """Do the same if the method is of the normalizer's own class: what a subclass changes has to count."""
    return _asked(name, normalizer, method, cls) if method in vars(type(normalizer)) else None


def current_rules() -> Rules:
    """Give the rules for the plugins as they are registered now."""
    global _rules
    stamp = plugin.stamp()
    rules = _rules
    if rules is None or rules.stamp is not stamp:
        rules = _rules = Rules(stamp)
    return rules


_rules: Rules | None = None


def _begin_anew(full: Rules) -> None:
    """Let the next call begin with no types; calls that are under way, in any thread, go on with what they have."""
    global _rules
    if _rules is full:
        _rules = full.without_types()


def _load(name: str) -> Normalizer:
    """Load a normalizer by its plugin name, and make one of its class."""
    target: Any = plugin.load("normalizer", name)
    if isinstance(target, Normalizer):
        return target
    try:
        normalizer: Normalizer = target()
    except Exception as error:
        raise _failed(name, f"{type_name(target)}()", error) from error
    return normalizer


def _failed(name: str, call: str, error: Exception) -> PluginLoadError:
    return PluginLoadError(
        f"the normalizer {name!r} cannot be used: {call} raised {type(error).__name__}: {error}",
        kind="normalizer",
        name=name,
    )


def _no_rule(cls: type) -> str:
    refusal = f"an object of type {type_name(cls)!r} has no JSON form; convert it before it is given back"
    if library_name(cls) == "builtins":  # a rule for these would be a rule for everybody
        return refusal
    return (
        f"{refusal}, or register a normalizer under {type_name(cls)!r} (entry-point group packflow.normalizers, "
        "or packflow.plugin.register)"
    )
