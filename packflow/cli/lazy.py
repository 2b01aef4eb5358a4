"""Command groups whose commands are imported only when they are run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for, so that one command loads no other's needs.

    Attributes:
        targets: each command's name with the ``module:object`` that it is.
    """

    def __init__(self, *args: Any, targets: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands."""
        return sorted(self.targets)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is asked for; of a name that is none, give the nearest."""
        name = str(args[0])
        if name not in self.targets and not name.startswith("-") and not ctx.resilient_parsing:
            from packflow.utils.nearest import did_you_mean

            ctx.fail(f"No such command {name!r}.{did_you_mean(name, self.targets)}")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command. What it needs may fail for reasons that lie elsewhere in the environment."""
        if cmd_name not in self.targets:
            return None
        module, _, attribute = self.targets[cmd_name].partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except Exception as error:
            if ctx.find_root().params.get("traceback"):
                raise
            raise click.ClickException(
                f"The command {cmd_name!r} cannot be loaded: {type(error).__name__}: {error}. A broken distribution in "
                "this environment may be the cause: `packflow plugins list` shows those; --traceback shows where."
            ) from error
        return command
