"""What the README and the tests of a project's plugin say of this one project. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from packflow.backend.configuration import BackendConfig
from packflow.project.plugins.texts import below_heading
from packflow.project.plugins.trying import TOLERANCE, Seen
from packflow.utils.secrets import MASK, looks_secret

if TYPE_CHECKING:
    from packflow.project.config import ProjectConfig
    from packflow.project.files.gathering import Gathered
    from packflow.project.plugins.layout import Layout

#: What stands in a README as an example, in characters; longer ones are not read.
_LONGEST = 600
#: A default in the table of the settings, in characters.
_LONGEST_DEFAULT = 60


def suite_lines(seen: Seen) -> str:
    """Give what the suite says beside the plugin's name."""
    return "\n".join(f"    {line}" for line in _suite(seen))


def _suite(seen: Seen) -> Iterator[str]:
    if len(seen.outputs) > 1:
        yield 'records = _read("samples.jsonl")'
    else:
        yield "# The same one twice shows less than two would: add another, and its outputs to expected.jsonl."
        yield 'records = _read("samples.jsonl") * 2'
    if seen.deterministic:
        yield "# What the project gave. Machines may differ in the last digits."
        yield f'expected = _read("expected.jsonl"){" * 2" if len(seen.outputs) == 1 else ""}'
        yield f"tolerance = {TOLERANCE}"
    else:
        yield "# In the project, two calls with the same records gave different outputs."
        yield "deterministic = False"
    if seen.brought:
        yield "# The backend's module imports these; what they do to the process, or how long they take, is theirs."
        yield f"heavy_imports_allowed = {{{', '.join(map(json.dumps, seen.brought))}}}"
    if seen.prints:
        yield "# Importing the backend's module prints something; better do that in initialize(), or not at all."
        yield "quiet_import = False"
    if seen.changes:
        yield "# Importing the backend's module changes the process that it runs in; better do that in initialize()."
        yield "clean_import = False"
    if not seen.strict:
        yield "strict_settings = False"
    bare = sorted(name for name, description in seen.settings.items() if not description)
    if bare:
        yield f"# These have no description: {', '.join(bare)}."
        yield "documented_settings = False"


def readme_values(
    config: ProjectConfig, seen: Seen, samples: list[dict[str, Any]], layout: Layout, gathered: Gathered
) -> dict[str, str]:
    """Give what the template of the README has placeholders for."""
    example = repr(samples[:1])
    output = repr(seen.outputs[:1])
    fits = len(example) <= _LONGEST and seen.deterministic and len(output) <= _LONGEST
    return {
        "example_input": example if len(example) <= _LONGEST else "records",
        "example_output": f"```text\n{output}\n```\n" if fits else "",
        "settings_md": _section(_settings(config.backend_config, seen)),
        "env_md": _section(_environment(config.env)),
        "layout": _layout(layout),
        "about": _about(layout, gathered),
    }


def _section(text: str) -> str:
    return f"{text}\n\n" if text else ""


def _settings(given: Mapping[str, Any], seen: Seen) -> str:
    names = [*given, *(name for name in seen.settings if name not in given)]
    if not names:
        return ""
    common = {name: field.description or "" for name, field in BackendConfig.model_fields.items()}
    told = {**common, **seen.settings}
    rows = [f"| `{name}` | {_default(name, given, seen)} | {_cell(told.get(name, ''))} |" for name in names]
    notice = ["", "A relative path that you give is relative to the current directory, and not to the package."]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows, *(notice if seen.paths else ())])


def _default(name: str, given: Mapping[str, Any], seen: Seen) -> str:
    """Give the project's value, which the plugin has in its ``DEFAULTS``, or else what the backend's class says."""
    in_package = name in seen.paths
    if looks_secret(name):
        shown = MASK if name in given or seen.defaults.get(name) else ""
    elif name not in given:
        shown = seen.defaults.get(name, "")
    elif in_package and isinstance(given[name], str):
        shown = given[name]
    else:
        shown = json.dumps(given[name], ensure_ascii=False, default=str)
    fits = len(shown) <= _LONGEST_DEFAULT and "`" not in shown
    told = f"`{_cell(shown)}`" if fits else "see `DEFAULTS`" if name in given else "see the backend's class"
    return "" if not shown else f"{told} in the package" if in_package else told


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _environment(env: Mapping[str, str]) -> str:
    """Name the variables; their values belong to whoever runs the backend."""
    if not env:
        return ""
    return "\n".join(
        [
            "## Environment variables",
            "",
            "The project set these before the backend was loaded. A package sets none: set them where it runs.",
            "",
            *(f"- `{name}`" for name in env),
        ]
    )


def _layout(layout: Layout) -> str:
    return "- Beside it are the modules and the data of the project, in the folders that they were in." + (
        "\n- `MODEL_CARD.md` tells what the model is good for, and what it is not."
        if "MODEL_CARD.md" in layout.files
        else ""
    )


def _about(layout: Layout, gathered: Gathered) -> str:
    """Give the project's README as a section of the plugin's."""
    if layout.readme is None:
        return ""
    with gathered.files[layout.readme][0].source.open() as stream:
        text = stream.read().decode(errors="replace").removeprefix("\ufeff")
    if not text.strip():
        return ""
    notice = "It speaks of the project's folder, where some things are in other places. What does not apply, delete."
    return f"\n## From the project's README\n\n{notice}\n\n{below_heading(text).strip()}\n"
