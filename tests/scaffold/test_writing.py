"""Files come onto the disk all at once or not at all, and nothing that is there is touched."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.exceptions import ScaffoldError
from packflow.scaffold.writing import write_tree

TREE = {"README.md": "# über\n", "src/acme/__init__.py": "", "src/acme/a.py": "x = 1\n", "tests/test_a.py": "y\r\n"}


def read(folder: Path) -> dict[str, str]:
    """Give every file below a folder, its line ends as they are."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("place", ["new", "a/b/new", "a/../new", "./new/"])
def test_a_new_folder_has_the_tree(tmp_path: Path, place: str) -> None:
    write_tree(TREE, tmp_path / place)
    assert read((tmp_path / place).resolve()) == TREE
    assert len(list(tmp_path.iterdir())) == 1


def test_an_empty_folder_is_filled_and_stays_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    write_tree(TREE, Path())
    assert read(tmp_path) == TREE
    assert tmp_path.stat().st_ino == before


def test_a_link_to_an_empty_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_tree(TREE, tmp_path / "link")
    assert read(tmp_path / "real") == TREE


def test_the_new_folders_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    write_tree(TREE, tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@given(st.sets(st.sampled_from(["README.md", ".git", "notes.txt", "src", "a", "b", "c"]), min_size=1))
def test_a_folder_that_is_not_empty_is_left_alone(tmp_path_factory: pytest.TempPathFactory, names: set[str]) -> None:
    folder = tmp_path_factory.mktemp("full")
    for name in names:
        (folder / name).write_text(f"this is {name}")
    before = read(folder)
    with pytest.raises(ScaffoldError) as caught:
        write_tree(TREE, folder)
    assert read(folder) == before
    told = str(caught.value)
    assert all(name in told for name in sorted(names)[:5])
    assert (f"and {len(names) - 5} more" in told) == (len(names) > 5)


def test_what_is_no_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "lost").symlink_to("nowhere")
    with pytest.raises(ScaffoldError, match=r"'.*file' is there already, and is no folder"):
        write_tree(TREE, tmp_path / "file")
    with pytest.raises(ScaffoldError, match="Not a directory"):
        write_tree(TREE, tmp_path / "file" / "new")
    with pytest.raises(ScaffoldError, match="leads nowhere"):
        write_tree(TREE, tmp_path / "lost")
    assert everything(tmp_path) == ["file", "lost"]


def test_a_name_that_the_disk_refuses_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match="cannot be written: File name too long") as caught:
        write_tree(TREE, tmp_path / ("x" * 300))
    assert isinstance(caught.value.__cause__, OSError)
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    ("fails", "at", "empty"),
    [
        ("write_text", 1, False),
        ("write_text", 3, False),
        ("write_text", 3, True),
        ("rename", 1, False),  # a new folder is moved in one piece
        ("rename", 1, True),
        ("rename", 3, True),
    ],
)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, at: int, empty: bool, error: BaseException
) -> None:
    if empty:
        (tmp_path / "new").mkdir()
    before = everything(tmp_path)
    original, calls = getattr(Path, fails), []

    def failing(*arguments: object, **named: object) -> object:
        calls.append(arguments)
        if len(calls) == at:
            raise error
        return original(*arguments, **named)

    monkeypatch.setattr(Path, fails, failing)
    with pytest.raises(ScaffoldError if isinstance(error, OSError) else KeyboardInterrupt):
        write_tree(TREE, tmp_path / "new")
    assert everything(tmp_path) == before


def test_what_somebody_else_writes_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").mkdir()
    original = Path.write_text

    def write_text(path: Path, *arguments: object, **named: object) -> object:
        if not (tmp_path / "new/README.md").exists():
            original(tmp_path / "new/README.md", "theirs", encoding="utf-8")
        return original(path, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(ScaffoldError, match=r"'README\.md' is there already"):
        write_tree(TREE, tmp_path / "new")
    assert read(tmp_path) == {"new/README.md": "theirs"}
