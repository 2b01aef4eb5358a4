"""``packflow unpack``: a project out of its archive, or one line that says what is wrong."""

from __future__ import annotations

import signal
import subprocess
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from packflow.cli import main
from packflow.project.archive import limits
from tests.cli.processes import AS_INSTALLED
from tests.project.archive.bad import BAD
from tests.support.archives import MANIFEST, PROJECT, Item, items_of, manifest_of, tree_of, write_archive, zip_of
from tests.support.processes import hearing_signals


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def unpack(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["unpack", *arguments])
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.output
    return result


def test_a_project_is_unpacked(folder):
    write_archive(folder / "doubler-1.0.zip")
    assert unpack("doubler-1.0.zip", "doubler").stderr == (
        "Unpacked doubler 1.0 into doubler: 4 files, each as listed.\n"
    )
    assert {path for path, data in tree_of(folder / "doubler").items() if data is not None} == {*PROJECT, MANIFEST}


@pytest.mark.parametrize("what", [what for what in BAD if "million" not in what])
def test_what_is_wrong_is_one_message_and_nothing_is_written(folder, what):
    make, _ = BAD[what]
    (folder / "a.zip").write_bytes(make())
    told = unpack("a.zip", "new", status=1).stderr
    assert told.startswith("Error: The archive a.zip cannot be used: ")
    assert told.count("\n") == 1
    assert told.rstrip("\n").isprintable()
    assert [path.name for path in folder.iterdir()] == ["a.zip"]


def test_a_folder_that_is_not_empty_stays_as_it_is(folder):
    write_archive(folder / "a.zip")
    (folder / "there").mkdir()
    (folder / "there" / "notes.txt").write_text("mine")
    assert "The folder there is not empty: it has notes.txt" in unpack("a.zip", "there", status=1).stderr
    assert tree_of(folder / "there") == {"notes.txt": b"mine"}


@pytest.mark.parametrize("size", ["100", "0.1KB", "1 kB", "0.1kib", "1e3", "-1", "", "many", "1XB", "٣"])
def test_sizes_are_numbers_with_a_unit(folder, size):
    write_archive(folder / "a.zip")
    wrong = size in ("1e3", "-1", "", "many", "1XB", "٣")
    told = unpack("a.zip", "new", "--max-size", size, status=2 if wrong else 1).stderr
    assert ("is no size; expected bytes, or as in 500MB or 20GiB" if wrong else "are allowed. If you trust it") in told
    assert not (folder / "new").exists()


def test_more_can_be_allowed(folder, monkeypatch):
    monkeypatch.setattr(limits, "ALWAYS", 1 << 20)
    write_archive(folder / "a.zip", {**PROJECT, "zeros": b"\0" * (3 << 20)})
    assert "allow more with --max-size" in unpack("a.zip", "new", status=1).stderr
    unpack("a.zip", "new", "--max-size", "4MiB")
    assert (folder / "new" / "zeros").stat().st_size == 3 << 20


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_nothing_behind(folder, number):
    manifest = manifest_of(PROJECT)
    manifest["files"]["zeros"] = {"sha256": "0" * 64, "size": 4095 << 20}
    zeros = Item(b"zeros", stored=many_zeros(4095), local={"size": 4095 << 20}, central={"size": 4095 << 20})
    (folder / "a.zip").write_bytes(zip_of([*items_of(PROJECT, manifest), zeros]))
    with subprocess.Popen(
        [*AS_INSTALLED, "unpack", "a.zip", "new", "--max-size", "4GiB"],
        stderr=subprocess.PIPE,
        **hearing_signals(),
    ) as process:
        while not [path for path in folder.iterdir() if path.name.startswith(".packflow-")]:
            assert process.poll() is None
        process.send_signal(getattr(signal, number))
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + getattr(signal, number)
    assert told.decode() == f"Ended by {number}. Nothing was unpacked.\n"
    assert [path.name for path in folder.iterdir()] == ["a.zip"]


def many_zeros(mebibytes: int) -> bytes:
    """Give so many of them, deflated; what takes long to unpack should not take long to make."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    one = compressor.compress(b"\0" * (1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return one * mebibytes + compressor.flush()
