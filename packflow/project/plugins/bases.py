"""Which class the plugin of a project derives from: the project's own, or one of an installed package. Imports none."""

from __future__ import annotations

from typing import NamedTuple

from packflow import plugin
from packflow.exceptions import PluginError, ScaffoldError
from packflow.loaders.target import split_target
from packflow.plugin.refs import PluginRef, parse_value
from packflow.project.config import ProjectConfig


class Base(NamedTuple):
    """A class."""

    #: Its module, with all packages.
    module: str
    #: Its name in there, which may be dotted.
    object: str
    #: What has to be installed for it; None where that is not known, or it is in the package itself.
    requirement: str | None = None


def installed_base(config: ProjectConfig) -> Base:
    """Give the class that a project with the loader ``module`` names.

    Raises:
        ScaffoldError: nobody knows where it is, without importing something.
    """
    target = config.inference_backend
    if ":" in target:
        place = split_target(target, "the loader 'module'", "package.module:Backend")
        return Base(place.place, place.object)
    try:
        found = plugin.find("backend", target)
    except PluginError as error:
        raise ScaffoldError(f"inference_backend: {error}") from error
    value = parse_value(found.value) if isinstance(found, PluginRef) else None
    if not isinstance(found, PluginRef) or value is None or not value[1]:
        raise ScaffoldError(
            f"inference_backend is {target!r}, which is registered by code that runs, and is in no package's metadata. "
            "A plugin of its own cannot require it; name the class as 'module:object'."
        )
    return Base(*value, f"{found.distribution}>={found.version}")
