"""From generated source to a function: what every generated function has in common."""

from __future__ import annotations

import gc
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

#: Generated code never deals with a record that is no plain dict, or that lacks something: it asks for the interpreter.
Slow = Callable[[Any], Any]

_numbers = count(1)


@dataclass(frozen=True)
class Compiled:
    r"""A function on a batch of records, and the source that it was made from.

    Example:
        >>> double = build("def run(batch):\n    return [factor * item for item in batch]\n", factor=2)
        >>> double.run([1, 2])
        [2, 4]
        >>> print(double.source)
        def run(batch):
            return [factor * item for item in batch]
        <BLANKLINE>
    """

    run: Callable[..., Any]
    #: Gives the source; what depends on the layouts of records is generated only when they have been seen.
    written: Callable[[], str | None]

    @property
    def source(self) -> str | None:
        """The source that was generated last; None where none was yet."""
        return self.written()


def build(source: str, **names: Any) -> Compiled:
    """Make a function of the source of a function ``run``.

    Args:
        source: Python source.
        **names: what the source may use beside the builtins.
    """
    return Compiled(load(source, names)["run"], lambda: source)


def load(source: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run generated source in a namespace of its own, and show its lines in tracebacks."""
    place = f"<packflow generated {next(_numbers)}>"
    namespace = dict(names)
    exec(compile(source, place, "exec"), namespace)  # noqa: S102  # made here; names of fields come in as literals
    if len(linecache.cache) < _SHOWN:
        linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    return namespace


#: How many sources linecache may hold before generated ones are no longer shown in tracebacks.
_SHOWN = 5_000


def may_hold_dicts() -> Callable[[Any], bool]:
    """Give a quick test of a plain dict made just now: False only if none of its values is a dict.

    Example:
        >>> test = may_hold_dicts()
        >>> test({"a": {}})
        True

    CPython up to 3.13 tracks a new dict for garbage collection only once it holds something that may hold other
    objects; other interpreters may track all of them, and then the values are looked at.
    """
    lazily = not gc.is_tracked({"a": 1, "b": "c", "d": None}) and gc.is_tracked({"a": {}})
    return gc.is_tracked if lazily else _always


def _always(_: Any) -> bool:
    return True
