"""A new plugin as its author meets it: made, built, installed; its own tests pass, and the doctor finds nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from packflow.scaffold.plugins import CALLED
from tests.support.environments import REPOSITORY, Environment, build_wheel

#: One environment for all kinds: that they go together is part of what is to be shown.
NAMES = {kind: f"Acme.{kind.title()}-2x" for kind in CALLED}
PACKAGES = {"backend": "acme_models"}  # the others have those that their names suggest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(REPOSITORY, tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """An environment with packflow's wheel, which made a plugin of each kind; their wheels are installed in it too."""
    folder = tmp_path_factory.mktemp("environment")
    made = Environment(folder / "venv", "testing")
    made.install(wheel)
    for kind, name in NAMES.items():
        package = ("--package", PACKAGES[kind]) if kind in PACKAGES else ()
        directory = str(made.bin / "projects" / name)
        made.packflow("plugins", "new", name, "--kind", kind, "--directory", directory, *package)
    made.install(*(build_wheel(made.bin / "projects" / name, made.bin / "wheels") for name in NAMES.values()))
    return made


def test_what_is_published_of_packflow_has_every_template(wheel: Path, tmp_path: Path) -> None:
    templates = REPOSITORY / "packflow" / "templates"
    there = {path.relative_to(REPOSITORY).as_posix() for path in templates.rglob("*") if path.is_file()}
    assert "packflow/templates/plugin/common/.github/workflows/ci.yml.tmpl" in there
    assert there <= set(ZipFile(wheel).namelist())

    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert there <= {name.partition("/")[2] for name in archive.getnames()}


@pytest.mark.parametrize("kind", CALLED)
def test_its_own_tests_and_examples_pass(environment: Environment, kind: str) -> None:
    project = environment.bin / "projects" / NAMES[kind]
    command = ("-m", "pytest", "-p", "no:cacheprovider", "--doctest-modules", "src", "tests")
    done = environment.run(str(environment.python), *command, cwd=project)
    closing = done.stdout.splitlines()[-1]
    assert " passed" in closing
    assert not any(word in closing for word in ("failed", "error", "xfailed", "warning"))


def test_the_readmes_name_the_wheels_that_are_built(environment: Environment) -> None:
    wheels = {f"dist/{wheel.name}" for wheel in (environment.bin / "wheels").iterdir()}
    readmes = [path.read_text(encoding="utf-8") for path in (environment.bin / "projects").glob("*/README.md")]
    assert {path for path in wheels if any(f"`{path}`" in text for text in readmes)} == wheels
    assert len(wheels) == len(readmes) == len(NAMES)


def test_the_doctor_finds_nothing_in_any_of_them(environment: Environment) -> None:
    done = environment.packflow("plugins", "doctor", "--strict", "--json", *NAMES.values())
    examined = json.loads(done.stdout)["plugins"]
    assert {(each["kind"], each["distribution"], each["status"]) for each in examined} == {
        (kind, name, "ok") for kind, name in NAMES.items()
    }
