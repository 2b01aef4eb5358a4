"""A new plugin's files hang together: its metadata, its package and its entry point, whatever it is called."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from packflow import __version__
from packflow.exceptions import ScaffoldError
from packflow.plugin import PLUGIN_API_VERSION
from packflow.plugin.kinds import GROUPS
from packflow.plugin.refs import parse_value
from packflow.scaffold.plugins import CALLED, LICENSES, NewPlugin, plan_plugin
from tests.scaffold.strategies import usable_names

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" "), min_size=1).filter(
    str.strip
)


def project(new: NewPlugin) -> dict[str, Any]:
    return tomllib.loads(new.files["pyproject.toml"])


def names_of(source: str) -> set[str]:
    """Give the names at the top of a module."""
    tree = ast.parse(source)
    return {name for node in tree.body for name in (getattr(node, "name", None),) if name}


@given(usable_names, st.sampled_from(list(CALLED)), st.sampled_from(list(LICENSES)))
@example("A", "backend", "MIT")
@example("my.Plugin-2_x", "normalizer", "proprietary")
@example("acme-backend", "backend", "Apache-2.0")
@example("Acme.Preprocessor", "preprocessor", "BSD-3-Clause")
def test_the_entry_point_leads_to_what_is_written(name: str, kind: str, licence: str) -> None:
    new = plan_plugin(name, kind, license=licence)
    metadata = project(new)["project"]
    assert metadata["name"] == name
    (entry,) = metadata["entry-points"].items()
    assert entry == (GROUPS[kind], {new.plugin: entry[1][new.plugin]})
    module, attribute = parse_value(entry[1][new.plugin]) or ("", "")
    assert module.partition(".")[0] == new.package
    defined = names_of(new.files[f"src/{module.replace('.', '/')}.py"])
    assert attribute in defined if attribute else "packflow_call_finished" in defined
    assert project(new)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [f"src/{new.package}"]
    for path, text in new.files.items():
        if path.endswith(".py"):
            ast.parse(text)
        assert text == "" or text.endswith("\n"), path


@given(usable_names)
def test_a_normalizer_is_called_by_the_type_that_it_converts(name: str) -> None:
    new = plan_plugin(name, "normalizer")
    module, _, type_name = new.plugin.rpartition(".")
    assert type_name in names_of(new.files[f"src/{module.replace('.', '/')}.py"])


@pytest.mark.parametrize("kind", CALLED)
def test_a_package_has_all_that_a_package_needs(kind: str) -> None:
    new = plan_plugin("acme-x", kind)
    wanted = {
        *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", ".github/workflows/ci.yml"),
        *("src/acme_x/__init__.py", "src/acme_x/py.typed", "tests/test_readme.py", "tests/test_conformance.py"),
    }
    assert wanted <= set(new.files)
    said = f"plugin_api_version = {PLUGIN_API_VERSION}"
    assert [path for path, text in new.files.items() if said in text] == [f"src/acme_x/{kind}.py"]


@pytest.mark.parametrize("kind", CALLED)
def test_this_packflow_is_the_oldest_one_that_is_asked_for(kind: str) -> None:
    metadata = project(plan_plugin("acme-x", kind))["project"]
    (ours,) = (Requirement(text) for text in metadata["dependencies"] if text.startswith("packflow"))
    (testing,) = (Requirement(text) for text in metadata["optional-dependencies"]["test"] if "packflow" in text)
    major, minor, *_ = Version(__version__).release
    assert ours.specifier == testing.specifier
    assert testing.extras == {"testing"}
    assert all(version in ours.specifier for version in (f"{major}.{minor}.0", f"{major}.{minor + 1}.0"))
    assert not ours.specifier.contains(f"{major}.{minor}.0a1", prereleases=True)  # before this one
    assert f"{major + 1}.0.0" not in ours.specifier


@given(LINES, LINES)
@example('say "hello" \\ 100% %name ${x}', "O'Neil \\")
@example("größer als 日本 🎈", "Åsa")
def test_texts_come_through_as_they_are(description: str, author: str) -> None:
    author = author.replace("<", "").replace(">", "").strip() or "A"
    new = plan_plugin("acme-x", "backend", description=description, author=author)
    metadata = project(new)["project"]
    assert metadata["description"] == description.strip()
    assert metadata["authors"] == [{"name": author}]
    assert f"Copyright (c) {author}\n" in new.files["LICENSE"]
    assert f"\n{description.strip()}\n" in new.files["README.md"]


def test_an_author_may_have_an_address() -> None:
    new = plan_plugin("acme-x", "hooks", author="Ada Lovelace <ada@example.org>")
    assert project(new)["project"]["authors"] == [{"name": "Ada Lovelace", "email": "ada@example.org"}]
    assert "Copyright (c) Ada Lovelace\n" in new.files["LICENSE"]


@pytest.mark.parametrize(
    "author", ["", " ", "<ada@example.org>", "Ada <ada>", "Ada <a@b> x", "Ada\nLovelace", "a\udcff"]
)
def test_what_is_no_author_is_refused(author: str) -> None:
    with pytest.raises(ScaffoldError, match="--author is"):
        plan_plugin("acme-x", "backend", author=author)


@pytest.mark.parametrize("description", ["", "  ", "two\nlines", "a\x00b", "a\udcff", "\x1b[2J"])
def test_what_is_no_line_is_no_description(description: str) -> None:
    with pytest.raises(ScaffoldError, match="--description is"):
        plan_plugin("acme-x", "backend", description=description)


@pytest.mark.parametrize("name", ["numpy", "Records", "PASSTHROUGH"])
def test_the_names_of_built_ins_are_reserved(name: str) -> None:
    with pytest.raises(ScaffoldError, match="built into packflow, and reserved"):
        plan_plugin(name, "preprocessor", package="acme")


@pytest.mark.parametrize(
    ("name", "kind", "own"),
    [
        ("inference", "backend", "InferenceBackend"),
        ("Inference-Backend", "backend", "InferenceBackend"),
        ("backend", "backend", "BackendConfig"),
        ("preprocessor", "preprocessor", "Preprocessor"),
    ],
)
def test_no_class_is_called_like_one_of_packflows(name: str, kind: str, own: str) -> None:
    with pytest.raises(ScaffoldError, match=rf"\b{own}\b"):
        plan_plugin(name, kind)


def test_another_package_can_be_named() -> None:
    new = plan_plugin("3d-net", "backend", package="net3d")
    assert (new.name, new.plugin, new.package) == ("3d-net", "3d-net", "net3d")
    with pytest.raises(ScaffoldError, match=r"from the name '3d-net'.*--package"):
        plan_plugin("3d-net", "backend")
    with pytest.raises(ScaffoldError, match="from --package 3d"):
        plan_plugin("net", "backend", package="3d")
