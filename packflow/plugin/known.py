"""What there is in place of a name that means nothing: what could be used, what is kept out, and what is left out."""

from __future__ import annotations

from packflow.exceptions import UnknownPluginError
from packflow.plugin import errors, policy, resolve
from packflow.plugin.registration import Plugin
from packflow.plugin.resolve import Surroundings


def unknown_name(around: Surroundings, kind: str, name: str) -> UnknownPluginError:
    """Give the error for a name that no plugin has."""
    lost = resolve.left_out(around, kind, name)
    return errors.unknown(kind, name, known_names(around), lost, kept_out(around, kind))


def known_names(around: Surroundings) -> list[tuple[str, str, str]]:
    """Give (kind, bare name, qualified name) of everything that is there, for the errors' suggestions."""
    return [(plugin.kind, plugin.name, plugin.qualified) for plugin in _known(around)]


def kept_out(around: Surroundings, kind: str) -> dict[str, set[str]]:
    """Give the names that mean nothing only because a setting keeps out whatever has them, by that setting."""
    found: dict[str, set[str]] = {}
    plugins = [plugin for plugin in _known(around) if plugin.kind == kind]
    usable = {plugin.name for plugin in plugins if resolve.blocking(around.policy, plugin) is None}
    for plugin in plugins:
        if plugin.name not in usable:
            found.setdefault(_blocker(around, plugin), set()).add(plugin.name)
    return found


def _known(around: Surroundings) -> list[Plugin]:
    direct = [entries[-1] for entries in around.direct.values() if entries]
    usable = [ref for ref in around.installed.refs if ref.problem is None]
    return [*usable, *direct, *around.contributed]


def _blocker(around: Surroundings, plugin: Plugin) -> str:
    """Name the setting that keeps a plugin out."""
    settings = around.policy
    if resolve.blocking(settings._replace(frozen=None), plugin) is None:
        return settings.origin("lock")
    if policy.denied(settings, plugin):
        return settings.origin("deny")
    return settings.origin("autoload" if settings.allow is None else "allow")
