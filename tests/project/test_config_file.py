"""Whatever lies where a ``packflow.yaml`` should be: it is read, or refused by an error that says what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from packflow import PackflowProject
from packflow.exceptions import ProjectError
from packflow.project.config_file import LARGEST
from tests.support.packflow_yaml import BASE

needs_posix = pytest.mark.skipif(os.name != "posix", reason="files of this kind are POSIX's")
needs_permissions = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything"
)


def read(folder, content):
    (folder / "packflow.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return PackflowProject(folder).config


def refusal(folder):
    with pytest.raises(ProjectError) as caught:
        PackflowProject(folder)
    assert caught.value.file == str(folder / "packflow.yaml")
    assert str(caught.value).startswith(caught.value.file)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + BASE.encode(),
        BASE.replace("\n", "\r\n"),
        BASE.replace("\n", "\r"),
        BASE.rstrip(),
        "# a comment\n---\n" + BASE + "...\n",
    ],
    ids=["byte order mark", "Windows", "old Mac", "no last line break", "with markers"],
)
def test_files_as_editors_write_them(tmp_path, content):
    assert read(tmp_path, content).name == "demo"


def test_text_beyond_ascii(tmp_path):
    assert read(tmp_path, f"{BASE}description: Größe 😀\n").description == "Größe 😀"


CONTENTS = {
    "nothing": (b"", None, "is empty"),
    "blanks": (b"\n  \n\n", None, "is empty"),
    "comments": (b"# name: a\n", None, "is empty"),
    "a list": (b"\n- name: a\n", 2, "`field: value`"),
    "a text": (b"hello", 1, "`field: value`"),
    "null": (b"~", 1, "`field: value`"),
    "JSON of another kind": (b"[1, 2]", 1, "`field: value`"),
    "UTF-16": (BASE.encode("utf-16"), None, "Save it as UTF-8"),
    "UTF-16, big end first": (b"\xfe\xff" + BASE.encode("utf-16-be"), None, "Save it as UTF-8"),
    "UTF-16 without a mark": (BASE.encode("utf-16-le"), 1, "as UTF-8"),
    "UTF-32": (BASE.encode("utf-32"), None, "UTF-8"),
    "Latin 1": ((BASE + "description: Größe\n").encode("latin-1"), 4, "as UTF-8"),
    "a NUL": (BASE.encode() + b"description: a\0b\n", 4, "NUL"),
    "an archive": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", 1, "no text"),
    "too much": (BASE.encode() + b"#" * LARGEST, None, "data in files of their own"),
}


@pytest.mark.parametrize(("content", "line", "remedy"), CONTENTS.values(), ids=list(CONTENTS))
def test_content_that_is_refused(tmp_path, content, line, remedy):
    (tmp_path / "packflow.yaml").write_bytes(content)

    error = refusal(tmp_path)

    assert error.line == line
    assert remedy in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_no_file(tmp_path):
    error = refusal(tmp_path)

    assert "there is no such file" in str(error)
    assert "packflow create" in str(error)


@pytest.mark.parametrize("other", ["packflow.yml", "packflow.yaml.txt"])
def test_no_file_but_one_of_another_name(tmp_path, other):
    (tmp_path / other).write_text(BASE)

    assert f"rename {other!r} to 'packflow.yaml'" in str(refusal(tmp_path))


def test_a_folder(tmp_path):
    (tmp_path / "packflow.yaml").mkdir()

    assert "this is a folder" in str(refusal(tmp_path))


@needs_posix
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "packflow.yaml")

    assert "no ordinary file" in str(refusal(tmp_path))


@needs_posix
def test_a_device_is_not_read(tmp_path):
    (tmp_path / "packflow.yaml").symlink_to("/dev/zero")

    assert "no ordinary file" in str(refusal(tmp_path))


@needs_posix
def test_links(tmp_path):
    (tmp_path / "other.yaml").write_text(BASE)
    link = tmp_path / "packflow.yaml"
    link.symlink_to("other.yaml")
    assert PackflowProject(tmp_path).config.name == "demo"

    link.unlink()
    link.symlink_to("gone.yaml")
    assert "no such file" in str(refusal(tmp_path))

    link.unlink()
    link.symlink_to("packflow.yaml")
    assert "cannot be read" in str(refusal(tmp_path))


@needs_permissions
def test_a_file_that_may_not_be_read(tmp_path):
    file = tmp_path / "packflow.yaml"
    file.write_text(BASE)
    file.chmod(0)

    error = refusal(tmp_path)

    assert "permissions" in str(error)
    assert isinstance(error.__cause__, PermissionError)


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    (tmp_path / "packflow.yaml").write_text(BASE)
    opened = []

    def refuse(self, mode):
        opened.append(mode)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    error = refusal(tmp_path)

    assert opened == ["rb"]
    assert "cannot be read: Permission denied. Check its path and permissions." in str(error)


# The path of a project ------------------------------------------------------------------------------------------------


def test_a_project_is_named_by_its_folder_or_file(tmp_path, monkeypatch):
    read(tmp_path, BASE)
    monkeypatch.chdir(tmp_path)

    for path in (tmp_path, str(tmp_path), tmp_path / "packflow.yaml", ".", "packflow.yaml", f"{tmp_path}/sub/.."):
        project = PackflowProject(path)
        assert (project.path, project.file) == (tmp_path, tmp_path / "packflow.yaml")
    assert PackflowProject().path == tmp_path
    assert PackflowProject().samples_file == tmp_path / "samples.jsonl"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("gone", "no such folder"), ("other.yaml", "the 'packflow.yaml' in it"), ("a\0b", "no such folder")],
)
def test_a_path_that_is_no_project(tmp_path, path, reason):
    (tmp_path / "other.yaml").write_text(BASE)

    with pytest.raises(ProjectError, match=reason) as caught:
        PackflowProject(f"{tmp_path}/{path}")
    assert caught.value.file == f"{tmp_path}/{path}"


def test_the_file_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ProjectError, match="no such file"):
        PackflowProject(tmp_path / "gone" / "packflow.yaml")


@pytest.mark.parametrize("path", [None, 1, b"project", ["project"]])
def test_a_path_that_is_no_path(path):
    with pytest.raises(ProjectError, match="expected the path of a folder"):
        PackflowProject(path)
