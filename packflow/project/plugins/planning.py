"""What the plugin of a project consists of: its names, and from them and the project its files. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from packflow.project.plugins.dependencies import minor_versions
from packflow.project.plugins.texts import python_literal, toml_author, toml_text
from packflow.project.plugins.wording import readme_values, suite_lines
from packflow.scaffold.names import class_stem, package_of
from packflow.scaffold.plugins import LICENSES, NewPlugin
from packflow.scaffold.trees import read_tree, render

if TYPE_CHECKING:
    from packflow.project.archive.writing import Member
    from packflow.project.files.choosing import LeftOut
    from packflow.project.plugins.layout import Layout
    from packflow.project.plugins.parts import Parts
    from packflow.project.plugins.trying import Seen

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


def plan_project_plugin(new: NewPlugin, parts: Parts, seen: Seen) -> PluginPlan:
    """Work out the files.

    Args:
        new: the plugin's names.
        parts: what the project consists of.
        seen: what its samples gave.
    """
    config, layout, dependencies = parts.project.config, parts.layout, parts.dependencies
    samples = parts.project.samples()
    class_name = _class_name(new.package)
    values = {
        "name": new.name,
        "package": new.package,
        "module": layout.module,
        "project": config.name,
        "version": parts.version,
        "wheel": f"{package_of(new.name)}-{parts.version}",
        "class_name": class_name,
        "base_module": parts.base.module,
        "base_object": parts.base.object,
        "defaults": python_literal(config.backend_config),
        "description": parts.description,
        "description_toml": toml_text(parts.description),
        "holder": parts.authors[0].partition("<")[0].strip(),
        "authors_toml": ", ".join(map(toml_author, parts.authors)),
        "license_toml": _license_toml(parts.license, layout),
        "python_toml": toml_text(parts.python),
        "pythons": ", ".join(f'"{each}"' for each in minor_versions(parts.python)),
        "dependencies_toml": "\n".join(f"    {toml_text(text)}," for text in dependencies.texts),
        "direct_toml": "\n[tool.hatch.metadata]\nallow-direct-references = true\n" if dependencies.direct else "",
        "suite": suite_lines(seen),
        "variables": "".join(f"{json.dumps(name)}, " for name in config.env).strip(),
        **readme_values(config, seen, samples, layout, parts.gathered),
    }
    files: dict[str, str | bytes | Copied] = {**_rendered(values, parts.license, has_env=bool(config.env))}
    modules = parts.modules.files if parts.modules else {}
    for target, path in layout.files.items():
        moved = modules.get(path) if target.startswith("src/") else None
        files[target] = moved.data if moved else Copied(parts.gathered.files[path][0])
    files["tests/samples.jsonl"] = _jsonl(samples)
    if seen.deterministic:
        files["tests/expected.jsonl"] = _jsonl(seen.outputs)
    told = (*dependencies.warnings, *(parts.modules.warnings if parts.modules else ()), *_warnings(seen, config.env))
    target = f"{new.package}.{layout.module}:{class_name}"
    return PluginPlan(new, dict(sorted(files.items())), target, layout.left_out, told)


def _class_name(package: str) -> str:
    return class_stem(package).removesuffix("Backend") + "Backend"


def _license_toml(license_: str | None, layout: Layout) -> str:
    if license_:
        return f'license = "{LICENSES[license_]}"\nlicense-files = ["LICENSE"]'
    return f"license-files = {json.dumps(list(layout.licenses))}"


def _rendered(values: Mapping[str, str], license_: str | None, *, has_env: bool) -> dict[str, str]:
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
