"""The command ``packflow``: thin commands that hand over to the library, each imported only when it is run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from packflow import __version__

_COMMANDS = {
    "run": "packflow.cli.run:run",
    "plugins": "packflow.cli.plugins:plugins",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for, so that ``--version`` loads none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command. What it needs may fail for reasons that lie elsewhere in the environment."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except Exception as error:
            if ctx.params.get("traceback"):
                raise
            raise click.ClickException(
                f"The command {cmd_name!r} cannot be loaded: {type(error).__name__}: {error}. A broken distribution in "
                "this environment may be the cause: `packflow plugins list` shows those; --traceback shows where."
            ) from error
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user got wrong is told in a line, without a stack trace."""
        from packflow.cli.terminal import fill_closed_streams, printable
        from packflow.exceptions import PackflowError

        fill_closed_streams()
        try:
            return super().invoke(ctx)
        except PackflowError as error:
            if ctx.params.get("traceback"):  # given before the command's name, or after it
                raise
            raise click.ClickException(printable(str(error))) from error


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="packflow")
@click.option("--traceback", is_flag=True, help="Show the whole stack trace of an error.")
def main(traceback: bool) -> None:  # read from the context
    """Run models on records, and look at the plugins that are installed."""
