"""Which file a module is imported from. A lock is over files; another that stands in front of them is not locked.

Python takes a module from the first folder on its path that has it, whatever is installed elsewhere. So before packflow
imports a locked plugin, it looks where its module would come from, and compares that with what the plugin's
distribution recorded. A module that the distribution did not record (it is installed editably, or is another's) is not
compared.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.machinery import PathFinder, all_suffixes
from pathlib import Path, PurePosixPath

from packflow.plugin.recorded import Row
from packflow.plugin.refs import parse_value
from packflow.plugin.registration import Plugin, Registration

#: The files that a module may be imported from, by its name.
Places = Mapping[str, frozenset[str]]


def modules_of(rows: Iterable[Row]) -> dict[str, frozenset[str]]:
    """Give the modules that a distribution recorded, each with the paths of its files.

    Example:
        >>> modules_of([Row("acme/__init__.py", "", ""), Row("acme/fast.py", "", ""), Row("acme/fast.txt", "", "")])
        {'acme': frozenset({'acme/__init__.py'}), 'acme.fast': frozenset({'acme/fast.py'})}
    """
    suffixes = tuple(all_suffixes())
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.path.endswith(suffixes):
            path = PurePosixPath(row.path)
            names = [*path.parts[:-1], path.name.partition(".")[0]]
            module = ".".join(names[:-1] if names[-1] == "__init__" else names)
            found[module] = found.get(module, frozenset()) | {row.path}
    return found


def places_of(values: Iterable[str], location: str, rows: Iterable[Row]) -> Iterator[tuple[str, frozenset[str]]]:
    """Give where what some entry points name is to be imported from.

    Args:
        values: the values of a distribution's entry points.
        location: the folder of its metadata.
        rows: what was recorded of it.

    Yields:
        For each value, the module whose file decides, with the files that it may be: the outermost that the
        distribution recorded, as where those below it are is that one's own affair. Nothing where it recorded none.
    """
    recorded = modules_of(rows)
    for value in values:
        module = next((outer for outer in _outwards(value) if outer in recorded), None)
        if module is not None:
            yield module, frozenset(str(Path(location).parent / path) for path in recorded[module])


def misplaced(places: Places, plugin: Plugin) -> str | None:
    """Say from where a plugin's module would be imported, if that is not where it has to come from.

    Args:
        places: where modules are to be imported from.
        plugin: the plugin. One that is an object already is imported from nowhere.

    Returns:
        A clause, with what to do; None if nothing is wrong, or there is no such module.
    """
    if isinstance(plugin, Registration) and not plugin.lazy:
        return None
    for module in _outwards(plugin.value):
        found = _found_at(module) if module in places else None
        if found is not None and _real(found) not in map(_real, places[module]):
            return (
                f"its module {module!r} comes from {found}, but the one at {' or '.join(sorted(places[module]))} is "
                "locked; rename the former, or take its folder off sys.path"
            )
    return None


def _outwards(value: str) -> list[str]:
    """Give the module that a value names and the packages that it is in, the outermost first."""
    names = (parse_value(value) or ("",))[0].split(".")
    return [".".join(names[:length]) for length in range(1, len(names) + 1)]


def _found_at(module: str) -> str | None:
    """Give the file that a module was or would be imported from; None if there is none. No code of it is run."""
    path: list[str] | None = None
    found = None
    for name in _outwards(module):
        spec = getattr(sys.modules.get(name), "__spec__", None) or PathFinder.find_spec(name, path)
        if spec is None:
            return None
        found, path = spec.origin, spec.submodule_search_locations
        if found is None and path is not None:
            path = list(import_module(name).__path__)  # a namespace has no code, and does not know its path before
    return found


def _real(file: str) -> str:
    return os.path.normcase(os.path.realpath(file))
