"""Projects of many shapes become plugins; those that cannot are refused, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from packflow import PackflowProject
from packflow.exceptions import PackflowError, ProjectError, ScaffoldError
from packflow.project.plugins.making import Made, make_plugin
from packflow.project.plugins.parts import Options

BACKEND = """
from packflow import InferenceBackend
{imports}
class Prices(InferenceBackend):
    def execute(self, inputs):
        return [{{"price": {price}}} for row in inputs]
"""
#: What does something to the process that it is imported in.
LOUD = "import os\nos.environ['LOUD'] = '1'\nprint('loud')"
YAML = "name: house-prices\nversion: 1.0\ninference_backend: {target}\n"


def backend(imports: str = "", price: str = "2 * row['rooms']") -> str:
    return BACKEND.format(imports=imports, price=price)


def grow(folder: Path, files: dict[str, str | bytes], target: str = "inference:Prices") -> PackflowProject:
    defaults: dict[str, str | bytes] = {
        "packflow.yaml": YAML.format(target=target),
        "samples.jsonl": '{"rooms": 1}\n{"rooms": 3}\n',
        "requirements.txt": "packflow\n",
    }
    for path, content in {**defaults, **files}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return PackflowProject(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work" / "house"


def outputs_of(made: Made, records: list[dict[str, Any]], **settings: Any) -> Any:
    """Run a plugin's backend in a process that has nothing but its package."""
    module, _, name = made.plan.target.partition(":")
    program = (
        f"import json, sys; sys.path.insert(0, {str(made.path / 'src')!r}); from {module} import {name}\n"
        f"print(json.dumps({name}(verbose=False, **json.loads(sys.argv[1]))(json.loads(sys.argv[2]))))"
    )
    command = [sys.executable, "-B", "-c", program, json.dumps(settings), json.dumps(records)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("target", "files"),
    [
        ("inference:Outer.Prices", {"inference.py": "class Outer:" + backend().replace("\n", "\n    ")}),
        ("sub.inference:Prices", {"sub/inference.py": backend("import top"), "top.py": "from sub import inference"}),
        (
            "src/inference.py:Prices",
            {"src/inference.py": backend("import helpers", "helpers.price(row)"),
             "src/helpers.py": "from a import price", "src/a/__init__.py": "from .b import price",
             "src/a/b.py": "def price(row): return 2 * row['rooms']"},
        ),
        (
            "inference.py:Prices",
            {"__init__.py": "FACTOR = 2", "inference.py": backend("import house.helpers as h", "h.price(row)"),
             "helpers.py": "from house import FACTOR\ndef price(row): return FACTOR * row['rooms']"},
        ),
        (
            "inference:Prices",  # the loader does not run this __init__.py, so no package may
            {"__init__.py": "raise SystemExit(3)", "inference.py": backend("import plugin"), "plugin.py": ""},
        ),
        (
            "inference:Prices",  # what is called like the standard library's is passed over
            {"inference.py": backend("import json, packages.deep", "json.loads('2') * packages.deep.N * row['rooms']"),
             "json.py": "raise SystemExit(3)", "packages/deep.py": "N = 1"},
        ),
        (
            "inference:Prices",
            {"inference.py": b"# coding: latin-1\r\n" + backend(
                "import helpers\nE = 'é'", "len(E) * helpers.TWO * row['rooms']").encode("latin-1"),
             "helpers.py": b"\xef\xbb\xbfimport two\nTWO = two.TWO", "two.py": "TWO = 2"},
        ),
        (
            "inference:Prices",  # neither is a module of the backend's, so both go as they are
            {"inference.py": backend(), "old.py": "print 'x'", "not-a-name.py": "import inference"},
        ),
    ],
)  # fmt: skip
def test_the_package_gives_what_the_project_gives(folder: Path, target: str, files: dict[str, str | bytes]) -> None:
    project = grow(folder, files, target)
    made = make_plugin(project)
    assert made.path == folder.parent / "house-prices-plugin"
    assert outputs_of(made, [{"rooms": 4}, {"rooms": 0}]) == [{"price": 8}, {"price": 0}]
    assert not list(made.path.rglob("__pycache__"))


SETTINGS = """
from pathlib import Path
from packflow import BackendConfig, InferenceBackend
class Config(BackendConfig):
    model_path: Path = Path("nowhere")
    factors: dict[str, int] = {}
class Prices(InferenceBackend):
    base_config_model = Config
    def execute(self, inputs):
        given = self.config
        return [{"price": int(given.model_path.read_text()) * sum(given.factors.values())} for _ in inputs]
"""


def test_its_settings_are_defaults_that_others_are_laid_over(folder: Path, tmp_path: Path) -> None:
    config = YAML.format(target="inference:Prices")
    config += "backend_config: {model_path: tests/model.txt, factors: {a: 1, b: 2}}\n"
    project = grow(folder, {"inference.py": SETTINGS, "tests/model.txt": "10", "packflow.yaml": config})
    made = make_plugin(project)
    other = tmp_path / "other.txt"
    other.write_text("100")
    assert outputs_of(made, [{}]) == [{"price": 30}]
    assert outputs_of(made, [{}], factors={"b": 5}) == [{"price": 60}] == project.load(factors={"b": 5})([{}])
    assert outputs_of(made, [{}], model_path=str(other)) == [{"price": 300}]
    suite = (made.path / "tests/test_conformance.py").read_text()
    assert "documented_settings = False" in suite
    assert "# These have no description: factors, model_path." in suite


TABLE = """
import enum
from pathlib import Path
from packflow import BackendConfig, InferenceBackend
from pydantic import Field
class Config(BackendConfig):
    model_path: Path
    parts: list[Path] = []
    label: str
    model_format: str = Field("auto", description="How it is read | or not.")
    api_key: str = "canary"
    kind: enum.Enum("Kind", {"small": "s"}) = "s"
    names: list[str] = Field(default_factory=list)
    made: str = Field(default_factory=lambda: "x")
    notes: str = "n" * 61
    limit: int | None = None
    cache: Path = Path("near/here")
class Prices(InferenceBackend):
    base_config_model = Config
    def execute(self, inputs):
        return [{"price": int(self.config.model_path.read_text())} for _ in inputs]
"""


def test_the_readme_has_the_default_of_each_setting(folder: Path) -> None:
    config = YAML.format(target="inference:Prices")
    config += "backend_config: {model_path: a.txt, parts: [a.txt, b.txt], label: a, verbose: false}\n"
    files: dict[str, str | bytes] = {"inference.py": TABLE, "a.txt": "1", "b.txt": "2", "packflow.yaml": config}
    readme = (make_plugin(grow(folder, files)).path / "README.md").read_text()
    for row in (
        *("| `model_path` | `a.txt` in the package |  |", '| `parts` | `["a.txt", "b.txt"]` in the package |  |'),
        *('| `label` | `"a"` |  |', '| `model_format` | `"auto"` | How it is read \\| or not. |'),
        *("| `api_key` | `**********` |  |", '| `kind` | `"s"` |  |', "| `names` | `[]` |  |", "| `made` |  |  |"),
        *("| `notes` | see the backend's class |  |", "| `limit` | `null` |  |", '| `cache` | `"near/here"` |  |'),
        "| `verbose` | `false` | Log the metrics of each call at INFO. |",
        "A relative path that you give is relative to the current directory, and not to the package.",
    ):
        assert f"\n{row}\n" in readme, row
    assert "canary" not in readme


def test_of_an_installed_backend_it_is_that_with_the_projects_settings(folder: Path, tmp_path: Path) -> None:
    config = YAML.format(target="tests.support.backends:Echo") + "loader: module\nbackend_config: {verbose: false}\n"
    made = make_plugin(grow(folder, {"packflow.yaml": config, "data.txt": "x"}))
    text = (made.path / "src/house_prices/plugin.py").read_text()
    assert "import tests.support.backends as base" in text
    assert '    "verbose": False,\n' in text


def test_what_changes_each_time_is_not_expected(folder: Path) -> None:
    made = make_plugin(grow(folder, {"inference.py": backend("import random", "random.random()")}))
    suite = (made.path / "tests/test_conformance.py").read_text()
    assert "deterministic = False" in suite
    assert "expected.jsonl" not in suite
    assert not (made.path / "tests/expected.jsonl").exists()
    assert any("other outputs each time" in warning for warning in made.warnings)


def test_libraries_that_change_the_process_are_declared(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "installed").mkdir()
    for name, text in {"loudlib": "import os, quietlib\nos.environ['LOUD'] = '1'", "quietlib": "", "torch": ""}.items():
        (tmp_path / "installed" / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path / "installed")
    made = make_plugin(grow(folder, {"inference.py": backend("import json, loudlib, helpers"), "helpers.py": ""}))
    assert 'heavy_imports_allowed = {"loudlib"}' in (made.path / "tests/test_conformance.py").read_text()
    lazy = "from importlib import import_module\ndef __getattr__(name):\n    return import_module('lazylib.late')\n"
    (tmp_path / "installed" / "lazylib").mkdir()
    (tmp_path / "installed" / "lazylib" / "__init__.py").write_text(lazy)
    (tmp_path / "installed" / "lazylib" / "late.py").write_text(LOUD)
    imports = "import quietlib\nfrom lazylib import Late"
    made = make_plugin(grow(tmp_path / "lazy" / "b", {"inference.py": backend(imports)}))
    suite = (made.path / "tests/test_conformance.py").read_text()
    assert 'heavy_imports_allowed = {"lazylib"}' in suite
    assert "clean_import" not in suite
    assert "quiet_import" not in suite
    other = grow(tmp_path / "other" / "b", {"inference.py": backend("import torch, quietlib")})
    made = make_plugin(other)
    assert 'heavy_imports_allowed = {"torch"}' in (made.path / "tests/test_conformance.py").read_text()


def test_what_importing_the_project_itself_does_is_declared(folder: Path) -> None:
    made = make_plugin(grow(folder, {"inference.py": backend(f"import helpers\n{LOUD}"), "helpers.py": ""}))
    suite = (made.path / "tests/test_conformance.py").read_text()
    assert "heavy_imports_allowed" not in suite
    assert "    clean_import = False\n" in suite
    assert "    quiet_import = False\n" in suite


def test_of_an_installed_backend_the_library_is_declared(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed" / "loudlib.py").write_text(backend(LOUD))
    monkeypatch.syspath_prepend(tmp_path / "installed")
    made = make_plugin(grow(folder, {"packflow.yaml": YAML.format(target="loudlib:Prices") + "loader: module\n"}))
    suite = (made.path / "tests/test_conformance.py").read_text()
    assert 'heavy_imports_allowed = {"loudlib"}' in suite
    assert "clean_import" not in suite


def test_one_sample_is_too_few_and_that_is_told(folder: Path) -> None:
    made = make_plugin(grow(folder, {"inference.py": backend(), "samples.jsonl": '{"rooms": 1}'}))
    assert '_read("samples.jsonl") * 2' in (made.path / "tests/test_conformance.py").read_text()
    assert any("has one record" in warning for warning in made.warnings)


def test_what_it_runs_with_and_would_not_bring_is_told(folder: Path) -> None:
    made = make_plugin(grow(folder, {"inference.py": backend("import iniconfig")}))  # which pytest brings, here
    (told,) = [warning for warning in made.warnings if "iniconfig" in warning]
    assert told.startswith(
        "The samples ran with iniconfig, which requirements.txt does not bring. Add to requirements.txt"
    )


def test_what_is_said_of_it_goes_before_what_the_project_says(folder: Path, tmp_path: Path) -> None:
    said = Options("Ada <ada@example.org>", "It says 'how much'.", "MIT")
    project = grow(folder, {"inference.py": backend()})
    made = make_plugin(project, tmp_path / "made", name="Acme.Prices", package="prices_of_acme", options=said)
    metadata = (tmp_path / "made/pyproject.toml").read_text()
    for text in (
        'name = "Acme.Prices"',
        '"ada@example.org"',
        "It says 'how much'.",
        'license = "MIT"',
        "src/prices_of_acme",
    ):
        assert text in metadata
    assert "Ada" in (tmp_path / "made/LICENSE").read_text()
    assert made.plan.target == "prices_of_acme.plugin:PricesOfAcmeBackend"


# What cannot be ----------------------------------------------------------------------------------------------------


def refusal(project: PackflowProject, folder: Path | None = None, **given: Any) -> PackflowError:
    """Make a plugin, which has to fail and to leave nothing behind."""
    before = sorted(project.path.parent.rglob("*"))
    with pytest.raises(PackflowError) as refused:
        make_plugin(project, folder, **given)
    assert sorted(path for path in project.path.parent.rglob("*") if path.name != "__pycache__") == before
    return refused.value


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"inference.py": backend("from importlib import import_module\nf = lambda: import_module('helpers')"),
          "helpers.py": ""},
         "inference.py, line 4: import_module('helpers') finds no module of a package"),
        ({"inference.py": backend("import helpers"), "helpers.py": "", ".gitignore": "helpers.py"},
         "inference.py, line 3: it imports 'helpers', which is left out: .gitignore excludes it"),
        ({"inference.py": backend("from a import b"), "a/b.py": "import helpers\n", "helpers/__init__.py": "",
          ".packflowignore": "/helpers/"}, "a/b.py, line 1: it imports 'helpers', which is left out"),
        ({"inference.py": backend("import helpers"), "helpers.py": "print 1"},
         "helpers.py: it cannot be read as Python"),
        ({"inference.py": backend(), "requirements.txt": "-e ./libs"}, "requirements.txt:1: './libs' is a folder"),
        ({"inference.py": backend(), "packflow.yaml": YAML.format(target="inference:Prices").replace("1.0", "final")},
         "packflow.yaml, line 2: the version 'final' is none that a package can have"),
        ({"inference.py": backend(), "key.txt": "gh" + "p_" + "a1B2" * 9}, "key.txt, line 1"),
        ({"inference.py": backend(), "rate.txt": "1", ".gitignore": "rate.txt", "packflow.yaml":
          YAML.format(target="inference:Prices") + "backend_config: {model: rate.txt}"}, "backend_config.model"),
    ],
)  # fmt: skip
def test_what_cannot_be_in_a_package_is_refused_before_anything_runs(
    folder: Path, files: dict[str, str | bytes], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packflow.project.plugins.making.validate_project", None)
    assert told in str(refusal(grow(folder, files)))


def test_a_backend_in_a_folder_that_no_module_can_be_called_is_refused(folder: Path) -> None:
    project = grow(folder, {"my-code/inference.py": backend()}, "my-code/inference.py:Prices")
    assert "the folder 'my-code', which no module can be called" in str(refusal(project))


def test_a_folder_inside_of_a_package_is_refused_where_that_may_matter(folder: Path) -> None:
    project = grow(folder, {"__init__.py": "", "inference.py": backend("import other")}, "inference.py:Prices")
    (folder.parent / "other.py").write_text("")
    assert "imports 'other', which lies outside of the project" in str(refusal(project))
    (folder.parent / "__init__.py").write_text("")
    assert "lies in the package" in str(refusal(project))


def test_a_project_that_is_not_valid_is_refused_with_the_reasons(folder: Path) -> None:
    error = refusal(grow(folder, {"inference.py": backend(price="row['floors']")}))
    assert isinstance(error, ProjectError)
    assert "is not valid, so no plugin was made" in str(error)
    assert "KeyError" in str(error)


def test_an_instance_is_refused(folder: Path) -> None:
    project = grow(folder, {"inference.py": backend() + "prices = Prices(verbose=False)\n"}, "inference:prices")
    assert "inference:prices of" in str(error := refusal(project))
    assert "Let inference_backend name the class" in str(error)


@pytest.mark.parametrize(
    "price",
    [
        "len(open(__file__.replace('inference.py', 'samples.jsonl')).read())",
        "1 if __name__.startswith('packflow.') else 2",
    ],
)
def test_a_package_that_gives_something_else_is_refused(folder: Path, price: str) -> None:
    error = refusal(grow(folder, {"inference.py": backend(price=price)}))
    assert isinstance(error, ScaffoldError)
    assert "get through with the project, and not with the package" in str(error)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "click"}, "A distribution called 'click' is installed here"),
        ({"name": "json"}, "a module of Python's standard library"),
        ({"name": "größe"}, "Take 'groe'"),
        ({"package": "numpy"}, "There is a module called 'numpy' here"),
        ({"options": Options(author="<>")}, "--author is '<>'"),
    ],
)
def test_names_that_will_not_do_are_refused(folder: Path, given: dict[str, Any], told: str) -> None:
    assert told in str(refusal(grow(folder, {"inference.py": backend()}), **given))


def test_a_second_licence_is_refused(folder: Path) -> None:
    project = grow(folder, {"inference.py": backend(), "LICENSE.txt": "mine"})
    assert "LICENSE.txt" in str(refusal(project, options=Options(license="MIT")))


def test_what_is_in_the_way_stays(folder: Path) -> None:
    project = grow(folder, {"inference.py": backend()})
    there = folder.parent / "house-prices-plugin"
    there.mkdir()
    (there / "README.md").write_text("mine")
    assert "is not empty; in the way: README.md" in str(refusal(project))
    assert "is in the project itself" in str(refusal(project, folder / "plugin"))
    assert "is in the project itself" in str(refusal(project, folder))
