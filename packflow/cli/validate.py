"""``packflow validate``: is a project fit to be handed on?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

from packflow.cli.seconds import SECONDS
from packflow.project.validation import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from rich.text import Text

    from packflow.project.validation import Check, ValidationReport

_STYLES = {"passed": "green", "failed": "red", "warning": "yellow", "skipped": "dim"}


@click.command("validate")
@click.argument("folder", metavar="[DIR]", default=".")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS",
              default=DEFAULT_TIMEOUT, show_default=True, help="How long the project's code may run.")  # fmt: skip
def validate(folder: str, as_json: bool, timeout: float) -> None:
    """Look at a project, and run its samples in a process of their own.

    DIR is the project's folder, the one with the packflow.yaml; the current one, if none is given. The exit status is 0
    if everything passed, warnings aside, and 1 if anything failed.
    """
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import telling_end
    from packflow.project.validation import validate_project

    with telling_end(" before the samples were through."), _progress() as progress:
        report = validate_project(folder, timeout=timeout, progress=progress)
    with standard_output() as stream:
        if as_json:
            click.echo(json.dumps(report.as_json(), indent=2), file=stream)
        else:
            print_report(report, stream)
    raise SystemExit(0 if report.passed else 1)


@contextmanager
def _progress() -> Iterator[Callable[[str], None] | None]:
    """Show on a terminal what is being done."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.text import Text

    from packflow.cli.terminal import printable

    with Console(stderr=True).status("") as status:
        yield lambda what: status.update(Text(printable(what)))


def print_report(report: ValidationReport, stream: TextIO) -> None:
    """Print a report as a table of the checks, what is wrong with each, and a line that sums it up."""
    from rich.console import Console

    width = None if stream.isatty() else 1000  # a file or a pipe has no width of its own
    console = Console(file=stream, width=width, highlight=False)
    console.print(_table(report))
    for check in report.checks:
        if check.status in ("failed", "warning"):
            _print_check(check, console.print)
    console.print(_text(_summary(report)))


def _table(report: ValidationReport) -> object:
    from rich.table import Table

    table = Table()
    table.add_column("status", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("found", overflow="fold")
    for check in report.checks:
        table.add_row(_text(check.status), _text(check.name), _text(check.detail.partition("\n")[0].rstrip(":")))
    return table


def _print_check(check: Check, say: Callable[..., None]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from packflow.cli.terminal import printable

    say()
    first, *rest = check.detail.splitlines() or [""]
    said = Text(check.status, style=_STYLES[check.status]).append(f" {check.name}: ", "bold")
    say(said.append(printable(first)))
    texts = ("\n".join(rest), *check.lines, check.where and f"at {check.where}", check.remedy)
    for line in "\n".join(texts).splitlines():  # of several at once, each would be as wide as the longest
        if line:
            say(Padding(Text(printable(line)), (0, 0, 0, 4), expand=False))


def _summary(report: ValidationReport) -> str:
    counts = report.counts()
    several = {"warning": "warnings"}
    told = ", ".join(
        f"{count} {several.get(status, status) if count > 1 else status}" for status, count in counts.items() if count
    )
    if report.name is None:
        return f"{report.path} is not valid: {told}"
    verdict = "is valid" if report.passed else "is not valid"
    return f"{report.name} {report.version} {verdict}: {told}"


def _text(text: str) -> Text:
    from rich.text import Text

    from packflow.cli.terminal import printable

    return Text(printable(text), style=_STYLES.get(text, ""))
