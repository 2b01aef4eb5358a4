"""What a new project consists of, whatever its name, its texts and its template are."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from packflow import PackflowProject, __version__, plugin
from packflow.exceptions import BlockedPluginError, PluginLoadError, ScaffoldError, UnknownPluginError
from packflow.plugin import PluginLock
from packflow.project.creation import plan_project
from packflow.project.templates import MinimalTemplate, ProjectTemplate
from packflow.scaffold.plugins import LICENSES
from packflow.scaffold.writing import write_tree
from packflow.testing import PluginEnvironment
from tests.support.distributions import add_distribution

LINES = st.text(st.characters(codec="utf-8").filter(str.isprintable), min_size=1).filter(str.strip)
NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True).filter(
    lambda name: not name.lower().startswith(("aux", "com", "con", "lpt", "nul", "prn"))  # some are Windows' devices
)
WANTED = {
    *("packflow.yaml", "requirements.txt", "inference.py", "samples.jsonl", "test_inference.py"),
    *("MODEL_CARD.md", "README.md", "LICENSE.txt", ".gitignore"),
}


def made(folder: Path, *arguments: Any, **options: Any) -> PackflowProject:
    write_tree(plan_project(*arguments, **options).files, folder)
    return PackflowProject(folder)


def test_a_project_has_all_that_a_project_needs() -> None:
    new = plan_project("prices")
    assert set(new.files) == WANTED
    assert (new.name, new.template, new.steps) == ("prices", "minimal", ())
    for path, text in new.files.items():
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        if path.endswith(".py"):
            ast.parse(text)


@settings(max_examples=40)  # files are written
@given(NAMES, st.lists(LINES).map("\n".join), st.lists(LINES, max_size=3))
@example("yes", "# no: 'comment' \"quoted\" {a} %name %% 100%", ["null"])
@example("1.0", "first\n- second\n\n```\nthird", ["- Ada: <ada@example.org> # first", "O'Neil \\"])
@example("null", "", [])
@example("0x10", "true", ["yes", "~"])
def test_names_and_texts_come_through(
    tmp_path_factory: pytest.TempPathFactory, name: str, description: str, maintainers: list[str]
) -> None:
    project = made(tmp_path_factory.mktemp("projects"), name, description=description, maintainers=maintainers)
    config = project.config
    assert (config.name, config.version, config.loader) == (name, "0.1.0", "local")
    assert config.description == description.strip()
    assert config.maintainers == [each.strip() for each in maintainers]
    assert (project.path / "README.md").read_text(encoding="utf-8").startswith(f"# {name}\n")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "cannot be the name of a project"),
        ("../x", "--directory"),
        ("/etc", "--directory"),
        ("a\\b", "--directory"),
        (".", "cannot be"),
        ("..", "cannot be"),
        (".hidden", "Take 'hidden'"),
        ("a b", "Take 'a-b'"),
        ("größe", "Take 'groe'"),
        ("日本", "cannot be"),
        ("a\nb", "Take 'a-b'"),
        ("a'b\"c", "Take 'a-b-c'"),
        ("-rf", "Take 'rf'"),
        ("%s", "Take 's'"),
        ("a\x1b[2J", "'a\\x1b[2J'"),
        ("a\udcff", "cannot be"),
        ("con", "a device on Windows"),
        ("NUL.tar", "a device on Windows"),
        ("a" * 101, "has 101 characters, and may have 100"),
        ("a" * 100_000, "has 100000 characters"),
    ],
)
def test_what_cannot_be_a_name_is_refused(name: str, told: str) -> None:
    with pytest.raises(ScaffoldError) as caught:
        plan_project(name)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500 or "\n" in name


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("description", "a\x00b"),
        ("description", "\x1b[2J"),
        ("description", "a\udcff"),
        ("description", "a\u2028b"),
        ("maintainers", [""]),
        ("maintainers", ["Ada\nGrace"]),
        ("python_version", "three"),
        ("license", "WTFPL"),
    ],
)
def test_texts_that_cannot_be_used_are_refused(option: str, value: Any) -> None:
    with pytest.raises(ScaffoldError):
        plan_project("prices", **{option: value})


@pytest.mark.parametrize("licence", LICENSES)
def test_the_first_maintainer_holds_the_copyright(licence: str) -> None:
    new = plan_project("prices", license=licence, maintainers=["Ada <ada@example.org>", "Grace"])
    text = new.files["LICENSE.txt"]
    assert ("Copyright (c) Ada\n" in text) == (licence != "Apache-2.0")
    assert ("All rights reserved. No part" in text) == (licence == "proprietary")


def test_without_maintainers_the_team_holds_it() -> None:
    assert "Copyright (c) The prices team\n" in plan_project("prices").files["LICENSE.txt"]


def test_this_packflow_and_this_python_are_the_oldest_that_are_asked_for(tmp_path: Path) -> None:
    new = plan_project("prices")
    (ours,) = (Requirement(line) for line in new.files["requirements.txt"].splitlines() if not line.startswith("#"))
    major = Version(__version__).major
    assert __version__ in ours.specifier
    assert f"{major + 1}.0" not in ours.specifier
    write_tree(new.files, tmp_path)
    assert PackflowProject(tmp_path).config.python_version == f">={sys.version_info.major}.{sys.version_info.minor}"


def test_the_python_that_is_asked_for_is_written_as_it_was_said(tmp_path: Path) -> None:
    new = plan_project("prices", python_version="3.10")
    assert 'python_version: "3.10"' in new.files["packflow.yaml"]
    write_tree(new.files, tmp_path)
    assert PackflowProject(tmp_path).config.python_version == "==3.10.*"


def test_it_runs_as_it_is_made(tmp_path: Path) -> None:
    project = made(tmp_path, "prices")
    with project.load(verbose=False) as backend:
        outputs = backend.validate(project.samples())
    assert [row["positive"] for row in outputs] == [False, True, True]


# Templates ------------------------------------------------------------------------------------------------------------


class Prices(ProjectTemplate):
    steps = ("python train.py",)

    def files(self) -> dict[str, str]:
        return {**MinimalTemplate().files(), "train.py.tmpl": "# %name: 100%%\n", "README.md.tmpl": "%steps"}


def test_a_template_may_add_files_and_replace_others(packflow_plugins: PluginEnvironment) -> None:
    packflow_plugins.register("template", "prices", Prices)
    new = plan_project("x", "prices")
    assert set(new.files) == {*WANTED, "train.py"}
    assert new.files["train.py"] == "# x: 100%\n"
    assert new.files["README.md"] == "    python train.py\n"
    assert new.steps == ("python train.py",)
    assert plan_project("y").files["README.md"].startswith("# y\n")


def test_an_instance_will_do(packflow_plugins: PluginEnvironment) -> None:
    packflow_plugins.register("template", "prices", Prices())
    assert "train.py" in plan_project("x", "prices").files


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"inference.py.tmpl": ""}, "no samples.jsonl.tmpl"),
        ({}, "no inference.py.tmpl and no samples.jsonl.tmpl"),
        ({"../x.tmpl": ""}, "no path inside the new folder"),
        ({"/etc/passwd.tmpl": ""}, "no path inside the new folder"),
        ({"a.tmpl": "%unknown"}, "the unknown placeholder 'unknown'"),
        ({"a.tmpl": "50 % of"}, "begins no placeholder"),
        ({"a.txt": ""}, "ends neither in"),
        (None, "NoneType"),
        (ZeroDivisionError("of mine"), "of mine"),
    ],
)
def test_a_wrong_template_is_named_with_what_is_wrong(
    packflow_plugins: PluginEnvironment, files: Any, told: str
) -> None:
    class Wrong(ProjectTemplate):
        def files(self) -> dict[str, str]:
            if isinstance(files, Exception):
                raise files
            return files

    packflow_plugins.register("template", "wrong", Wrong)
    with pytest.raises(ScaffoldError) as caught:
        plan_project("x", "wrong")
    assert str(caught.value).startswith("The template 'wrong' is wrong: ")
    assert told in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_template_without_its_folder_says_where_it_belongs() -> None:
    class Lost(ProjectTemplate):
        folder = "nowhere"

    with pytest.raises(ScaffoldError, match=r"no folder 'nowhere' beside its module"):
        Lost().files()


SITE = """
from packflow.project.templates import ProjectTemplate

class Template(ProjectTemplate):
    folder = "files"
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installed distribution with two templates, one of which cannot be imported."""
    plugins = {"template": {"acme-prices": "acme_t:Template", "acme-broken": "acme_b:Template", "odd": "acme_o:odd"}}
    modules = {
        "acme_t/__init__.py": SITE,
        "acme_t/files/inference.py.tmpl": "# The backend of %name.\n",
        "acme_t/files/samples.jsonl.tmpl": "{}\n",
        "acme_t/files/__pycache__/x.pyc": "",
        "acme_b.py": "raise RuntimeError('imported')",
        "acme_o.py": "odd = 3",
    }
    add_distribution(tmp_path, "acme-templates", "1.2", plugins, modules)
    monkeypatch.syspath_prepend(tmp_path)
    plugin.refresh()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[name]
    plugin.configure(deny=None, lock=None)
    monkeypatch.undo()
    plugin.refresh()


def test_an_installed_template_is_listed_and_imported_when_it_is_asked_for(site: Path) -> None:
    listed = {(record.name, record.state) for record in plugin.plugins("template") if record.distribution != "packflow"}
    assert listed >= {("acme-prices", "ready"), ("acme-broken", "ready")}
    assert not {"acme_t", "acme_b"} & set(sys.modules)
    assert plan_project("x", "acme-prices").files["inference.py"] == "# The backend of x.\n"
    assert plan_project("x", "acme-templates/acme-prices").files["samples.jsonl"] == "{}\n"
    assert "acme_b" not in sys.modules


def test_a_template_that_is_denied_or_not_locked_is_not_imported(site: Path) -> None:
    plugin.configure(deny=["acme-templates"])
    with pytest.raises(BlockedPluginError, match="acme-templates"):
        plan_project("x", "acme-prices")
    plugin.configure(deny=None, lock=PluginLock())
    with pytest.raises(BlockedPluginError, match="lock"):
        plan_project("x", "acme-prices")
    assert "acme_t" not in sys.modules


def test_a_template_that_cannot_be_loaded_is_a_plugin_that_cannot_be(site: Path) -> None:
    with pytest.raises(PluginLoadError, match="RuntimeError: imported"):
        plan_project("x", "acme-broken")
    with pytest.raises(PluginLoadError, match="a subclass or an instance of ProjectTemplate"):
        plan_project("x", "odd")


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("minimall", "Did you mean 'minimal'?"),
        ("sklaern", "Did you mean 'sklearn' (pip install packflow-sklearn)?"),
        ("onnx", "It comes with packflow-onnx: pip install packflow-onnx."),
        ("zzzz", "Available: minimal."),
    ],
)
def test_a_template_that_is_not_there_is_met_with_near_ones(
    packflow_plugins: PluginEnvironment, template: str, told: str
) -> None:
    with pytest.raises(UnknownPluginError) as caught:
        plan_project("x", template)
    assert told in str(caught.value)
