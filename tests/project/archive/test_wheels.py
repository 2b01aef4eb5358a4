"""Wheels for a machine without a network: fetched by pip from a folder, or built, and listed for pip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from packflow.exceptions import ArchiveError
from packflow.project.archive import wheels
from packflow.project.archive.pins import Distribution, Wanted
from packflow.project.archive.wheels import LIST, fetch, fetched_wheels, listed, wanted
from packflow.project.requirements import Requirements
from packflow.project.requirements.lines import parse_requirement
from packflow.project.validation.report import ValidationReport
from tests.support.environments import build_wheel

#: Builds a wheel without anything else, and with the time of the build in it, as others do.
BACKEND = """
import os, time, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "%s-%s-py3-none-any.whl"
    info = "%s-%s.dist-info/"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        def add(path, text):
            at = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))[:6]
            wheel.writestr(zipfile.ZipInfo(path, at), text)
        add("%s.py", "VALUE = 1")
        add(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n")
        add(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        add(info + "RECORD", "")
    return name
"""


def source(folder: Path, name: str, version: str) -> Path:
    """Write a distribution whose wheel needs nothing else to be built."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        f'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "{name}"\n'
        f'version = "{version}"\n'
    )
    (folder / "backend.py").write_text(BACKEND % (name, version, name, version, name, name, version))
    return folder


def plain_wheel(folder: Path, name: str, version: str, index: Path) -> Path:
    """Build a wheel with hatchling."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("VALUE = 2")
    (folder / "pyproject.toml").write_text(
        dedent(f"""
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "{name}"
        version = "{version}"
        requires-python = ">=3.10"
        """)
    )
    return build_wheel(folder, index)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip searches, and nothing else, by the user's own settings."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def test_wheels_are_fetched_or_built_and_can_be_installed(tmp_path: Path, index: Path) -> None:
    ready = plain_wheel(tmp_path / "tiny", "acme_tiny", "1.5", index)
    plain_wheel(tmp_path / "newer", "acme_tiny", "2.0", index)
    local = source(tmp_path / "local", "acme_local", "0.3")
    pins = [
        Distribution("acme-tiny", "1.5"),
        Distribution("acme-local", "0.3", origin=f"acme-local @ {local.as_uri()}"),
    ]
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        folder.mkdir()
        built = fetch(pins, folder)
        found = listed(folder, pins, built)

    assert [(wheel.file, wheel.name, wheel.version, wheel.built) for wheel in found.wheels] == [
        ("wheels/acme_local-0.3-py3-none-any.whl", "acme-local", "0.3", True),
        ("wheels/acme_tiny-1.5-py3-none-any.whl", "acme-tiny", "1.5", False),
    ]
    assert (folders[0] / ready.name).read_bytes() == ready.read_bytes()
    one, other = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in folders)
    assert one == other
    assert set(found.files) == set(found.members) == {*(wheel.file for wheel in found.wheels), LIST}
    unpacked = tmp_path / "project/wheels"
    unpacked.mkdir(parents=True)
    for path, member in found.members.items():
        with member.source.open() as stream:
            (unpacked.parent / path).write_bytes(stream.read())
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(tmp_path / "site"), "-r", LIST]
    subprocess.run(command, cwd=unpacked.parent, check=True)
    assert (tmp_path / "site/acme_tiny/__init__.py").exists()
    assert (tmp_path / "site/acme_local.py").exists()


def test_what_cannot_be_fetched_is_told_without_passwords(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ArchiveError) as caught:
        fetch([Distribution("acme-missing", "1.0")], tmp_path)

    assert str(caught.value).startswith("pip could not get the wheels:")
    assert "acme-missing==1.0" in str(caught.value)


def test_passwords_of_an_index_are_not_shown() -> None:
    told = wheels._told("Looking in indexes: x\nERROR: no match in https://me:hunter2@example.org/simple\n", 1)

    assert "hunter2" not in told
    assert "no match in https://me:**********@example.org/simple" in told
    assert "Looking" not in told


def test_an_environment_without_pip_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho python: No module named pip >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))

    with pytest.raises(ArchiveError, match=r"has no pip\. Install it: python -m ensurepip"):
        fetch([Distribution("a", "1")], tmp_path)


def report(*plugins: str) -> ValidationReport:
    locked = {"lock-version": 1, "distribution": [{"name": name, "version": "1"} for name in plugins]}
    return ValidationReport("p", "1", "/p", (), plugins=locked)


def test_packflow_and_the_plugins_belong_to_what_is_wanted() -> None:
    lines = ("numpy[extra]>=2", "old; python_version < '3'", "acme @ https://x.org/acme.zip")
    entries = tuple(parse_requirement(line, "requirements.txt", 1) for line in lines)
    constraint = parse_requirement("scipy<2", "constraints.txt", 1, constraint=True)

    found = wanted(Requirements("requirements.txt", (*entries, constraint)), report("packflow-onnx"))

    assert [(each.name, each.extras) for each in found] == [
        ("packflow", ()), ("numpy", ("extra",)), ("acme", ()), ("packflow-onnx", ()),
    ]  # fmt: skip


def test_a_requirement_without_a_name_is_told() -> None:
    entry = parse_requirement("https://me:hunter2@x.org/a.zip", "requirements.txt", 3)

    with pytest.raises(
        ArchiveError, match=r"requirements\.txt:3: .* does not tell which distribution it means"
    ) as caught:
        wanted(Requirements("requirements.txt", (entry,)), report())

    assert "hunter2" not in str(caught.value)


def test_everything_together(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain_wheel(tmp_path / "own", "packflow", "1.0.0", index)
    there = {"packflow": Distribution("packflow", "1.0.0")}
    monkeypatch.setattr(wheels, "look_up", there.get)
    told: list[str] = []

    with (
        fetched_wheels(Requirements(None), report(), told.append) as found,
        found.members[LIST].source.open() as stream,
    ):
        text = stream.read().decode()

    (wheel,) = found.wheels
    assert told == ["Fetching the wheels of 1 distributions"]
    assert text.splitlines()[1:] == [
        "--no-index",
        "--find-links .",
        f"packflow==1.0.0 --hash=sha256:{found.files[wheel.file].sha256}",
    ]


def test_what_pip_did_not_give_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"pip gave no wheel of acme 1\.0"):
        listed(tmp_path, [Distribution("Acme", "1.0")], set())


def test_no_two_wanted_names_are_asked_for_twice() -> None:
    assert wanted(Requirements(None), report()) == [Wanted("packflow")]
