"""Where a configuration comes from: model defaults, keyword arguments, the file; and files that cannot be used."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from packflow import BackendConfig
from packflow.exceptions import InferenceBackendInitializationError
from tests.support.backends import Echo
from tests.support.logs import Captured

VARIABLE = "BACKEND_CONFIG_FILE_PATH"


class Server(BaseModel):
    """A nested model."""

    host: str = "class default"
    port: int = 1
    tags: list[str] = ["class"]


class FileConfig(BackendConfig):
    """Fields of every shape that merges."""

    tree: dict[str, Any] = Field(default={"a": {"x": 1, "y": 2}, "items": [1, 2], "kept": True})
    server: Server = Server(host="field default", port=2, tags=["field"])
    limit: int | None = 5
    empty: dict[str, Any] = Field(default={})


class Configured(Echo):
    """Takes those fields."""

    base_config_model = FileConfig


class ConfigFile:
    """A configuration file that the environment names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def holds(self, text: str) -> ConfigFile:
        self.path.write_text(text, encoding="utf-8")
        return self

    def configs(self, configs: Any) -> ConfigFile:
        return self.holds(json.dumps({"configs": configs}))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConfigFile:
    path = tmp_path / "named config.json"
    monkeypatch.setenv(VARIABLE, str(path))
    return ConfigFile(path)


def refusal(**given: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        Configured(verbose=False, **given)
    return str(caught.value)


# The order ----------------------------------------------------------------------------------------------------------


def test_defaults_yield_to_keywords_and_keywords_to_the_file(file: ConfigFile) -> None:
    file.configs({"nested_field_delimiter": "/"})
    config = Configured(nested_field_delimiter=":", flatten_lists=True, verbose=False).config
    assert config.nested_field_delimiter == "/"
    assert config.flatten_lists is True
    assert config.flatten_nested_inputs is False


def test_without_the_variable_there_is_no_file(monkeypatch: pytest.MonkeyPatch, file: ConfigFile) -> None:
    file.configs({"limit": 1})
    assert Configured(verbose=False).config.limit == 1
    monkeypatch.delenv(VARIABLE)
    assert Configured(verbose=False).config.limit == 5


def test_the_file_is_read_for_each_backend(file: ConfigFile) -> None:
    limits = []
    for limit in (1, 2):
        file.configs({"limit": limit})
        limits.append(Configured(verbose=False).config.limit)
    assert limits == [1, 2]


def test_objects_merge_and_all_else_is_replaced(file: ConfigFile) -> None:
    file.configs({"tree": {"a": {"y": 30}, "items": [9]}, "feature_names": ["c"], "rename_fields": {"p": "q"}})
    config = Configured(
        tree={"a": {"x": 10, "z": 4}, "more": 1},
        feature_names=["a", "b"],
        rename_fields={"m": "n"},
        verbose=False,
    ).config
    assert config.tree == {"a": {"x": 10, "y": 30, "z": 4}, "items": [9], "kept": True, "more": 1}
    assert config.feature_names == ["c"]
    assert config.rename_fields == {"m": "n", "p": "q"}


def test_objects_merge_into_a_models_default(file: ConfigFile) -> None:
    file.configs({"server": {"tags": ["file"]}})
    expected = Server(host="field default", port=3, tags=["file"])
    assert Configured(server={"port": 3}, verbose=False).config.server == expected
    assert Configured(server=Server(host="field default", port=3), verbose=False).config.server == expected


@pytest.mark.parametrize(
    ("under", "over", "result"),
    [
        ({"k": {"a": 1}}, {"k": 2}, 2),
        ({"k": 2}, {"k": {"a": 1}}, {"a": 1}),
        ({"k": [1, 2, 3]}, {"k": [4]}, [4]),
        ({"k": [{"a": 1}]}, {"k": [{"b": 2}]}, [{"b": 2}]),
        ({"k": {"a": 1}}, {"k": {}}, {"a": 1}),
        ({"k": {"a": 1}}, {"k": None}, None),
        ({"k": 1}, {"k": False}, False),
        ({"k": "text"}, {"k": ""}, ""),
        ({"k": {"a": {"b": {"c": 1}}}}, {"k": {"a": {"b": {"d": 2}}}}, {"a": {"b": {"c": 1, "d": 2}}}),
    ],
)
def test_merging_one_thing_with_another(file: ConfigFile, under: Any, over: Any, result: Any) -> None:
    file.configs({"empty": over})
    assert Configured(empty=under, verbose=False).config.empty == {"k": result}


def test_null_in_the_file_is_a_value(file: ConfigFile) -> None:
    file.configs({"limit": None})
    assert Configured(limit=7, verbose=False).config.limit is None


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)


def leaves(tree: Any, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Give the place of everything that is no object with something in it."""
    if isinstance(tree, dict) and tree:
        return {place: leaf for key, item in tree.items() for place, leaf in leaves(item, (*at, key)).items()}
    return {at: tree}


@given(keywords=OBJECTS, in_file=OBJECTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_merging_keeps(file: ConfigFile, keywords: dict[str, Any], in_file: dict[str, Any]) -> None:
    before = deepcopy(keywords)
    file.configs({"empty": in_file})
    merged = Configured(empty=keywords, verbose=False).config.empty
    assert keywords == before
    found = leaves(merged)
    for place, leaf in leaves(in_file).items():
        if leaf != {}:  # an empty object takes nothing away
            assert found[place] == leaf
    for place, leaf in leaves(keywords).items():
        hidden = any(len(over) <= len(place) and place[: len(over)] == over for over in leaves(in_file) if over)
        extended = any(len(over) > len(place) and over[: len(place)] == place for over in leaves(in_file))
        if place and not hidden and not extended:
            assert found[place] == leaf
    known = {*leaves(in_file), *leaves(keywords)}
    assert all(place in known for place in found)


# What stays as it was -----------------------------------------------------------------------------------------------


def test_the_callers_objects_are_not_touched(file: ConfigFile) -> None:
    file.configs({"tree": {"a": {"x": 100}}, "rename_fields": {"p": "q"}, "server": {"port": 100}})
    tree, renames, server = {"a": {"x": 10}, "l": [{}]}, {"m": "n"}, Server(port=3)
    config = Configured(tree=tree, rename_fields=renames, server=server, verbose=False).config
    assert config.tree["a"]["x"] == config.server.port == 100
    assert (tree, renames, server) == ({"a": {"x": 10}, "l": [{}]}, {"m": "n"}, Server(port=3))
    config.tree["a"]["new"] = 1
    config.rename_fields["new"] = "new"
    assert (tree, renames) == ({"a": {"x": 10}, "l": [{}]}, {"m": "n"})


def test_the_configurations_dicts_are_its_own() -> None:
    tree = {"new": {"x": {"y": 1}}}
    config = Configured(tree=tree, empty=tree, verbose=False).config
    config.tree["new"]["x"]["y"] = 2
    config.empty["new"]["x"]["y"] = 3
    assert tree == {"new": {"x": {"y": 1}}}
    assert config.tree["new"]["x"]["y"] == 2


def test_the_defaults_are_not_touched(file: ConfigFile) -> None:
    file.configs({"tree": {"a": {"x": 100}}, "server": {"port": 100}, "empty": {"new": 1}})
    Configured(tree={"a": {"z": 1}}, verbose=False).config.tree["a"]["late"] = 1
    file.configs({})
    config = Configured(verbose=False).config
    assert config.tree == {"a": {"x": 1, "y": 2}, "items": [1, 2], "kept": True}
    assert config.server == Server(host="field default", port=2, tags=["field"])
    assert config.empty == {}


# Files that can and cannot be used ----------------------------------------------------------------------------------


def test_a_missing_file_stops_construction(file: ConfigFile) -> None:
    text = refusal()
    assert str(file.path) in text
    assert VARIABLE in text


def test_a_folder_stops_construction(file: ConfigFile) -> None:
    file.path.mkdir()
    assert str(file.path) in refusal()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_stops_construction(file: ConfigFile) -> None:
    file.configs({}).path.chmod(0)
    assert str(file.path) in refusal()


def test_a_file_below_a_file_stops_construction(file: ConfigFile, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(file.configs({}).path / "config.json")
    monkeypatch.setenv(VARIABLE, path)
    assert path in refusal()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        '{"configs": {}',
        "{'configs': {}}",
        '{"configs": {},}',
        '{"configs": {}} extra',
        "configs: {}",
        "[]",
        '[{"configs": {}}]',
        '"configs"',
        "3",
        "null",
        "true",
        '{"configs": []}',
        '{"configs": "verbose"}',
        '{"configs": null}',
        '{"configs": 3}',
        '{"configs": {"limit": 1}, "configs": {"limit": 2}}',
        '{"configs": {"limit": 1, "limit": 2}}',
        '{"configs": {"tree": {"a": {"b": 1, "b": 1}}}}',
        '{"configs": {"limit": NaN}}',
        '{"configs": {"limit": Infinity}}',
        '{"configs": {"limit": -Infinity}}',
        '{"configs": {"empty": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}}",
        '{"configs": {"limit": ' + "9" * 5000 + "}}",
    ],
    ids=lambda text: text[:30] or "empty",
)
def test_a_malformed_file_stops_construction(file: ConfigFile, text: str) -> None:
    file.holds(text)
    assert str(file.path) in refusal()


@pytest.mark.parametrize(
    "content", [b'{"configs": {"limit": "\xff"}}', '{"configs": {}}'.encode("utf-16"), b"\x00\x01"]
)
def test_a_file_that_is_no_text_stops_construction(file: ConfigFile, content: bytes) -> None:
    file.path.write_bytes(content)
    assert str(file.path) in refusal()


def test_the_cause_is_chained(file: ConfigFile) -> None:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        Configured(verbose=False)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    file.holds("{")
    with pytest.raises(InferenceBackendInitializationError, match="line 1") as caught:
        Configured(verbose=False)
    assert isinstance(caught.value.__cause__, json.JSONDecodeError)


def test_a_duplicate_key_is_named(file: ConfigFile) -> None:
    file.holds('{"configs": {"limit": 1, "limit": 2}}')
    assert "'limit'" in refusal()


def test_what_stands_in_place_of_the_settings_is_named(file: ConfigFile) -> None:
    file.holds('{"configs": [1]}')
    text = refusal()
    assert "'configs'" in text
    assert "list" in text.lower() or "array" in text.lower()


@pytest.mark.parametrize("text", ["{}", '{"limit": 1}', '{"config": {"limit": 1}}'])
def test_a_file_without_settings_is_ignored_with_a_warning(file: ConfigFile, text: str, logs: Captured) -> None:
    file.holds(text)
    assert Configured(verbose=False).config.limit == 5
    (warning,) = logs.texts("WARNING")
    assert str(file.path) in warning
    assert "'configs'" in warning


def test_a_file_with_settings_is_not_warned_of(file: ConfigFile, logs: Captured) -> None:
    file.holds('{"configs": {}, "about": "a note"}')
    Configured(verbose=False)
    assert logs.texts("WARNING") == []


def test_a_byte_order_mark_and_other_alphabets_are_read(file: ConfigFile) -> None:
    file.path.write_bytes('{"configs": {"feature_names": ["größe", "数"]}}'.encode("utf-8-sig"))
    assert Configured(verbose=False).config.feature_names == ["größe", "数"]


def test_unknown_keys_in_the_file_are_refused_with_the_nearest(file: ConfigFile) -> None:
    file.configs({"feature_name": ["a"]})
    text = refusal()
    assert "'feature_name'" in text
    assert "'feature_names'" in text


def test_wrong_kinds_in_the_file_are_refused(file: ConfigFile) -> None:
    file.configs({"limit": "many"})
    assert "limit" in refusal()
    assert "limit" in refusal(limit=3)


def test_the_file_may_put_right_what_keywords_got_wrong(file: ConfigFile) -> None:
    file.configs({"limit": 3})
    assert Configured(limit="many", verbose=False).config.limit == 3


def test_the_merged_configuration_is_what_is_logged(file: ConfigFile, logs: Captured) -> None:
    file.configs({"limit": 3})
    Configured(limit=1, flatten_lists=True, verbose=False)
    (raw,) = [text for text in logs.texts("DEBUG") if text.startswith("Loaded raw configuration: ")]
    assert raw == "Loaded raw configuration: {'limit': 3, 'flatten_lists': True, 'verbose': False}"
