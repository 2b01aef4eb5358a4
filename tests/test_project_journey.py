"""A project's whole way, as its author and those who get it go it: nothing but commands, and no network."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import venv
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from tests.support.environments import REPOSITORY, Environment, build_wheel
from tests.support.wheels import repack

EXECUTE = '''
import json
from pathlib import Path
from typing import Any

import numpy as np
from fares import rounding
from packflow import BackendConfig, InferenceBackend


class Config(BackendConfig):
    model_path: Path


class Backend(InferenceBackend):
    """Says what a ride costs: a line that was fitted to earlier ones."""

    base_config_model = Config
    config: Config

    def initialize(self) -> None:
        self.model = json.loads(self.config.model_path.read_text())

    def transform_inputs(self, inputs: list[dict[str, Any]]) -> Any:
        return np.array([[row["miles"], row["minutes"]] for row in inputs], dtype=float).reshape(-1, 2)

    def execute(self, inputs: Any) -> Any:
        return inputs @ np.array(self.model["slopes"]) + self.model["base"]

    def transform_outputs(self, inputs: Any) -> list[dict[str, Any]]:
        return [{"fare": rounding.to_cents(fare)} for fare in inputs.tolist()]
'''
CHANGES = {
    "inference.py": EXECUTE,
    "fares/__init__.py": "",
    "fares/rounding.py": "def to_cents(fare):\n    return round(fare, 2)\n",
    "models/line.json": '{"slopes": [1.25, 0.1], "base": 3.5}',
    "samples.jsonl": '{"miles": 2, "minutes": 7}\n{"miles": 31.5, "minutes": 48}\n',
    "test_inference.py": (
        "from pathlib import Path\n"
        "from packflow import PackflowProject\n\n"
        "def test_a_ride_of_no_length_costs_the_base():\n"
        "    backend = PackflowProject(Path(__file__).parent).load(verbose=False)\n"
        "    assert backend({'miles': 0, 'minutes': 0}) == {'fare': 3.5}\n"
    ),
    ".env": "TOKEN=abc\n",
}
RIDES = '{"miles": 1, "minutes": 4}\n{"miles": 0, "minutes": 0}\n'
FARES = [{"fare": 5.15}, {"fare": 3.5}]


def rows(text: str) -> list[Any]:
    """Read JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def edit(project: Path) -> None:
    """Do what an author does in an editor."""
    for path, text in CHANGES.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    config = project / "packflow.yaml"
    text = config.read_text(encoding="utf-8")
    assert "  threshold: 0.5\n" in text
    config.write_text(text.replace("  threshold: 0.5\n", "  model_path: models/line.json\n"), encoding="utf-8")
    with (project / "requirements.txt").open("a") as requirements:
        requirements.write("numpy>=1.26\n")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(REPOSITORY, tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """The author's environment, with packflow's wheel."""
    environment = Environment(tmp_path_factory.mktemp("author") / "venv", "testing")
    environment.install(wheel)
    return environment


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, author: Environment) -> Path:
    """A project that was created and edited."""
    folder = tmp_path_factory.mktemp("work") / "fares"
    author.packflow("create", "fares", "--no-input", "--directory", str(folder), "--python-version", ">=3.10")
    edit(folder)
    return folder


def test_from_an_idea_to_outputs_elsewhere(author: Environment, project: Path, tmp_path: Path, wheel: Path) -> None:
    author.run(str(author.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project)
    report = json.loads(author.packflow("validate", str(project), "--json").stdout)
    assert (report["passed"], report["samples"], report["outputs"]) == (True, 2, 2)
    here = author.packflow("run", str(project), "-", stdin=RIDES).stdout
    assert rows(here) == FARES

    done = author.packflow("export", str(project), "-o", str(tmp_path / "out"))
    archive = Path(done.stdout.strip())
    assert archive == tmp_path / "out" / "fares-0.1.0.zip"
    assert "Left out: .env" in done.stderr

    receiver = Environment(tmp_path / "receiver")
    receiver.install(wheel)
    moved = archive.rename(tmp_path / "received.zip")
    aside = project.rename(tmp_path / "aside")  # nothing may be read where it was made
    try:
        assert receiver.packflow("run", str(moved), "-", stdin=RIDES).stdout == here
        receiver.packflow("unpack", str(moved), str(tmp_path / "elsewhere"))
        assert receiver.packflow("run", str(tmp_path / "elsewhere"), "-", stdin=RIDES).stdout == here
        assert not (tmp_path / "elsewhere" / ".env").exists()
    finally:
        aside.rename(project)


def required_by(*names: str) -> set[str]:
    """Name what distributions require, and what that requires in its turn."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = list(names)
    while waiting:
        for text in distribution(waiting.pop()).requires or []:
            required = Requirement(text)
            if (required.marker is None or required.marker.evaluate({"extra": ""})) and required.name not in found:
                found.add(required.name)
                waiting.append(required.name)
    return found


def test_with_its_wheels_it_runs_where_nothing_is_installed(
    author: Environment, project: Path, tmp_path: Path, wheel: Path
) -> None:
    """No index, no packflow: Python and pip are all that the other machine has."""
    index = tmp_path / "index"
    index.mkdir()
    for name in required_by("packflow"):
        repack(name, index)
    (index / wheel.name).write_bytes(wheel.read_bytes())
    offline = ("env", "PIP_NO_INDEX=1", f"PIP_FIND_LINKS={index}", "PIP_CONFIG_FILE=/dev/null")

    out = str(tmp_path / "out")
    done = author.run(*offline, str(author.bin / "packflow"), "export", str(project), "--wheels", "-o", out)
    archive = done.stdout.strip()
    for file in index.iterdir():
        file.unlink()

    venv.create(tmp_path / "bare", with_pip=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    place = str(tmp_path / "elsewhere")

    def run(*command: str, stdin: str = "") -> str:
        ran = subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    run(python, "-m", "zipfile", "-e", archive, place)
    run(python, "-m", "pip", "--quiet", "--isolated", "install", "-r", f"{place}/wheels/requirements.txt")
    packflow = str(Path(python).with_name("packflow"))
    assert rows(run(packflow, "run", place, "-", stdin=RIDES)) == FARES
    assert rows(run(packflow, "run", archive, "-", stdin=RIDES)) == FARES


def test_two_checkouts_on_two_machines_give_one_hash(author: Environment, project: Path, tmp_path: Path) -> None:
    git = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")

    def run(*command: str, **more: Any) -> None:
        subprocess.run(command, check=True, capture_output=True, **more)

    run(*git, "init", "-q", str(project))
    run(*git, "add", ".", cwd=project)
    run(*git, "commit", "-q", "-m", "The fares", cwd=project)
    hashes = set()
    for place, mask, seconds, variables in (
        ("here", "022", 1e9, ("TZ=UTC", "LC_ALL=C")),
        ("somewhere/quite else", "077", 1.5e9, ("TZ=Asia/Tokyo", "LC_ALL=C.UTF-8", "PYTHONHASHSEED=7")),
    ):
        checkout = tmp_path / place
        checkout.parent.mkdir(exist_ok=True)
        run("sh", "-c", f'umask {mask}; git clone -q "$0" "$1"', str(project), str(checkout))
        os.utime(checkout / "inference.py", (seconds, seconds))
        command = f'umask {mask}; exec "$0" export . -o "$1"'
        arguments = ("sh", "-c", command, str(author.bin / "packflow"), str(tmp_path / f"out {mask}"))
        author.run("env", *variables, *arguments, cwd=checkout)
        (archive,) = (tmp_path / f"out {mask}").iterdir()
        hashes.add(hashlib.sha256(archive.read_bytes()).hexdigest())
    assert len(hashes) == 1
