"""What a new plugin's distribution consists of: its names, and from them its files. Nothing is written here.

Everything that the templates under ``packflow/templates/plugin`` can name is worked out in :func:`plan_plugin`.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from packflow import __version__
from packflow.exceptions import ScaffoldError
from packflow.plugin.kinds import BUILT_IN_NAMES, name_key
from packflow.scaffold.names import check_distribution, check_package, class_stem, package_of
from packflow.scaffold.trees import read_tree, render

#: The licences whose texts packflow brings, each with what stands in ``pyproject.toml`` for it.
LICENSES = {name: name for name in ("MIT", "Apache-2.0", "BSD-3-Clause")} | {"proprietary": "LicenseRef-Proprietary"}

#: Names of classes that the templates import, which a class of the new package would hide.
_CLASSES = {"InferenceBackend", "BackendConfig", "Preprocessor"}

#: The kinds that there are templates of plugins for, and what a plugin of each is called in a sentence.
CALLED = {"backend": "backend", "preprocessor": "preprocessor", "normalizer": "normalizer", "hooks": "hooks plugin"}

#: An author as people write it.
AUTHOR = re.compile(r"(?P<name>[^<>]*[^<>\s])\s*(?:<(?P<email>[^<>@\s]+@[^<>@\s]+)>)?")


class NewPlugin(NamedTuple):
    """A plugin's distribution that is yet to be written.

    Example:
        >>> new = plan_plugin("acme-thermostat", "backend")
        >>> new.plugin, new.package, "src/acme_thermostat/backend.py" in new.files
        ('acme-thermostat', 'acme_thermostat', True)
    """

    #: The distribution's name.
    name: str
    #: The kind of plugin.
    kind: str
    #: The name under which packflow finds the plugin.
    plugin: str
    #: The package that it is in.
    package: str
    #: Relative paths, each with its text.
    files: dict[str, str]


def plan_plugin(
    name: str,
    kind: str,
    *,
    package: str | None = None,
    author: str | None = None,
    description: str | None = None,
    license: str = "MIT",  # noqa: A002  # what it is called in pyproject.toml and on the command line
) -> NewPlugin:
    """Work out a new plugin's files.

    Example:
        >>> new = plan_plugin("acme-words", "preprocessor", author="Ada <ada@example.org>", license="Apache-2.0")
        >>> 'authors = [{ name = "Ada", email = "ada@example.org" }]' in new.files["pyproject.toml"]
        True

    Args:
        name: what the distribution is called, and the plugin in it; a normalizer is called by the type it converts.
        kind: ``"backend"``, ``"preprocessor"``, ``"normalizer"`` or ``"hooks"``.
        package: what the package is called; made from the name if None.
        author: ``Name`` or ``Name <address>``.
        description: one line.
        license: one of :data:`LICENSES`.

    Raises:
        ScaffoldError: a name or a text cannot be used.
    """
    check_distribution(name)
    if kind != "normalizer" and name_key(kind, name) in BUILT_IN_NAMES[kind]:
        raise ScaffoldError(
            f"{name!r} is the name of a {kind} that is built into packflow, and reserved. Choose a name that tells "
            "what yours does, or whose it is."
        )
    check_package(package or package_of(name), f"--package {package}" if package else f"the name {name!r}")
    package = package or package_of(name)
    stem = class_stem(package)
    classes = {"class_name": stem.removesuffix(kind.title()) + kind.title(), "config_name": f"{stem}Config"}
    if not _CLASSES.isdisjoint(classes.values()):
        raise ScaffoldError(
            f"A class of the package {package!r} would have the name of one of packflow's own: "
            f"{', '.join(classes.values())}. Choose a name that tells what yours does, or whose it is."
        )
    plugin = f"{package}.quantity.Quantity" if kind == "normalizer" else name
    major, minor = __version__.split(".")[:2]
    described = f"A {CALLED[kind]} for packflow." if description is None else description
    about = _one_line("description", described)
    holder, authors = _authors(_one_line("author", f"The {name} developers" if author is None else author))
    values = {
        "name": name,
        "plugin": plugin,
        "package": package,
        "wheel": package_of(name),  # how the files of a distribution begin
        **classes,
        "description": about,
        "description_toml": _toml(about),
        "holder": holder,
        "authors_toml": authors,
        "license": LICENSES[license],
        "packflow_versions": f">={major}.{minor},<{int(major) + 1}",
    }
    templates = read_tree("plugin/common", f"plugin/{kind}", f"licenses/{license}")
    return NewPlugin(name, kind, plugin, package, render(templates, values))


def _authors(author: str) -> tuple[str, str]:
    """Give the author's name, and the author as an entry of TOML's ``authors``."""
    match = AUTHOR.fullmatch(author)
    if not match:
        raise ScaffoldError(f"--author is {author!r}, where 'Name' or 'Name <name@example.org>' is expected.")
    fields = {key: value for key, value in match.groupdict().items() if value}
    return match["name"], "{ " + ", ".join(f"{key} = {_toml(value)}" for key, value in fields.items()) + " }"


def _one_line(option: str, text: str) -> str:
    """Refuse text that is no line: it is to stand in TOML and in headings."""
    text = text.strip()
    if not text or not text.isprintable():
        raise ScaffoldError(f"--{option} is {text!r}, where one line of text is expected.")
    return text


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # printable text is spelt alike in TOML and JSON
