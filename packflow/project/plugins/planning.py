"""What the plugin of a project consists of: its names, and from them and the project its files. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from packaging.version import InvalidVersion, Version

from packflow import __version__
from packflow.exceptions import ScaffoldError
from packflow.project.files.choosing import LeftOut
from packflow.project.plugins.bases import Base
from packflow.project.plugins.dependencies import dependencies_of, minor_versions
from packflow.project.plugins.layout import Layout
from packflow.project.plugins.texts import python_literal, toml_author, toml_text
from packflow.project.plugins.wording import readme_values, suite_lines
from packflow.project.requirements import read_requirements
from packflow.scaffold.names import class_stem, package_of
from packflow.scaffold.plugins import LICENSES, NewPlugin
from packflow.scaffold.trees import read_tree, render

if TYPE_CHECKING:
    from packflow.project.archive.writing import Member
    from packflow.project.files.gathering import Gathered
    from packflow.project.plugins.modules import Modules
    from packflow.project.plugins.trying import Seen
    from packflow.project.project import PackflowProject

#: The licence of a project that brings none: nobody gives rights away without meaning to.
_LICENSE = "proprietary"
_TEMPLATES = "from_project"


class Copied(NamedTuple):
    """A file of the project, as it is."""

    member: Member

    @property
    def is_program(self) -> bool:
        """Whether it may be run."""
        return self.member.is_program

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Open it for reading."""
        return self.member.source.open()


class Options(NamedTuple):
    """What was said of the new plugin; None where it is the project that says it."""

    author: str | None = None
    description: str | None = None
    license: str | None = None


class PluginPlan(NamedTuple):
    """The files of a plugin that is yet to be written."""

    #: Its names; without its files.
    new: NewPlugin
    #: Relative paths, each with its content.
    files: dict[str, str | bytes | Copied]
    #: The backend, as ``module:object``.
    target: str
    #: Files of the project that are not taken along.
    left_out: tuple[LeftOut, ...]
    #: What is worth knowing, a sentence each.
    warnings: tuple[str, ...]


def plan_project_plugin(
    project: PackflowProject,
    new: NewPlugin,
    gathered: Gathered,
    modules: Modules | None,
    layout: Layout,
    base: Base,
    seen: Seen,
    options: Options,
) -> PluginPlan:
    """Work out the files.

    Args:
        project: the project.
        new: the names of the plugin.
        gathered: the project's files.
        modules: its modules; None if its backend is not its own.
        layout: where its files go.
        base: the backend's class.
        seen: what the samples gave.
        options: what was said of the plugin.

    Raises:
        ScaffoldError: what the project says cannot stand in a distribution.
    """
    config = project.config
    license_ = _license(options.license, layout)
    major, minor = __version__.split(".")[:2]
    requirements = read_requirements(project.path)
    own_versions = f">={major}.{minor},<{int(major) + 1}"
    dependencies = dependencies_of(requirements, new.name, own_versions, base.requirement)
    python = config.python_version or requirements.requires_python or ">=3.10"
    description = (
        options.description or config.description or f"The backend of the project {config.name}, for packflow."
    )
    authors = [options.author] if options.author else config.maintainers or [f"The {config.name} team"]
    class_name = _class_name(new.package)
    version = version_of(project)
    values = {
        "name": new.name,
        "package": new.package,
        "module": layout.module,
        "project": config.name,
        "version": version,
        "wheel": f"{package_of(new.name)}-{version}",
        "class_name": class_name,
        "base_module": base.module,
        "base_object": base.object,
        "defaults": python_literal(config.backend_config),
        "description": description.strip(),
        "description_toml": toml_text(description),
        "holder": authors[0].partition("<")[0].strip(),
        "authors_toml": ", ".join(map(toml_author, authors)),
        "license_toml": _license_toml(license_, layout),
        "python_toml": toml_text(python),
        "pythons": ", ".join(f'"{each}"' for each in minor_versions(python)),
        "dependencies_toml": "\n".join(f"    {toml_text(text)}," for text in dependencies.texts),
        "direct_toml": "\n[tool.hatch.metadata]\nallow-direct-references = true\n" if dependencies.direct else "",
        "suite": suite_lines(seen),
        "variables": "".join(f"{json.dumps(name)}, " for name in config.env).strip(),
        **readme_values(config, seen, project.samples(), layout, gathered),
    }
    files: dict[str, str | bytes | Copied] = {**_rendered(values, license_, bool(config.env))}
    for target, path in layout.files.items():
        moved = modules.files.get(path) if modules and target.startswith("src/") else None
        files[target] = moved.data if moved else Copied(gathered.files[path][0])
    files["tests/samples.jsonl"] = _jsonl(project.samples())
    if seen.deterministic:
        files["tests/expected.jsonl"] = _jsonl(seen.outputs)
    return PluginPlan(
        new,
        dict(sorted(files.items())),
        f"{new.package}.{layout.module}:{class_name}",
        layout.left_out,
        (*dependencies.warnings, *(modules.warnings if modules else ()), *_warnings(seen, config.env)),
    )


def version_of(project: PackflowProject) -> str:
    """Give the project's version as a distribution can have it.

    Raises:
        ScaffoldError: it cannot.
    """
    written = project.config.version
    try:
        return str(Version(written))
    except InvalidVersion:
        raise ScaffoldError(
            f"{project.file}, line {project.config.line_of('version')}: the version {written!r} is none that a package "
            "can have. Write it as in '1.0', '2026.4.1' or '1.0rc1'."
        ) from None


def _class_name(package: str) -> str:
    return class_stem(package).removesuffix("Backend") + "Backend"


def _license(wanted: str | None, layout: Layout) -> str | None:
    """Give the licence whose text packflow brings; None if the project brings one."""
    if not layout.licenses:
        return wanted or _LICENSE
    if wanted:
        raise ScaffoldError(
            f"The project has a licence, which is taken along: {layout.licenses[0]}. Leave --license away."
        )
    return None


def _license_toml(license_: str | None, layout: Layout) -> str:
    if license_:
        return f'license = "{LICENSES[license_]}"\nlicense-files = ["LICENSE"]'
    return f"license-files = {json.dumps(list(layout.licenses))}"


def _rendered(values: Mapping[str, str], license_: str | None, has_env: bool) -> dict[str, str]:
    templates = read_tree(_TEMPLATES, *([f"licenses/{license_}"] if license_ else []))
    if not has_env:
        del templates["tests/conftest.py.tmpl"]
    return render(templates, values)


def _jsonl(records: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)


def _warnings(seen: Seen, env: Mapping[str, str]) -> list[str]:
    told = []
    if len(seen.outputs) == 1:
        told.append("samples.jsonl has one record; with another one, the tests would see rows that are mixed up.")
    if not seen.deterministic:
        told.append("The backend gives other outputs each time, so the tests compare none with those of the project.")
    if env:
        names = ", ".join(sorted(env))
        told.append(f"A package sets no environment variables: set {names} wherever it runs. The README says so.")
    return told
