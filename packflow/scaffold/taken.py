"""Which names of a new plugin others have in the environment where it is going to be tried. Imports no plugin."""

from __future__ import annotations

from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, distribution

from packflow import plugin
from packflow.exceptions import ScaffoldError
from packflow.plugin.kinds import name_key
from packflow.scaffold.plugins import NewPlugin


def refuse_taken_names(new: NewPlugin) -> None:
    """Refuse a new plugin whose distribution, plugin or package would stand in the way of one that is installed.

    Example:
        >>> from packflow.scaffold.plugins import plan_plugin
        >>> refuse_taken_names(plan_plugin("click", "backend"))
        Traceback (most recent call last):
        ...
        packflow.exceptions.ScaffoldError: A distribution called 'click' is installed here, which the new one would \
replace. Choose another name; to write that distribution anew, uninstall it first.

    Raises:
        ScaffoldError: one of the names is taken.
    """
    if _is_installed(new.name):
        raise ScaffoldError(
            f"A distribution called {new.name!r} is installed here, which the new one would replace. Choose another "
            "name; to write that distribution anew, uninstall it first."
        )
    key = name_key(new.kind, new.plugin)
    for record in plugin.plugins(new.kind) if new.kind != "hooks" else ():  # hooks are all used, none by its name
        if name_key(record.kind, record.name) == key:
            raise ScaffoldError(
                f"There is a {new.kind} called {record.name!r} here, of {record.distribution} {record.version}, and "
                "two of one name cannot be told apart by it. Choose another; to write that one anew, uninstall it."
            )
    file = _file_of(new.package)
    if file:
        raise ScaffoldError(
            f"There is a module called {new.package!r} here, {file}, and only one of the two could be imported. Choose "
            "another name, or another package with --package."
        )


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _file_of(package: str) -> str | None:
    """Give the file of a module that can be imported; a mere folder of that name does not count."""
    spec = PathFinder.find_spec(package)
    return spec.origin if spec else None
