"""What a new project consists of: its name, and from a template its files. Nothing is written here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from packflow import __version__, plugin
from packflow.exceptions import ScaffoldError
from packflow.project.archive.names import path_problem
from packflow.project.python_versions import as_specifier
from packflow.project.templates import ProjectTemplate
from packflow.scaffold.names import check_distribution
from packflow.scaffold.plugins import LICENSES
from packflow.scaffold.texts import markdown_text, yaml_list, yaml_text
from packflow.scaffold.trees import read_tree, render

#: The template of a project for which none is named.
DEFAULT_TEMPLATE = "minimal"

#: The licence of a project for which none is named: nobody gives rights away without meaning to.
DEFAULT_LICENSE = "proprietary"

#: In characters; names become parts of file names.
_LONGEST_NAME = 100

#: What a template has to have beside what all projects have.
_NEEDED = ("inference.py", "samples.jsonl")


class NewProject(NamedTuple):
    """A project that is yet to be written.

    Example:
        >>> new = plan_project("prices")
        >>> new.steps, "inference.py" in new.files
        ((), True)
    """

    #: The project's name.
    name: str
    #: The template's name.
    template: str
    #: Relative paths, each with its text.
    files: dict[str, str]
    #: Commands that the project needs before its tests can pass.
    steps: tuple[str, ...]


def plan_project(
    name: str,
    template: str = DEFAULT_TEMPLATE,
    *,
    description: str = "",
    maintainers: Sequence[str] = (),
    license: str = DEFAULT_LICENSE,  # noqa: A002  # what it is called on the command line
    python_version: str | None = None,
) -> NewProject:
    r"""Work out a new project's files.

    Example:
        >>> new = plan_project("prices", description='Says "cheap": or not', maintainers=["Ada <ada@example.org>"])
        >>> print(new.files["packflow.yaml"].split("\n")[3])
        description: "Says \"cheap\": or not"

    Args:
        name: what the project is called.
        template: the name of a template, or ``distribution/name``.
        description: what the project does.
        maintainers: who looks after it: names, addresses. The first one holds the copyright.
        license: one of :data:`packflow.scaffold.plugins.LICENSES`.
        python_version: the Python that it needs, as in ``packflow.yaml``; this one or later if None.

    Raises:
        ScaffoldError: a name or a text cannot be used, or the template is wrong.
        PluginError: there is no such template, or it may not be used, or could not be imported.
    """
    check_name(name)
    description = check_text("description", description)
    maintainers = [check_maintainer(each) for each in maintainers]
    python_version = check_python_version(python_version or this_python())
    if license not in LICENSES:
        raise ScaffoldError(f"The licence {license!r} is none of those that there are: {', '.join(LICENSES)}.")
    found = plugin.load("template", template)
    major, minor = __version__.split(".")[:2]
    chosen: ProjectTemplate = found() if isinstance(found, type) else found
    values = {
        "name": name,
        "name_yaml": yaml_text(name),
        "description_yaml": yaml_text(description) if description else '""',
        "description_md": markdown_text(description) or "*What the project does, in a sentence or two.*",
        "maintainers_yaml": yaml_list(maintainers),
        "maintainers_md": markdown_text(", ".join(maintainers)) or "*names and addresses*",
        "holder": maintainers[0].partition("<")[0].strip() or maintainers[0] if maintainers else f"The {name} team",
        "python_version": python_version,
        "packflow_versions": f">={major}.{minor},<{int(major) + 1}",
        "steps": "".join(f"    {step}\n" for step in chosen.steps),
    }
    files = _render(chosen, template, license, values)
    return NewProject(name, template, files, tuple(chosen.steps))


def _render(template: ProjectTemplate, name: str, license: str, values: dict[str, str]) -> dict[str, str]:  # noqa: A002
    licenses = {path.replace("LICENSE", "LICENSE.txt"): text for path, text in read_tree(f"licenses/{license}").items()}
    try:
        files = render({**licenses, **read_tree("project/common"), **template.files()}, values)
        missing = [path for path in _NEEDED if path not in files]
        if missing:
            raise ScaffoldError(f"It has no {' and no '.join(f'{path}.tmpl' for path in missing)}.")
    except Exception as error:  # a template is a plugin, whose code and files are a stranger's
        found = plugin.find("template", name)
        whose = f" of {found.distribution} {found.version}" if found.distribution else ""
        raise ScaffoldError(f"The template {name!r}{whose} is wrong: {error}") from error
    return files


def check_name(name: str) -> str:
    """Give a project's name, which becomes part of the names of archives and perhaps of a package, if it can be one.

    Example:
        >>> check_name("house-prices")
        'house-prices'
        >>> check_name("con")
        Traceback (most recent call last):
        ...
        packflow.exceptions.ScaffoldError: A project cannot be called 'con': 'con' is the name of a device on Windows.

    Raises:
        ScaffoldError: it cannot.
    """
    try:
        check_distribution(name)
    except ScaffoldError as error:
        raise ScaffoldError(str(error).replace("the name of a distribution", "the name of a project", 1)) from None
    if len(name) > _LONGEST_NAME:
        raise ScaffoldError(
            f"The name of the project has {len(name)} characters, and may have {_LONGEST_NAME}: {name[:20]!r}…"
        )
    if problem := path_problem(name):
        raise ScaffoldError(f"A project cannot be called {name!r}: {problem}.")
    return name


def check_text(option: str, text: str) -> str:
    """Give a text without the spaces around it, if all of it can be printed; it may have line breaks.

    Raises:
        ScaffoldError: it has characters that no file should have.
    """
    text = text.replace("\r\n", "\n").strip()
    wrong = next((char for char in text if not (char.isprintable() or char == "\n")), None)
    if wrong is not None:
        raise ScaffoldError(f"--{option} has the character {wrong!r}, which cannot be printed. Take it out.")
    return text


def check_maintainer(text: str) -> str:
    """Give a maintainer's name and address, if it is a line of text.

    Raises:
        ScaffoldError: it is empty, or has several lines.
    """
    text = check_text("maintainer", text)
    if not text or "\n" in text:
        raise ScaffoldError(f"--maintainer is {text!r}, where one line is expected, as in 'Ada <ada@example.org>'.")
    return text


def check_python_version(text: str) -> str:
    """Give a specifier of Python versions as it was written, if it is one.

    Raises:
        ScaffoldError: it is none.
    """
    try:
        as_specifier(text)
    except ValueError as error:
        raise ScaffoldError(f"--python-version is {text!r}, which {str(error).rstrip('.')}.") from None
    return text.strip()


def this_python() -> str:
    """Give the specifier of the Python that runs, and later ones.

    Example:
        >>> this_python().startswith(">=3.")
        True
    """
    return f">={sys.version_info.major}.{sys.version_info.minor}"
