"""From modules to the distributions that they belong to, and from plugins to their lock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import packflow
from packflow.project.validation.usage import distributions_of, lock_of, read_usage
from tests.plugin.conftest import Site
from tests.plugin.conftest import site as site

OWN = {"packflow": packflow.__version__}


def install(site: Site, name: str, version: str, *files: str) -> Path:
    """Add a distribution that has a RECORD of its files."""
    info = site.add(name, version, modules=dict.fromkeys(files, ""))
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return info


def test_modules_of_python_and_of_local_projects_belong_to_none() -> None:
    modules = {"json": None, "os.path": "/lib/os.py", "packflow.loaders.projects.p1_x.inference": "/x/inference.py"}
    assert distributions_of(modules) == OWN
    assert distributions_of({"no_such_module": "/nowhere/no_such_module.py"}) == OWN


@pytest.mark.parametrize("file", ["\ud800", "a\0b"])
def test_a_module_may_call_its_file_what_no_path_can_be(file: str) -> None:
    assert distributions_of({"odd": file}) == OWN


def test_a_module_belongs_to_the_distribution_that_has_it(site: Site) -> None:
    install(site, "Acme-Fast", "1.2", "acme_fast/__init__.py", "acme_fast/deep.py")
    assert distributions_of({"acme_fast.deep": None}) == {"Acme-Fast": "1.2", **OWN}


def test_a_package_that_several_share_is_told_apart_by_files(site: Site) -> None:
    install(site, "acme-one", "1.0", "acme_shared/one.py")
    install(site, "acme-two", "2.0", "acme_shared/two.py")
    file = str(site.folder / "acme_shared/two.py")
    assert distributions_of({"acme_shared": None, "acme_shared.two": file}) == {"acme-two": "2.0", **OWN}


def test_what_is_installed_editably_is_known_by_its_folder(site: Site, tmp_path: Path) -> None:
    info = site.add("acme-editable", "3.0")
    source = tmp_path / "my source"
    source.mkdir()
    url = {"url": source.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(url))
    file = str(source / "acme_own.py")
    assert distributions_of({"acme_own": file}) == {"acme-editable": "3.0", **OWN}
    assert distributions_of({"acme_own": str(tmp_path / "acme_own.py")}) == OWN


def test_the_lock_holds_what_was_used_and_no_more(site: Site) -> None:
    document, problems = lock_of([("preprocessor", "Numpy", "packflow"), ("backend", "gone", "acme")], {})
    (table,) = document["distribution"]
    assert (table["name"], list(table["preprocessor"]), problems) == ("packflow", ["numpy"], [])


def test_what_has_no_record_cannot_be_locked(site: Site) -> None:
    info = site.add("acme", plugins={"packflow.backends": {"fast": "acme:Fast"}})
    assert not (info / "RECORD").exists()
    document, problems = lock_of([("backend", "fast", "acme")], {})
    assert document["distribution"] == []
    assert len(problems) == 1
    assert problems[0].startswith("acme 1.0 at ")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"modules": None, "plugins": None},
        {"modules": [1], "plugins": "backend"},
        {"modules": {"a": 1}, "plugins": [[1, 2, 3], ["a", "b"], None], "listeners": {"a": 1}},
    ],
)
def test_an_answer_that_makes_no_sense_has_nothing_in_it(answer: dict[str, Any]) -> None:
    assert read_usage(answer) == ({}, [], [])
