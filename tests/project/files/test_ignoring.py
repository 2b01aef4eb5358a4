"""Ignore files: single rules, and whole trees of them beside what git itself makes of them."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from packflow.project.files.choosing import choose
from packflow.project.files.ignoring import parse
from packflow.project.files.tree import DiskTree


@pytest.mark.parametrize(
    ("pattern", "path", "is_folder"),
    [
        ("*.log", "deep/down/a.log", False),
        ("a.log", "deep/a.log", False),
        ("/a.log", "a.log", False),
        ("deep/a.log", "deep/a.log", False),
        ("**/a.log", "x/y/a.log", False),
        ("data/**", "data/x", False),
        ("a/**/b", "a/b", False),
        ("a/**/b", "a/x/y/b", False),
        ("data/", "data", True),
        ("[ab].txt", "b.txt", False),
        ("a?c", "abc", False),
        (r"\#note", "#note", False),
        (r"\!note", "!note", False),
        ("with space", "with space", False),
        ("trailing   ", "trailing", False),
        (r"kept\ ", "kept ", False),
        ("dos\r", "dos", False),
        ("\ufefffirst", "first", False),
        ("a/#b", "a/#b", False),
    ],
)
def test_a_pattern_matches(pattern: str, path: str, is_folder: bool) -> None:
    rule = parse(f"{pattern}\n", ".gitignore").rule_for(path, is_folder=is_folder)

    assert rule is not None
    assert rule.line == 1


@pytest.mark.parametrize(
    ("pattern", "path", "is_folder"),
    [
        ("/a.log", "deep/a.log", False),
        ("deep/a.log", "x/deep/a.log", False),
        ("data/", "data", False),
        ("data/**", "data", True),
        ("data", "data/x", False),  # the folder is left out, and so nobody asks about what is in it
        ("# note", "# note", False),
        ("*.log", "a.logs", False),
        ("", "x", False),
        ("!", "!", False),
        ("/", "x", True),
    ],
)
def test_a_pattern_does_not_match(pattern: str, path: str, is_folder: bool) -> None:
    assert parse(f"{pattern}\n", ".gitignore").rule_for(path, is_folder=is_folder) is None


def test_the_last_rule_decides() -> None:
    file = parse("*.txt\n!keep.txt\nkeep.txt\n!keep.txt\n", ".gitignore")

    rule = file.rule_for("keep.txt", is_folder=False)

    assert rule is not None
    assert (rule.line, rule.keeps) == (4, True)


_PARTS = ("a", "b", "ab", "*", "**", "*.py", "?", "[ab]", "x", "a*", "*b", "[!a]", r"\a", "a.b", "c.py")


def _pattern(chance: random.Random) -> str:
    parts = "/".join(chance.choice(_PARTS) for _ in range(chance.choice([1, 1, 1, 2, 3])))
    before, after = chance.choice(["", "", "", "/"]), chance.choice(["", "", "/"])
    return chance.choice(["", "", "!"]) + before + parts + after


def _grow(root: Path, chance: random.Random) -> None:
    for _ in range(14):
        folders = [chance.choice("abx") for _ in range(chance.choice([0, 1, 1, 2, 3]))]
        file = root.joinpath(*folders, chance.choice(["a", "ab", "c.py", "d.txt", "a.b"]))
        if not any(part.is_file() for part in file.parents) and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir() and chance.random() < 0.3)]:
        (folder / ".gitignore").write_text("\n".join(_pattern(chance) for _ in range(3)))


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")
@pytest.mark.parametrize("seed", range(12))
def test_git_says_the_same(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(3):
        _grow(tmp_path / str(number), chance)
    # Without the user's own settings; the trees are folders of one repository.
    quiet = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, env=quiet)
    command = ["git", "-C", str(tmp_path), "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, env=quiet).stdout

    chosen = choose(DiskTree(tmp_path))

    assert {file.path for file in chosen.files} == set(listed.split("\0")) - {""}
    assert len(chosen.left_out) > 1


def test_no_pattern_takes_for_ever_or_goes_too_deep() -> None:
    file = parse("**/a/" * 20 + "b\n" + "a/" * 3000 + "a\n", ".gitignore")

    assert file.rule_for("a/" * 60 + "c", is_folder=False) is None
    assert file.rule_for("a/" * 60 + "b", is_folder=False) is not None
    assert file.rule_for("a/" * 3000 + "a", is_folder=False) is not None
