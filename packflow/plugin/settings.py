"""The values of the settings about plugins: what their variables may say, and what ``configure()`` may be given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.plugin.kinds import fold

if TYPE_CHECKING:
    from packflow.plugin.locks import PluginLock
    from packflow.plugin.selections import PluginSelection

_FLAGS = MappingProxyType(
    dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)
)


def read_flag(text: str, variable: str) -> bool:
    """Read a variable that is on or off.

    Example:
        >>> read_flag("1", "PACKFLOW_STRICT_PLUGINS"), read_flag(" Off ", "PACKFLOW_STRICT_PLUGINS")
        (True, False)

    Raises:
        PluginError: it is neither.
    """
    try:
        return _FLAGS[text.strip().lower()]
    except KeyError:
        raise PluginError(f"{variable}={text!r} is neither on (1) nor off (0). Set it to 1 or 0.") from None


def parse(setting: str, text: str, variable: str) -> Any:
    """Read a setting from the text of its environment variable.

    Example:
        >>> parse("deny", "acme-fast, other/onnx", "PACKFLOW_DISABLE_PLUGINS")
        ('acme-fast', 'other/onnx')

    Raises:
        PluginError: the text makes no sense.
    """
    if setting in ("autoload", "strict"):
        return read_flag(text, variable)
    if setting == "lock":
        return text
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    if setting != "overrides":
        return parts
    pairs = [part.partition("=") for part in parts]
    return _overrides([(name.strip(), target.strip()) for name, _, target in pairs], variable)


def check(setting: str, value: Any, origin: str) -> Any:
    """Check a setting that was given to ``configure()``, and give it in the form that a policy holds.

    Example:
        >>> check("deny", ["acme-fast"], "configure(deny=…)")
        ('acme-fast',)

    Raises:
        PluginError: the value makes no sense.
    """
    if setting in ("autoload", "strict"):
        if not isinstance(value, bool):
            raise PluginError(f"{origin} is {value!r}, where True or False is expected.")
        return value
    if setting == "overrides":
        if not isinstance(value, Mapping):
            raise PluginError(
                f"{origin} is {value!r}, where a dict such as {{'numpy': 'acme-fast/numpy'}} is expected."
            )
        return _overrides(value.items(), origin)
    if setting == "lock":
        return _lock(value, origin)
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise PluginError(f"{origin} is {value!r}, where a list such as ['acme-fast', 'other/onnx'] is expected.")
    entries = tuple(value)
    if not all(isinstance(entry, str) for entry in entries):
        raise PluginError(f"{origin} is {value!r}, where every entry is expected to be a text.")
    return entries


def require_lock(lock: str | PluginLock | PluginSelection | None, origin: str) -> None:
    """Refuse a lock file that cannot be read.

    Raises:
        PluginLockError: it cannot be; the text names it and says what to do.
    """
    if isinstance(lock, str):
        from packflow.plugin.lockfile import read_lock

        read_lock(lock, origin)


def _lock(value: Any, origin: str) -> str | PluginLock | PluginSelection:
    from packflow.plugin.locks import PluginLock
    from packflow.plugin.selections import PluginSelection

    if isinstance(value, (PluginLock, PluginSelection)):
        return value
    if isinstance(value, (str, os.PathLike)) and isinstance(path := os.fspath(value), str) and path:
        return os.path.abspath(path)  # noqa: PTH100  # the working directory may be another when it is read again
    raise PluginError(f"{origin} is {value!r}, where the path of a lock file, or a PluginLock, is expected.")


def _overrides(pairs: Iterable[tuple[Any, Any]], origin: str) -> tuple[tuple[str, str], ...]:
    checked = tuple(pairs)
    meant: dict[str, str] = {}
    for name, target in checked:
        if not (isinstance(name, str) and isinstance(target, str) and name) or not all(target.partition("/")):
            raise PluginError(
                f"{origin}: {name!r} is to stand for {target!r}, which is not of the form 'distribution/name'. "
                "Write it as in numpy=acme-fast/numpy."
            )
        other = meant.setdefault(fold(name), target)
        if other != target:
            raise PluginError(f"{origin}: {name!r} is to stand for {other!r} and for {target!r}. Give it one meaning.")
    return checked
