"""Where each file of a project goes in the folder of a plugin, and which ones are not taken along. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from packflow.project.config_file import NAME
from packflow.project.files.choosing import LeftOut
from packflow.project.project import SAMPLES

#: What the module with the plugin's class is called; the second one where the project has the first.
MODULES: Final = ("plugin", "packflow_plugin")

_README = "readme.md"
_LICENSE = re.compile(r"(licen[cs]e|copying|notice)\b", re.IGNORECASE)
_DOCUMENT = re.compile(r"(readme|authors|contributing|changelog|citation|model_card|security)\b[^/]*", re.IGNORECASE)
_OF_THE_PROJECT = re.compile(
    r"(pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.(txt|in)|tox\.ini|noxfile\.py|makefile|dockerfile)",
    re.IGNORECASE,
)
_TEST = re.compile(r"(.*/)?(test_[^/]*\.py|[^/]*_test\.py|conftest\.py)|tests?/.*")


class Layout(NamedTuple):
    """Where the files of a project go."""

    #: Paths in the plugin's folder, each with the file's path in the project.
    files: dict[str, str]
    left_out: tuple[LeftOut, ...]
    #: The project's README, if it is Markdown; it becomes a part of the plugin's.
    readme: str | None
    #: Its licence and what belongs to that.
    licenses: tuple[str, ...]
    #: The module that the plugin's class is going to be in.
    module: str


def lay_out(paths: Iterable[str], package: str, needed: Collection[str], own: Collection[str], *, init: bool) -> Layout:
    """Decide where the files of a project go.

    Example:
        >>> paths = ["LICENSE.txt", "README.md", "inference.py", "model.json", "packflow.yaml", "test_inference.py"]
        >>> layout = lay_out(paths, "acme", {"inference.py"}, (), init=False)
        >>> layout.files["src/acme/model.json"], layout.module, [left.path for left in layout.left_out]
        ('model.json', 'plugin', ['packflow.yaml', 'test_inference.py'])

    Args:
        paths: the files of the project.
        package: the package.
        needed: files, and folders, that the backend cannot do without: they go into the package, whatever they are.
        own: files that say what the project requires.
        init: whether the ``__init__.py`` of the project's folder is one that its loader runs.
    """
    paths = sorted(paths)
    files: dict[str, str] = {}
    left_out: list[LeftOut] = []
    readme, licenses = None, []
    for path in paths:
        at_the_top = "/" not in path
        is_needed = path in needed or any(path.startswith(f"{folder.rstrip('/')}/") for folder in needed)
        if path == "__init__.py" and not init:
            left_out.append(LeftOut(path, "the project's loader does not run it; the package gets one of its own"))
        elif is_needed:
            files[f"src/{package}/{path}"] = path
        if at_the_top and path.lower() == _README:
            readme = path
        elif at_the_top and _LICENSE.match(path):
            files[path] = path
            licenses.append(path)
        elif at_the_top and _DOCUMENT.fullmatch(path):
            files[path] = path
        elif not is_needed and (path != "__init__.py" or init):
            reason = _why_not(path, own)
            if reason is None:
                files[f"src/{package}/{path}"] = path
            else:
                left_out.append(LeftOut(path, reason))
    return Layout(files, tuple(left_out), readme, tuple(licenses), _module(paths))


def _why_not(path: str, own: Collection[str]) -> str | None:
    if path == NAME:
        return "what it says is in the plugin's own files"
    if path == SAMPLES:
        return "the samples go to the plugin's tests"
    if _OF_THE_PROJECT.fullmatch(path) or path in own:
        return "the plugin has a pyproject.toml of its own"
    if _TEST.fullmatch(path):
        return "tests of a project load it from its folder; the plugin gets a test with its samples"
    if any(part.startswith(".") for part in path.split("/")):
        return "it is about the project's folder"
    return None


def _module(paths: Iterable[str]) -> str:
    taken = {path.partition("/")[0].partition(".")[0] for path in paths}
    return next((name for name in MODULES if name not in taken), "_".join([*MODULES, "1"]))
