"""What is gathered for an archive, and what is refused before anything is written."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from packflow.exceptions import ArchiveError
from packflow.project.files import contents, gathering
from packflow.project.files.gathering import DiskFile, gather
from packflow.project.project import PackflowProject

YAML = "name: p\nversion: 1.0\ninference_backend: inference:Backend\n"
ENV = "env:\n  HF_TOKEN: abc123def456\n  MODE: fast-1\n  MY_PIN: 12ab34cd # pragma: allowlist secret\n"


@pytest.fixture
def project(tmp_path: Path) -> PackflowProject:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/packflow.yaml").write_text(YAML)
    return PackflowProject(tmp_path / "p")


def write(project: PackflowProject, path: str | bytes, data: str = "x") -> None:
    file = project.path / os.fsdecode(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data)


def test_a_project_that_is_an_environment_is_refused(project: PackflowProject) -> None:
    write(project, "pyvenv.cfg")

    with pytest.raises(ArchiveError, match="it is a virtual environment"):
        gather(project)


@pytest.mark.parametrize(
    "path",
    ["a\\b.txt", "a\nb", "aux.py", "data/CON", "x:y", "what?", "end.", "end ", b"\xff.bin", "a\u202eb"],
)
def test_names_that_cannot_be_unpacked_everywhere_are_refused(project: PackflowProject, path: str | bytes) -> None:
    write(project, path)

    with pytest.raises(ArchiveError, match=r"(?s)could not be unpacked everywhere:\n- .*Rename them"):
        gather(project)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("README.md", "readme.md"),
        ("data/a", "Data/A"),
        (unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")),
        ("packflow-Manifest.json", "x"),
        ("straße", "STRASSE"),
    ],
)
def test_names_that_are_one_on_some_systems_are_refused(project: PackflowProject, one: str, other: str) -> None:
    write(project, one)
    write(project, other)
    if len(list(project.path.iterdir())) < 3:
        pytest.skip("this file system is one of them")

    with pytest.raises(ArchiveError, match="are one file on some systems"):
        gather(project)


def test_a_name_that_is_left_out_does_no_harm(project: PackflowProject) -> None:
    write(project, "a\\b.pyc")
    write(project, "con.txt")
    write(project, ".packflowignore", "con.*\n")

    assert set(gather(project).files) == {"packflow.yaml", ".packflowignore"}


def test_secrets_are_told_all_at_once_and_never_shown(project: PackflowProject) -> None:
    token = "ghp" + "_" + "A1b2" * 9
    write(project, "inference.py", f"x = 1\nTOKEN = '{token}'\n")
    write(project, "model.bin", f"\0{token}\0")
    write(project, "packflow.yaml", YAML + ENV)

    with pytest.raises(ArchiveError) as caught:
        gather(PackflowProject(project.path))

    assert str(caught.value).splitlines()[:-1] == [
        "There are secrets in files that would go into the archive:",
        "- inference.py, line 2: a GitHub token",
        "- model.bin: a GitHub token",
        "- packflow.yaml, line 5: what looks like a secret, in env.HF_TOKEN",
    ]
    assert token not in str(caught.value)
    assert "abc123" not in str(caught.value)
    assert "pragma: allowlist secret" in str(caught.value)


def test_a_file_that_is_a_key_is_left_out(project: PackflowProject) -> None:
    write(project, "harmless.txt", "-----BEGIN PRIVATE" + " KEY-----\nMIIE\n")

    gathered = gather(project)

    assert set(gathered.files) == {"packflow.yaml"}
    assert gathered.why_not("harmless.txt") == "it holds a private key"


def test_what_was_unpacked_here_is_made_anew(project: PackflowProject) -> None:
    write(project, "packflow-manifest.json", "{}")
    write(project, "wheels/a.whl")

    assert set(gather(project).files) == {"packflow.yaml", "wheels/a.whl"}
    assert set(gather(project, own_wheels=False).files) == {"packflow.yaml"}


def test_a_file_that_changes_while_it_is_read_is_an_error(
    project: PackflowProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, "growing.log", "one\n")

    def look_and_write(stream: object, name: str) -> contents.Contents:
        if name == "growing.log":
            with (project.path / name).open("a") as log:
                log.write("two\n")
        return contents.look_into(stream, name)  # type: ignore[arg-type]

    monkeypatch.setattr(gathering, "look_into", look_and_write)

    with pytest.raises(ArchiveError, match=r"growing\.log was changed while it was exported"):
        gather(project)


def test_a_file_that_becomes_a_link_after_it_was_chosen_is_not_followed(
    project: PackflowProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(project, "a.txt")
    (tmp_path / "secret").write_text("canary")
    chosen = gathering.choose

    def choose_and_swap(*args: object, **kwargs: object) -> object:
        found = chosen(*args, **kwargs)  # type: ignore[arg-type]
        (project.path / "a.txt").unlink()
        (project.path / "a.txt").symlink_to(tmp_path / "secret")
        return found

    monkeypatch.setattr(gathering, "choose", choose_and_swap)

    with pytest.raises(ArchiveError, match=r"a\.txt cannot be read"):
        gather(project)


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are followed here")
def test_what_has_become_a_link_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")

    for name in ("link", "pipe"):
        with pytest.raises(OSError), DiskFile(tmp_path / name).open():
            pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read anything")
def test_a_file_that_cannot_be_read_is_an_error(project: PackflowProject) -> None:
    write(project, "a.txt")
    (project.path / "a.txt").chmod(0)

    with pytest.raises(ArchiveError, match=r"a\.txt cannot be read: Permission denied\. Let it be readable, or leave"):
        gather(project)
