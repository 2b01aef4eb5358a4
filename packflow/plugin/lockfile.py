"""The lock file: a :class:`~packflow.plugin.locks.PluginLock` as TOML, written so that two of them can be compared.

.. code-block:: toml

    lock-version = 1

    [[distribution]]
    name = "acme-fast"
    version = "1.2.0"
    record = "sha256:…"

    [distribution.backend]
    fast-net = "acme.fast:FastNet"

A distribution stands there once, with a table for each kind of plugin that it has, as in its ``pyproject.toml``.
"""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

from packflow.exceptions import PluginLockError
from packflow.plugin.kinds import GROUPS, fold, name_key
from packflow.plugin.locks import LockedPlugin, PluginLock
from packflow.utils.errors import cut, short

#: The first line of every lock file.
TITLE = "# The plugins that packflow may use, exactly."

FORMAT = 1

_HEADER = f"""{TITLE}
# Written by `packflow plugins lock`: change the installation, and write it again. Commit it.
# It is in force where PACKFLOW_PLUGIN_LOCK names it; `packflow plugins lock --check` compares it.

"""
#: In bytes; ten thousand distributions need half of it.
_LONGEST = 1 << 22
_RECORD = re.compile(r"sha256:[0-9a-f]{64}")
_FIELDS = ("name", "version", "record")


def to_text(lock: PluginLock) -> str:
    r"""Write a lock as TOML. The same plugins give the same text.

    Example:
        >>> plugin = LockedPlugin("backend", "fast", "acme:Fast", "acme", "1.0", "sha256:" + "0" * 64)
        >>> print(to_text(PluginLock((plugin,))).partition("\n\n")[2])
        lock-version = 1
        <BLANKLINE>
        [[distribution]]
        name = "acme"
        version = "1.0"
        record = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
        <BLANKLINE>
        [distribution.backend]
        fast = "acme:Fast"
        <BLANKLINE>
    """
    import tomli_w

    return _HEADER + tomli_w.dumps(as_document(lock))


def as_document(lock: PluginLock) -> dict[str, Any]:
    """Give what a lock file says, as the data of its TOML.

    Example:
        >>> as_document(PluginLock())
        {'lock-version': 1, 'distribution': []}
    """
    tables: list[dict[str, Any]] = []
    for whose, plugins in groupby(lock.plugins, key=lambda one: (one.distribution, one.version, one.record)):
        table: dict[str, Any] = dict(zip(_FIELDS, whose, strict=True))
        for plugin in plugins:
            table.setdefault(plugin.kind, {})[plugin.name] = plugin.value
        tables.append(table)
    return {"lock-version": FORMAT, "distribution": tables}


def from_text(text: str) -> PluginLock:
    """Read a lock.

    Raises:
        ValueError: it is no lock; the text is a clause that says what is wrong, and where.
    """
    tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is no TOML: {error}") from error
    version = found.pop("lock-version", None)
    if version is None:
        raise ValueError("it has no 'lock-version'")
    if type(version) is not int or version != FORMAT:
        newer = "; a newer packflow wrote it" if type(version) is int and version > FORMAT else ""
        raise ValueError(f"its lock-version is {short(version)}, where {FORMAT} is expected{newer}")
    tables = found.pop("distribution", [])
    _refuse_unknown(found, ("lock-version", "distribution"), "its top level")
    if not isinstance(tables, list):
        raise _wrong("'distribution'", tables, "an array of tables")
    return PluginLock(tuple(_plugins(tables)))


def _plugins(tables: list[Any]) -> Iterator[LockedPlugin]:
    seen: dict[str, str] = {}
    for number, table in enumerate(tables, start=1):
        where = f"[[distribution]] number {number}"
        if not isinstance(table, dict):
            raise _wrong(where, table, "a table")
        name, version, record = (_text(table, field, where) for field in _FIELDS)
        where += f" ({name})"
        if not _RECORD.fullmatch(record):
            raise _wrong(f"'record' in {where}", record, "'sha256:' and 64 digits")
        if seen.setdefault(fold(name), where) is not where:
            raise ValueError(f"{where} is the same distribution as {seen[fold(name)]}")
        _refuse_unknown(table, (*_FIELDS, *GROUPS), where)
        for kind in GROUPS:
            for plugin, value in _entries(table, kind, where):
                yield LockedPlugin(kind, plugin, value, name, version, record)


def _entries(table: dict[str, Any], kind: str, where: str) -> Iterator[tuple[str, str]]:
    entries = table.get(kind, {})
    if not isinstance(entries, dict):
        raise _wrong(f"{kind!r} in {where}", entries, "a table of names")
    seen: dict[str, str] = {}
    for name in entries:
        other = seen.setdefault(name_key(kind, name), name)
        if other is not name:
            raise ValueError(f"{kind!r} in {where} has one name twice: {other!r} and {name!r}")
        yield name, _text(entries, name, f"{kind!r} in {where}")


def _text(table: dict[str, Any], field: str, where: str) -> str:
    value = table.get(field)
    if value is None:
        raise ValueError(f"{where} has no {field!r}")
    if not isinstance(value, str) or not value:
        raise _wrong(f"{field!r} in {where}", value, "a text")
    return value


def _wrong(what: str, found: Any, expected: str) -> ValueError:
    return ValueError(f"{what} is {short(found)}, where {expected} is expected")


def _refuse_unknown(table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    from packflow.utils.nearest import did_you_mean

    for field in table:
        if field not in known:
            raise ValueError(f"{where} has {short(field)}, which is unknown.{did_you_mean(field, known)}".rstrip("."))


def read_lock(path: str, origin: str | None = None) -> PluginLock:
    """Read a lock file.

    Args:
        path: its path.
        origin: the setting that names it, for the error.

    Raises:
        PluginLockError: it cannot be read; the text names it, and says what is wrong and what to do.
    """
    try:
        return from_text(_read(Path(path)))
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        source = f" ({origin})" if origin else ""
        file = cut(path)
        raise PluginLockError(
            f"The lock file {file}{source} cannot be used: {reason}. Write it with 'packflow plugins lock -o {file}'"
            f"{', or correct that setting' if origin else ''}."
        ) from error


def _read(path: Path) -> str:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise ValueError(f"it is {'a directory' if stat.S_ISDIR(mode) else 'no regular file'}")
    with path.open("rb") as stream:
        raw = stream.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST >> 20} MiB")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8 text: {error}") from error


def is_lock_file(path: Path) -> bool:
    """Whether a file may be overwritten as a lock file: it is one, a damaged one, or empty."""
    with path.open("rb") as stream:
        raw = stream.read(_LONGEST)
    if not raw.strip() or raw.startswith(TITLE.encode()):
        return True
    try:
        from_text(raw.decode())
    except ValueError:
        return False
    return True
