"""``packflow plugins new --from-project``: a project becomes a package that can be installed."""

from __future__ import annotations

from pathlib import Path

import click


def new_from_project(
    path: str,
    name: str | None,
    directory: str | None,
    package: str | None,
    said: tuple[str | None, str | None, str | None],
    timeout: float | None,
) -> None:
    """Make a plugin of a project, and tell of it.

    Args:
        path: the project's folder.
        name: the plugin's name; the project's if None.
        directory: the folder to make.
        package: the package's name.
        said: author, description and licence, as far as they were said.
        timeout: how long the project's code may run each time, in seconds.
    """
    from packflow.cli.export import left_out_lines
    from packflow.cli.plugins.new import next_steps
    from packflow.cli.streams import standard_output
    from packflow.cli.terminal import printable, telling_end
    from packflow.project.plugins.making import make_plugin
    from packflow.project.plugins.parts import Options
    from packflow.project.project import PackflowProject
    from packflow.project.validation import DEFAULT_TIMEOUT

    project = PackflowProject(path)
    with telling_end(" before anything was written."):
        made = make_plugin(
            project,
            Path(directory) if directory else None,
            name=name,
            package=package,
            options=Options(*said),
            timeout=timeout or DEFAULT_TIMEOUT,
            progress=lambda text: click.echo(printable(text), err=True),
        )
    for line in (*left_out_lines(made.left_out), *(f"Warning: {warning}" for warning in made.warnings)):
        click.echo(printable(line), err=True)
    new = made.plan.new
    click.echo(f"Made {new.name} of the project {project.config.name!r}, with the backend {new.plugin!r}:", err=True)
    with standard_output() as stream:
        for each in made.plan.files:
            click.echo(made.path.joinpath(*each.split("/")), file=stream)
    click.echo(next_steps(new, made.path), err=True)
