"""Which paths an archive may hold."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.project.archive.names import find_clash, path_problem


@pytest.mark.parametrize(
    "path",
    ["a", "a/b/c.txt", ".gitignore", "café.onnx", "モデル/重み.bin", "a b", "...a", "console.log", "com.txt", "nul_.x",
     "a" * 255, "x-1.0+local.whl", "(1)[2]{3}", "emoji-😀.txt"],
)  # fmt: skip
def test_fine(path: str) -> None:
    assert path_problem(path) is None


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "it is empty"),
        ("/etc/passwd", "it is absolute"),
        ("../x", "it leads out of the folder"),
        ("a/../../x", "it leads out of the folder"),
        ("a//b", "it has the empty part ''"),
        ("a/", "it has the empty part ''"),
        ("./a", "it has the empty part '.'"),
        ("a\\b", "it has a backslash"),
        ("C:/x", "it has ':'"),
        ("a*", "it has '*'"),
        ("a\0", "it has a control character (U+0000)"),
        ("a\x7f", "it has a control character (U+007F)"),
        ("a\u202egnp.exe", "it has a control character (U+202E)"),
        ("a\u2028", "it has a control character (U+2028)"),
        ("a.", "'a.' ends with '.'"),
        ("a /b", "'a ' ends with ' '"),
        ("CON", "'CON' is the name of a device"),
        ("a/nul.txt", "'nul.txt' is the name of a device"),
        ("com1 .txt", "'com1 .txt' is the name of a device"),
        ("lpt²", "'lpt²' is the name of a device"),
        ("\udcff", "it is not UTF-8"),
        ("é" * 128, "a part of it is longer than 255 bytes"),
        ("a/" * 600 + "b", "it is longer than 1000 bytes"),
    ],
)
def test_not_fine(path: str, problem: str) -> None:
    found = path_problem(path)

    assert found is not None
    assert found.startswith(problem)


@given(st.text(st.sampled_from("ab./\\:~ \0é"), max_size=12) | st.text(max_size=20))
def test_what_is_fine_stays_in_the_folder_everywhere(path: str) -> None:
    if path_problem(path) is None:
        for kind in (PurePosixPath, PureWindowsPath):
            assert not kind(path).is_absolute()
            assert ".." not in kind(path).parts
            assert str(kind(path)).replace("\\", "/") == path
        assert not PureWindowsPath(path).drive


@pytest.mark.parametrize(
    ("paths", "clash"),
    [
        (["a", "b"], None),
        (["a", "a"], ("a", "a")),
        (["A/x", "a/y"], None),
        (["A/x", "a/X"], ("A/x", "a/X")),
        (["a", "a/b"], ("a", "a/b")),
        (["a/b", "a"], ("a/b", "a")),
        (["x/A/b/c", "x/a/B"], ("x/A/b/c", "x/a/B")),
        (["x/a/b", "x/A/B/c"], ("x/a/b", "x/A/B/c")),
        (["é", "e\u0301"], ("é", "e\u0301")),
        (["ß", "SS"], ("ß", "SS")),
        (["ab", "a", "a.b"], None),
        ([], None),
    ],
)
def test_clashes(paths: list[str], clash: tuple[str, str] | None) -> None:
    assert find_clash(paths) == clash
