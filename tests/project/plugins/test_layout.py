"""Where a project's files go."""

from __future__ import annotations

import pytest

from packflow.project.plugins.layout import Layout, lay_out


def layout_of(*paths: str, needed: tuple[str, ...] = (), own: tuple[str, ...] = (), init: bool = False) -> Layout:
    return lay_out(paths, "acme", needed, own, init=init)


@pytest.mark.parametrize(
    "path", ["inference.py", "data/README.md", "a/LICENSE", "models/a.bin", "src/x.py", "my tests.txt", "testing/a.py"]
)
def test_modules_and_data_go_into_the_package(path: str) -> None:
    assert layout_of(path).files == {f"src/acme/{path}": path}


@pytest.mark.parametrize("path", ["LICENSE.txt", "licence", "COPYING", "MODEL_CARD.md", "CHANGELOG.md", "README.rst"])
def test_documents_stay_at_the_top(path: str) -> None:
    assert layout_of(path).files == {path: path}


def test_the_licence_and_what_belongs_to_it_are_known() -> None:
    assert layout_of("NOTICE", "LICENSE.txt", "sub/LICENSE").licenses == ("LICENSE.txt", "NOTICE")


def test_a_readme_in_markdown_becomes_a_part_of_the_new_one() -> None:
    found = layout_of("ReadMe.md")
    assert (found.files, found.readme, found.left_out) == ({}, "ReadMe.md", ())


@pytest.mark.parametrize(
    "path",
    [
        *("packflow.yaml", "samples.jsonl", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "setup.py"),
        *("test_inference.py", "tests/data.json", "sub/test_more.py", "conftest.py", ".gitignore", ".github/ci.yml"),
        *("base.in", "__init__.py"),
    ],
)
def test_what_is_about_the_projects_folder_is_left_out_and_told(path: str) -> None:
    found = layout_of(path, own=("base.in",))
    assert found.files == {}
    assert [left.path for left in found.left_out] == [path]


@pytest.mark.parametrize("path", ["test_inference.py", "tests/helpers.py", "README.md", "LICENSE.txt", "setup.py"])
def test_what_the_backend_needs_is_in_the_package_whatever_it_is(path: str) -> None:
    assert layout_of(path, needed=(path,)).files[f"src/acme/{path}"] == path


def test_a_folder_that_is_needed_is_there_with_all_that_is_in_it() -> None:
    assert layout_of("tests/a.json", "tests/b/c.json", "testsuite_test.py", needed=("tests/",)).files == {
        "src/acme/tests/a.json": "tests/a.json",
        "src/acme/tests/b/c.json": "tests/b/c.json",
    }


def test_the_init_of_a_folder_that_is_a_package_counts() -> None:
    assert layout_of("__init__.py", init=True).files == {"src/acme/__init__.py": "__init__.py"}


@pytest.mark.parametrize(
    ("paths", "module"),
    [
        (["inference.py"], "plugin"),
        (["plugin.py"], "packflow_plugin"),
        (["plugin/a.json"], "packflow_plugin"),
        (["plugin.py", "packflow_plugin.py"], "plugin_packflow_plugin_1"),
    ],
)
def test_the_new_module_is_called_like_none_of_the_projects(paths: list[str], module: str) -> None:
    assert layout_of(*paths).module == module
