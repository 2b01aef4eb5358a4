"""``packflow plugins``: what is installed, why a name means what it means, what is broken; and making new ones."""

from __future__ import annotations

import click

from packflow.cli.lazy import LazyGroup

#: The kinds of plugin, as options name them; kept here because nothing else is imported for ``--help``.
KINDS = ("backend", "preprocessor", "normalizer", "template", "hooks")


@click.group(
    cls=LazyGroup,
    targets={
        "doctor": "packflow.cli.plugins.doctor:doctor",
        "list": "packflow.cli.plugins.list:list_plugins",
        "lock": "packflow.cli.plugins.lock:lock",
        "new": "packflow.cli.plugins.new:new_plugin",
        "why": "packflow.cli.plugins.why:why",
    },
)
def plugins() -> None:
    """Look at the plugins that are installed, and make new ones."""
