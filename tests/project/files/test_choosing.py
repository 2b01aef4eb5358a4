"""Which entries of a tree belong: what is excluded, and where links lead. The trees are on the disk, and small."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from packflow.exceptions import ArchiveError
from packflow.project.files.choosing import OUTPUT, Chosen, choose
from packflow.project.files.tree import DiskTree, outer_ignore_files


def grow(root: Path, *files: str, **texts: str) -> None:
    """Make files, by their paths; and ignore files, by their names without the dot."""
    for path in files:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    for name, text in texts.items():
        (root / f".{name}").write_text(text)


def chosen_in(root: Path, output: str | None = None) -> Chosen:
    return choose(DiskTree(root), output=output, outer=outer_ignore_files(root))


def paths(chosen: Chosen) -> set[str]:
    return {file.path for file in chosen.files}


def test_a_folder_that_is_left_out_is_told_once(tmp_path: Path) -> None:
    grow(tmp_path, "a.py", "node_modules/x/y.js", "node_modules/z.js")

    chosen = chosen_in(tmp_path)

    assert paths(chosen) == {"a.py"}
    assert [left.path for left in chosen.left_out] == ["node_modules/"]
    assert chosen.why_not("node_modules/x/y.js") == chosen.why_not("node_modules") is not None
    assert chosen.why_not("node_modules2") is None


def test_the_reason_names_the_line_of_the_ignore_file(tmp_path: Path) -> None:
    grow(tmp_path, "models/a.bin", "models/.gitignore")
    (tmp_path / "models/.gitignore").write_text("# large\n*.bin\n")

    (left,) = chosen_in(tmp_path).left_out

    assert str(left) == "models/a.bin: models/.gitignore excludes it (line 2: *.bin)"


def test_what_packflowignore_excludes_cannot_be_kept_by_gitignore_nor_the_other_way_round(tmp_path: Path) -> None:
    grow(tmp_path, "a", "b", "c", gitignore="a\n!b\n", packflowignore="b\n!a\n")

    assert paths(chosen_in(tmp_path)) == {"c", ".gitignore", ".packflowignore"}


def test_ignore_files_above_the_project_count_as_far_as_the_repository_reaches(tmp_path: Path) -> None:
    project = tmp_path / "repository/projects/prices"
    grow(project, "a.py", "b.bin", "c.tmp", "d.cfg", "e.txt")
    grow(tmp_path, gitignore="*.py\n")  # beyond the repository
    grow(tmp_path / "repository", gitignore="*.bin\n/projects/prices/c.tmp\n!*.txt\n")
    grow(tmp_path / "repository/projects", gitignore="e.txt\n")
    grow(tmp_path / "repository", ".git/info/exclude")
    (tmp_path / "repository/.git/info/exclude").write_text("d.cfg\na.py\n")
    grow(project, gitignore="!a.py\n")

    assert paths(chosen_in(project)) == {"a.py", ".gitignore"}


def test_a_working_tree_beside_its_repository_is_read_too(tmp_path: Path) -> None:
    grow(tmp_path, "main/.git/info/exclude", "main/.git/worktrees/w/commondir", "tree/a", "tree/b", "tree/.git")
    (tmp_path / "main/.git/info/exclude").write_text("a\n")
    (tmp_path / "main/.git/worktrees/w/commondir").write_text("../..\n")
    (tmp_path / "tree/.git").write_text(f"gitdir: {tmp_path}/main/.git/worktrees/w\n")

    assert paths(chosen_in(tmp_path / "tree")) == {"b"}


def test_a_repository_that_ignores_the_whole_project_has_no_say(tmp_path: Path) -> None:
    grow(tmp_path, ".git/HEAD", "scratch/prices/a.py", "scratch/prices/b.bin", gitignore="scratch/\n*.bin\n")

    assert paths(chosen_in(tmp_path / "scratch/prices")) == {"a.py", "b.bin"}


def test_the_output_folder_is_left_out(tmp_path: Path) -> None:
    grow(tmp_path, "a.py", "out/b.py")

    chosen = chosen_in(tmp_path, output="out")

    assert paths(chosen) == {"a.py"}
    assert chosen.left_out == (("out/", OUTPUT),)


@pytest.mark.parametrize("text", ["a link to a folder", "a folder"])
def test_an_ignore_file_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    grow(tmp_path, "a.py", "rules")
    if text == "a folder":
        (tmp_path / ".gitignore").mkdir()
    else:
        (tmp_path / ".gitignore").symlink_to("rules")

    with pytest.raises(ArchiveError, match="so what it keeps out is not known"):
        chosen_in(tmp_path)


class TestLinks:
    def test_one_that_stays_inside_is_the_file(self, tmp_path: Path) -> None:
        grow(tmp_path, "models/v2/model.bin")
        (tmp_path / "current.bin").symlink_to("models/v2/model.bin")

        chosen = chosen_in(tmp_path)

        assert ("current.bin", "models/v2/model.bin") in chosen.files
        assert not chosen.left_out

    def test_one_to_a_folder_inside_is_the_folder(self, tmp_path: Path) -> None:
        grow(tmp_path, "models/v2/model.bin", "models/v2/sub/labels.txt")
        (tmp_path / "current").symlink_to(tmp_path / "models/v2")

        assert {
            ("current/model.bin", "models/v2/model.bin"),
            ("current/sub/labels.txt", "models/v2/sub/labels.txt"),
        } < {tuple(file) for file in chosen_in(tmp_path).files}

    @pytest.mark.parametrize("target", ["/etc/passwd", "../outside.txt", "../outside", "gone", "loop"])
    def test_one_that_leads_out_or_nowhere_is_left_out(self, tmp_path: Path, target: str) -> None:
        grow(tmp_path, "outside.txt", "outside/x", "project/a.py")
        (tmp_path / "project/loop").symlink_to(target)

        chosen = chosen_in(tmp_path / "project")

        assert paths(chosen) == {"a.py"}
        assert chosen.left_out[0].path.rstrip("/") == "loop"
        assert "link" in chosen.left_out[0].reason

    def test_one_that_goes_out_and_comes_back_stays(self, tmp_path: Path) -> None:
        grow(tmp_path, "project/a.py")
        (tmp_path / "project/b.py").symlink_to("../project/a.py")

        assert paths(chosen_in(tmp_path / "project")) == {"a.py", "b.py"}

    @pytest.mark.parametrize("target", [".env", "keys/id_rsa", "ignored/x", ".git/config", "ignored"])
    def test_one_to_what_is_left_out_is_left_out(self, tmp_path: Path, target: str) -> None:
        grow(tmp_path, ".env", "keys/id_rsa", "ignored/x", ".git/config", gitignore="ignored/\n")
        (tmp_path / "innocent.txt").symlink_to(target)

        chosen = chosen_in(tmp_path)

        assert paths(chosen) == {".gitignore"}
        assert f"it is a link to {target}, and" in str(chosen.why_not("innocent.txt"))

    def test_what_is_left_out_by_name_stays_out_behind_a_link(self, tmp_path: Path) -> None:
        grow(tmp_path, "real/.env", "real/a.py", "real/b.tmp", "real/c.tmp", gitignore="/linked/b.tmp\n/real/c.tmp\n")
        (tmp_path / "linked").symlink_to("real")

        assert paths(chosen_in(tmp_path)) == {"real/a.py", "real/b.tmp", "linked/a.py", ".gitignore"}

    def test_one_to_a_folder_above_it_ends(self, tmp_path: Path) -> None:
        grow(tmp_path, "a/b/c.py")
        (tmp_path / "a/b/up").symlink_to("..")
        (tmp_path / "a/b/root").symlink_to("../..")

        chosen = chosen_in(tmp_path)

        assert paths(chosen) == {"a/b/c.py"}
        assert {left.path for left in chosen.left_out} == {"a/b/up/", "a/b/root/"}

    def test_folders_that_link_each_other_end(self, tmp_path: Path) -> None:
        grow(tmp_path, "a/x", "b/y")
        (tmp_path / "a/b").symlink_to("../b")
        (tmp_path / "b/a").symlink_to("../a")

        assert paths(chosen_in(tmp_path)) == {"a/x", "b/y", "a/b/y", "b/a/x"}

    def test_a_name_that_is_excluded_as_a_folder_is_excluded_as_a_link(self, tmp_path: Path) -> None:
        grow(tmp_path, "real/x", gitignore="data/\n")
        (tmp_path / "data").symlink_to("real")

        assert paths(chosen_in(tmp_path)) == {"real/x", ".gitignore"}


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
def test_what_is_no_file_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may not be long
    grow(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-pipe").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")

        chosen = chosen_in(tmp_path)

    assert paths(chosen) == {"a.py"}
    assert dict(chosen.left_out) == {
        "pipe": "it is a named pipe",
        "socket": "it is a socket",
        "to-pipe": "it is a link to something that is no regular file",
    }


def test_folders_that_lie_too_deep_are_an_error_unless_they_are_left_out(tmp_path: Path) -> None:
    grow(tmp_path, "a/" * 201 + "b.py")

    with pytest.raises(ArchiveError, match="lies more than 200 folders deep"):
        chosen_in(tmp_path)
    (tmp_path / ".packflowignore").write_text("/a/\n")
    assert paths(chosen_in(tmp_path)) == {".packflowignore"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read anything")
def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    grow(tmp_path, "closed/x")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(ArchiveError, match=r"closed cannot be listed: Permission denied\. Let it be readable, or"):
            chosen_in(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
