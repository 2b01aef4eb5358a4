"""A project becomes a plugin: made, built, installed where the project is not, loaded by its name, with its outputs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.environments import REPOSITORY, Environment, build_wheel

#: A project as it grows: modules that import each other in every way, data in several places, and what stays at home.
PROJECT = {
    "packflow.yaml": """\
name: house-prices
version: "1.2"
description: Says what a house costs.
maintainers: ["Ada <ada@example.org>"]
inference_backend: inference:Prices
python_version: ">=3.10,<4"
env:
  HOUSE_CURRENCY: EUR
backend_config:
  model_path: models/prices.json
  limits: {low: 10, high: 1000}
""",
    "inference.py": '''\
"""The backend."""
import json, helpers
import features.numbers, os
from pathlib import Path
from features import numbers as counted
from features.text import (
    clean,
)
from packflow import BackendConfig, InferenceBackend
from pydantic import Field

NAMES = json.loads((Path(__file__).parent / "data" / "build" / "names.json").read_text())


class Config(BackendConfig):
    model_path: Path = Field(default=Path("nowhere"), description="The model.")
    limits: dict[str, float] = Field(default_factory=dict, description="What a price lies between.")


class Prices(InferenceBackend):
    base_config_model = Config

    def initialize(self):
        import helpers.rates as rates

        self.rate = rates.rate_of(os.environ["HOUSE_CURRENCY"])
        self.per_room = json.loads(self.config.model_path.read_text())["per_room"]

    def transform_inputs(self, inputs):
        return [(features.numbers.rooms(row), NAMES[clean(row["kind"])]) for row in inputs]

    def execute(self, inputs):
        low, high, each = *self.config.limits.values(), self.per_room * self.rate
        return [(min(high, max(low, rooms * each)), kind) for rooms, kind in inputs]

    def transform_outputs(self, inputs):
        return [{"price": helpers.rounded(price), "kind": kind, "by": counted.BY} for price, kind in inputs]
''',
    "helpers/__init__.py": 'from helpers import rates\n\ndef rounded(price):\n    return round(price, rates.DIGITS)\n',
    "helpers/rates.py": "DIGITS = 2\n\ndef rate_of(currency):\n    return {'EUR': 1.5}[currency]\n",
    "features/text.py": "from .numbers import BY\n\ndef clean(text):\n    return text.strip().lower()\n",
    "features/numbers.py": "BY = 'rooms'\n\ndef rooms(row):\n    return float(row['rooms'])\n",
    "models/prices.json": '{"per_room": 33.333}',
    "data/build/names.json": '{"flat": "a flat", "house": "a house"}',
    "train.py": "import helpers\n\nif __name__ == '__main__':\n    print(helpers.rounded(1))\n",
    "samples.jsonl": '{"rooms": 2, "kind": " Flat"}\n{"rooms": 7, "kind": "house"}\n{"rooms": 90, "kind": "HOUSE"}\n',
    "requirements.txt": "packflow>=1.0\nnumpy>=1.26  # for what comes later\n",
    "README.md": "# House prices\n\nWhat houses cost, by their rooms.\n",
    "LICENSE.txt": "All rights are Ada's.\n",
    "test_inference.py": "import inference\n",
    ".gitignore": "*.log\nbuild/\n!data/build/\n",
    "run.log": "it ran\n",
    ".env": "HOUSE_TOKEN=abc\n",
}  # fmt: skip
NAME, PACKAGE = "house-prices", "house_prices"
SAMPLES = PROJECT["samples.jsonl"]


class World:
    """One environment, in which a project was, was made a plugin of, and is no more."""

    def __init__(self, folder: Path) -> None:
        self.environment = Environment(folder / "venv", "testing")
        self.environment.install(build_wheel(REPOSITORY, folder / "wheels"))
        project = folder / "work" / "house"
        for path, text in PROJECT.items():
            file = project / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.outputs = self.packflow("run", str(project), str(project / "samples.jsonl")).stdout
        made = self.packflow("plugins", "new", "--from-project", str(project))
        self.listed, self.told = made.stdout.splitlines(), made.stderr
        self.folder = project.parent / f"{NAME}-plugin"
        self.before = sorted(path.name for path in project.iterdir())
        shutil.rmtree(project)
        self.wheel = build_wheel(self.folder, folder / "wheels")
        self.environment.install(self.wheel)

    def packflow(self, *arguments: str, stdin: str = "", **variables: str):  # type: ignore[no-untyped-def]
        """Run the command ``packflow`` with environment variables; it must succeed."""
        given = [f"{name}={value}" for name, value in variables.items()]
        return self.environment.run("env", *given, str(self.environment.bin / "packflow"), *arguments, stdin=stdin)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_loaded_by_its_name_it_gives_what_the_project_gave(world: World) -> None:
    assert rows(world.outputs)[0] == {"price": 100.0, "kind": "a flat", "by": "rooms"}
    done = world.packflow("run", NAME, "-", stdin=SAMPLES, HOUSE_CURRENCY="EUR")
    assert done.stdout == world.outputs

    program = (
        "import json, sys\n"
        "from packflow.loaders import ModuleLoader\n"
        f"backend = ModuleLoader({NAME!r}).load(verbose=False, limits={{'high': 200}})\n"
        "print(json.dumps(backend([json.loads(line) for line in sys.stdin])))\n"
    )
    done = world.environment.run(
        "env", "HOUSE_CURRENCY=EUR", str(world.environment.python), "-c", program, stdin=SAMPLES
    )
    assert [row["price"] for row in json.loads(done.stdout)] == [100.0, 200.0, 200.0]


def test_its_own_tests_pass(world: World) -> None:
    python = str(world.environment.python)
    command = ("env", "HOUSE_CURRENCY=EUR", python, "-m", "pytest", "-p", "no:cacheprovider", "-rA")
    done = world.environment.run(*command, cwd=world.folder)
    assert "PASSED tests/test_conformance.py::TestBackend::test_expected_outputs" in done.stdout
    assert not any(word in done.stdout.splitlines()[-1] for word in ("failed", "error", "warning"))
    assert "not set" not in done.stdout
    done = world.environment.run(python, "-m", "pytest", "--collect-only", cwd=world.folder)
    assert "not set, and the backend may need it: HOUSE_CURRENCY" in done.stdout


def test_the_doctor_finds_nothing(world: World) -> None:
    assert world.environment.plugin_names("backend") == {NAME}
    examined = json.loads(world.packflow("plugins", "doctor", "--strict", "--json", NAME).stdout)["plugins"]
    assert [(each["kind"], each["status"]) for each in examined] == [("backend", "ok")]


def test_the_package_has_what_the_backend_needs_and_nothing_that_stays_at_home(world: World) -> None:
    inside = {name for name in ZipFile(world.wheel).namelist() if ".dist-info/" not in name}
    modules = {"inference.py", "train.py", "helpers/__init__.py", "helpers/rates.py", "features/text.py"}
    modules |= {"features/numbers.py", "__init__.py", "plugin.py"}
    assert inside == {f"{PACKAGE}/{path}" for path in modules | {"models/prices.json", "data/build/names.json"}}
    around = {path.relative_to(world.folder).as_posix() for path in world.folder.rglob("*") if path.is_file()}
    around -= {path for path in around if "__pycache__" in path}  # the tests of it have run
    assert {path for path in around if not path.startswith(("src/", "tests/"))} == {
        *(".github/workflows/ci.yml", ".gitignore", "CHANGELOG.md", "LICENSE.txt", "README.md", "pyproject.toml")
    }
    assert {Path(path).relative_to(world.folder).as_posix() for path in world.listed} == around
    assert not any("EUR" in (world.folder / path).read_text() for path in around - {f"src/{PACKAGE}/helpers/rates.py"})


def test_the_project_stays_and_what_was_left_out_is_told(world: World) -> None:
    assert world.before == sorted({path.partition("/")[0] for path in PROJECT})
    for path in ("run.log", ".env", "packflow.yaml", "test_inference.py", "requirements.txt"):
        assert f"Left out: {path}: " in world.told
    assert "set HOUSE_CURRENCY wherever it runs" in world.told


def test_its_metadata_are_the_projects(world: World) -> None:
    (name,) = [name for name in ZipFile(world.wheel).namelist() if name.endswith("METADATA")]
    metadata = ZipFile(world.wheel).read(name).decode()
    fields = metadata.partition("\n\n")[0].splitlines()
    for line in (
        *("Name: house-prices", "Version: 1.2", "Summary: Says what a house costs.", "License-File: LICENSE.txt"),
        *("Author-email: Ada <ada@example.org>", "Requires-Python: <4,>=3.10"),
        *("Requires-Dist: packflow>=1.0", "Requires-Dist: numpy>=1.26"),
    ):
        assert line in fields
    assert "What houses cost, by their rooms." in metadata
    assert "- `HOUSE_CURRENCY`" in metadata
