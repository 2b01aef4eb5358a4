"""An archive is unpacked whole, or not at all, and nowhere else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from packflow.exceptions import ArchiveError
from packflow.project.archive import unpacking
from packflow.project.archive.unpacking import unpack
from tests.support.archives import MANIFEST, PROJECT, archive_of, items_of, tree_of, write_archive, zip_of
from tests.support.interrupting import INTERRUPTED
from tests.support.scripts import clean_environment


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "from").mkdir()
    return write_archive(tmp_path / "from" / "doubler-1.0.zip")


def files_in(folder: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree_of(folder).items() if data is not None}


class TestWhere:
    @pytest.mark.parametrize("above", ["new", "new/folder", "a/b/c"])
    def test_a_new_folder_and_those_above_it_are_made(self, tmp_path, archive, above):
        manifest = unpack(archive, tmp_path / above)
        assert (manifest.name, manifest.version) == ("doubler", "1.0")
        found = files_in(tmp_path / above)
        assert found.pop(MANIFEST).startswith(b"{")
        assert found == PROJECT
        assert {path.name for path in tmp_path.iterdir()} == {"from", above.split("/")[0]}

    def test_an_empty_folder_is_filled_and_stays_the_same_folder(self, tmp_path, archive):
        folder = tmp_path / "there"
        folder.mkdir(mode=0o700)
        before = folder.stat()
        unpack(archive, folder)
        assert files_in(folder).keys() == {*PROJECT, MANIFEST}
        assert (folder.stat().st_ino, folder.stat().st_mode) == (before.st_ino, before.st_mode)

    def test_the_current_folder_can_be_filled(self, tmp_path, archive, monkeypatch):
        (tmp_path / "there").mkdir()
        monkeypatch.chdir(tmp_path / "there")
        unpack(archive, ".")
        assert Path("packflow.yaml").read_bytes() == PROJECT["packflow.yaml"]

    def test_a_link_to_an_empty_folder_is_followed(self, tmp_path, archive):
        (tmp_path / "there").mkdir()
        (tmp_path / "link").symlink_to("there")
        unpack(archive, tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert files_in(tmp_path / "there").keys() == {*PROJECT, MANIFEST}

    @pytest.mark.parametrize(
        ("make", "said"),
        [
            (
                lambda folder: (folder.mkdir(), (folder / "notes.txt").write_text("mine")),
                "is not empty: it has notes.txt",
            ),
            (lambda folder: (folder.mkdir(), (folder / ".git").mkdir()), "is not empty: it has .git"),
            (lambda folder: folder.write_text("mine"), "is there already, and is no folder"),
            (lambda folder: folder.symlink_to("nowhere"), "is a link that leads nowhere"),
        ],
        ids=["a file in it", "a folder in it", "a file", "a dangling link"],
    )
    def test_what_is_there_stays_as_it_is(self, tmp_path, archive, make, said):
        make(tmp_path / "there")
        before = tree_of(tmp_path)
        with pytest.raises(ArchiveError, match=said):
            unpack(archive, tmp_path / "there")
        assert tree_of(tmp_path) == before
        assert (tmp_path / "there").is_symlink() == ("link" in said)

    def test_a_folder_below_a_file_cannot_be_made(self, tmp_path, archive):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(ArchiveError, match="cannot be written: Not a directory"):
            unpack(archive, tmp_path / "file" / "new")

    def test_a_name_that_is_too_long_is_told(self, tmp_path, archive):
        with pytest.raises(ArchiveError, match="cannot be written: File name too long"):
            unpack(archive, tmp_path / ("a" * 300))
        assert [path.name for path in tmp_path.iterdir()] == ["from"]


class TestWhole:
    def test_packflow_yaml_comes_last(self, tmp_path, archive, monkeypatch):
        there = []
        rename = Path.rename

        def follow(self, target):
            there.append((Path(target).name, (tmp_path / "new" / "packflow.yaml").exists()))
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", follow)
        (tmp_path / "new").mkdir()
        unpack(archive, tmp_path / "new")
        assert [name for name, _ in there][-1] == "packflow.yaml"
        assert not any(whole for _, whole in there)

    @pytest.mark.parametrize(
        ("existing", "at"), [*((False, at) for at in range(4 + 1)), *((True, at) for at in range(4 + 5))]
    )
    def test_a_disk_that_is_full_leaves_nothing_behind(self, tmp_path, archive, monkeypatch, existing, at):
        if existing:
            (tmp_path / "new").mkdir()
        before = tree_of(tmp_path)
        calls = iter(range(100))

        def fail(method):
            def fails(*arguments, **options):
                if next(calls) == at:
                    raise OSError(28, "No space left on device")
                return method(*arguments, **options)

            return fails

        monkeypatch.setattr(unpacking.os, "fdopen", fail(os.fdopen))
        monkeypatch.setattr(unpacking.Path, "rename", fail(Path.rename))
        with pytest.raises(ArchiveError, match=r"new cannot be written: No space left on device. Nothing of"):
            unpack(archive, tmp_path / "new")
        assert tree_of(tmp_path) == before

    def test_somebody_elses_file_is_not_replaced(self, tmp_path, archive, monkeypatch):
        (tmp_path / "new").mkdir()
        write = unpacking._write

        def meanwhile(*arguments):
            (tmp_path / "new" / "inference.py").write_text("mine")
            write(*arguments)

        monkeypatch.setattr(unpacking, "_write", meanwhile)
        with pytest.raises(ArchiveError, match=r"'inference.py' is there already"):
            unpack(archive, tmp_path / "new")
        assert files_in(tmp_path / "new") == {"inference.py": b"mine"}

    def test_unpacked_twice_it_is_the_same(self, tmp_path, archive):
        unpack(archive, tmp_path / "one")
        unpack(archive, tmp_path / "two")
        assert tree_of(tmp_path / "one") == tree_of(tmp_path / "two")

    def test_two_may_unpack_side_by_side(self, tmp_path, archive, monkeypatch):
        write = unpacking._write

        def meanwhile(*arguments):
            monkeypatch.setattr(unpacking, "_write", write)
            unpack(archive, tmp_path / "new")
            write(*arguments)

        monkeypatch.setattr(unpacking, "_write", meanwhile)
        with pytest.raises(ArchiveError, match="'new' is there already"):
            unpack(archive, tmp_path / "new")
        assert files_in(tmp_path / "new").keys() == {*PROJECT, MANIFEST}


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions here")
class TestPermissions:
    def test_they_are_those_of_new_files_whatever_the_archive_says(self, tmp_path):
        items = items_of({**PROJECT, "run.sh": b"", "setuid": b"", "private": b""})
        for item in items:
            modes = {b"run.sh": 0o100755, b"setuid": 0o106777, b"private": 0o100000}
            item.mode = modes.get(item.name, 0o100644)
        archive = tmp_path / "a.zip"
        archive.write_bytes(zip_of(items))
        before = os.umask(0o027)
        try:
            unpack(archive, tmp_path / "new")
        finally:
            os.umask(before)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").rglob("*")}
        assert modes["run.sh"] == modes["setuid"] == modes["words"] == 0o750
        assert modes["private"] == modes["inference.py"] == modes[MANIFEST] == 0o640
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o750

    @pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_may_not_be_written_is_told(self, tmp_path, archive):
        (tmp_path / "new").mkdir(mode=0o500)
        with pytest.raises(ArchiveError, match="cannot be written: Permission denied"):
            unpack(archive, tmp_path / "new")


EVERYWHERE = (
    INTERRUPTED
    + """
from packflow.project.archive import unpacking
from packflow.utils import aside

FOLLOWED = {
    value.__code__ for module in (unpacking, aside) for value in vars(module).values()
    if hasattr(value, "__code__") and value.__code__.co_filename == module.__file__
}
at, status = 1, None
while status != 0:
    os.makedirs("there")
    status = interrupted(at, FOLLOWED, ["unpack", "a.zip", sys.argv[1]])
    left = sorted(os.listdir())
    assert status in (0, 143), (at, status)
    assert left in (["a.zip", "new", "there"], ["a.zip", "there"]), (at, left)
    for folder in ("new", "there"):
        if os.path.isdir(folder):
            inside = sorted(name for name in os.listdir(folder))
            assert inside == [] if folder == "there" and len(inside) != 5 else len(inside) == 5, (at, inside)
            shutil.rmtree(folder)
    at += 1
print(at)
"""
)


@pytest.mark.parametrize("folder", ["new", "there"])
def test_a_signal_leaves_all_of_it_or_nothing_wherever_it_arrives(tmp_path, folder):
    write_archive(tmp_path / "a.zip")
    done = subprocess.run(
        [sys.executable, "-c", EVERYWHERE, folder],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 300


def test_a_whole_archive_at_its_limits_is_unpacked(tmp_path):
    deep = "/".join("d" * 10 for _ in range(60)) + "/end.txt"
    files = {**PROJECT, deep: b"deep", "n" * 250: b"long", "Größe/日本.txt": "日本".encode()}
    (tmp_path / "a.zip").write_bytes(archive_of(files))
    unpack(tmp_path / "a.zip", tmp_path / "new")
    assert files_in(tmp_path / "new").keys() == {*files, MANIFEST}
