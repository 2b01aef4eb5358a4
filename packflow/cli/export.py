"""``packflow export``: a project as one archive that runs the same elsewhere."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from packflow.cli.seconds import SECONDS
from packflow.project.validation import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from packflow.project.exporting import Export
    from packflow.project.files.choosing import LeftOut

#: How many of those that are left out for one reason are named.
_NAMED = 10


@click.command()
@click.argument("directory", metavar="[DIR]", default=".")
@click.option("-o", "--output", metavar="OUTDIR", default=".", help="The folder of the archive; by default, this one.")
@click.option("--wheels", is_flag=True, help="Put in the wheels of all that the project requires.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS", default=DEFAULT_TIMEOUT,
              show_default=True, help="How long the project's code may run.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object, with what was left out.")
def export(directory: str, output: str, wheels: bool, timeout: float, as_json: bool) -> None:
    """Make an archive of the project in DIR, by default the current folder: NAME-VERSION.zip.

    The project is validated first, and has to pass. The same files give the same archive, whoever makes it, and when.
    Secrets, what .gitignore and .packflowignore exclude, environments and caches stay out; what was left out is told.
    """
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import printable, telling_end
    from packflow.project.exporting import export_project
    from packflow.project.project import PackflowProject

    project = PackflowProject(directory)
    with telling_end(" before the archive was written."):
        made = export_project(
            project,
            output,
            wheels=wheels,
            timeout=timeout,
            progress=lambda text: click.echo(printable(text), err=True),
        )
    _tell(made)
    with standard_output() as stream:
        click.echo(json.dumps(made.as_json(), indent=2) if as_json else printable(str(made.path)), file=stream)


def _tell(made: Export) -> None:
    from packflow.cli.terminal import printable
    from packflow.project.archive.limits import size_text

    count = len(made.manifest.files)
    told = [
        *left_out_lines(made.left_out),
        *(f"Warning: {check.detail}" for check in made.report.checks if check.status == "warning"),
        *(f"Warning: {warning}" for warning in made.warnings),
        f"{made.path}: {count} file{'s' * (count != 1)}, {size_text(made.size)}, sha256 {made.sha256}",
    ]
    for line in told:
        click.echo(printable(line), err=True)


def left_out_lines(left_out: Iterable[LeftOut]) -> Iterable[str]:
    """Give a line for each thing that is left out; of many for one reason, the first ones and how many more.

    Example:
        >>> from packflow.project.files.choosing import LeftOut
        >>> list(left_out_lines([LeftOut(".git/", "it belongs to version control")]))
        ['Left out: .git/: it belongs to version control']
    """
    by_reason = defaultdict(list)
    for left in left_out:
        by_reason[left.reason].append(left)
    for reason, lefts in by_reason.items():
        yield from (f"Left out: {left}" for left in lefts[:_NAMED])
        if len(lefts) > _NAMED:
            yield f"Left out: {len(lefts) - _NAMED} more: {reason}"
