"""``packflow plugins new``: a package with a plugin, its tests and all that surrounds it, to begin from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from packflow.scaffold.plugins import NewPlugin

#: The kinds that there are templates of plugins for.
KINDS = ("backend", "preprocessor", "normalizer", "hooks")

#: As in ``packflow.scaffold.plugins``, which is not imported for ``--help``.
LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "proprietary")


@click.command("new")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the plugin is.")
@click.option("--directory", metavar="DIR", help="The folder to make; by default NAME, in the current one.")
@click.option("--package", metavar="PKG", help="The package's name in Python; by default made from NAME.")
@click.option("--author", metavar="AUTHOR", help="'Name' or 'Name <name@example.org>'.")
@click.option("--description", metavar="TEXT", help="What the plugin does, in one line.")
@click.option("--license", type=click.Choice(LICENSES), default="MIT", show_default=True, help="The licence.")
def new_plugin(
    name: str,
    kind: str,
    directory: str | None,
    package: str | None,
    author: str | None,
    description: str | None,
    license: str,  # noqa: A002  # the option's name
) -> None:
    """Make a package with a plugin that works, its tests, a README and a CI workflow.

    NAME is what the distribution is called, and the plugin in it.
    """
    from packflow.cli.streams import standard_output
    from packflow.scaffold.plugins import CALLED, plan_plugin
    from packflow.scaffold.taken import refuse_taken_names
    from packflow.scaffold.writing import write_tree

    new = plan_plugin(name, kind, package=package, author=author, description=description, license=license)
    refuse_taken_names(new)
    folder = Path(directory or name)
    write_tree(new.files, folder)
    click.echo(f"Made {name}, with the {CALLED[kind]} {new.plugin!r}:", err=True)
    with standard_output() as stream:
        for path in new.files:
            click.echo(folder.joinpath(*path.split("/")), file=stream)
    click.echo(_next_steps(new, folder), err=True)


def _next_steps(new: NewPlugin, folder: Path) -> str:
    import shlex

    where = shlex.quote(str(folder))
    commands = (
        *((f"cd {where}",) if folder.resolve() != Path.cwd() else ()),
        'python -m pip install -e ".[test]"',
        "pytest",
        f"packflow plugins doctor --strict {new.name}",
    )
    return "Next:\n" + "\n".join(f"  {command}" for command in commands)
