"""``packflow plugins list``: what is installed, and in what state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

import click

from packflow.cli.plugins import KINDS

if TYPE_CHECKING:
    from packflow.plugin import PluginRecord


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a plugin.")
@click.option("--kind", type=click.Choice(KINDS), help="Only plugins of this kind.")
def list_plugins(as_json: bool, kind: str | None) -> None:
    """List plugins by name, kind, distribution, version and state. None of them is imported."""
    from packflow import plugin
    from packflow.cli.streams import standard_output

    everything = plugin.plugins()
    records = [record for record in everything if kind in (None, record.kind)]
    left_out = sum(record.kind == "distribution" for record in everything)
    with standard_output() as stream:
        if as_json:
            click.echo(json.dumps([record._asdict() for record in records], indent=2), file=stream)
        else:
            print_table(records, stream)
    if kind and left_out:
        click.echo(f"Distributions or copies that were left out: {left_out}. Without --kind, they are shown.", err=True)


def print_table(records: list[PluginRecord], stream: TextIO) -> None:
    """Print plugins as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from packflow.cli.terminal import printable

    table = Table()
    for heading in ("name", "kind", "distribution", "version", "state"):
        table.add_column(heading, no_wrap=True)
    table.add_column("reason", overflow="fold")
    for record in records:
        # Which copy of a distribution is meant, its path alone can tell.
        reason = f"{record.location}: {record.reason}" if record.kind == "distribution" else record.reason
        cells = (record.name, record.kind, record.distribution, record.version, record.state, reason)
        table.add_row(*(Text(printable(str(cell or ""))) for cell in cells))
    width = None if stream.isatty() else 1000  # a file or a pipe has no width of its own
    Console(file=stream, width=width).print(table)
