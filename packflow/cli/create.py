"""``packflow create``: a project that works, to begin from. On a terminal, it asks for what was not said."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from packflow.cli.plugins.new import LICENSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from packflow.project.creation import NewProject


#: What to do about a folder that is not empty.
_REMEDY = "choose another folder with --directory, or add the project to those files with --force"

#: What of a project speaks of the template's example, in the order in which it is best changed.
_OF_THE_EXAMPLE = (
    "train.py", "inference.py", "packflow.yaml", "samples.jsonl", "test_inference.py", "requirements.txt",
    "MODEL_CARD.md",
)  # fmt: skip


class Answers(NamedTuple):
    """What is known of the project that is to be made; None where nothing was said."""

    name: str | None
    template: str | None
    description: str | None
    maintainers: tuple[str, ...] | None
    license: str | None
    python_version: str | None


def _list_templates(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        _print_templates()
        ctx.exit()


@click.command()
@click.argument("name", required=False)
@click.option("-t", "--template", metavar="TEMPLATE", help="What to begin from; 'minimal' if it is not said.")
@click.option("--directory", metavar="DIR", help="The folder to make; by default NAME, in the current one.")
@click.option("--description", metavar="TEXT", help="What the project does.")
@click.option(
    "--maintainer", "maintainers", metavar="TEXT", multiple=True, help="'Name <name@example.org>'; repeatable."
)
@click.option("--license", type=click.Choice(LICENSES), help="The licence; 'proprietary' if it is not said.")
@click.option("--python-version", metavar="SPECIFIER", help="The Python it needs; this one or later by default.")
@click.option("-f", "--force", is_flag=True, help="Also where other files are. Nothing is ever overwritten.")
@click.option("--no-input", is_flag=True, help="Ask nothing, on a terminal either.")
@click.option(
    "--list-templates", is_flag=True, is_eager=True, expose_value=False, callback=_list_templates,
    help="List the templates that there are, and end.",
)  # fmt: skip
def create(
    name: str | None,
    template: str | None,
    directory: str | None,
    description: str | None,
    maintainers: tuple[str, ...],
    license: str | None,  # noqa: A002  # the option's name
    python_version: str | None,
    force: bool,
    no_input: bool,
) -> None:
    """Make a project with a backend that works: its configuration, samples, tests and documents.

    On a terminal, what was not said is asked for; --no-input, or a pipe, takes what is usual.
    """
    from packflow.project.creation import DEFAULT_LICENSE, DEFAULT_TEMPLATE, plan_project
    from packflow.scaffold.writing import write_tree

    answers = Answers(name, template, description, maintainers or None, license, python_version)
    if not no_input and _on_a_terminal():
        answers = _ask(answers, directory, force)
    if answers.name is None:
        raise click.UsageError("Missing argument 'NAME': what the project is called.")
    new = plan_project(
        answers.name,
        DEFAULT_TEMPLATE if answers.template is None else answers.template,
        description=answers.description or "",
        maintainers=answers.maintainers or (),
        license=answers.license or DEFAULT_LICENSE,
        python_version=answers.python_version,
    )
    folder = Path(directory or new.name)
    write_tree(new.files, folder, among_others=force, remedy=_REMEDY)
    _report(new, folder)
    _warn_of_another_python(answers.python_version)


def _on_a_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _ask(known: Answers, directory: str | None, force: bool) -> Answers:
    """Ask for what is not known yet; an answer that will not do is asked for again, and Ctrl-C ends it all."""
    from packflow.project import creation
    from packflow.scaffold.writing import refuse_what_is_in_the_way

    def usable_name(text: str) -> str:
        creation.check_name(text)
        refuse_what_is_in_the_way(Path(directory or text), () if force else None, _REMEDY)
        return text

    def usable_template(text: str) -> str:
        from packflow import plugin

        plugin.find("template", text)
        return text

    def maintainer(text: str) -> str:
        return creation.check_maintainer(text) if text.strip() else ""

    def question(said: str | None, text: str, default: str | None, check: Callable[[str], str]) -> str:
        return said if said is not None else _prompt(text, default, check)

    click.echo("A new project. Enter takes what stands in brackets; Ctrl-C ends this, and nothing is made.", err=True)
    name = question(known.name, "Name", None, usable_name)
    usable_name(name)  # before more is asked for
    templates = ", ".join(_template_names())
    return Answers(
        name,
        question(known.template, f"Template ({templates})", creation.DEFAULT_TEMPLATE, usable_template),
        question(known.description, "What it does", "", lambda text: creation.check_text("description", text)),
        known.maintainers or tuple(filter(None, [_prompt("Maintainer", "", maintainer)])),
        question(known.license, f"Licence ({', '.join(LICENSES)})", creation.DEFAULT_LICENSE, _usable_license),
        question(known.python_version, "Python", creation.this_python(), creation.check_python_version),
    )


def _usable_license(text: str) -> str:
    from packflow.exceptions import ScaffoldError

    by_lower_case = {name.lower(): name for name in LICENSES}
    if text.lower() not in by_lower_case:
        raise ScaffoldError(f"{text!r} is none of {', '.join(LICENSES)}.")
    return by_lower_case[text.lower()]


def _prompt(text: str, default: str | None, check: Callable[[str], str]) -> str:
    from packflow.cli.terminal import printable
    from packflow.exceptions import PackflowError

    def checked(answer: str) -> str:
        try:
            return check(answer)
        except PackflowError as error:
            raise click.BadParameter(printable(str(error))) from error

    answer: str = click.prompt(text, default=default, value_proc=checked, show_default=bool(default), err=True)
    return answer


def _template_names() -> list[str]:
    from packflow import plugin

    return [record.name for record in plugin.plugins("template") if record.state in ("ready", "loaded")]


def _print_templates() -> None:
    from packflow import plugin
    from packflow.cli.plugins.list import print_table
    from packflow.cli.streams import standard_output

    with standard_output() as stream:
        print_table(plugin.plugins("template"), stream)


def _report(new: NewProject, folder: Path) -> None:
    from packflow.cli.streams import standard_output

    click.echo(f"Made the project {new.name!r}, from the template {new.template!r}:", err=True)
    with standard_output() as stream:
        for path in new.files:
            click.echo(folder.joinpath(*path.split("/")), file=stream)
    click.echo(_next_steps(new, folder), err=True)


def _warn_of_another_python(wanted: str | None) -> None:
    from packflow.project.python_versions import as_specifier, fits, running_version

    if wanted and not fits(as_specifier(wanted), running_version()):
        click.echo(
            f"This is Python {running_version()}, and the project asks for {wanted}: run it with another.", err=True
        )


def _next_steps(new: NewProject, folder: Path) -> str:
    import shlex

    where = shlex.quote(str(folder))
    commands = (
        *((f"cd {where}",) if folder.resolve() != Path.cwd() else ()),
        "python -m pip install -r requirements.txt pytest",
        *new.steps,
        "pytest",
        "packflow validate",
    )
    told = "\n".join(f"  {command}" for command in commands)
    own = ", ".join(file for file in _OF_THE_EXAMPLE if file in new.files)
    return f"Next:\n{told}\nThen make it your own: {own}.\nWhen all is well, packflow export makes an archive of it."
