"""``packflow export``: what it prints where, and its exit status."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from packflow.project import exporting
from packflow.project.validation.report import ValidationReport
from tests.cli.processes import Packflow
from tests.project.test_exporting import FILES, grow, passing


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", *arguments])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the current folder, whose samples pass."""
    monkeypatch.setattr(exporting, "validate_project", passing)
    grow(tmp_path / "p")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "p"


def test_the_archive_is_printed_and_all_else_is_talk(project: Path) -> None:
    (project / ".env").write_text("A=1")

    done = invoke("p")

    assert done.exit_code == 0
    assert done.stdout == "prices-1.0.zip\n"
    assert "Left out: .env: it holds settings and secrets of one machine\n" in done.stderr
    assert "Warning: there is no LICENSE.txt\n" in done.stderr
    assert f"prices-1.0.zip: {len(FILES)} files, " in done.stderr
    assert zipfile.is_zipfile("prices-1.0.zip")


def test_the_folder_is_the_current_one_unless_another_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(project)

    assert invoke().stdout == "prices-1.0.zip\n"
    assert invoke("-o", "../made/here").stdout == "../made/here/prices-1.0.zip\n"
    assert (tmp_path / "made/here/prices-1.0.zip").read_bytes() == Path("prices-1.0.zip").read_bytes()


def test_json_has_what_was_left_out(project: Path) -> None:
    (project / ".env").write_text("A=1")

    told = json.loads(invoke("p", "--json").stdout)

    assert told["left_out"] == [{"path": ".env", "reason": "it holds settings and secrets of one machine"}]
    assert (told["archive"], told["files"], told["wheels"]) == ("prices-1.0.zip", len(FILES), [])
    assert len(told["sha256"]) == 64


def test_many_of_a_kind_are_counted(project: Path) -> None:
    for number in range(15):
        (project / f"d{number:02}/__pycache__").mkdir(parents=True)

    stderr = invoke("p").stderr

    assert stderr.count("__pycache__/") == 10
    assert "Left out: 5 more: it is a cache, or made by a tool\n" in stderr


def test_names_cannot_give_orders_to_the_terminal(project: Path) -> None:
    (project / "evil\x1b[2J.pyc").write_text("")

    stderr = invoke("p").stderr

    assert r"Left out: evil\x1b[2J.pyc" in stderr
    assert "\x1b" not in stderr


def test_a_failure_is_a_message_and_status_1(project: Path) -> None:
    (project / ".gitignore").write_text("inference.py")

    done = invoke("p")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: The archive would not hold what the project needs:\n- inference.py")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [*(("--timeout", it) for it in ("0", "x", "nan")), ("a", "b"), ("--nothing",)])
def test_wrong_usage_is_status_2(arguments: tuple[str, ...]) -> None:
    assert invoke(*arguments).exit_code == 2


@pytest.mark.parametrize("where", ["gone", "p/inference.py"])
def test_what_is_no_project_is_told(project: Path, where: str) -> None:
    done = invoke(where)

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")


def test_an_interrupt_leaves_no_archive(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> ValidationReport:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "validate_project", interrupt)

    done = invoke("p")

    assert done.exit_code == 130
    assert done.stderr == "Ended by SIGINT before the archive was written.\n"
    assert [path.name for path in Path().iterdir()] == ["p"]


def test_the_command_in_a_process_of_its_own(tmp_path: Path) -> None:
    grow(tmp_path / "p")

    done = Packflow(tmp_path)("export", "p", "-o", "out")

    assert (done.returncode, done.stdout) == (0, b"out/prices-1.0.zip\n"), done.stderr
    with zipfile.ZipFile(tmp_path / "out/prices-1.0.zip") as archive:
        assert archive.namelist()[0] == "packflow-manifest.json"
