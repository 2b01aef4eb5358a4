"""``packflow inspect``: what an archive is, holds and asks for, and whether it is whole. Nothing of it is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

import click

from packflow.cli.archives import limits_of, limits_options

if TYPE_CHECKING:
    from packflow.project.archive.contents import Contents
    from packflow.project.archive.manifest import Manifest


@click.command()
@click.argument("archive")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object.")
@limits_options
def inspect(archive: str, as_json: bool, max_size: int | None, max_files: int) -> None:
    """Show what is in ARCHIVE: its record, configuration, files and model card. Nothing of it is run or imported.

    Every file is compared with the SHA-256 that the archive's manifest has of it. The exit status is 1 if anything is
    wrong.
    """
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import printable
    from packflow.project.archive.contents import contents_of
    from packflow.project.archive.reading import read_archive

    with read_archive(archive, limits_of(max_size, max_files)) as opened:
        contents = contents_of(opened)
    with standard_output() as stream:
        if as_json:
            click.echo(json.dumps(contents.as_json(), indent=2, default=str), file=stream)
        else:
            _print(contents, stream)
    for problem in contents.problems:
        click.echo(printable(f"Error: {archive}: {problem}"), err=True)
    raise SystemExit(1 if contents.problems else 0)


def _print(contents: Contents, stream: TextIO) -> None:
    from packflow.cli.terminal import printable

    lines = list(_facts(contents))
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        click.echo(printable(f"{name:<{width}}  {text}").replace("\n", "\\n"), file=stream)
    click.echo(file=stream)
    _print_files(contents, stream)
    if contents.card:
        click.echo("\nmodel card", file=stream)
        for line in contents.card.rstrip().splitlines():
            click.echo(f"  {printable(line)}".rstrip(), file=stream)  # set in, so that it passes for nothing else


def _facts(contents: Contents) -> Iterator[tuple[str, str]]:
    from packflow.project.archive.limits import size_text

    manifest, config = contents.manifest, contents.config
    yield "project", f"{manifest.name} {manifest.version}"
    if config:
        yield from _config_facts(config)
    yield from _needs(manifest)
    samples = manifest.samples
    yield "samples", f"{samples.passed} of {samples.count} passed, with Python {manifest.ran_with.python}"
    if found := manifest.ran_with.distributions:
        yield "ran with", ", ".join(f"{name} {version}" for name, version in found.items())
    yield "made by", f"packflow {manifest.packflow}"
    yield "archive", f"{contents.archive}, {size_text(contents.size)}"
    yield "SHA-256", contents.sha256


def _config_facts(config: Any) -> Iterator[tuple[str, str]]:
    from packflow.project.archive.contents import config_data

    if config.description:
        yield "description", config.description.strip()
    if config.maintainers:
        yield "maintainers", ", ".join(config.maintainers)
    where = "in its own folder" if config.loader == "local" else "installed"
    yield "backend", f"{config.inference_backend} ({where})"
    shown = config_data(config) or {}
    for name, value in shown["backend_config"].items():
        yield "setting", f"{name} = {json.dumps(value, ensure_ascii=False, default=str)}"
    if config.env:
        yield "sets", ", ".join(config.env)
    if config.python_version:
        yield "Python", config.python_version


def _needs(manifest: Manifest) -> Iterator[tuple[str, str]]:
    from packflow.project.archive.running import locked_plugins

    if manifest.requirements:
        yield "requires", ", ".join(manifest.requirements)
    for plugin in locked_plugins(manifest).plugins:
        yield "plugin", f"{plugin.kind} {plugin.name} of {plugin.distribution} {plugin.version}"
    if manifest.wheels:
        yield "wheels", f"{len(manifest.wheels)}, to be installed without a network"


def _print_files(contents: Contents, stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from packflow.cli.terminal import printable

    table = Table()
    table.add_column("file", overflow="fold")
    table.add_column("bytes", justify="right", no_wrap=True)
    table.add_column("SHA-256", overflow="fold")
    table.add_column("state", no_wrap=True)
    for file in contents.files:
        state = "as listed" if file.problem is None else "WRONG"
        table.add_row(*map(Text, (printable(file.path), str(file.size), file.sha256, state)))
    width = None if stream.isatty() else 1000  # a file or a pipe has no width of its own
    Console(file=stream, width=width).print(table)
