"""How a module is called where people read or write its name. Only texts: nothing is imported for it."""

from __future__ import annotations

import re

#: The package below which the files of local projects are imported.
LOCAL_PROJECTS = "packflow.loaders.projects"

_LOCAL = re.compile(rf"\b{re.escape(LOCAL_PROJECTS)}\.p[0-9]+_\w+\.")


def plain_name(name: str) -> str:
    """Give a module's name as the files of its own project spell it; other names, and other text, stay as they are.

    Example:
        >>> plain_name("packflow.loaders.projects.p1___home__me__model.acme_geo"), plain_name("acme.money")
        ('acme_geo', 'acme.money')
    """
    return _LOCAL.sub("", name)
