"""The zip file: the same bytes from the same files, and an error where a file is not what it was."""

from __future__ import annotations

import hashlib
import io
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.project.archive.limits import Limits
from packflow.project.archive.manifest import MANIFEST, ArchivedFile, Manifest, RanWith, SamplesRun, to_json
from packflow.project.archive.reading import read_archive
from packflow.project.archive.writing import ChangedFile, Member, write_archive
from packflow.project.files.gathering import DiskFile


class Given:
    """A source whose bytes are given."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        yield io.BytesIO(self._data)


def manifest_of(files: dict[str, bytes]) -> Manifest:
    return Manifest(
        name="p",
        version="1",
        packflow="1.0.0",
        files={
            path: ArchivedFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data)) for path, data in files.items()
        },
        ran_with=RanWith(python="3.11.7"),
        samples=SamplesRun(count=1, passed=1),
    )


def written(files: dict[str, bytes], programs: tuple[str, ...] = ()) -> bytes:
    stream = io.BytesIO()
    members = {path: Member(Given(data), path in programs) for path, data in files.items()}
    write_archive(stream, manifest_of(files), members)
    return stream.getvalue()


FILES = st.dictionaries(st.text("abcé", min_size=1, max_size=6), st.binary(max_size=2000), min_size=1, max_size=6)


@given(FILES)
def test_what_is_written_is_read_and_the_order_does_not_matter(files: dict[str, bytes]) -> None:
    data = written(files)

    assert data == written(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == [MANIFEST, *sorted(files)]
        assert {name: archive.read(name) for name in files} == files
        assert archive.read(MANIFEST) == to_json(manifest_of(files))


def test_packflow_itself_accepts_it(tmp_path: Path) -> None:
    files = {"packflow.yaml": b"name: p", "sub/é.bin": b"\0" * 100_000, "run.sh": b"#!/bin/sh", "empty": b""}
    (tmp_path / "p.zip").write_bytes(written(files, ("run.sh",)))

    with read_archive(tmp_path / "p.zip", Limits()) as archive:
        assert set(archive.entries) == set(files)
        assert [archive.problem(name) for name in files] == [None] * 4
        assert [name for name, entry in archive.entries.items() if entry.executable] == ["run.sh"]


def test_nothing_of_time_and_place_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.py": b"a = 1\n" * 100, "b": bytes(range(256)) * 50}
    first = written(files)

    monkeypatch.setenv("TZ", "Pacific/Auckland")
    if hasattr(time, "tzset"):
        time.tzset()
    mask = os.umask(0o077)
    try:
        monkeypatch.setattr(time, "time", lambda: 4e9)
        second = written(files)
    finally:
        os.umask(mask)
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()

    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.external_attr >> 16, info.extra) == (3, 0o100644, b"")
            assert info.compress_type == zipfile.ZIP_DEFLATED


def test_the_bytes_stay_what_they_are() -> None:
    """Archives of one release have to equal those of the next, and those that another Python writes."""
    with zipfile.ZipFile(io.BytesIO(written({"a.txt": b"hello\n"}))) as archive:
        infos = [
            (info.filename, info.flag_bits, info.create_version, info.extract_version) for info in archive.infolist()
        ]

    assert infos == [(MANIFEST, 0, 20, 20), ("a.txt", 0, 20, 20)]
    header = written({"a.txt": b"hello\n"})[:30]
    assert header[:10] == b"PK\3\4\x14\0\0\0\x08\0"
    assert header[10:14] == b"\0\0\x21\0"  # 1980-01-01 00:00:00


@pytest.mark.parametrize("now", [b"hello!", b"jello", b"hell", b""])
def test_a_file_that_is_another_by_now_is_an_error(now: bytes) -> None:
    with pytest.raises(ChangedFile, match=r"a\.txt"):
        write_archive(io.BytesIO(), manifest_of({"a.txt": b"hello"}), {"a.txt": Member(Given(now))})


def test_a_file_that_cannot_be_opened_any_more_is_an_error_of_that_file(tmp_path: Path) -> None:
    gone = Member(DiskFile(tmp_path / "a.txt"))
    with pytest.raises(ChangedFile, match=r"a\.txt"):
        write_archive(io.BytesIO(), manifest_of({"a.txt": b"hello"}), {"a.txt": gone})


def test_large_files_and_archives_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 4000)
    files = {"packflow.yaml": b"name: p", "large": os.urandom(9000), "z": b"end"}
    (tmp_path / "p.zip").write_bytes(written(files))
    monkeypatch.undo()

    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in files} == files


def test_a_large_file_is_not_held_in_memory() -> None:
    class Counting(io.RawIOBase):
        left, most = 64 << 20, 0

        def read(self, size: int = -1) -> bytes:  # type: ignore[override]
            assert 0 < size <= 1 << 20
            given, self.left = min(size, self.left), self.left - min(size, self.left)
            return bytes(given)

    class Source:
        @contextmanager
        def open(self) -> Iterator[BinaryIO]:
            yield Counting()  # type: ignore[misc]

    digest = hashlib.sha256()
    for _ in range(64):
        digest.update(bytes(1 << 20))
    manifest = manifest_of({"large": b""})
    listed = ArchivedFile(sha256=digest.hexdigest(), size=64 << 20)
    stream = io.BytesIO()

    write_archive(stream, manifest.model_copy(update={"files": {"large": listed}}), {"large": Member(Source())})

    assert len(stream.getvalue()) < 1 << 17
