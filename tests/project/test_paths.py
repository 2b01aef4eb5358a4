"""Which settings are paths, and how they are placed in the project's folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NewType, Optional, Union

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, DirectoryPath, Field, FilePath, NewPath, RootModel
from typing_extensions import NotRequired, TypeAliasType, TypedDict

from packflow import BackendConfig
from packflow.project.paths import placed_in

# As people on older Pythons write it, and what an editor would make of it, are two types at run time.
OptionalPath, UnionPath = Optional[Path], Union[None, FilePath]  # noqa: UP007, UP045
HOME = Path("/home/of/project")
HERE = str(HOME / "a.onnx")
Weights = NewType("Weights", Path)
Alias = TypeAliasType("Alias", OptionalPath)


def placed(kind, value, **field):
    """Place the value of a field of a type, by its name."""
    model = type("Model", (BackendConfig,), {"__annotations__": {"value": kind}, "value": Field(**field)})
    return placed_in(HOME, {"value": value}, model)["value"]


PATHS = [
    Path,
    PurePosixPath,
    FilePath,
    DirectoryPath,
    NewPath,
    OptionalPath,
    Path | None,
    UnionPath,
    Annotated[Path, "the model"],
    Annotated[OptionalPath, Field(description="x")],
    Annotated[Path, BeforeValidator(str)],
    Weights,
    Alias,
    int | Path,
    Path | list[Path],
    Path | dict[str, Path],
    Literal["auto"] | Path,
    RootModel[Path],
    Annotated[str, Field(json_schema_extra={"format": "path"})],
    Annotated[str, Field(json_schema_extra={"format": "file-path"})] | None,
]


@pytest.mark.parametrize("kind", PATHS, ids=str)
def test_types_of_paths(kind):
    assert placed(kind, "a.onnx") == HERE


@pytest.mark.parametrize(
    "kind",
    [str, str | None, Any, Path | str, str | Path, Annotated[str, "path"], int, BaseModel, dict, list, None, bytes],
    ids=str,
)
def test_types_of_what_is_no_path(kind):
    assert placed(kind, "a.onnx") == "a.onnx"


@pytest.mark.parametrize("written", ["path", "file-path", "directory-path"])
def test_a_text_whose_schema_says_that_it_is_a_path(written):
    assert placed(str, "a.onnx", json_schema_extra={"format": written}) == HERE
    assert placed(str | None, "a.onnx", json_schema_extra={"format": written}) == HERE


def test_a_text_whose_schema_says_something_else():
    assert placed(str, "a.onnx", json_schema_extra={"format": "uri"}) == "a.onnx"
    assert placed(str, "a.onnx", json_schema_extra=lambda schema: None) == "a.onnx"


@pytest.mark.parametrize(
    "value", ["/models/a.onnx", "~/a.onnx", "~me/a.onnx", "file:///a", "s3://bucket/a", "models:/a/1"]
)
def test_what_is_not_relative(value):
    assert placed(Path, value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("models/a.onnx", "models/a.onnx"),
        ("./a.onnx", "a.onnx"),
        ("../a.onnx", "../a.onnx"),
        ("a b.onnx", "a b.onnx"),
        ("x:y.onnx", "x:y.onnx"),
        (".", "."),
    ],
)
def test_what_is_relative(value, expected):
    assert Path(placed(Path, value)) == HOME / expected


@pytest.mark.parametrize("value", [None, 1, 1.5, True, ["a"], {"a": "b"}])
def test_values_that_are_no_texts_are_left_to_the_model(value):
    assert placed(Path, value) == value


def test_a_word_that_the_type_names_is_no_path():
    assert placed(Literal["auto"] | Path, "auto") == "auto"


@pytest.mark.parametrize(
    "kind",
    [list[Path], list[Path] | None, set[FilePath], tuple[Path, ...], Sequence[OptionalPath], list[Path] | Path],
    ids=str,
)
def test_lists_of_paths(kind):
    assert placed(kind, ["a.onnx", "/b", None]) == [HERE, "/b", None]


def test_tuples_of_different_types():
    assert placed(tuple[str, Path], ["a.onnx", "a.onnx"]) == ["a.onnx", HERE]


@pytest.mark.parametrize("kind", [list[str], list, tuple, Sequence[Any], tuple[()]], ids=str)
def test_lists_of_what_is_no_path(kind):
    assert placed(kind, ["a.onnx"]) == ["a.onnx"]


def test_mappings():
    assert placed(dict[str, Path], {"a.onnx": "a.onnx"}) == {"a.onnx": HERE}
    assert placed(dict[str, dict[str, list[Path]]], {"x": {"y": ["a.onnx"]}}) == {"x": {"y": [HERE]}}
    assert placed(dict[Path, str], {"a.onnx": "a.onnx"}) == {"a.onnx": "a.onnx"}


class Inner(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    file: Path = Field(alias="modelFile")
    name: str = ""
    more: list[Inner] = []


@dataclass
class Data:
    file: Path
    name: str = ""


class Typed(TypedDict):
    file: NotRequired[Path]
    name: str


@pytest.mark.parametrize("kind", [Inner, Data, Typed, Inner | None, Annotated[Data, "x"], Inner | Data], ids=str)
def test_types_with_members(kind):
    given = {"file": "a.onnx", "name": "a.onnx"}

    assert placed(kind, given) == {"file": HERE, "name": "a.onnx"}
    assert given == {"file": "a.onnx", "name": "a.onnx"}


def test_members_by_their_other_names_and_of_their_own_type():
    given = {"modelFile": "a.onnx", "more": [{"file": "a.onnx", "more": [{"file": "/b"}]}]}

    assert placed(Inner, given) == {"modelFile": HERE, "more": [{"file": HERE, "more": [{"file": "/b"}]}]}


class Local(BaseModel):
    kind: Literal["local"]
    at: Path


class Remote(BaseModel):
    kind: Literal["remote"]
    at: str


@pytest.mark.parametrize("kind", [Local | Remote, Annotated[Remote | Local, Field(discriminator="kind")]], ids=str)
def test_of_several_models_the_one_that_is_meant(kind):
    assert placed(kind, {"kind": "local", "at": "a.onnx"}) == {"kind": "local", "at": HERE}
    assert placed(kind, {"kind": "remote", "at": "a.onnx"}) == {"kind": "remote", "at": "a.onnx"}


def test_unknown_settings_are_left_to_the_model():
    assert placed_in(HOME, {"other": "a.onnx"}, BackendConfig) == {"other": "a.onnx"}
    assert placed(Inner, {"file": "a.onnx", "other": "x"}) == {"file": "a.onnx", "other": "x"}


def test_settings_by_an_alias():
    class Config(BackendConfig):
        model_path: Path = Field(alias="modelPath")

    assert placed_in(HOME, {"modelPath": "a.onnx"}, Config) == {"modelPath": HERE}


def test_a_dataclass_whose_annotations_cannot_be_evaluated():
    namespace = {"Path": Path}
    exec("class Odd:\n    __annotations__ = {'file': 'Missing[Path]'}\n    __total__ = True", namespace)

    assert placed(dict[str, Any], {"file": "a.onnx"}) == {"file": "a.onnx"}
    assert placed_in(HOME, {"a": {"file": "b"}}, type("M", (), {"__annotations__": {"a": namespace["Odd"]}})) == {
        "a": {"file": "b"}
    }


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement came with Python 3.12")
def test_the_type_statement():
    namespace = {"Path": Path}
    exec("type Models = list[Path] | Path\ntype Tree = dict[str, Tree] | Path", namespace)

    assert placed(namespace["Models"], ["a.onnx"]) == [HERE]
    assert placed(namespace["Tree"], {"x": {"y": "a.onnx"}}) == {"x": {"y": HERE}}
