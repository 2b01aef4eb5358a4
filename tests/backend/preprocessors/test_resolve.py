"""How a configuration becomes a preprocessor, and what a custom one can rely on."""

from __future__ import annotations

import doctest
import pickle
from importlib import import_module
from typing import Any

import pytest

from packflow import BackendConfig, plugin
from packflow.backend.preprocessors import Preprocessor, get_preprocessor, map_records
from packflow.backend.preprocessors.array import NumpyPreprocessor
from packflow.backend.preprocessors.passthrough import PassthroughPreprocessor
from packflow.backend.preprocessors.records import RecordsPreprocessor
from packflow.exceptions import (
    InferenceBackendInitializationError,
    PackflowError,
    PreprocessorInitError,
    PreprocessorRuntimeError,
    UnknownPreprocessorError,
)
from tests.backend.preprocessors.support import preprocess

FALLBACK = "Current config does not require preprocessing steps. Defaulting to Passthrough mode."


class Lengths(Preprocessor):
    """A custom preprocessor, as the documentation has it."""

    def prepare(self) -> None:
        self.names = self.config.feature_names or ["text"]

    def __call__(self, records: list[dict[str, Any]]) -> Any:
        return map_records(lambda record: [len(record[name]) for name in self.names], records)


class Failing(Preprocessor):
    def prepare(self) -> None:
        raise KeyError("vocabulary")

    def __call__(self, records: list[dict[str, Any]]) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"input_format": "passthrough"}, PassthroughPreprocessor),
        ({"input_format": "records", "feature_names": ["a"]}, RecordsPreprocessor),
        ({"feature_names": ["a"]}, RecordsPreprocessor),
        ({"input_format": "numpy", "feature_names": ["a"]}, NumpyPreprocessor),
    ],
)
def test_the_input_format_names_the_preprocessor(config, kind):
    assert type(get_preprocessor(BackendConfig(**config))) is kind


@pytest.mark.parametrize("config", [{}, {"nested_field_delimiter": ":"}, {"flatten_lists": True}, {"verbose": False}])
def test_records_with_nothing_to_do_make_way_for_the_passthrough(config, logs):
    assert type(get_preprocessor(BackendConfig(**config))) is PassthroughPreprocessor
    assert logs.texts("INFO") == [FALLBACK]


def test_the_passthrough_that_was_asked_for_is_not_announced(logs):
    get_preprocessor(BackendConfig(input_format="passthrough"))
    assert FALLBACK not in logs.texts()


def test_the_passthrough_ignores_all_other_settings():
    records = [{"a": {"b": 1}, "c.d": 2}, 5]
    config = {"rename_fields": {"a": "x"}, "feature_names": ["x.b"], "flatten_nested_inputs": True}
    assert preprocess(records, input_format="passthrough", **config) is records


@pytest.mark.parametrize("name", ["recrods", "no such thing", ""])
def test_an_unknown_name_is_an_error_that_has_it(name):
    with pytest.raises(UnknownPreprocessorError, match=f"input_format={name!r}") as caught:
        get_preprocessor(BackendConfig(input_format=name))
    assert isinstance(caught.value, InferenceBackendInitializationError)
    assert isinstance(caught.value.__cause__, PackflowError)


def test_a_registered_preprocessor_is_found_by_its_name():
    with plugin.register("preprocessor", "lengths", Lengths):
        run = get_preprocessor(BackendConfig(input_format="lengths", feature_names=["t"]))
        assert run([{"t": "abc"}, {"t": ""}]) == [[3], [0]]
    with pytest.raises(UnknownPreprocessorError):
        get_preprocessor(BackendConfig(input_format="lengths"))


def test_a_custom_preprocessor_that_cannot_be_built_names_itself():
    with plugin.register("preprocessor", "failing", Failing), pytest.raises(PreprocessorInitError) as caught:
        get_preprocessor(BackendConfig(input_format="failing"))
    assert "'failing'" in str(caught.value)
    assert "Failing" in str(caught.value)
    assert "vocabulary" in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_preprocessor_pickles_as_its_class_and_configuration():
    run = Lengths(BackendConfig(feature_names=["t"]))
    run.extra = lambda: None
    copy = pickle.loads(pickle.dumps(run))
    assert copy([{"t": "ab"}]) == [[2]]
    assert not hasattr(copy, "extra")


def test_an_abstract_preprocessor_cannot_be_built():
    with pytest.raises(TypeError):
        Preprocessor(BackendConfig())


def test_map_records_tells_which_row_failed_and_why():
    with pytest.raises(PreprocessorRuntimeError, match=r"division by zero \(ZeroDivisionError at row 2\)") as caught:
        map_records(lambda record: 1 / record["x"], [{"x": 1}, {"x": 2}, {"x": 0}, {"x": 0}])
    assert caught.value.row == 2
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("row", [None, 5, "text", [{"a": 1}], ("a", 1)])
@pytest.mark.parametrize(
    "config",
    [
        {"feature_names": ["a"]},
        {"rename_fields": {"a": "b"}},
        {"flatten_nested_inputs": True},
        {"input_format": "numpy", "feature_names": ["a"]},
    ],
    ids=str,
)
def test_a_row_that_is_no_record_is_refused_by_its_index(row, config):
    with pytest.raises(PreprocessorRuntimeError, match=rf"{type(row).__name__} \(row 1\)") as caught:
        preprocess([{"a": 1}, row], **config)
    assert caught.value.row == 1


@pytest.mark.parametrize("config", [{"feature_names": ["a"]}, {"flatten_nested_inputs": True}])
def test_an_empty_batch_stays_empty(config):
    assert preprocess([], **config) == []


@pytest.mark.parametrize("part", ["", ".array", ".base", ".cells", ".fitting", ".flat", ".passthrough", ".plan",
                                  ".records"])  # fmt: skip
def test_docstrings(part):
    found = doctest.testmod(import_module(f"packflow.backend.preprocessors{part}"))
    assert found.attempted > 0
    assert found.failed == 0
