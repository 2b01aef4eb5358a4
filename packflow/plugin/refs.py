"""A reference to an installed plugin, and the one place in packflow that imports a plugin.

A :class:`PluginRef` is what metadata tells: names, versions and where the object is. Making, comparing and listing
references imports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any, NamedTuple

from packflow.plugin.kinds import OWN_DISTRIBUTION, fold, name_key
from packflow.utils.importing import import_whole

_VALUE = re.compile(r"(?P<module>\w[\w.]*)\s*(?::\s*(?P<attribute>\w[\w.]*)\s*)?(?:\[.*\]\s*)?")


class PluginRef(NamedTuple):
    """One entry point of an installed distribution that declares a plugin.

    Example:
        >>> ref = PluginRef("backend", "Fast_Net", "acme.fast:FastNet", "acme-fast", "1.2")
        >>> ref.qualified, ref.key
        ('acme-fast/Fast_Net', 'fast-net')
    """

    #: ``"backend"``, ``"preprocessor"``, ``"normalizer"``, ``"template"`` or ``"hooks"``.
    kind: str
    #: The name, as the distribution spells it.
    name: str
    #: Where the object is, as ``module:object``.
    value: str
    #: The distribution's name, as it spells it itself.
    distribution: str
    #: The distribution's version.
    version: str
    #: The folder of the distribution's metadata.
    location: str = ""
    #: Why the plugin can never be loaded, if its metadata shows as much already; None otherwise.
    problem: str | None = None

    @property
    def key(self) -> str:
        """The name in the form in which names of this kind are compared."""
        return name_key(self.kind, self.name)

    @property
    def qualified(self) -> str:
        """The spelling that means this distribution's plugin and no other, ``distribution/name``."""
        return f"{self.distribution}/{self.name}"

    @property
    def plugin(self) -> str | None:
        """The hooks plugin that registered it; none, for an installed plugin is declared in metadata."""
        return None

    @property
    def built_in(self) -> bool:
        """Whether packflow itself declares it."""
        return fold(self.distribution) == OWN_DISTRIBUTION


def parse_value(value: str) -> tuple[str, str] | None:
    """Split ``module:object`` into its two parts; None if it does not have that form.

    Example:
        >>> parse_value("acme.models:Fast"), parse_value("acme.hooks"), parse_value("not a module!")
        (('acme.models', 'Fast'), ('acme.hooks', ''), None)
    """
    match = _VALUE.fullmatch(value.strip())
    return (match["module"], match["attribute"] or "") if match else None


def parse_entry_points(text: str, groups: Container[str]) -> list[tuple[str, str, str]]:
    r"""Read the entries of some groups from the text of an ``entry_points.txt``.

    Example:
        >>> parse_entry_points("[other]\nx = y:z\n[packflow.backends]\nfast = acme:Fast", {"packflow.backends"})
        [('packflow.backends', 'fast', 'acme:Fast')]

    importlib-metadata has a parser too, but some of its versions refuse the whole file for one value that is none, in
    whatever group.

    Raises:
        ValueError: a line of one of the groups is no ``name = value``.
    """
    found = []
    group = ""
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]")
        elif line and not line.startswith("#") and group in groups:
            name, equals, value = line.partition("=")
            if not equals:
                raise ValueError(f"line {number} is {line!r}, where 'name = module:object' is expected")
            found.append((group, name.strip(), value.strip()))
    return found


def value_problem(value: str) -> str | None:
    """Say why a value cannot be where an object is; None if it can."""
    if parse_value(value) is None:
        return f"its value {value!r} is not of the form 'module:object'"
    return None


def import_value(value: str) -> Any:
    """Import the module that a value names and give the object in it. Nothing else in packflow imports a plugin.

    Example:
        >>> import_value("collections:OrderedDict.fromkeys").__name__
        'fromkeys'

    Raises:
        BaseException: whatever the module raises while it is imported; the caller turns it into a packflow error.
    """
    parts = parse_value(value)
    if parts is None:
        raise ValueError(value_problem(value))
    module_name, attribute = parts
    found: Any = import_whole(module_name)
    for part in filter(None, attribute.split(".")):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            raise AttributeError(f"{error}{_nearest_attribute(found, part)}") from error
    return found


def _nearest_attribute(owner: Any, wanted: str) -> str:
    """Name the public attribute that a misspelt one may have meant; computing none of them."""
    from packflow.utils.nearest import nearest

    close = nearest(wanted, [name for name in getattr(owner, "__dict__", ()) if not name.startswith("_")])
    return f" (the nearest is {close!r})" if close else ""


def is_being_imported(value: str) -> bool:
    """Whether the module that a value names, or a package that it is in, has begun to run and has not finished."""
    import sys

    parts = parse_value(value)
    names = parts[0].split(".") if parts else []
    modules = [sys.modules.get(".".join(names[:length])) for length in range(1, len(names) + 1)]
    return any(getattr(getattr(module, "__spec__", None), "_initializing", False) for module in modules)
