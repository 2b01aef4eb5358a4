"""``packflow plugins why``: how a name is resolved, candidate by candidate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from packflow.cli.plugins import KINDS

if TYPE_CHECKING:
    from packflow.plugin import Explanation


@click.command("why")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), help="Only plugins of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object.")
@click.pass_context
def why(ctx: click.Context, name: str, kind: str | None, as_json: bool) -> None:
    """Tell why a name means what it means. No plugin is imported.

    NAME is a plugin's name, or distribution/name. Every plugin that has it is shown, with its distribution, version and
    path, and why it won, lost, failed, or is blocked or shadowed. The exit status is 1 if the name means nothing that
    can be used.
    """
    from packflow import plugin
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import printable

    explanation = plugin.why(kind, name)
    text = json.dumps(_as_data(explanation), indent=2) if as_json else printable(_as_text(explanation))
    with standard_output() as stream:
        click.echo(text, file=stream)
    ctx.exit(0 if explanation.outcome == "resolved" else 1)


def _as_text(explanation: Explanation) -> str:
    return f"{explanation.text}\n{explanation.hint}".rstrip("\n")


def _as_data(explanation: Explanation) -> dict[str, Any]:
    """Give the fields, without the text that says the same again."""
    fields = explanation._asdict()
    del fields["text"]
    for field in ("candidates", "chosen"):
        fields[field] = [candidate._asdict() for candidate in fields[field]]
    return fields
