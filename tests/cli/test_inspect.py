"""``packflow inspect``: what an archive is, told without running any of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from tests.support.archives import PROJECT, archive_of, manifest_of, write_archive


def inspect(archive: Path, *arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["inspect", str(archive), *arguments])
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    plugins = {"lock-version": 1, "distribution": [
        {"name": "acme", "version": "1.2", "record": "sha256:" + "0" * 64, "preprocessor": {"tokens": "acme:Tokens"}}
    ]}  # fmt: skip
    changes = {
        "plugins": plugins,
        "requirements": ["numpy>=2"],
        "ran_with": {"python": "3.11.7", "distributions": {"numpy": "2.1.0"}},
    }
    return write_archive(tmp_path / "doubler-1.0.zip", manifest=manifest_of(PROJECT, **changes))


def test_all_that_matters_is_shown(archive):
    shown = inspect(archive).stdout
    facts = [line.split("  ", 1) for line in shown.splitlines() if "  " in line]
    told = {name: text.strip() for name, text in facts}
    assert told["project"] == "doubler 1.0"
    assert told["description"] == "It doubles."
    assert told["backend"] == "inference:Doubler (in its own folder)"
    assert [text.strip() for name, text in facts if name == "setting"] == ["factor = 2", 'words = "words/said.txt"']
    assert told["sets"] == "DOUBLER_TOKEN"
    assert told["requires"] == "numpy>=2"
    assert told["plugin"] == "preprocessor tokens of acme 1.2"
    assert told["samples"] == "2 of 2 passed, with Python 3.11.7"
    assert told["ran with"] == "numpy 2.1.0"
    assert told["SHA-256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    for path, data in PROJECT.items():
        [row] = [line for line in shown.splitlines() if f" {path} " in line]
        assert f" {len(data)} " in row
        assert hashlib.sha256(data).hexdigest() in row
        assert "as listed" in row
    assert shown.endswith("model card\n  # Doubler\n\n  It doubles.\n")
    assert "not-to-be-seen" not in shown


def test_json_has_it_all(archive):
    data = json.loads(inspect(archive, "--json").stdout)
    assert data["holds"] is True
    assert data["manifest"]["ran_with"]["distributions"] == {"numpy": "2.1.0"}
    assert data["config"]["inference_backend"] == "inference:Doubler"
    assert data["card"] == PROJECT["MODEL_CARD.md"].decode()
    assert {file["path"]: file["sha256"] for file in data["files"]} == {
        path: hashlib.sha256(content).hexdigest() for path, content in PROJECT.items()
    }


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_what_is_wrong_is_told_beside_the_rest(tmp_path, arguments):
    archive = tmp_path / "doubler-1.0.zip"
    archive.write_bytes(archive_of({**PROJECT, "words/said.txt": b"five!\n"}, manifest_of(PROJECT)))
    result = inspect(archive, *arguments, status=1)
    assert result.stderr == (f"Error: {archive}: 'words/said.txt' is not what its manifest says: its SHA-256 differs\n")
    if arguments:
        data = json.loads(result.stdout)
        assert data["holds"] is False
        assert [file["path"] for file in data["files"] if file["problem"]] == ["words/said.txt"]
    else:
        assert [line for line in result.stdout.splitlines() if "WRONG" in line and "words/said.txt" in line]


def test_a_file_that_is_no_archive_is_one_line(tmp_path):
    (tmp_path / "a.zip").write_text("not a zip")
    result = inspect(tmp_path / "a.zip", status=1)
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: The archive {tmp_path / 'a.zip'} cannot be used: it is no zip file.")


def test_no_byte_that_a_terminal_obeys_comes_out_of_an_archive(tmp_path):
    evil = "\x1b]0;evil\x07\x1b[2J\x9b31m\r\b\u202e"
    config = json.dumps({"name": "a", "version": "1", "inference_backend": "a:B", "description": f"d{evil}",
                         "maintainers": [f"m{evil}"], "backend_config": {f"k{evil}": f"v{evil}"}})  # fmt: skip
    files = {**PROJECT, "MODEL_CARD.md": f"# Card {evil}\n{evil}\n".encode(), "packflow.yaml": config.encode()}
    manifest = manifest_of(
        files, name=f"n{evil}", version=f"1{evil}", packflow=f"p{evil}", requirements=[f"r{evil}"],
        ran_with={"python": f"3{evil}", "distributions": {f"d{evil}": f"1{evil}"}},
    )  # fmt: skip
    archive = write_archive(tmp_path / "a.zip", files, manifest=manifest)
    for arguments in ((), ("--json",)):
        result = inspect(archive, *arguments, status=1)  # the manifest is not that of the packflow.yaml
        assert "evil" in result.stdout
        assert "evil" in result.stderr
        assert {char for char in result.output if not char.isprintable()} == {"\n"}


def test_a_line_in_a_name_passes_for_no_line_of_the_command(tmp_path):
    manifest = manifest_of(PROJECT, version="1.0\nSHA-256      0000")
    shown = inspect(write_archive(tmp_path / "a.zip", manifest=manifest), status=1).stdout
    assert len([line for line in shown.splitlines() if line.startswith("SHA-256 ")]) == 1


def test_names_in_errors_are_spelt_out(tmp_path):
    archive = write_archive(tmp_path / "a.zip", {**PROJECT, "red\x1b[31m": b""})
    result = inspect(archive, status=1)
    assert r"red\x1b[31m" in result.stderr
    assert "\x1b" not in result.output


def test_no_output_can_be_written_twice_the_same(archive):
    assert inspect(archive).stdout == inspect(archive).stdout


@pytest.mark.parametrize(("option", "value"), [("--max-size", "100"), ("--max-files", "3")])
def test_limits_can_be_set(archive, option, value):
    assert option in inspect(archive, option, value, status=1).stderr
