"""Archives are read in one way, or not at all."""

from __future__ import annotations

import os
import re
import zipfile
from io import BytesIO
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from packflow.exceptions import ArchiveError
from packflow.project.archive import reading
from packflow.project.archive.limits import Limits
from packflow.project.archive.reading import read_archive
from packflow.project.archive.unpacking import unpack
from tests.project.archive.bad import BAD, GOOD
from tests.support.archives import (
    MANIFEST,
    PROJECT,
    Item,
    archive_of,
    items_of,
    manifest_of,
    tree_of,
    write_archive,
    zip_of,
)


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_said_and_nothing_is_written(tmp_path, what):
    make, said = BAD[what]
    archive = tmp_path / "doubler-1.0.zip"
    archive.write_bytes(make())
    with pytest.raises(ArchiveError, match=re.escape(said)) as error:
        unpack(archive, tmp_path / "new" / "folder")
    assert error.value.file == str(archive)
    assert str(archive) in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["doubler-1.0.zip"]


def test_a_good_archive_is_as_its_manifest_says(tmp_path):
    with read_archive(write_archive(tmp_path / "doubler-1.0.zip")) as archive:
        assert archive.problems() == []
        assert {name: archive.read(name) for name in archive.entries} == PROJECT
        assert archive.manifest.files.keys() == PROJECT.keys()


def test_a_file_that_is_wrong_is_not_given(tmp_path):
    file = tmp_path / "a.zip"
    file.write_bytes(archive_of({**PROJECT, "words/said.txt": b"five!\n"}, manifest_of(PROJECT)))
    with read_archive(file) as archive:
        assert archive.read("packflow.yaml") == PROJECT["packflow.yaml"]
        with pytest.raises(ArchiveError, match=r"'words/said.txt' is not what its manifest says"):
            archive.read("words/said.txt")


def test_the_support_writes_what_zipfile_reads():
    with zipfile.ZipFile(BytesIO(GOOD)) as zipped:
        assert zipped.testzip() is None
        assert {name: zipped.read(name) for name in zipped.namelist() if name != MANIFEST} == PROJECT


@pytest.mark.parametrize("force_zip64", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_zipfile_writes_is_read(tmp_path, method, force_zip64):
    file = tmp_path / "a.zip"
    files = {**PROJECT, "words/größer.txt": "größer".encode(), "empty": b"", "noise": Random(0).randbytes(2_500_000)}
    with zipfile.ZipFile(file, "w", method) as zipped:
        for item in items_of(files):
            with zipped.open(zipfile.ZipInfo(item.name.decode()), "w", force_zip64=force_zip64) as stream:
                stream.write(item.data)
    with read_archive(file) as archive:
        assert archive.problems() == []
        assert archive.read("words/größer.txt").decode() == "größer"


def test_the_end_of_a_large_zip_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for item in items_of(PROJECT):
            zipped.writestr(item.name.decode(), item.data)
    assert b"PK\6\6" in file.read_bytes()
    with read_archive(file) as archive:
        assert archive.problems() == []


@pytest.mark.parametrize("behind", range(1, 19))
def test_a_zip_that_says_two_things_about_its_end_is_refused(tmp_path, monkeypatch, behind):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as zipped:
        for item in items_of(PROJECT):
            zipped.writestr(item.name.decode(), item.data)
    raw = bytearray(file.read_bytes())
    place = raw.index(b"PK\5\6") + 3 + behind
    if raw[place] == 0xFF:
        raw[place] = 0
    else:
        raw[place] ^= 0xFF
    file.write_bytes(raw)
    with pytest.raises(ArchiveError), read_archive(file):
        pass


@pytest.mark.parametrize("place", range(56 + 20))
def test_a_byte_in_the_end_of_a_large_zip_changes_nothing_unnoticed(tmp_path, monkeypatch, place):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as zipped:
        for item in items_of(PROJECT):
            zipped.writestr(item.name.decode(), item.data)
    raw = bytearray(file.read_bytes())
    raw[raw.index(b"PK\6\6") + place] ^= 1
    file.write_bytes(raw)
    versions = range(12, 16)  # of the program that wrote it, and of one that can read it
    if place in versions:
        with read_archive(file) as archive:
            assert archive.problems() == []
    else:
        with pytest.raises(ArchiveError), read_archive(file):
            pass


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), how=st.sampled_from(["put", "add", "remove"]))
@example(place=0, byte=0, how="add")
def test_whatever_happens_to_a_byte_no_other_contents_are_read(tmp_path_factory, place, byte, how):
    changed = {
        "put": GOOD[:place] + bytes([byte]) + GOOD[place + 1 :],
        "add": GOOD[:place] + bytes([byte]) + GOOD[place:],
        "remove": GOOD[:place] + GOOD[place + 1 :],
    }[how]
    folder = tmp_path_factory.mktemp("changed")
    file = folder / "a.zip"
    file.write_bytes(changed)
    try:
        unpack(file, folder / "new")
    except ArchiveError:
        assert [path.name for path in folder.iterdir()] == ["a.zip"]
    else:
        read = {path: data for path, data in tree_of(folder / "new").items() if data is not None and path != MANIFEST}
        assert read == PROJECT


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=200), begin=st.sampled_from([b"", b"PK\3\4", GOOD[:100]]), end=st.booleans())
def test_whatever_the_bytes_are_the_error_is_one_of_ours(tmp_path_factory, raw, begin, end):
    file = tmp_path_factory.mktemp("any") / "a.zip"
    file.write_bytes(begin + raw + (GOOD[-22:] if end else b""))
    with pytest.raises(ArchiveError), read_archive(file):
        pass


@pytest.mark.parametrize("raw", [GOOD[:length] for length in range(0, len(GOOD), 7)], ids=len)
def test_an_archive_that_is_cut_off_is_refused_wherever_it_is(tmp_path, raw):
    file = tmp_path / "a.zip"
    file.write_bytes(raw)
    with pytest.raises(ArchiveError), read_archive(file):
        pass


def test_one_that_is_cut_off_while_it_is_read_is_told(tmp_path):
    file = write_archive(tmp_path / "a.zip", {**PROJECT, "noise": Random(0).randbytes(3_000_000)})
    with read_archive(file) as archive:
        os.truncate(file, 1_500_000)
        assert archive.problem("noise") == "'noise' is cut off"


class TestLimits:
    def test_more_can_be_allowed(self, tmp_path):
        zeros = {**PROJECT, "zeros": b"\0" * 1_000_000}
        file = write_archive(tmp_path / "a.zip", zeros)
        for limits in (Limits(size=1_000_000), Limits(files=4)):
            with (
                pytest.raises(ArchiveError, match="If you trust it, allow more with --max"),
                read_archive(file, limits),
            ):
                pass
        with read_archive(file, Limits(size=1_100_000, files=5)) as archive:
            assert archive.problems() == []

    def test_a_small_archive_may_unpack_to_less_than_a_large_one(self):
        limits = Limits()
        sizes = [limits.largest(size) for size in (0, 1 << 10, 1 << 20, 1 << 25, 1 << 28, 1 << 40)]
        assert sizes == sorted(sizes)
        assert sizes[0] < sizes[3] < sizes[5]

    def test_memory_is_bounded_by_what_is_read_and_not_by_what_is_said(self, tmp_path):
        import tracemalloc

        zeros = b"\0" * 50_000_000
        file = write_archive(tmp_path / "a.zip", {**PROJECT, "zeros": zeros})
        with read_archive(file) as archive:
            tracemalloc.start()
            assert archive.problems() == []
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 20_000_000


class Failing:
    """A file on a disk that fails."""

    def seek(self, *arguments: int) -> int:
        return 0

    def read(self, *arguments: int) -> bytes:
        raise OSError(5, "Input/output error")


class TestFilesThatAreNone:
    def test_a_disk_that_fails_later_is_told(self, tmp_path):
        with read_archive(write_archive(tmp_path / "a.zip")) as archive:
            archive._stream = Failing()
            assert archive.problem("inference.py") == "'inference.py' cannot be read: Input/output error"
            with pytest.raises(ArchiveError, match="cannot be read: Input/output error"):
                archive.sha256()

    def test_a_disk_that_fails_is_told(self, tmp_path, monkeypatch):
        def fails(*arguments):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(reading, "read_end", fails)
        with pytest.raises(ArchiveError, match="cannot be read: Input/output error"):
            unpack(write_archive(tmp_path / "a.zip"), tmp_path / "new")

    def test_no_file(self, tmp_path):
        with pytest.raises(ArchiveError, match="cannot be read: No such file"), read_archive(tmp_path / "a.zip"):
            pass

    def test_a_folder(self, tmp_path):
        with pytest.raises(ArchiveError, match="it is a folder"), read_archive(tmp_path):
            pass

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
    def test_a_pipe_keeps_nobody_waiting(self, tmp_path):
        os.mkfifo(tmp_path / "a.zip")
        with pytest.raises(ArchiveError, match="no regular file"), read_archive(tmp_path / "a.zip"):
            pass

    def test_a_name_that_is_none(self):
        with pytest.raises(ArchiveError, match="cannot be read"), read_archive("a\0.zip"):
            pass


def test_an_archive_of_an_older_packflow_is_told_from_any_zip(tmp_path):
    file = tmp_path / "a.zip"
    file.write_bytes(zip_of(items_of(PROJECT)[1:]))
    with pytest.raises(ArchiveError, match="An older packflow may have made it: unzip it, and export it"):
        unpack(file, tmp_path / "new")
    file.write_bytes(zip_of([Item(b"a.txt", b"x")]))
    with pytest.raises(ArchiveError, match="Archives are made by `packflow export`"):
        unpack(file, tmp_path / "new")


def test_fields_that_a_later_packflow_adds_are_overlooked(tmp_path):
    file = tmp_path / "a.zip"
    file.write_bytes(archive_of(PROJECT, signed_by="somebody"))
    with read_archive(file) as archive:
        assert archive.manifest.name == "doubler"
