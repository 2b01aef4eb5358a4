"""The configuration's fields: which are there, what each refuses, how a backend extends them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, Field, field_validator, model_validator

from packflow import BackendConfig, InferenceBackend, plugin
from packflow.backend.configuration import InputFormats
from packflow.backend.preprocessors import Preprocessor, get_preprocessor, map_records
from packflow.exceptions import InferenceBackendInitializationError, PackflowError, UnknownPreprocessorError
from tests.support.backends import Echo
from tests.support.logs import Captured


def refusal(kind: type[InferenceBackend] = Echo, /, **settings: Any) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        kind(verbose=False, **settings)
    return str(caught.value)


# Extending ----------------------------------------------------------------------------------------------------------


class LimitConfig(BackendConfig):
    """A field of one's own, and a default changed."""

    limit: int = 3
    flatten_lists: bool = True


class OtherConfig(BackendConfig):
    """Another one."""

    other: str = "other"


NAMES = ["base_config_model", "backend_config_model"]


@pytest.mark.parametrize("name", NAMES)
def test_both_names_of_the_model_work(name: str) -> None:
    kind = type("Named", (Echo,), {name: LimitConfig})
    backend = kind(limit=4, verbose=False)
    assert type(backend.config) is LimitConfig
    assert (backend.config.limit, backend.config.flatten_lists) == (4, True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("read", NAMES)
def test_both_names_read_the_same(name: str, read: str) -> None:
    kind = type("Named", (Echo,), {name: LimitConfig})
    assert getattr(kind, read) is LimitConfig
    assert getattr(kind(verbose=False), read) is LimitConfig
    assert getattr(Echo, read) is BackendConfig


@pytest.mark.parametrize("parent", NAMES)
@pytest.mark.parametrize("child", NAMES)
def test_a_subclass_overrides_under_either_name(parent: str, child: str) -> None:
    first = type("First", (Echo,), {parent: LimitConfig})
    second = type("Second", (first,), {child: OtherConfig})
    inherits = type("Inherits", (first,), {})
    assert type(second(verbose=False).config) is OtherConfig
    assert type(inherits(verbose=False).config) is LimitConfig
    assert type(first(verbose=False).config) is LimitConfig


@pytest.mark.parametrize("name", NAMES)
def test_a_mixin_brings_the_model_under_either_name(name: str) -> None:
    mixin = type("Mixin", (), {name: LimitConfig})
    kind = type("Mixed", (mixin, Echo), {})
    assert type(kind(limit=4, verbose=False).config) is LimitConfig


@pytest.mark.parametrize("mixed", NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_the_class_itself_comes_before_its_mixins(name: str, mixed: str) -> None:
    mixin = type("Mixin", (), {mixed: LimitConfig})
    kind = type("Mixed", (mixin, Echo), {name: OtherConfig})
    behind = type("Behind", (type("Parent", (Echo,), {name: OtherConfig}), mixin), {})
    assert type(kind(verbose=False).config) is type(behind(verbose=False).config) is OtherConfig


def test_one_class_may_not_name_two_models() -> None:
    with pytest.raises(PackflowError, match=r"base_config_model.*backend_config_model"):
        type("Both", (Echo,), {"base_config_model": LimitConfig, "backend_config_model": OtherConfig})(verbose=False)
    same = type("Same", (Echo,), dict.fromkeys(NAMES, LimitConfig))
    assert type(same(verbose=False).config) is LimitConfig


@pytest.mark.parametrize("model", [dict, BaseModel, LimitConfig(), None, "LimitConfig"])
@pytest.mark.parametrize("name", NAMES)
def test_the_model_must_extend_the_base(model: Any, name: str) -> None:
    with pytest.raises(PackflowError, match="BackendConfig"):
        type("Wrong", (Echo,), {name: model})(verbose=False)


def test_validators_of_the_user_count() -> None:
    class Strict(BackendConfig):
        low: int = 0
        high: int = 1

        @field_validator("low")
        @classmethod
        def not_negative(cls, value: int) -> int:
            if value < 0:
                raise ValueError("low is below zero")
            return value

        @model_validator(mode="after")
        def ordered(self) -> Strict:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    kind = type("Ordered", (Echo,), {"base_config_model": Strict})
    assert "low is below zero" in refusal(kind, low=-1)
    assert "low is above high" in refusal(kind, low=5)
    assert kind(low=2, high=3, verbose=False).config.low == 2


def test_required_fields_are_named() -> None:
    class Needs(BackendConfig):
        model_path: str

    kind = type("Needy", (Echo,), {"base_config_model": Needs})
    assert "model_path" in refusal(kind)
    assert kind(model_path="weights.bin", verbose=False).config.model_path == "weights.bin"


def test_aliases_are_keys() -> None:
    class Aliased(BackendConfig):
        region: str = Field(default="eu", alias="awsRegion")

    kind = type("Aliases", (Echo,), {"base_config_model": Aliased})
    assert kind(awsRegion="us", verbose=False).config.region == "us"
    assert "'awsRegion'" in refusal(kind, awsregion="us")


def test_defaults_behind_aliases_and_factories_merge() -> None:
    class Trees(BackendConfig):
        aliased: dict[str, int] = Field(default={"a": 1, "b": 2}, alias="theTree")
        made: dict[str, int] = Field(default_factory=lambda: {"a": 1, "b": 2})
        limit: int = 3

    kind = type("Grows", (Echo,), {"base_config_model": Trees})
    config = kind(theTree={"a": 10}, made={"b": 20}, verbose=False).config
    assert (config.aliased, config.made) == ({"a": 10, "b": 2}, {"a": 1, "b": 20})
    assert (kind(verbose=False).config.aliased, kind(verbose=False).config.made) == ({"a": 1, "b": 2}, {"a": 1, "b": 2})


def test_a_default_made_from_other_fields_is_replaced() -> None:
    class Derived(BackendConfig):
        limit: int = 3
        tree: dict[str, int] = Field(default_factory=lambda fields: {"limit": fields["limit"]})

    kind = type("Derives", (Echo,), {"base_config_model": Derived})
    assert kind(limit=4, verbose=False).config.tree == {"limit": 4}
    assert kind(tree={"own": 1}, verbose=False).config.tree == {"own": 1}


def test_a_model_may_allow_other_keys() -> None:
    class Open(BackendConfig):
        model_config = {"extra": "allow"}

    kind = type("Opened", (Echo,), {"base_config_model": Open})
    assert kind(anything=1, verbose=False).config.anything == 1


# Unknown keys -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("feature_name", "feature_names"),
        ("features_names", "feature_names"),
        ("rename_field", "rename_fields"),
        ("verbos", "verbose"),
        ("inputformat", "input_format"),
        ("flatten_nested_input", "flatten_nested_inputs"),
        ("Flatten_Lists", "flatten_lists"),
        ("nested_delimiter", "nested_field_delimiter"),
        ("ignore_delimiter_collision", "ignore_delimiter_collisions"),
    ],
)
def test_unknown_keys_are_refused_with_the_nearest(key: str, nearest: str) -> None:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        Echo(**{key: True})
    text = str(caught.value)
    assert repr(key) in text
    assert f"mean {nearest!r}" in text


def test_every_unknown_key_is_named() -> None:
    text = refusal(feature_name=[], flatten_list=True)
    assert all(repr(key) in text for key in ("feature_name", "feature_names", "flatten_list", "flatten_lists"))


def test_own_fields_are_near_too() -> None:
    kind = type("Limited", (Echo,), {"base_config_model": LimitConfig})
    text = refusal(kind, limits=4)
    assert "'limits'" in text
    assert "'limit'" in text


def test_keys_far_from_any_get_the_list() -> None:
    text = refusal(zzzzzz=1)
    assert "'zzzzzz'" in text
    assert "feature_names" in text


# Wrong kinds, at construction ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nested_field_delimiter", ""),
        ("nested_field_delimiter", 3),
        ("nested_field_delimiter", None),
        ("nested_field_delimiter", ["."]),
        ("rename_fields", {"a": 3}),
        ("rename_fields", {"a": None}),
        ("rename_fields", {"a": ["b"]}),
        ("rename_fields", {"a": {"b": "c"}}),
        ("rename_fields", {3: "a"}),
        ("rename_fields", [("a", "b")]),
        ("rename_fields", "a"),
        ("rename_fields", {"a": "x", "b": "x"}),
        ("feature_names", "abc"),
        ("feature_names", [1]),
        ("feature_names", [None]),
        ("feature_names", {"a": 1}),
        ("feature_names", None),
        ("flatten_nested_inputs", "perhaps"),
        ("flatten_nested_inputs", None),
        ("flatten_lists", 7),
        ("ignore_delimiter_collisions", "perhaps"),
        ("input_format", 3),
        ("input_format", None),
        ("numpy_dtype", "float31"),
        ("numpy_dtype", "f8,("),
        ("numpy_dtype", "i4,,"),
        ("numpy_dtype", "f8,i4"),
        ("numpy_dtype", "3i4"),
        ("numpy_dtype", 3),
        ("numpy_dtype", ["f8"]),
        ("on_missing", "drop"),
    ],
)
@pytest.mark.parametrize("input_format", ["records", "passthrough"])
def test_wrong_kinds_are_refused_at_construction(field: str, value: Any, input_format: str) -> None:
    text = refusal(**{"input_format": input_format, field: value})
    assert field in text
    assert "Echo" in text


@pytest.mark.parametrize("value", [None, "perhaps", 7])
def test_verbose_is_a_flag(value: Any) -> None:
    with pytest.raises(InferenceBackendInitializationError, match="verbose"):
        Echo(verbose=value)


def test_two_sources_of_one_target_are_both_named() -> None:
    text = refusal(rename_fields={"a": "x", "b": "y", "c": "x"})
    assert all(repr(name) in text for name in ("a", "c", "x"))


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = refusal(feature_names="abc", nested_field_delimiter="")
    assert "feature_names" in text
    assert "nested_field_delimiter" in text


def deep(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for _ in range(levels):
        tree = {"a": tree}
    return tree


def round_and_round() -> dict[str, Any]:
    tree: dict[str, Any] = {"a": {}}
    tree["a"]["a"] = tree
    return tree


@pytest.mark.parametrize("tree", [deep(2_000), round_and_round()], ids=["deep", "circle"])
def test_settings_without_a_floor_are_refused(tree: dict[str, Any]) -> None:
    class Tree(BackendConfig):
        tree: dict[str, Any] = Field(default={})

    assert "too deeply" in refusal(type("Deep", (Echo,), {"base_config_model": Tree}), tree=tree)


# Input formats ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("passthrough", "<InputFormats.PASSTHROUGH: 'passthrough'>"),
        ("records", "<InputFormats.RECORDS: 'records'>"),
        ("numpy", "<InputFormats.NUMPY: 'numpy'>"),
        (InputFormats.NUMPY, "<InputFormats.NUMPY: 'numpy'>"),
    ],
)
def test_the_three_built_in_formats_print_as_an_enumeration(value: Any, shown: str) -> None:
    backend = Echo(input_format=value, feature_names=["a"], verbose=False)
    assert f"input_format={shown}, " in repr(backend)
    assert backend.config.input_format == value


class Upper(Preprocessor):
    """Turns texts to capitals."""

    def __call__(self, records: list[dict[str, Any]]) -> Any:
        return map_records(lambda record: {name: text.upper() for name, text in record.items()}, records)


def test_a_registered_preprocessor_is_named_like_the_built_in_ones(logs: Captured) -> None:
    with plugin.register("preprocessor", "upper-case", Upper):
        backend = Echo(input_format="upper-case", verbose=False)
        assert isinstance(get_preprocessor(backend.config), Upper)
        assert backend([{"a": "x"}, {"a": "y"}]) == [{"a": "X"}, {"a": "Y"}]
        assert "input_format='upper-case'" in repr(backend)
        with pytest.raises(PackflowError, match="row 1") as caught:
            backend([{"a": "x"}, {"a": 3}])
    assert "int" in str(caught.value)
    with pytest.raises(UnknownPreprocessorError):
        Echo(input_format="upper-case", verbose=False)


@pytest.mark.parametrize(
    ("name", "nearest"), [("record", "records"), ("numppy", "numpy"), ("pasthrough", "passthrough")]
)
def test_an_unknown_format_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownPreprocessorError) as caught:
        Echo(input_format=name, verbose=False)
    text = str(caught.value)
    assert repr(name) in text
    assert f"{nearest!r}" in text
    assert isinstance(caught.value, InferenceBackendInitializationError)


@pytest.mark.parametrize("name", ["", " ", "a b", "packflow/records/x", "os:system", "records\n"])
def test_odd_names_of_formats_are_refused(name: str) -> None:
    with pytest.raises(PackflowError, match=re.escape(repr(name))):
        Echo(input_format=name, verbose=False)


def test_the_numpy_format_needs_names_at_construction() -> None:
    assert "feature_names" in refusal(input_format="numpy")


# What is shown ------------------------------------------------------------------------------------------------------


def test_braces_in_a_setting_are_shown_as_they_are(logs: Captured) -> None:
    backend = Echo(feature_names=["{a}", "{0}", "<red>%s"], verbose=True)
    backend({"{a}": "{b}"})
    assert "feature_names=['{a}', '{0}', '<red>%s']" in logs.everything()


def test_own_fields_are_shown() -> None:
    kind = type("Limited", (Echo,), {"base_config_model": LimitConfig})
    assert re.fullmatch(
        r"Limited\[\n  LimitConfig\(verbose=False, .*, limit=4\)\n\]", repr(kind(limit=4, verbose=False))
    )


@pytest.mark.parametrize("dtype", [np.dtype("U5"), np.dtype(">f4"), np.float32, np.dtype("datetime64[s]")])
def test_a_dtype_given_as_an_object_is_kept_as_a_name_that_numpy_reads_back(dtype: Any) -> None:
    assert np.dtype(BackendConfig(numpy_dtype=dtype).numpy_dtype) == np.dtype(dtype)
