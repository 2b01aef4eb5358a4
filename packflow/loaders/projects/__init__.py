"""Local projects as packages: the files of a directory, imported below this package.

A directory ``/home/me/model`` is the package ``packflow.loaders.projects.p1___home__me__model``, and the next
:class:`~packflow.loaders.LocalLoader` for it gets ``p2___home__me__model``: a fresh copy of the modules. So
nothing is put on ``sys.path``, two projects never meet in ``sys.modules``, and whatever looks a module up by
its name (pickle, dataclasses, typing, inspect) finds it.

Importing this package puts its finder on ``sys.meta_path``. That is the one thing it is there for: a worker
process that unpickles an object of a local project knows of the project only by the name above, and imports
this package on the way to it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from packflow.loaders.projects import finder
from packflow.loaders.projects.names import PACKAGE, project_directory, project_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PACKAGE", "discarded_on_failure", "open_project", "project_directory", "project_name"]

_opening = Lock()


def open_project(directory: Path) -> str:
    """Open a fresh project on an absolute directory; give its module name."""
    _install()
    finder.refresh()
    with _opening:
        for number in count(1):
            name = project_name(directory, number)
            if name not in sys.modules:
                import_module(name)
                break
    return name


@contextmanager
def discarded_on_failure(project: str) -> Iterator[None]:
    """Take what a failing block imported of the project out of ``sys.modules`` again."""
    before = _modules_of(project)
    try:
        yield
    except BaseException:
        failed = _modules_of(project) - before
        for name in failed if before else {*failed, project}:
            module = sys.modules.pop(name, None)
            parent, _, child = name.rpartition(".")
            if parent in sys.modules and vars(sys.modules[parent]).get(child) is module:
                delattr(sys.modules[parent], child)
        raise


def _modules_of(project: str) -> set[str]:
    return {name for name in list(sys.modules) if name.startswith(f"{project}.")}


def _install() -> None:
    """Put the finder on ``sys.meta_path``, before those that would find the files by themselves."""
    if finder.FINDER not in sys.meta_path:
        sys.meta_path.insert(0, finder.FINDER)


_install()
