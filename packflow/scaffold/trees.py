"""Trees of templates: read as data and filled in as data. Nothing is written here.

A tree maps relative paths, with ``/`` between their parts, to texts. Of the files under ``packflow/templates``,

* one that ends in ``.tmpl`` becomes a file, under its own path without that ending;
* one that ends in ``.part`` becomes no file: what it gives stands wherever its name, up to the first dot, is a
  placeholder. That is how a file that several trees share has a section of each one's own.

A placeholder is ``%name`` or ``%{name}``, in paths and in texts; a literal ``%`` is written ``%%``. ``$`` and braces
mean nothing, so that workflows, shell commands and Python are written as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import PurePosixPath
from string import Template
from typing import TYPE_CHECKING

from packflow.exceptions import ScaffoldError

if TYPE_CHECKING:
    from importlib.abc import Traversable

#: Relative paths, with ``/`` between the parts, and what stands at each.
Tree = Mapping[str, str]

_FILE, _PART = ".tmpl", ".part"


class _Placeholders(Template):
    delimiter = "%"


def read_tree(*folders: str) -> dict[str, str]:
    """Read template files as they are; where several folders have one path, the last one's file counts.

    Example:
        >>> "LICENSE.tmpl" in read_tree("licenses/MIT")
        True

    Args:
        folders: folders under ``packflow/templates``.
    """
    root = files("packflow").joinpath("templates")
    found: dict[str, str] = {}
    for folder in folders:
        found.update(read_files(root.joinpath(*folder.split("/"))))
    return found


def read_files(folder: Traversable) -> dict[str, str]:
    """Read the template files of any folder, also of one inside a package.

    Example:
        >>> "LICENSE.tmpl" in read_files(files("packflow").joinpath("templates", "licenses", "MIT"))
        True
    """
    return dict(_below(folder, ""))


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name == "__pycache__":  # a folder of files may be a package, too
            continue
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_text(encoding="utf-8")


def render(templates: Tree, values: Mapping[str, str]) -> dict[str, str]:
    """Fill templates in.

    Example:
        >>> templates = {"src/%package/hello.py.tmpl": "print('%{greeting}, 100%%')", "greeting.part": "hello"}
        >>> render(templates, {"package": "acme"})
        {'src/acme/hello.py': "print('hello, 100%')"}

    Args:
        templates: what :func:`read_tree` gives.
        values: each placeholder's name with its text.

    Returns:
        The files, sorted by path.

    Raises:
        ScaffoldError: a template is wrong: it has an unknown placeholder, or would be written outside the tree.
    """
    values = {**values, **_parts(templates, values)}
    made: dict[str, str] = {}
    for path, text in templates.items():
        if path.endswith(_FILE):
            target = _relative(path, _fill(path, path.removesuffix(_FILE), values))
            if target in made:
                raise ScaffoldError(f"The template {path!r} and another one both become {target!r}.")
            made[target] = _fill(path, text, values)
        elif not path.endswith(_PART):
            raise ScaffoldError(f"The template {path!r} ends neither in {_FILE!r} nor in {_PART!r}.")
    return dict(sorted(made.items()))


def _parts(templates: Tree, values: Mapping[str, str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    for path, text in templates.items():
        if path.endswith(_PART):
            name = PurePosixPath(path).name.partition(".")[0]
            if name in values or name in parts:
                raise ScaffoldError(
                    f"The template {path!r} would give the placeholder {name!r}, which has a text already."
                )
            parts[name] = _fill(path, text, values).removesuffix("\n")
    return parts


def _fill(path: str, text: str, values: Mapping[str, str]) -> str:
    try:
        return _Placeholders(text).substitute(values)
    except KeyError as error:
        known = ", ".join(sorted(values))
        raise ScaffoldError(f"The template {path!r} has the unknown placeholder {error}; there are {known}.") from error
    except ValueError as error:
        raise ScaffoldError(
            f"The template {path!r} has a '%' that begins no placeholder; write '%%': {error}."
        ) from error


def _relative(path: str, target: str) -> str:
    parts = target.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in target:
        raise ScaffoldError(f"The template {path!r} becomes {target!r}, which is no path inside the new folder.")
    return target
