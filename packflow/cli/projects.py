"""The project that ``packflow run`` is asked to run: which targets mean one, and how it is opened and loaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packflow.project.archive.limits import Limits
    from packflow.project.project import PackflowProject

FILE = "packflow.yaml"
#: How a path begins that can be nothing else.
_PATH = re.compile(r"\.{0,2}[/\\]|\.{1,2}\Z")


def is_archive(target: str) -> bool:
    """Whether a target is a project's archive, by its name.

    Example:
        >>> is_archive("prices-1.0.zip"), is_archive("prices")
        (True, False)
    """
    return target.lower().endswith(".zip")


def is_project(target: str) -> bool:
    """Whether a target is a project: an archive, a folder that has a ``packflow.yaml``, or a path that is no script.

    A folder without one, whose name alone is given, is none: an installed backend may be called like that.

    Example:
        >>> is_project("prices-1.0.zip"), is_project("./prices"), is_project("sklearn"), is_project("./a.py:Prices")
        (True, True, False, False)
    """
    if is_archive(target):
        return True
    if os.path.isdir(target):  # noqa: PTH112  # Path() raises for names that are none
        return _is_path(target) or os.path.lexists(Path(target, FILE))
    if re.search(r"\.py(?=:|\Z)", target):
        return False
    return _is_path(target) or Path(target).name == FILE


def _is_path(target: str) -> bool:
    return _PATH.match(target) is not None or target.endswith(("/", "\\")) or Path(target).is_absolute()


@contextmanager
def open_project(target: str, limits: Limits, *, any_versions: bool) -> Iterator[PackflowProject]:
    """Give the project that a target means, for a block; an archive is unpacked until then.

    Raises:
        ProjectError: there is none, it is wrong, or the plugins here are not those that its samples ran with.
    """
    if is_archive(target):
        from packflow.project.archive.unpacking import open_archive

        with open_archive(target, limits=limits, any_versions=any_versions) as project:
            yield project
    else:
        from packflow.project.archive.running import manifest_in, require_same
        from packflow.project.project import PackflowProject

        project = PackflowProject(target)
        if manifest := manifest_in(project.path):
            require_same(manifest, str(project.path), any_versions=any_versions)
        yield project
