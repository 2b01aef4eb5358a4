"""``packflow plugins doctor``: what is wrong with the plugins that are installed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

from packflow.cli.plugins import KINDS
from packflow.cli.seconds import SECONDS
from packflow.plugin.doctor import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from rich.text import Text

    from packflow.plugin.doctor import Examination, Finding, Report

_STYLES = {"error": "red", "fault": "red", "warning": "yellow", "warn": "yellow", "ok": "green"}


@click.command("doctor")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--kind", type=click.Choice(KINDS), help="Only plugins of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS",
              default=DEFAULT_TIMEOUT, show_default=True, help="How long importing one plugin may take.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N",
              help="How many plugins are imported at once; by default as many as processors, at most 4.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with status 1 for warnings, too.")
def doctor(
    names: tuple[str, ...], kind: str | None, as_json: bool, timeout: float, jobs: int | None, strict: bool
) -> None:
    """Import each plugin in a process of its own, and say what is wrong.

    NAME is a plugin's name, distribution/name, or a distribution; every plugin, if none is given. The exit status is 0
    if there is no error, and 1 if there is one.
    """
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import telling_end
    from packflow.plugin.doctor import examine

    with telling_end(" before every plugin was examined."), _progress() as progress:
        report = examine(names, kind, timeout=timeout, jobs=jobs, progress=progress)
    with standard_output() as stream:
        if as_json:
            click.echo(json.dumps(report.as_json(), indent=2), file=stream)
        else:
            _print(report, stream)
    raise SystemExit(0 if report.healthy(strict=strict) else 1)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Show on a terminal how far it is."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("plugins"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print(report: Report, stream: TextIO) -> None:
    from rich.console import Console

    width = None if stream.isatty() else 1000  # a file or a pipe has no width of its own
    console = Console(file=stream, width=width, highlight=False)
    if report.plugins:
        console.print(_table(report))
    for plugin in report.plugins:
        if plugin.findings:
            heading = f"{plugin.kind} {plugin.qualified} ({plugin.version})"
            _print_findings(heading, plugin.findings, console.print)
    if report.findings:
        _print_findings("distributions and settings", report.findings, console.print)
    counts = ", ".join(f"{count} {severity}{'s' * (count != 1)}" for severity, count in report.counts().items())
    many = len(report.plugins)
    console.print(f"packflow {report.packflow}, Python {report.python}: {many} plugin{'s' * (many != 1)}, {counts}")


def _table(report: Report) -> object:
    from rich.table import Table

    table = Table()
    for heading in ("status", "kind", "plugin", "version"):
        table.add_column(heading, no_wrap=True)
    for heading in ("ms", "modules"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("findings", overflow="fold")
    for plugin in report.plugins:
        table.add_row(_text(plugin.status), *map(_text, _cells(plugin)))
    return table


def _cells(plugin: Examination) -> tuple[str, ...]:
    milliseconds = "" if plugin.milliseconds is None else f"{plugin.milliseconds:,.0f}"
    codes = ", ".join(dict.fromkeys(found.code for found in plugin.findings))
    modules = "" if plugin.modules is None else str(plugin.modules)
    return plugin.kind, plugin.qualified, plugin.version, milliseconds, modules, codes


def _text(text: str) -> Text:
    from rich.text import Text

    from packflow.cli.terminal import printable

    return Text(printable(text), style=_STYLES.get(text, ""))


def _print_findings(heading: str, findings: tuple[Finding, ...], say: Callable[..., None]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from packflow.cli.terminal import printable

    say()
    say(Text(printable(heading), style="bold"))
    for found in findings:
        code = Text(found.severity, style=_STYLES.get(found.severity, "")).append(f" {found.code}: ", "bold")
        say(Padding(code.append(printable(found.what)), (0, 0, 0, 2), expand=False))
        for line in (*found.details, found.where and f"at {found.where}", found.remedy):
            if line:
                say(Padding(Text(printable(line)), (0, 0, 0, 4), expand=False))
