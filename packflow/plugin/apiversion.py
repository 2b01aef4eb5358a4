"""Which version of the plugin API a plugin was written for, and whether this packflow takes it.

A plugin says so with the attribute ``plugin_api_version``, on the class, the instance or the hooks module that its
entry point names. This version and the one before are accepted, the older with a :class:`DeprecationWarning` that
points at the plugin's own line. A plugin that says nothing is taken for one of the current version.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final, NamedTuple

from packflow.utils.causes import is_below
from packflow.utils.errors import short
from packflow.utils.parsing import one_at_a_time

#: The plugin API of this packflow. It changes when what is asked of a plugin changes, not with every release.
PLUGIN_API_VERSION: Final = 1

#: Where a plugin says which version it was written for.
ATTRIBUTE: Final = "plugin_api_version"

_ASSIGNMENT = re.compile(rf"\s*(?:\w+\.)*{ATTRIBUTE}\s*[:=]")


class Verdict(NamedTuple):
    """Whether a plugin of some API version can be used.

    Example:
        >>> judge(3, current=1).problem
        'it was written for plugin API 3, this packflow has 1: upgrade packflow'
    """

    #: Why it cannot be used, as a clause that goes on from the plugin's name; None if it can.
    problem: str | None = None
    #: What its author should know although it can be used; None if there is nothing.
    warning: str | None = None


def judge(declared: object, current: int) -> Verdict:
    """Say whether a packflow with the plugin API `current` takes a plugin that declares a version.

    Example:
        >>> judge(2, current=2)
        Verdict(problem=None, warning=None)
        >>> judge(1, current=3).problem
        'it was written for plugin API 1, this packflow takes 2 and 3: upgrade the plugin'
        >>> judge("1", current=1).problem
        "its plugin_api_version is '1', where a whole number such as 1 is expected: correct the plugin"

    Args:
        declared: the value of the plugin's ``plugin_api_version``.
        current: the version of the packflow that is to use it.
    """
    if not isinstance(declared, int) or isinstance(declared, bool) or declared < 0:
        return Verdict(
            f"its {ATTRIBUTE} is {short(declared)}, where a whole number such as {current} is expected: "
            "correct the plugin"
        )
    if declared > current:
        return Verdict(
            f"it was written for plugin API {short(declared)}, this packflow has {current}: upgrade packflow"
        )
    if declared < current - 1:
        return Verdict(
            f"it was written for plugin API {declared}, this packflow takes {current - 1} and {current}: "
            "upgrade the plugin"
        )
    if declared < current:
        return Verdict(
            warning=f"it was written for plugin API {declared}. This packflow has {current} and takes {declared} too; "
            f"the next one will not. Adapt the plugin, and set {ATTRIBUTE} = {current}"
        )
    return Verdict()


def verdict(found: Any) -> Verdict:
    """Say whether this packflow takes the object behind a plugin.

    Example:
        >>> class Future:
        ...     plugin_api_version = 99
        >>> verdict(Future()).problem
        'it was written for plugin API 99, this packflow has 1: upgrade packflow'
        >>> verdict(object())
        Verdict(problem=None, warning=None)
    """
    return _judged(found)[0]


def check(found: Any, who: str) -> str | None:
    """Say why this packflow does not take the object behind a plugin; None if it does. An older version is warned of.

    Args:
        found: a class, an instance or a module.
        who: what to call the plugin in the warning.
    """
    (problem, warning), owner = _judged(found)
    if warning:
        _warn(f"The plugin {who!r}: {warning}.", owner)
    return problem


def _judged(found: Any) -> tuple[Verdict, Any]:
    """Judge what is declared, and give the module or class where it stands; no code of the plugin's runs."""
    for owner, attributes in _places(found):
        if ATTRIBUTE in attributes:
            return judge(attributes[ATTRIBUTE], PLUGIN_API_VERSION), owner
    return Verdict(), None


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Give where a plugin may declare its version: the object, its class, and bases that are not packflow's."""
    kind = found if isinstance(found, type) else type(found)
    if isinstance(found, ModuleType):
        yield found, vars(found)
        return
    if not isinstance(found, type):
        own = getattr(found, "__dict__", None)
        yield kind, own if isinstance(own, dict) else {}
    for owner in kind.__mro__:
        # What packflow's own classes are written for says nothing of a class derived from them.
        if owner is kind or not is_below(str(owner.__module__), "packflow"):
            yield owner, vars(owner)


def _warn(text: str, owner: Any) -> None:
    name = owner.__name__ if isinstance(owner, ModuleType) else str(owner.__module__)
    module = owner if isinstance(owner, ModuleType) else sys.modules.get(name)
    file, line = _place(owner, getattr(module, "__file__", None) or f"<{name}>")
    warnings.warn_explicit(
        text,
        DeprecationWarning,
        file,
        line,
        module=name,
        registry=vars(module).setdefault("__warningregistry__", {}) if module else None,
    )


def _place(owner: Any, file: str) -> tuple[str, int]:
    """Give file and line of the declaration; of its class, or the file's first line, where it cannot be found."""
    import inspect  # slow to import, and hardly ever needed

    try:
        with one_at_a_time:  # it parses the file
            lines, start = inspect.getsourcelines(owner)
    except (OSError, TypeError, SyntaxError):
        return file, 1
    first = max(start, 1)  # modules begin at 0
    for line, text in enumerate(lines, start=first):
        if _ASSIGNMENT.match(text):
            return file, line
    return file, first
