"""``packflow plugins new``: a package with a plugin, its tests and all that surrounds it, to begin from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from packflow.cli.seconds import SECONDS

if TYPE_CHECKING:
    from packflow.scaffold.plugins import NewPlugin

#: The kinds that there are templates of plugins for.
KINDS = ("backend", "preprocessor", "normalizer", "hooks")

#: As in ``packflow.scaffold.plugins``, which is not imported for ``--help``.
LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "proprietary")


@click.command("new")
@click.argument("name", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="What the plugin is.")
@click.option("--from-project", "project", metavar="DIR", help="Make it of the project in DIR; it is a backend then.")
@click.option("--directory", metavar="DIR",
              help="The folder to make; by default NAME, here, or NAME-plugin beside the project.")  # fmt: skip
@click.option("--package", metavar="PKG", help="The package's name in Python; by default made from NAME.")
@click.option("--author", metavar="AUTHOR", help="'Name' or 'Name <name@example.org>'.")
@click.option("--description", metavar="TEXT", help="What the plugin does, in one line.")
@click.option("--license", type=click.Choice(LICENSES), help="The licence; MIT if it is not said, or the project's.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS",
              help="How long the project's code may run each time.")  # fmt: skip
def new_plugin(
    name: str | None,
    kind: str | None,
    project: str | None,
    directory: str | None,
    package: str | None,
    author: str | None,
    description: str | None,
    license: str | None,  # noqa: A002  # the option's name
    timeout: float | None,
) -> None:
    """Make a package with a plugin that works, its tests, a README and a CI workflow.

    NAME is what the distribution is called, and the plugin in it; of a project, it is the project's name by default.
    """
    if project is not None:
        if kind not in (None, "backend"):
            raise click.UsageError(f"A project becomes a backend; --from-project and --kind {kind} exclude each other.")
        from packflow.cli.plugins.from_project import new_from_project

        new_from_project(project, name, directory, package, (author, description, license), timeout)
        return
    if timeout is not None:
        raise click.UsageError("--timeout is for --from-project.")
    if name is None:
        raise click.UsageError("Missing argument 'NAME': what the plugin is called.")
    if kind is None:
        raise click.UsageError(f"Missing option '--kind'. Choose from: {', '.join(KINDS)}.")
    from packflow.cli.streams import standard_output
    from packflow.scaffold.plugins import CALLED, plan_plugin
    from packflow.scaffold.taken import refuse_taken_names
    from packflow.scaffold.writing import write_tree

    licensed = license or LICENSES[0]
    new = plan_plugin(name, kind, package=package, author=author, description=description, license=licensed)
    refuse_taken_names(new)
    folder = Path(directory or name)
    write_tree(new.files, folder)
    click.echo(f"Made {name}, with the {CALLED[kind]} {new.plugin!r}:", err=True)
    with standard_output() as stream:
        for path in new.files:
            click.echo(folder.joinpath(*path.split("/")), file=stream)
    click.echo(next_steps(new, folder), err=True)


def next_steps(new: NewPlugin, folder: Path) -> str:
    """Give the commands that come next, in words."""
    import shlex

    where = shlex.quote(str(folder))
    commands = (
        *((f"cd {where}",) if folder.resolve() != Path.cwd() else ()),
        'python -m pip install -e ".[test]"',
        "pytest",
        f"packflow plugins doctor --strict {new.name}",
    )
    return "Next:\n" + "\n".join(f"  {command}" for command in commands)
