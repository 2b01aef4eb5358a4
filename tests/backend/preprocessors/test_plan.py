"""A configuration is compiled once: what a batch costs does not include reading, or splitting, configured names."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor

RECORD = {"a": {"b": 1, "c": 2}, "d": 3, "e": {"f": {"g": 4}}}

SETTINGS: dict[str, dict[str, Any]] = {
    "select": {"feature_names": ["d"]},
    "select a path": {"feature_names": ["a.b", "e.f"]},
    "rename": {"rename_fields": {"d": "x"}},
    "rename a path": {"rename_fields": {"a.b": "x.y"}, "feature_names": ["x.y", "d"]},
    "literal keys": {"feature_names": ["a.b"], "ignore_delimiter_collisions": True},
    "flatten": {"flatten_nested_inputs": True, "rename_fields": {"e": "x"}, "feature_names": ["x.f", "a.b"]},
    "array": {"input_format": "numpy", "feature_names": ["a.b", "d"], "rename_fields": {"a.c": "x"}},
    "flattened array": {"input_format": "numpy", "feature_names": ["a.b"], "flatten_nested_inputs": True},
    "array of one dtype": {"input_format": "numpy", "feature_names": ["d"], "numpy_dtype": "float32"},
}

compiled = pytest.mark.parametrize("settings", SETTINGS.values(), ids=list(SETTINGS))


@compiled
def test_the_configuration_is_not_read_again(settings: dict[str, Any]) -> None:
    config = BackendConfig(**settings)
    preprocess = get_preprocessor(config)
    expected = preprocess([RECORD])
    config.feature_names.append("late")
    config.rename_fields["d"] = "late"
    del preprocess.config
    np.testing.assert_equal(preprocess([RECORD]), expected)


@compiled
def test_no_name_is_split_while_records_are_worked_on(settings: dict[str, Any]) -> None:
    preprocess = get_preprocessor(BackendConfig(**settings))
    assert "split" in called_by(lambda: get_preprocessor(BackendConfig(**settings)))
    assert not called_by(lambda: preprocess([RECORD, RECORD])) & {"split", "rsplit", "partition", "rpartition"}


def called_by(work: Any) -> set[str]:
    """Give the names of the built-in functions that a piece of work calls."""
    names: set[str] = set()

    def note(_: Any, event: str, function: Any) -> None:
        if event == "c_call":
            names.add(function.__name__)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return names
