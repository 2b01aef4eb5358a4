"""What the samples ran with: from the modules that were imported to distributions, and from plugins to their lock."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from packflow.plugin.kinds import OWN_DISTRIBUTION, fold, name_key
from packflow.utils.module_names import LOCAL_PROJECTS


class Usage(NamedTuple):
    """What the samples used, as their process told it."""

    #: The file of each module by its name; None for a module without one.
    modules: dict[str, str | None]
    #: Kind, name and distribution of each plugin.
    plugins: list[tuple[str, str, str]]
    #: The same of the hooks plugins that listened, and did nothing else.
    listeners: list[tuple[str, str, str]]


def read_usage(answer: Mapping[str, Any]) -> Usage:
    """Give what an answer says of use, but for what cannot be meant.

    Example:
        >>> read_usage({"modules": {"json": None, "odd": 3}, "plugins": [["backend", "fast", "acme"], 7]})
        Usage(modules={'json': None}, plugins=[('backend', 'fast', 'acme')], listeners=[])
    """
    modules = answer.get("modules")
    found = {
        name: file
        for name, file in (modules.items() if isinstance(modules, dict) else ())
        if file is None or isinstance(file, str)
    }
    return Usage(found, _triples(answer.get("plugins")), _triples(answer.get("listeners")))


def _triples(told: Any) -> list[tuple[str, str, str]]:
    return [
        (each[0], each[1], each[2])
        for each in (told if isinstance(told, list) else ())
        if isinstance(each, list) and len(each) == 3 and all(isinstance(text, str) for text in each)
    ]


def ran_with_distributions(usage: Usage) -> dict[str, str]:
    """Give the distributions that had a part in the samples' run, with their versions, sorted by name.

    Those of plugins that only listened had none, unless the project's own files import them.
    """
    needed = {fold(distribution) for _, _, distribution in usage.plugins}
    idle = {fold(distribution) for _, _, distribution in usage.listeners} - needed
    found = distributions_of(usage.modules)
    if idle:
        idle -= {fold(name) for name in distributions_of(imported_by_project(usage.modules))}
    return {name: version for name, version in found.items() if fold(name) not in idle}


def distributions_of(modules: Mapping[str, str | None]) -> dict[str, str]:
    """Give the distributions that modules belong to, with their versions, sorted by name. Only metadata are read.

    Example:
        >>> "loguru" in distributions_of({"loguru._logger": None, "json": None})
        True

    Args:
        modules: the file of each module by its name; None for a module without one.
    """
    import importlib_metadata

    import packflow

    owners = importlib_metadata.packages_distributions()
    files: dict[str, set[str]] = {}
    for name, file in modules.items():
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top != "packflow" and not name.startswith(LOCAL_PROJECTS):
            files.setdefault(top, set()).update(_real(file))
    found = {OWN_DISTRIBUTION: packflow.__version__}
    editable: dict[str, str] | None = None
    for top, places in files.items():
        names = set(owners.get(top, ()))
        if len({fold(name) for name in names}) > 1:  # several share the package, or each has it whole
            names = {name for name in names if _files_of(name) & places} or names
        if not names:
            editable = _editable_folders() if editable is None else editable
            names = {name for folder, name in editable.items() if any(place.startswith(folder) for place in places)}
        found.update((name, version) for name in names if (version := _version_of(name)))
    return dict(sorted(found.items(), key=lambda item: fold(item[0])))


def _real(file: str | None) -> list[str]:
    """Give a file without the links in its path; nothing for what cannot be a path, as code may call its modules."""
    try:
        return [os.path.realpath(file)] if file else []
    except ValueError:
        return []


def imported_by_project(modules: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give those of the modules that the project's own files, which are among them, import by name.

    Example:
        >>> imported_by_project({"json": None, "joblib": "/site/joblib/__init__.py"})
        {}

    Args:
        modules: the file of each module by its name; None for a module without one.
    """
    named: set[str] = set()
    for name, file in modules.items():
        if name.startswith(LOCAL_PROJECTS) and file and file.endswith(".py"):
            named |= _named_in(file)
    return {name: file for name, file in modules.items() if name.partition(".")[0] in named}


def _named_in(file: str) -> set[str]:
    """Give the top-level modules that a file's import statements name."""
    import ast

    from packflow.utils.parsing import parse

    try:
        tree = parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):  # it may have changed since it ran
        return set()
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            named.add(str(node.module).partition(".")[0])
    return named


def _version_of(name: str) -> str | None:
    import importlib_metadata

    try:
        found: Any = importlib_metadata.distribution(name)
        version = found.version
    except Exception:  # noqa: BLE001  # metadata may be broken in any way
        return None
    return version if isinstance(version, str) else None


def _files_of(name: str) -> set[str]:
    import importlib_metadata

    try:
        found = importlib_metadata.distribution(name)
        return {os.path.realpath(str(found.locate_file(file))) for file in found.files or ()}
    except Exception:  # noqa: BLE001  # as above
        return set()


def _editable_folders() -> dict[str, str]:
    """Give the names of the distributions that are installed editably, by the folder of the source of each."""
    import json
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    import importlib_metadata

    folders = {}
    for found in importlib_metadata.distributions():
        try:
            direct = json.loads(found.read_text("direct_url.json") or "{}")
            url = urlsplit(direct["url"]) if direct.get("dir_info", {}).get("editable") else None
            if url is not None and url.scheme == "file":
                folders[os.path.realpath(url2pathname(url.path)) + os.sep] = str(found.name)
        except Exception:  # noqa: BLE001, S112  # as above
            continue
    return folders


def lock_of(used: Iterable[Iterable[str]], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Give the lock of the plugins that were used, as the data of a lock file; and why some of them cannot be locked.

    Example:
        >>> lock_of([], {})
        ({'lock-version': 1, 'distribution': []}, [])

    Args:
        used: kind, name and distribution of each plugin.
        environ: where the settings' variables are.
    """
    from packflow.plugin import policy
    from packflow.plugin.index import scan
    from packflow.plugin.lockable import lockable
    from packflow.plugin.lockfile import as_document
    from packflow.plugin.locks import PluginLock
    from packflow.plugin.settled import settle

    wanted = {(kind, name_key(kind, name), fold(distribution)) for kind, name, distribution in used}
    settled = settle(scan(), policy.read(environ)._replace(lock=None))
    found = lockable(settled.installed, settled.policy)
    problems = sorted(
        f"{name} {version} at {location} {record.problem}"
        for (name, version, location), record in found.records.items()
        if record.problem and any(key[2] == fold(name) for key in wanted)
    )
    chosen = [plugin for plugin in found.lock.plugins if plugin.key in wanted and plugin.record is not None]
    return as_document(PluginLock(tuple(chosen))), problems
