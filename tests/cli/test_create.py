"""``packflow create`` as somebody types it: what is made, what is asked, and how a mistake is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from packflow import PackflowProject
from packflow.cli import create as command
from packflow.cli import main
from packflow.project.creation import DEFAULT_LICENSE, DEFAULT_TEMPLATE
from packflow.project.templates import MinimalTemplate
from packflow.testing import PluginEnvironment
from tests.cli.processes import COMMAND
from tests.conftest import RunScript
from tests.support.processes import hearing_signals
from tests.support.scripts import clean_environment

pytestmark = pytest.mark.usefixtures("packflow_plugins")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def create(*arguments: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(main, ["create", *arguments], input=answers, catch_exceptions=False)


def refusal(*arguments: str, status: int = 1) -> str:
    """Make a project, which has to fail, and leave nothing behind."""
    before = sorted(Path().rglob("*"))
    done = create(*arguments)
    assert (done.exit_code, done.stdout) == (status, "")
    assert sorted(Path().rglob("*")) == before
    return done.stderr


def test_a_project_is_made_in_a_folder_of_its_name() -> None:
    done = create("prices")
    assert done.exit_code == 0
    made = {path.as_posix() for path in Path().rglob("*") if path.is_file()}
    assert set(done.stdout.splitlines()) == made
    assert "prices/packflow.yaml" in made
    assert {Path(path).parts[0] for path in made} == {"prices"}


def test_the_next_commands_are_told() -> None:
    said = create("prices", "--directory", "a place/for it").stderr
    steps = [line.strip() for line in said.partition("Next:\n")[2].splitlines()]
    assert steps[0] == "cd 'a place/for it'"
    assert steps[1:4] == ["python -m pip install -r requirements.txt pytest", "pytest", "packflow validate"]
    assert steps[4].startswith("Then make it your own: inference.py, packflow.yaml, samples.jsonl, ")


def test_every_option_has_its_place() -> None:
    texts = ["--description", 'Says: "what" it\'s worth # today', "--maintainer", "Ada <ada@example.org>"]
    others = ["--maintainer", "Grace", "--license", "Apache-2.0", "--python-version", ">=3.10,<4"]
    assert create("prices", *texts, *others).exit_code == 0
    config = PackflowProject("prices").config
    assert config.description == texts[1]
    assert config.maintainers == ["Ada <ada@example.org>", "Grace"]
    assert config.python_version == "<4,>=3.10"
    assert "Apache License" in Path("prices/LICENSE.txt").read_text(encoding="utf-8")


def test_a_python_that_is_not_this_one_is_made_and_told() -> None:
    assert "the project asks for ==2.7" in create("prices", "--python-version", "==2.7").stderr
    assert "asks for" not in create("others", "--python-version", ">=3.10").stderr


def test_what_is_usual_is_what_the_help_says() -> None:
    shown = " ".join(click.Context(command.create).command.get_help(click.Context(command.create)).split())
    assert f"'{DEFAULT_TEMPLATE}' if it is not said" in shown
    assert f"'{DEFAULT_LICENSE}' if it is not said" in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["../prices"], "--directory"),
        (["größe"], "Take 'groe', for example"),
        (["con"], "the name of a device on Windows"),
        (["pri\x1b[2J"], "'pri\\x1b[2J'"),
        (["prices", "-t", "minimall"], "Did you mean 'minimal'?"),
        (["prices", "-t", "sklearn"], "pip install packflow-sklearn"),
        (["prices", "-t", ""], "No template plugin is called ''"),
        (["prices", "-t", "a\x1bb"], "'a\\x1bb'"),
        (["prices", "--maintainer", ""], "--maintainer is ''"),
        (["prices", "--description", "a\x07"], "cannot be printed"),
        (["prices", "--python-version", "three"], "--python-version is 'three'"),
        (["prices", "--directory", "/dev/null/prices"], "cannot be written: Not a directory"),
        (["prices", "--directory", "/dev/null"], "is no folder"),
    ],
)
def test_a_mistake_is_told_in_a_line(arguments: list[str], told: str) -> None:
    said = refusal(*arguments)
    assert told in said
    assert said.startswith("Error: ")
    assert "\x1b" not in said


@pytest.mark.parametrize("arguments", [[], ["--no-input"], ["prices", "--license", "WTFPL"], ["prices", "--flag"]])
def test_wrong_usage_has_the_status_2(arguments: list[str]) -> None:
    refusal(*arguments, status=2)


# What is in the way ---------------------------------------------------------------------------------------------------


def test_a_second_time_says_what_is_in_the_way() -> None:
    assert create("prices").exit_code == 0
    Path("prices/README.md").write_text("changed")
    said = refusal("prices")
    assert all(text in said for text in ("'prices' is not empty", "LICENSE.txt", "--directory", "--force"))
    said = refusal("prices", "--force")
    assert all(text in said for text in ("there is already: .gitignore, LICENSE.txt", "Nothing is overwritten"))
    assert Path("prices/README.md").read_text() == "changed"


@pytest.mark.parametrize("directory", [".", "prices"])
def test_force_makes_it_among_other_files(directory: str) -> None:
    Path(directory, ".git").mkdir(parents=True)
    Path(directory, "notes.txt").write_text("mine")
    assert ".git, notes.txt" in refusal("prices", "--directory", directory)
    assert create("prices", "--directory", directory, "-f").exit_code == 0
    assert PackflowProject(directory).config.name == "prices"
    assert Path(directory, "notes.txt").read_text() == "mine"
    assert not list(Path().glob("**/.packflow-*"))


@pytest.mark.parametrize("taken", ["inference.py", "README.md", "packflow.yaml"])
def test_force_overwrites_nothing(taken: str) -> None:
    Path("prices").mkdir()
    Path("prices", taken).mkdir()
    assert f"there is already: {taken}." in refusal("prices", "--force")


# Templates ------------------------------------------------------------------------------------------------------------


def test_the_templates_are_listed_and_none_is_imported(packflow_plugins: PluginEnvironment) -> None:
    packflow_plugins.install("acme-prices", "1.2", template={"prices": "acme.nowhere:Prices"})
    done = create("--list-templates")
    assert done.exit_code == 0
    assert all(text in done.stdout for text in ("minimal", "prices", "acme-prices", "1.2", "ready"))


def test_the_steps_of_a_template_are_told(packflow_plugins: PluginEnvironment) -> None:
    class Trained(MinimalTemplate):
        steps = ("python train.py --rounds 3",)

    packflow_plugins.register("template", "trained", Trained)
    said = create("prices", "--template", "trained").stderr
    assert "requirements.txt pytest\n  python train.py --rounds 3\n  pytest\n" in said
    assert "    python train.py --rounds 3\n" in Path("prices/README.md").read_text(encoding="utf-8")


# Questions ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(command, "_on_a_terminal", lambda: True)
    return create


def test_all_that_was_not_said_is_asked_for(on_a_terminal: Callable[..., Result]) -> None:
    done = on_a_terminal(answers="prices\n\nWhat it's worth: 'a lot' # now\nAda <ada@example.org>\nmit\n>=3.10\n")
    assert done.exit_code == 0, done.output
    config = PackflowProject("prices").config
    assert (config.description, config.maintainers) == ("What it's worth: 'a lot' # now", ["Ada <ada@example.org>"])
    assert config.python_version == ">=3.10"
    assert Path("prices/LICENSE.txt").read_text().startswith("MIT License")


def test_enter_takes_what_is_usual(on_a_terminal: Callable[..., Result]) -> None:
    assert on_a_terminal("asked", answers="\n" * 5).exit_code == 0
    assert create("asked", "--no-input", "--directory", "not-asked").exit_code == 0
    for file in Path("asked").iterdir():
        assert file.read_bytes() == Path("not-asked", file.name).read_bytes()


def test_what_was_said_is_not_asked_for(on_a_terminal: Callable[..., Result]) -> None:
    said = ["-t", "minimal", "--description", "", "--maintainer", "Ada", "--license", "MIT", "--python-version", ">=3"]
    assert on_a_terminal("prices", *said, answers="").exit_code == 0
    assert on_a_terminal("others", "--no-input", answers="").exit_code == 0


def test_an_answer_that_will_not_do_is_asked_for_again(on_a_terminal: Callable[..., Result]) -> None:
    Path("taken").mkdir()
    Path("taken/file").touch()
    answers = "../x\ntaken\nprices\nminimall\nminimal\n\n\nGPL\nproprietary\nthree\n>=3.10\n"
    done = on_a_terminal(answers=answers)
    assert done.exit_code == 0
    told = ("--directory", "'taken' is not empty", "Did you mean 'minimal'?", "'GPL' is none of", "'three'")
    assert all(text in done.stderr for text in told)


def test_a_folder_that_is_in_the_way_is_told_before_anything_is_asked(on_a_terminal: Callable[..., Result]) -> None:
    Path("prices").mkdir()
    Path("prices/file").touch()
    done = on_a_terminal("prices", answers="\n" * 9)
    assert done.exit_code == 1
    assert "Template" not in done.stderr


@pytest.mark.parametrize("answers", ["", "prices\n", "prices\n\n\n\n\n"])
def test_the_end_of_the_input_ends_it(on_a_terminal: Callable[..., Result], answers: str) -> None:
    done = on_a_terminal(answers=answers)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("Aborted!\n")
    assert not list(Path().iterdir())


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals")
@pytest.mark.parametrize("end", ["interrupt", "end of file"])
def test_on_a_real_terminal_it_asks_and_can_be_left(end: str) -> None:
    ours, theirs = os.openpty()
    command_line = [*COMMAND, "create"]
    process = subprocess.Popen(command_line, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, **hearing_signals())
    os.close(theirs)
    try:
        assert process.stderr is not None
        asked = b""
        while b"Name" not in asked:
            byte = process.stderr.read(1)
            assert byte, asked
            asked += byte
        if end == "interrupt":
            process.send_signal(signal.SIGINT)
            os.write(ours, b"\n")  # a signal that comes just before the terminal is read is seen when a line is there
        else:
            os.write(ours, b"\x04")
        rest = process.stderr.read()
        assert process.wait() == 1
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        os.close(ours)
    assert b"Aborted!" in rest
    assert b"Traceback" not in rest
    assert not list(Path().iterdir())


# The project ----------------------------------------------------------------------------------------------------------


def test_its_tests_pass_and_it_is_valid_as_it_is_made() -> None:
    """In processes of their own, as whoever made it would look at it."""
    assert create("1.0", "--description", "- yes: 'no' # \"x\"").exit_code == 0
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(pytest_run, cwd="1.0", capture_output=True, text=True, env=clean_environment())
    assert tested.returncode == 0, tested.stdout
    assert "3 passed" in tested.stdout
    validated = subprocess.run(
        [*COMMAND, "validate"], cwd="1.0", capture_output=True, text=True, env=clean_environment()
    )
    assert validated.returncode == 0, validated.stdout + validated.stderr


def test_neither_numpy_nor_pydantic_is_needed_to_make_one(script: RunScript, tmp_path: Path) -> None:
    made = script(
        "import sys\n"
        "from packflow.cli import main\n"
        "main(['create', 'prices'], standalone_mode=False)\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "prices/packflow.yaml").is_file()
    assert not set(made.stderr.splitlines()[-1].split()) & {"numpy", "pydantic", "packflow.runner.engine"}
