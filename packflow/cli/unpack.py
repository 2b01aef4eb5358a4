"""``packflow unpack``: a project out of its archive, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from packflow.cli.archives import limits_of, limits_options


@click.command()
@click.argument("archive")
@click.argument("folder", metavar="DIR")
@limits_options
def unpack(archive: str, folder: str, max_size: int | None, max_files: int) -> None:
    """Unpack the project in ARCHIVE into DIR, which is new or empty.

    Every file is compared with the SHA-256 that the archive's manifest has of it. DIR is there when all of them are
    right, and otherwise nothing is.
    """
    from packflow.cli.terminal import printable, telling_end
    from packflow.project.archive.unpacking import unpack as unpack_into

    def state() -> str:
        whole = Path(folder, "packflow.yaml").exists()  # it comes last
        return f". {folder} is whole." if whole else ". Nothing was unpacked."

    with telling_end(state):
        manifest = unpack_into(archive, Path(folder), limits=limits_of(max_size, max_files))
    count = len(manifest.files)
    told = (
        f"Unpacked {manifest.name} {manifest.version} into {folder}: {count} file{'s' * (count != 1)}, each as listed."
    )
    click.echo(printable(told), err=True)
