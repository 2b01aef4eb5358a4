"""The command ``packflow``: thin commands that hand over to the library, each imported only when it is run."""

from __future__ import annotations

from typing import Any

import click

from packflow import __version__
from packflow.cli.lazy import LazyGroup


class Main(LazyGroup):
    """The outermost group, where what a user got wrong becomes a line instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        from packflow.cli.terminal import fill_closed_streams, printable
        from packflow.exceptions import PackflowError

        fill_closed_streams()
        try:
            return super().invoke(ctx)
        except PackflowError as error:
            if ctx.params.get("traceback"):  # given before the command's name, or after it
                raise
            raise click.ClickException(printable(f"{error}{told_beyond(error)}")) from error
        except FileNotFoundError as error:
            if _is_somewhere():
                raise
            raise click.ClickException("The current folder is there no more. Change to another one.") from error


def _is_somewhere() -> bool:
    """Whether the folder that the command was given in is there: without it, no path means anything."""
    import os

    try:
        os.getcwd()  # noqa: PTH109  # Path would be one more import at start-up
    except FileNotFoundError:
        return False
    return True


def told_beyond(error: BaseException) -> str:
    """Give, indented, what an error's explanation says and its message does not; nothing where it has no candidate."""
    message = str(error)
    found: BaseException | None = error
    while found is not None and getattr(found, "explanation", None) is None:
        found = found.__cause__
    lines = (getattr(found, "explanation", None) or "").splitlines()
    new = [f"\n  {line}" for line in lines if line.strip() not in message]
    return "".join(new) if len(lines) > 1 else ""


@click.command(
    cls=Main,
    targets={
        "inspect": "packflow.cli.inspect:inspect",
        "create": "packflow.cli.create:create",
        "export": "packflow.cli.export:export",
        "plugins": "packflow.cli.plugins:plugins",
        "run": "packflow.cli.run:run",
        "unpack": "packflow.cli.unpack:unpack",
        "validate": "packflow.cli.validate:validate",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="packflow")
@click.option("--traceback", is_flag=True, help="Show the whole stack trace of an error.")
def main(traceback: bool) -> None:  # read from the context
    """Make projects of models, run them on records, and look at the plugins that are installed."""
