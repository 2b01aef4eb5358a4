"""Plugins: how packflow finds what others wrote, and how others hear from packflow.

Two questions, two mechanisms.

**Which one?** A package declares an object under a name, in one of four entry-point groups, and packflow imports it
when somebody asks for that name:

.. code-block:: toml

    [project.entry-points."packflow.backends"]
    fast-net = "acme.fast:FastNet"          # a subclass of InferenceBackend, or an instance

    [project.entry-points."packflow.preprocessors"]
    tokens = "acme.text:TokenPreprocessor"  # a subclass of Preprocessor; input_format="tokens"

    [project.entry-points."packflow.normalizers"]
    "acme.money.Money" = "acme.packflow:MoneyNormalizer"  # the type that it converts

    [project.entry-points."packflow.templates"]
    prices = "acme.projects:PricesTemplate"  # a subclass of ProjectTemplate; packflow create NAME --template prices

>>> from packflow import plugin
>>> plugin.load("preprocessor", "records").__name__
'RecordsPreprocessor'

**Who wants to hear?** A module named in the group ``packflow.plugins`` implements any of the hooks in
:mod:`packflow.plugin.hookspecs`, marked with :data:`hookimpl`:

.. code-block:: toml

    [project.entry-points."packflow.plugins"]
    timings = "acme.timings"

What is installed is read from metadata, at the first look-up; :func:`plugins` lists it and imports none of it. A plugin
that cannot be imported harms its own name only. Where two distributions have one name, using it is an error, and
``distribution/name`` means one of them; the names of packflow's built-ins are reserved. :func:`configure` and its
environment variables (:mod:`packflow.plugin.policy`) decide, before anything is imported, what may be used. With a lock
file, that is exactly what was locked. :func:`register` registers an object without installing it, and :func:`selection`
hands the plugins of a process to its workers.

Importing this package imports next to nothing: each name comes with its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.plugin.api import (
        configure,
        find,
        has,
        listeners,
        load,
        plugins,
        refresh,
        register,
        stamp,
        trace,
        unregister,
        why,
    )
    from packflow.plugin.apiversion import PLUGIN_API_VERSION
    from packflow.plugin.explain import Candidate, Explanation
    from packflow.plugin.locks import LockedPlugin, PluginLock
    from packflow.plugin.markers import hookimpl, hookspec
    from packflow.plugin.notify import Listeners
    from packflow.plugin.records import PluginRecord
    from packflow.plugin.refs import PluginRef
    from packflow.plugin.registration import Registration
    from packflow.plugin.selections import PluginSelection, RegisteredPlugin
    from packflow.plugin.tracing import TraceRow
    from packflow.plugin.workers import adopt, selection

__all__ = [
    "PLUGIN_API_VERSION",
    "Candidate",
    "Explanation",
    "Listeners",
    "LockedPlugin",
    "PluginLock",
    "PluginRecord",
    "PluginRef",
    "PluginSelection",
    "RegisteredPlugin",
    "Registration",
    "TraceRow",
    "adopt",
    "configure",
    "find",
    "has",
    "hookimpl",
    "hookspec",
    "listeners",
    "load",
    "plugins",
    "refresh",
    "register",
    "selection",
    "stamp",
    "trace",
    "unregister",
    "why",
]

_API = (
    "configure",
    "find",
    "has",
    "listeners",
    "load",
    "plugins",
    "refresh",
    "register",
    "stamp",
    "trace",
    "unregister",
    "why",
)

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        **dict.fromkeys(_API, "packflow.plugin.api"),
        **dict.fromkeys(("hookimpl", "hookspec"), "packflow.plugin.markers"),
        "PLUGIN_API_VERSION": "packflow.plugin.apiversion",
        **dict.fromkeys(("Candidate", "Explanation"), "packflow.plugin.explain"),
        "Listeners": "packflow.plugin.notify",
        **dict.fromkeys(("LockedPlugin", "PluginLock"), "packflow.plugin.locks"),
        **dict.fromkeys(("PluginSelection", "RegisteredPlugin"), "packflow.plugin.selections"),
        "PluginRecord": "packflow.plugin.records",
        "PluginRef": "packflow.plugin.refs",
        "Registration": "packflow.plugin.registration",
        "TraceRow": "packflow.plugin.tracing",
        **dict.fromkeys(("adopt", "selection"), "packflow.plugin.workers"),
    },
)
