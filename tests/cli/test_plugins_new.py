"""``packflow plugins new`` as somebody types it: what is made, what is said, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from packflow.cli.plugins.new import KINDS, LICENSES, new_plugin
from packflow.scaffold import plugins
from tests.conftest import RunScript


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plugins", "new", *arguments], catch_exceptions=False)


def refusal(*arguments: str, status: int = 1) -> str:
    """Make a plugin, which has to fail, and leave nothing behind."""
    before = sorted(Path().rglob("*"))
    done = new(*arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert sorted(Path().rglob("*")) == before
    return done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_plugin_is_made_in_a_folder_of_its_name(kind: str) -> None:
    done = new("acme-fresh", "--kind", kind)
    assert done.exit_code == 0
    made = {path.as_posix() for path in Path().rglob("*") if path.is_file()}
    assert set(done.stdout.splitlines()) == made
    assert f"acme-fresh/src/acme_fresh/{kind}.py" in made
    assert {Path(path).parts[0] for path in made} == {"acme-fresh"}


def test_the_next_commands_are_told() -> None:
    said = new("acme-fresh", "--kind", "backend", "--directory", "a place/for it").stderr
    steps = [line.strip() for line in said.partition("Next:\n")[2].splitlines()]
    assert steps[0] == "cd 'a place/for it'"
    assert 'python -m pip install -e ".[test]"' in steps
    assert "pytest" in steps
    assert steps[-1] == "packflow plugins doctor --strict acme-fresh"


def test_the_current_folder_will_do_if_it_is_empty() -> None:
    done = new("acme-fresh", "--kind", "hooks", "--directory", ".")
    assert "pyproject.toml" in done.stdout.splitlines()
    assert Path("pyproject.toml").is_file()
    assert "cd " not in done.stderr


def test_every_option_has_its_place() -> None:
    options = ["--package", "acme_words", "--author", "Ada <ada@example.org>", "--license", "Apache-2.0"]
    done = new("AcmeWords", "--kind", "preprocessor", "--description", "Splits text.", *options)
    assert done.exit_code == 0
    metadata = Path("AcmeWords/pyproject.toml").read_text(encoding="utf-8")
    assert all(text in metadata for text in ('"Ada"', '"ada@example.org"', '"Splits text."', '"src/acme_words"'))
    assert "Apache License" in Path("AcmeWords/LICENSE").read_text(encoding="utf-8")


def test_the_kinds_and_licences_that_are_offered_are_those_that_there_are() -> None:
    assert list(plugins.LICENSES) == list(LICENSES)
    assert list(plugins.CALLED) == list(KINDS)
    context = click.Context(new_plugin)
    assert all(kind in refusal("acme-fresh", status=2) for kind in KINDS)
    assert all(licence in new_plugin.get_help(context) for licence in LICENSES)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["../acme", "--kind", "backend"], "'../acme' cannot be the name of a distribution"),
        (["größe", "--kind", "backend"], "Take 'groe', for example"),
        (["json", "--kind", "backend"], "a module of Python's standard library"),
        (["class", "--kind", "hooks"], "a keyword"),
        (["records", "--kind", "preprocessor"], "built into packflow, and reserved"),
        (["numpy", "--kind", "backend"], "is installed here"),
        (["acme-\x1b[2J", "--kind", "backend"], "'acme-\\x1b[2J'"),
        (["acme", "--kind", "backend", "--author", "<>"], "--author is '<>'"),
        (["acme", "--kind", "backend", "--directory", "/dev/null/acme"], "cannot be written: Not a directory"),
        (["acme", "--kind", "backend", "--directory", "/dev/null"], "is no folder"),
        (["a" * 300, "--kind", "backend"], "cannot be written: File name too long"),
    ],
)
def test_a_mistake_is_told_in_a_line(arguments: list[str], told: str) -> None:
    said = refusal(*arguments)
    assert told in said
    assert said.startswith("Error: ")
    assert "\x1b" not in said


def test_a_second_time_says_what_is_in_the_way() -> None:
    assert new("acme-fresh", "--kind", "backend").exit_code == 0
    Path("acme-fresh/README.md").write_text("changed")
    said = refusal("acme-fresh", "--kind", "backend")
    assert all(text in said for text in ("'acme-fresh' is not empty", "LICENSE", "--directory"))
    assert Path("acme-fresh/README.md").read_text() == "changed"


def test_a_broken_environment_keeps_nobody_from_making_one(script: RunScript, tmp_path: Path) -> None:
    made = script(
        "import sys\n"
        "from packflow.cli import main\n"
        "main(['plugins', 'new', 'acme-fresh', '--kind', 'normalizer'], standalone_mode=False)\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    assert made.returncode == 0, made.stderr
    assert "'acme_fresh.quantity.Quantity'" in made.stderr
    assert (tmp_path / "acme-fresh/src/acme_fresh/quantity.py").is_file()
    loaded = set(made.stderr.splitlines()[-1].split())
    assert "packflow.scaffold.plugins" in loaded
    assert not loaded & {"numpy", "pydantic", "packflow.backend.base", "packflow.runner.engine"}


class TestOfAProject:
    """``--from-project``: how it is asked for and told; what is made is shown in ``tests/project/plugins``."""

    @pytest.fixture
    def project(self) -> Path:
        done = CliRunner().invoke(main, ["create", "prices", "--no-input"], catch_exceptions=False)
        assert done.exit_code == 0
        return Path("prices")

    def test_it_is_made_beside_the_project_and_called_like_it(self, project: Path) -> None:
        done = new("--from-project", str(project))
        assert done.exit_code == 0, done.stderr
        made = {str(path.absolute()) for path in Path("prices-plugin").rglob("*") if path.is_file()}
        assert set(done.stdout.splitlines()) == made
        assert str(Path("prices-plugin/src/prices/inference.py").absolute()) in made
        assert "Left out: packflow.yaml: " in done.stderr
        assert "packflow plugins doctor --strict prices" in done.stderr

    @pytest.mark.parametrize(
        ("arguments", "status", "told"),
        [
            (["--kind", "hooks"], 2, "A project becomes a backend"),
            (["--timeout", "0"], 2, "--timeout"),
            (["click"], 1, "Error: A distribution called 'click' is installed here"),
            (["--directory", "prices"], 1, "is in the project itself"),
            (["--directory", "/dev/null/prices"], 1, "cannot be written: Not a directory"),
        ],
    )
    def test_a_mistake_is_told_in_a_line(self, project: Path, arguments: list[str], status: int, told: str) -> None:
        assert told in refusal(*arguments, "--from-project", str(project), status=status)

    @pytest.mark.parametrize("place", ["nowhere", ".", "prices/inference.py"])
    def test_what_is_no_project_is_told(self, project: Path, place: str) -> None:
        assert refusal("--from-project", place).startswith("Error: ")
        assert project.is_dir()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing argument 'NAME'"),
        (["acme-fresh"], "Missing option '--kind'"),
        (["acme-fresh", "--kind", "hooks", "--timeout", "3"], "--timeout is for --from-project"),
    ],
)
def test_what_is_missing_is_told(arguments: list[str], told: str) -> None:
    assert told in refusal(*arguments, status=2)
