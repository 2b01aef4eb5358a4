"""A project in an archive is there for a block, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from packflow.exceptions import ArchiveError, ProjectError
from packflow.project import PackflowProject
from packflow.project.archive import unpacking
from packflow.project.archive.contents import contents_of
from packflow.project.archive.reading import read_archive
from packflow.project.archive.unpacking import open_archive
from tests.support.archives import PROJECT, Item, archive_of, items_of, manifest_of, write_archive, zip_of


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "doubler-1.0.zip")


def test_the_project_can_be_used_until_the_block_ends(archive):
    with open_archive(archive) as project:
        assert isinstance(project, PackflowProject)
        folder = project.path
        assert project.load(factor=3, verbose=False)({"x": 2}) == {"x": 6, "said": "twice"}
        assert folder.is_dir()
    assert not folder.exists()


def test_it_is_removed_when_the_block_fails(archive):
    folders = []

    def use():
        with open_archive(archive) as project:
            folders.append(project.path)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert [folder.exists() for folder in folders] == [False]


def test_what_is_wrong_in_it_is_told_by_the_archives_name(tmp_path):
    archive = write_archive(tmp_path / "a.zip", {**PROJECT, "packflow.yaml": b"name: a\nversion: 1\nloader: none\n"})
    with pytest.raises(ProjectError) as error, open_archive(archive):
        pass
    assert str(error.value).startswith(f"{archive}/packflow.yaml, line 3: loader")
    assert (error.value.file, error.value.line) == (f"{archive}/packflow.yaml", 3)


def test_a_manifest_of_another_project_stops_it(tmp_path):
    archive = tmp_path / "a.zip"
    archive.write_bytes(archive_of(PROJECT, manifest_of(PROJECT) | {"version": "2.0"}))
    told = r"its packflow\.yaml is of 'doubler' '1\.0', and not of 'doubler' '2\.0'"
    with pytest.raises(ArchiveError, match=told), open_archive(archive):
        pass


def test_a_file_that_is_wrong_stops_it(tmp_path):
    items = items_of(PROJECT)
    items[-1] = Item(items[-1].name, b"thrice")
    archive = tmp_path / "a.zip"
    archive.write_bytes(zip_of(items))
    with (
        pytest.raises(ArchiveError, match=r"'words/said.txt' is not what its manifest says"),
        open_archive(archive),
    ):
        pass


def test_a_temporary_folder_without_room_is_told(archive, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(unpacking, "_write_file", full)
    told = "temporary folder: No space left on device. Name another with TMPDIR"
    with pytest.raises(ArchiveError, match=told), open_archive(archive):
        pass


def test_no_temporary_folder_at_all_is_told(archive, monkeypatch):
    def none(*arguments, **options):
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(unpacking, "folder_aside", none)
    told = "temporary folder: No usable temporary directory found"
    with pytest.raises(ArchiveError, match=told), open_archive(archive):
        pass
    with pytest.raises(ArchiveError, match=told), read_archive(archive) as opened:
        contents_of(opened)
