"""Public names that are imported when they are first asked for (PEP 562), so that importing a package costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, namespace: dict[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Give a package's ``__getattr__`` and ``__dir__``.

    Example:
        >>> get, names = lazy_names("acme", {}, {"sqrt": "math"})
        >>> get("sqrt")(9.0)
        3.0

    Args:
        package: the package's name, for the error where a name is not its own.
        namespace: its globals; a name that was asked for once stays there.
        homes: each lazy name with the module that defines it.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        namespace[name] = getattr(import_module(homes[name]), name)
        return namespace[name]

    def names() -> list[str]:
        return sorted({*namespace, *homes})

    return get, names
