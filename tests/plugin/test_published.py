"""The table of published plugins is what the packages beside this one declare."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from packflow.plugin.kinds import KIND_OF_GROUP
from packflow.plugin.published import PUBLISHED

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PROJECTS = sorted(PLUGINS.glob("*/pyproject.toml"))
#: The kinds that somebody asks for by name.
ASKED_FOR = {"backend", "preprocessor", "template"}


def declared(project: Path) -> tuple[str, set[tuple[str, str]]]:
    data = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    groups = data.get("entry-points", {})
    names = {(KIND_OF_GROUP[group], name) for group in groups if group in KIND_OF_GROUP for name in groups[group]}
    return data["name"], {(kind, name) for kind, name in names if kind in ASKED_FOR}


@pytest.mark.skipif(not PROJECTS, reason="the plugins are not part of a source distribution")
@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_it_holds_what_each_package_declares(project: Path) -> None:
    distribution, names = declared(project)
    listed = {place for place, needed in PUBLISHED.items() if needed.partition("[")[0] == distribution}
    assert listed == names


@pytest.mark.skipif(not PROJECTS, reason="the plugins are not part of a source distribution")
def test_the_extras_that_it_names_are_there() -> None:
    extras = {}
    for project in PROJECTS:
        data = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        extras[data["name"]] = set(data.get("optional-dependencies", {}))
    for needed in PUBLISHED.values():
        distribution, _, extra = needed.rstrip("]").partition("[")
        if extra and distribution in extras:
            assert extra in extras[distribution], needed
