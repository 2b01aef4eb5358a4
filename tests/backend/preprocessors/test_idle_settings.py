"""Settings that have no effect are warned of, once, where the backend is constructed."""

from __future__ import annotations

import pickle
from typing import Any, Literal

import pytest

from packflow import BackendConfig, plugin
from packflow.backend.preprocessors import Preprocessor, get_preprocessor
from tests.support.backends import Echo
from tests.support.logs import Captured

COLUMNS = {"input_format": "numpy", "feature_names": ["a"]}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"numpy_dtype": "float32"}, ["numpy_dtype='float32'"]),
        ({"on_missing": "error"}, ["on_missing='error'"]),
        ({"flatten_lists": True}, ["flatten_lists=True", "flatten_nested_inputs"]),
        ({"flatten_lists": True, **COLUMNS}, ["flatten_lists=True", "'numpy'"]),
        ({"flatten_lists": True, "on_missing": "error"}, ["flatten_lists=True", "on_missing='error'"]),
    ],
)
def test_settings_without_effect_are_named_in_one_warning(
    settings: dict[str, Any], named: list[str], logs: Captured
) -> None:
    backend = Echo(verbose=False, **settings)
    (warning,) = logs.texts("WARNING")
    assert all(name in warning for name in named)
    backend._preprocessor([{"a": 1}])
    pickle.loads(pickle.dumps(backend))
    assert len(logs.texts("WARNING")) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"on_missing": "null", "flatten_lists": False, "numpy_dtype": None},
        {"flatten_nested_inputs": True, "flatten_lists": True},
        {"numpy_dtype": "float32", "on_missing": "error", **COLUMNS},
        {"input_format": "passthrough", "numpy_dtype": "float32", "on_missing": "error", "flatten_lists": True},
    ],
)
def test_all_others_are_not(settings: dict[str, Any], logs: Captured) -> None:
    Echo(verbose=False, **settings)
    assert logs.texts("WARNING") == []


def test_the_models_own_default_is_nobodys_mistake(logs: Captured) -> None:
    class Lists(BackendConfig):
        flatten_lists: bool = True
        on_missing: Literal["null", "error"] = "error"

    get_preprocessor(Lists())
    assert logs.texts("WARNING") == []


def test_other_preprocessors_may_use_any_setting(logs: Captured) -> None:
    class Own(Preprocessor):
        def __call__(self, records: list[dict[str, Any]]) -> Any:
            return records

    with plugin.register("preprocessor", "own-idle", Own):
        Echo(input_format="own-idle", numpy_dtype="float32", on_missing="error", flatten_lists=True, verbose=False)
    assert logs.texts("WARNING") == []
