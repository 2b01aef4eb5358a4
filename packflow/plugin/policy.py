"""Which plugins may be used: the allow and deny lists, the autoload switch, overrides, and strictness.

:func:`read` puts the settings together from the environment and from ``configure()``; every decision afterwards is a
pure function of a :class:`Policy` and a plugin. All of it is settled before a plugin is imported.

==============  =============================  ==================================================================
setting         environment variable           meaning
==============  =============================  ==================================================================
``allow``       ``PACKFLOW_PLUGINS``           only these, and the built-ins, may be used; empty: only built-ins
``deny``        ``PACKFLOW_DISABLE_PLUGINS``   these may not be used; goes before ``allow``
``autoload``    ``PACKFLOW_PLUGIN_AUTOLOAD``   ``0``: only what ``allow`` names, and the built-ins, may be used
``strict``      ``PACKFLOW_STRICT_PLUGINS``    ``1``: whatever would be logged as a plugin's failure is raised
``overrides``   ``PACKFLOW_PLUGIN_OVERRIDES``  ``name=distribution/name``: what a bare name stands for
``lock``        ``PACKFLOW_PLUGIN_LOCK``       a lock file: what is not exactly as it says may not be used
==============  =============================  ==================================================================

Lists are separated by commas. An entry is a distribution (``acme-fast``: all of its plugins) or one plugin of it
(``acme-fast/onnx``). A variable that is set wins over ``configure()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from packflow.plugin import settings
from packflow.plugin.kinds import OWN_DISTRIBUTION, fold, name_key

if TYPE_CHECKING:
    from packflow.plugin.frozen import Frozen
    from packflow.plugin.locks import PluginLock
    from packflow.plugin.refs import PluginRef
    from packflow.plugin.selections import PluginSelection

VARIABLES = MappingProxyType(
    {
        "allow": "PACKFLOW_PLUGINS",
        "deny": "PACKFLOW_DISABLE_PLUGINS",
        "autoload": "PACKFLOW_PLUGIN_AUTOLOAD",
        "strict": "PACKFLOW_STRICT_PLUGINS",
        "overrides": "PACKFLOW_PLUGIN_OVERRIDES",
        "lock": "PACKFLOW_PLUGIN_LOCK",
    }
)


class Named(Protocol):
    """What a decision needs to know of a plugin."""

    @property
    def kind(self) -> str: ...  # noqa: D102

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def distribution(self) -> str | None: ...  # noqa: D102


class Policy(NamedTuple):
    """The settings that hold.

    Example:
        >>> read({"PACKFLOW_DISABLE_PLUGINS": "acme-fast, other/onnx"}).deny
        ('acme-fast', 'other/onnx')
    """

    #: The entries that may be used; None where there is no allow list.
    allow: tuple[str, ...] | None = None
    #: The entries that may not be used.
    deny: tuple[str, ...] = ()
    #: Whether plugins that are merely installed may be used.
    autoload: bool = True
    #: Whether failures raise instead of being logged.
    strict: bool = False
    #: Bare names with the qualified spelling that each stands for.
    overrides: tuple[tuple[str, str], ...] = ()
    #: The lock, or the path of its file; None where nothing is locked.
    lock: str | PluginLock | PluginSelection | None = None
    #: That lock, compared with what is installed.
    frozen: Frozen | None = None
    #: Where each setting comes from, as it is called in messages.
    origins: Mapping[str, str] = MappingProxyType({})

    def origin(self, setting: str) -> str:
        """Say where a setting comes from, as messages name it."""
        return self.origins.get(setting, f"configure({setting}=…)")


def read(environ: Mapping[str, str], configured: Mapping[str, Any] = MappingProxyType({})) -> Policy:
    """Put the settings together; a variable that is set wins over what was configured.

    Args:
        environ: the environment's variables.
        configured: settings by name, as ``configure()`` takes them.

    Raises:
        PluginError: a setting cannot be understood; the text names it and says what it should look like.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for setting, variable in VARIABLES.items():
        text = environ.get(variable)
        if text is not None and (setting in ("allow", "deny") or text.strip()):
            origins[setting] = variable
            values[setting] = settings.parse(setting, text, variable)
        elif configured.get(setting) is not None:
            origins[setting] = f"configure({setting}=…)"
            values[setting] = settings.check(setting, configured[setting], origins[setting])
    return Policy(**values, origins=MappingProxyType(origins))


def covers(entry: str, plugin: Named) -> bool:
    """Whether an entry of a list means a plugin.

    Example:
        >>> from packflow.plugin.refs import PluginRef
        >>> ref = PluginRef("backend", "onnx", "acme:Onnx", "Acme_Fast", "1.0")
        >>> covers("acme-fast", ref), covers("acme.fast/ONNX", ref), covers("acme-fast/other", ref)
        (True, True, False)
    """
    distribution, slash, name = entry.partition("/")
    if plugin.distribution is None or fold(distribution) != fold(plugin.distribution):
        return False
    return not slash or name_key(plugin.kind, name) == name_key(plugin.kind, plugin.name)


def denied(policy: Policy, plugin: Named) -> str | None:
    """Say which entry of the deny list keeps a plugin out; None if none does."""
    for entry in policy.deny:
        if covers(entry, plugin):
            return f"{policy.origin('deny')} names {entry!r}"
    return None


def blocked(policy: Policy, plugin: PluginRef) -> str | None:
    """Say what keeps an installed plugin out; None if it may be used.

    The built-ins need no permission: only the deny list and a lock keep them out.
    """
    reason = _unwanted(policy, plugin)
    return policy.frozen.refusal(plugin) if policy.frozen and reason is None else reason


def _unwanted(policy: Policy, plugin: Named) -> str | None:
    """Say which setting but the lock keeps an installed plugin out."""
    reason = denied(policy, plugin)
    if reason or plugin.distribution is None or fold(plugin.distribution) == OWN_DISTRIBUTION:
        return reason
    if policy.allow is not None:
        if any(covers(entry, plugin) for entry in policy.allow):
            return None
        return (
            f"{policy.origin('allow')} does not name '{plugin.distribution}' or '{plugin.distribution}/{plugin.name}'"
        )
    if not policy.autoload:
        return f"{policy.origin('autoload')} switches installed plugins off, and no allow list names it"
    return None


def unlocked(policy: Policy, plugin: PluginRef) -> bool:
    """Whether nothing but its absence from the lock keeps an installed plugin out."""
    return policy.frozen is not None and _unwanted(policy, plugin) is None and not policy.frozen.holds(plugin)


def mismatch(policy: Policy, plugin: PluginRef) -> str | None:
    """Say why what is locked, and is wanted, is not here as it was locked; None if it is, or is not locked."""
    if policy.frozen is None or _unwanted(policy, plugin) is not None:
        return None
    return policy.frozen.mismatch(plugin)


def override(policy: Policy, kind: str, name: str) -> str | None:
    """Give the qualified spelling that a bare name stands for; None if it stands for itself."""
    for bare, target in policy.overrides:
        if name_key(kind, bare) == name_key(kind, name):
            return target
    return None


def unknown_entries(policy: Policy, known: Iterable[Named], open_ended: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Give the entries that mean nothing known, each with the setting it stands in.

    Args:
        policy: the settings.
        known: the plugins that there are.
        open_ended: the distributions that may yet register others, through hooks; any ``distribution/name`` of theirs
            counts as known.
    """
    plugins = tuple(known)
    undecided = set(map(fold, open_ended))
    entries = [(entry, "allow") for entry in policy.allow or ()]
    entries += [(entry, "deny") for entry in policy.deny]
    entries += [(target, "overrides") for _, target in policy.overrides]
    return [
        (entry, policy.origin(setting))
        for entry, setting in entries
        if not any(covers(entry, plugin) for plugin in plugins)
        and not ("/" in entry and fold(entry.partition("/")[0]) in undecided)
    ]
