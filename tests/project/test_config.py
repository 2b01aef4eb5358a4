"""The fields of a ``packflow.yaml``: what each may be, and what is said of each that is wrong."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from packflow import PackflowProject
from packflow.exceptions import ProjectError
from packflow.project import ProjectConfig
from packflow.project.config_errors import EXAMPLES
from tests.support.packflow_yaml import BASE, refused, write_project

FIELDS = list(ProjectConfig.model_fields)
REQUIRED = [name for name, field in ProjectConfig.model_fields.items() if field.is_required()]


def config_of(folder, text):
    return PackflowProject(write_project(folder, text)).config


def with_field(field, written):
    """Give a packflow.yaml in which one field is written as told, in its last line or lines."""
    lines = [line for line in BASE.splitlines() if not line.startswith(f"{field}:")]
    return "\n".join([*lines, f"{field}: {written}", ""]), len(lines) + 1


def test_the_least_that_a_project_says(tmp_path):
    config = config_of(tmp_path, BASE)

    assert (config.name, config.version, config.inference_backend) == ("demo", "0.1.0", "inference:Backend")
    assert (config.description, config.maintainers, config.loader, config.python_version) == ("", [], "local", "")
    assert (config.env, config.backend_config, config.extra) == ({}, {}, {})


def test_a_file_as_projects_have_it_today(tmp_path):
    config = config_of(
        tmp_path,
        "# === METADATA ===\nname: demo\nversion: 0.1.0\ndescription: ''\nmaintainers: []\n\n"
        "# === RUNTIME ===\ninference_backend: inference:Backend\nloader: local\npython_version: 3.11.7\n",
    )

    assert (config.name, config.loader, config.python_version) == ("demo", "local", "~=3.11.7")


def test_what_is_written_as_text_is_what_it_looks_like(tmp_path):
    config = config_of(
        tmp_path,
        "name: 007\nversion: 1.0\ninference_backend: inference:Backend\ndescription: on\npython_version: 3.10\n"
        "maintainers: [no, 1e3, 2024-01-01, 0o17]\nenv: {A: yes, B: 010, C: 1_000, 'D': 12:30, E: 1.10}\n",
    )

    assert (config.name, config.version, config.description) == ("007", "1.0", "on")
    assert config.python_version == "==3.10.*"
    assert config.maintainers == ["no", "1e3", "2024-01-01", "0o17"]
    assert config.env == {"A": "yes", "B": "010", "C": "1_000", "D": "12:30", "E": "1.10"}


def test_settings_have_the_values_of_yaml(tmp_path):
    config = config_of(
        tmp_path, BASE + "backend_config: {a: 010, b: yes, c: [1.0, true, ~], d: 2024-01-01}\nextra: {on: 1e3}\n"
    )

    assert config.backend_config == {"a": 10, "b": "yes", "c": [1.0, True, None], "d": "2024-01-01"}
    assert config.extra == {"on": 1000.0}


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in REQUIRED])
@pytest.mark.parametrize("written", ["", "~", "null", "# later"])
def test_nothing_behind_the_colon_is_the_default(tmp_path, field, written):
    text, _ = with_field(field, written)

    assert getattr(config_of(tmp_path, text), field) == getattr(config_of(tmp_path, BASE), field)


# Every field, wrong in every way -------------------------------------------------------------------------------------

TEXT, LIST, MAPPING = "some text", "[a, b]", "{a: b}"
WRONG = [
    *((field, written) for field in REQUIRED for written in ("", "~", "''", "' '", LIST, MAPPING)),
    *(("description", written) for written in (LIST, MAPPING)),
    *(("maintainers", written) for written in (TEXT, "1", "true", MAPPING, "[[a]]", "[{name: a}]", "[~]", "['']")),
    *(("loader", written) for written in (LIST, MAPPING, TEXT, "1", "Local", "true", "''")),
    *(("python_version", written) for written in (LIST, MAPPING, TEXT, "^3.10", "3.10+", "yes", "[3.10]")),
    *(("env", written) for written in (TEXT, LIST, "1", "{A: }", "{A: [x]}", "{A: {b: c}}", "{1A: x}", "{a b: x}")),
    *((field, written) for field in ("backend_config", "extra") for written in (TEXT, LIST, "1", "true", "''")),
    *(("name", written) for written in ("a b", "../a", "a/b", "-a", "a-", ".a", "a\\b", "a:b", "ä", "a+b", "x" * 101)),
    *(("version", written) for written in ("1 0", "../1", "1/0", ".1", "1.", "1:0", "'*'", "1" * 101)),
    *(
        ("inference_backend", written)
        for written in (
            "inference",
            "inference.py",
            "'inference:'",
            "':Backend'",
            "a:b:c",
            "a b:C",
            "a:B C",
            "../a.py:B",
            "/a.py:B",
            "a/../../b.py:B",
            "'C:\\a.py:B'",
            "1",
            "3.10",
            "a-b:C",
        )
    ),
]


@pytest.mark.parametrize(("field", "written"), WRONG)
def test_a_field_that_is_wrong_is_named_with_its_line(tmp_path, field, written):
    text, line = with_field(field, written)

    error = refused(tmp_path, text)

    assert error.line == line
    assert error.field is not None
    assert error.field.split(".")[0] == field
    assert str(error).startswith(f"{error.file}, line {line}: {error.field} ")
    assert EXAMPLES[field] in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("field", REQUIRED)
def test_a_field_that_is_missing(tmp_path, field):
    error = refused(tmp_path, "".join(f"{line}\n" for line in BASE.splitlines() if not line.startswith(field)))

    assert (error.field, error.line) == (field, None)
    assert f"{field} is missing" in str(error)
    assert EXAMPLES[field] in str(error)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("discription: x", "description"),
        ("Version: 1", "version"),
        ("maintainer: [x]", "maintainers"),
        ("inference-backend: a:B", "inference_backend"),
        ("python: 3.10", "python_version"),
        ("config: {}", "backend_config"),
        ("environment: {}", None),
        ("12: x", None),
        ("'': x", None),
    ],
)
def test_a_field_that_is_unknown(tmp_path, written, meant):
    error = refused(tmp_path, f"{BASE}{written}\n")

    assert error.line == 4
    assert error.field == (written.split(":")[0].strip("'") or None)
    assert ("Did you mean" in str(error)) is (meant is not None)
    assert f"Did you mean {meant!r}?" in str(error) or meant is None
    assert all(name in str(error) for name in FIELDS)


def test_every_problem_is_told_in_the_order_of_the_lines(tmp_path):
    error = refused(tmp_path, "nmae: x\nversion: '1 0'\nloader: far\ninference_backend: a:B\n")

    told = str(error).splitlines()
    assert [line.partition(": ")[0].rpartition(", ")[2] for line in told[:3]] == ["line 1", "line 2", "line 3"]
    assert "name is missing" in told[3]
    assert (error.line, error.field) == (1, "nmae")


def test_the_line_is_that_of_the_part_that_is_wrong(tmp_path):
    error = refused(tmp_path, f"{BASE}maintainers:\n  - Ada\n  - [x]\nenv:\n  A: x\n  B: [y]\n")

    assert (error.line, error.field) == (6, "maintainers.1")
    assert "line 9: env.B is a list; text is expected." in str(error)


def test_what_is_wrong_is_shown_but_cut(tmp_path):
    text, _ = with_field("name", "'" + "a b" * 1000 + "'")

    assert "'a ba ba b" in str(refused(tmp_path, text))
    assert len(str(refused(tmp_path, text))) < 500


# Names, versions, loaders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "A", "7", "my-project", "my_project", "My.Project", "a--b", "x" * 100])
def test_names(tmp_path, name):
    assert config_of(tmp_path, with_field("name", name)[0]).name == name


@pytest.mark.parametrize("version", ["1", "1.0", "0.10", "v1", "latest", "1.0+local.1", "2024-01-01", "1e3", "1.0rc1"])
def test_versions(tmp_path, version):
    assert config_of(tmp_path, with_field("version", version)[0]).version == version


@pytest.mark.parametrize(
    "target",
    ["inference:Backend", "package.inference:Backend", "a:Outer.Inner", "src/inference.py:Backend", "inference.py:B"],
)
def test_targets_of_the_loader_local(tmp_path, target):
    assert config_of(tmp_path, with_field("inference_backend", target)[0]).inference_backend == target


@pytest.mark.parametrize("target", ["onnx", "acme-fast/onnx", "acme.models:Backend", "my.model", "007"])
def test_targets_of_the_loader_module(tmp_path, target):
    text = with_field("inference_backend", target)[0]

    assert config_of(tmp_path, f"loader: module\n{text}").inference_backend == target
    assert config_of(tmp_path, f"{text}loader: module\n").inference_backend == target


@pytest.mark.parametrize("target", ["a/b/c", "/onnx", "acme/", "a.py:B", "src/a:B", "a:b:c", "a b:C", "'a:'"])
def test_what_the_loader_module_cannot_mean(tmp_path, target):
    error = refused(tmp_path, f"loader: module\n{with_field('inference_backend', target)[0]}")

    assert error.field == "inference_backend"


@pytest.mark.parametrize("loader", ["local", "module"])
def test_a_target_that_no_file_system_could_hold(tmp_path, loader):
    error = refused(tmp_path, f"loader: {loader}\n{with_field('inference_backend', 'm' * 5000 + ':B')[0]}")

    assert error.field == "inference_backend"
    assert "5002 characters" in str(error)


def test_a_registered_name_needs_the_loader_module(tmp_path):
    error = refused(tmp_path, with_field("inference_backend", "onnx")[0])

    assert "`loader: module`" in str(error)


# The object ----------------------------------------------------------------------------------------------------------


def test_lines_of_fields(tmp_path):
    config = config_of(tmp_path, f"{BASE}backend_config:\n  a:\n    b: 1\n")

    assert config.line_of("version") == 2
    assert config.line_of("backend_config.a.b") == 6
    assert config.line_of("backend_config.a.b.c") == 6
    assert config.line_of("backend_config.other") == 4
    assert config.line_of("extra") is None
    assert config.field_lines["backend_config.a"] == 5


def test_it_can_be_made_without_a_file():
    config = ProjectConfig(name="a", version="1", inference_backend="inference:Backend", python_version="3.10")

    assert config.python_version == "==3.10.*"
    assert config.line_of("name") is None


def test_without_a_file_it_is_refused_by_the_same_error():
    with pytest.raises(ProjectError) as caught:
        ProjectConfig(name="a b", version="1", inference_backend="inference:Backend", env={"A": 1})

    assert (caught.value.file, caught.value.line, caught.value.field) == (None, None, "name")
    assert "env.A is a value of another kind; text is expected." in str(caught.value)


def test_it_does_not_change(tmp_path):
    config = config_of(tmp_path, BASE)

    with pytest.raises(ValueError, match="frozen"):
        config.name = "other"


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))])
def test_copies_are_the_same_and_know_the_lines(tmp_path, twin):
    config = config_of(tmp_path, f"{BASE}env: {{A: x}}\n")

    made = twin(config)

    assert made == config
    assert made.line_of("env.A") == 4
    assert dict(made.env) == {"A": "x"}
    assert "x" not in repr(made.env)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(TEXTS, st.lists(TEXTS.filter(str.strip)), st.dictionaries(st.from_regex("[A-Z_]{1,5}", fullmatch=True), TEXTS))
def test_what_other_programs_write_is_read(tmp_path_factory, description, maintainers, env):
    written = {"name": "007", "version": "1.0", "inference_backend": "a:B", "description": description}
    written |= {"maintainers": maintainers, "env": env}
    folder = tmp_path_factory.mktemp("project")

    for text in (json.dumps(written).replace("\x7f", "\\u007f"), yaml.safe_dump(written)):
        config = config_of(folder, text)

        assert (config.name, config.version, config.description) == ("007", "1.0", description)
        assert config.maintainers == maintainers
        assert config.env == env


@given(st.text("aZ0.-_+/\\: \n\0é", min_size=1, max_size=8))
def test_any_name_is_a_file_s_or_is_refused(name):
    try:
        config = ProjectConfig(name=name, version="1", inference_backend="inference:Backend")
    except ProjectError:
        return
    assert config.name.isascii()
    assert not set(config.name) & set("/\\: \n\0")
    assert config.name[0].isalnum()
