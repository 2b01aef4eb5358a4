"""Converting nested data: every value by the rule for its type, every container to a new dict or list.

This is the hot path. Values that are native already are passed on in the loop that met them; a path is worked
out only when something is refused.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from packflow.exceptions import NormalizationError, PluginError
from packflow.normalizers import columns
from packflow.normalizers.base import Native
from packflow.normalizers.columns import INT_BOUND
from packflow.normalizers.dispatch import CORE, LEAVES, Rules
from packflow.normalizers.plain import KEY_TYPES, MAX_INT_DIGITS
from packflow.normalizers.refusal import Refusal, type_name
from packflow.utils.causes import cause_text

MAX_DEPTH = 500
"""How many containers may stand inside each other. Cyclic data is deeper than any limit."""

_MAX_CHAIN = 32
"""How often a rule may give an object that needs another rule, before it is taken for one that never ends."""

_TOO_LONG = f"an integer of more than {MAX_INT_DIGITS} digits has no JSON form; give a str"
_PASSED = frozenset({str, bool, type(None)})
_SETS = (set, frozenset)


class Walk:
    """One pass over a backend's outputs.

    Attributes:
        rules: the rule for each type.
        refuse_nan: whether NaN and the infinities are refused; otherwise they become None.
    """

    __slots__ = ("_known", "refuse_nan", "rules")

    def __init__(self, rules: Rules, refuse_nan: bool) -> None:
        self.rules = rules
        self.refuse_nan = refuse_nan
        self._known = rules.known

    def native(self, obj: Any, level: int = 1) -> Any:
        """Give `obj` as JSON-native data, all of whose containers are new.

        One call of this function is one frame of Python's stack for each level of nesting, reduced objects
        included: so `MAX_DEPTH` levels fit into the stack that Python gives.

        Raises:
            Refusal: something in it has no JSON form.
        """
        kind = type(obj)
        if kind not in CORE:
            obj = self.reduced(obj)
            kind = type(obj)
        if kind in LEAVES:
            return self._leaf(obj)
        if kind is Native:
            return self._checked(obj)
        if level > MAX_DEPTH:
            raise Refusal(f"more than {MAX_DEPTH} containers inside each other (the data may contain itself)")
        out: Any
        items: Any
        if kind is dict:
            out, items = {}, obj.items()
        else:
            if len(obj) >= columns.FEWEST:
                at_once = self._at_once(obj, kind, level)
                if at_once is not None:
                    return at_once
            out, items = [None] * len(obj), enumerate(obj)
        step: Any = None
        known, found = self._known, kind
        try:
            for step, value in items:
                if type(step) is not str and kind is dict:
                    step = self._key(step)
                found = type(value)
                if found in known:
                    # Most rules give a leaf at once; what is left to do with the others is done one level down.
                    value = known[found](value)
                    found = type(value)
                if (
                    found in _PASSED
                    or (found is float and value - value == 0)  # NaN and the infinities give NaN
                    or (found is int and -INT_BOUND < value < INT_BOUND)
                ):
                    out[step] = value
                else:
                    out[step] = self.native(value, level + 1)
        except Refusal as refusal:
            refusal.add(step)
            raise
        except (PluginError, RecursionError):
            raise
        except Exception as error:
            explained = explained_as(error, found)
            explained.add(step)
            raise explained from error
        if kind is not dict:
            return _ordered(out, kind)
        if len(out) != len(obj):
            raise Refusal(f"two keys would both become {self._twice(obj)!r}; rename one of them")
        return out

    def _at_once(self, obj: Any, kind: type, level: int) -> list[Any] | None:
        """Give a list, tuple or set whose values can all be converted at once; None where each has to be looked at."""
        kinds = columns.kinds_of(obj)
        if columns.are_plain(obj, kinds):
            return _ordered(list(obj), kind)
        if len(kinds) != 1 or level > columns.DEEPEST or kind in _SETS:
            return None
        try:
            return columns.convert_all(obj, kinds, self.rules)
        except Exception:  # noqa: BLE001  # whatever it was, the look at each value says which it was
            return None

    def reduced(self, obj: Any) -> Any:
        """Apply the rules for `obj`, then for what it became, until a type comes out that this walk reads."""
        for _ in range(_MAX_CHAIN):
            kind = type(obj)
            if kind in CORE:
                return obj
            rule = self._known.get(kind) or self.rules.find(kind)
            try:
                obj = rule(obj)
            except RecursionError:
                raise
            except Exception as error:
                raise explained_as(error, kind) from error
        raise Refusal(
            f"converting never ends: after {_MAX_CHAIN} steps there is still an object of type "
            f"{type_name(type(obj))!r}; a normalizer has to give something simpler than it was given"
        )

    def _leaf(self, value: Any) -> Any:
        kind = type(value)
        if kind is float:
            if isfinite(value):
                return value
            if self.refuse_nan:
                raise Refusal(_no_number(str(value)))
            return None
        if kind is int and not -INT_BOUND < value < INT_BOUND:
            raise Refusal(_TOO_LONG)
        return value

    def _checked(self, native: Native) -> Any:
        if native.replaced is not None and self.refuse_nan:
            refusal = Refusal(_no_number("NaN or infinity"))
            refusal.steps.extend(reversed(native.replaced))
            raise refusal
        return native.data

    def _key(self, key: Any) -> str:
        """Write a key that is no exact `str` as `json.dumps` would, or as the text that it stands for."""
        value = None
        allowed = issubclass(type(key), KEY_TYPES)  # isinstance() asks the key itself, whose code may fail
        try:
            if allowed or self.rules.normalizer(type(key)) is not None:
                value = self.reduced(key)
                value = value.data if type(value) is Native else value
                allowed = type(value) in LEAVES
        except Refusal as refusal:
            raise Refusal(f"a key: {refusal.reason}", at_key=True) from refusal.__cause__
        except (PluginError, RecursionError):
            raise
        except Exception as error:
            raise Refusal(f"a key: {explained_as(error, type(key)).reason}", at_key=True) from error
        if not allowed or isinstance(key, bytes):
            raise Refusal(
                f"a key of type {type_name(type(key))!r} has no JSON form; keys are strings, or "
                "numbers, bools, None, dates, UUIDs, paths and enumerations, which become strings",
                at_key=True,
            )
        if type(value) is float and not isfinite(value):
            raise Refusal(f"{value} as a key has no JSON form; give the key a name", at_key=True)
        if type(value) is int and not -INT_BOUND < value < INT_BOUND:
            raise Refusal(f"a key: {_TOO_LONG}", at_key=True)
        if type(value) is str:
            return value
        return _KEY_WORDS[value] if value is None or type(value) is bool else repr(value)

    def _twice(self, obj: dict[Any, Any]) -> str | None:
        seen: set[str] = set()
        for key in obj:
            name = key if type(key) is str else self._key(key)
            if name in seen:
                return name
            seen.add(name)
        return None


_KEY_WORDS = {None: "null", True: "true", False: "false"}


def _ordered(values: list[Any], kind: type) -> list[Any]:
    """Sort what a set held. Native values of one kind have an order; others are left in the set's own."""
    if kind not in _SETS:
        return values
    try:
        return sorted(values)
    except TypeError:
        return values


def explained_as(error: Exception, kind: type) -> Refusal:
    """Give the refusal for what a rule raised, or the code of the type that was to be converted."""
    if isinstance(error, NormalizationError):
        return Refusal(str(error), tail=error.path)
    return Refusal(f"an object of type {type_name(kind)!r} could not be converted: {cause_text(error)}")


def _no_number(what: str) -> str:
    return f'{what} is no JSON number; replace it, or pass nan="null" to have None in its place'
