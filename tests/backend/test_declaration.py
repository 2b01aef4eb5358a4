"""What is read off a backend's class: its model, its signature, and names that look like misspelt steps."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from packflow import BackendConfig, InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError
from tests.support.backends import Echo
from tests.support.logs import Captured


class LimitConfig(BackendConfig):
    """A model of one's own."""

    limit: int = 3


def warnings_of(logs: Captured, **body: Any) -> list[str]:
    type("Spelt", (Echo,), body)(verbose=False)
    return logs.texts("WARNING")


def helper(self: Any, rows: Any) -> Any:
    return rows


# Misspelt steps -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("transform_output", "transform_outputs"),
        ("transform_input", "transform_inputs"),
        ("tranform_inputs", "transform_inputs"),
        ("transfrom_outputs", "transform_outputs"),
        ("transformOutputs", "transform_outputs"),
        ("initialise", "initialize"),
        ("intialize", "initialize"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda f: f, staticmethod, classmethod], ids=["plain", "static", "class"])
def test_a_misspelt_step_is_warned_of_once(name: str, meant: str, wrap: Any, logs: Captured) -> None:
    (warning,) = warnings_of(logs, **{name: wrap(helper)})
    assert repr(name) in warning
    assert repr(meant) in warning
    assert "Spelt" in warning


@pytest.mark.parametrize(
    "name",
    [
        "execute_all",
        "executor",
        "initialized",
        "initializer",
        "reinitialize",
        "init",
        "initialize_model",
        "transform",
        "transforms",
        "transform_row",
        "transform_inputs_batch",
        "format_outputs",
        "read",
        "reads",
        "is_ready",
        "validator",
        "predict",
        "load_model",
        "_transform_output",
    ],
)
def test_names_of_helpers_are_not(name: str, logs: Captured) -> None:
    assert warnings_of(logs, **{name: helper}) == []


def test_a_step_under_its_right_name_is_not_meant(logs: Captured) -> None:
    assert warnings_of(logs, transform_outputs=helper, transform_output=helper) == []


def test_data_and_properties_are_no_steps(logs: Captured) -> None:
    assert warnings_of(logs, transform_output="text", initialise=property(helper)) == []


@pytest.mark.parametrize("name", ["config_model", "base_config_modell", "backend_config"])
def test_a_misspelt_name_of_the_model_is_warned_of(name: str, logs: Captured) -> None:
    (warning,) = warnings_of(logs, **{name: LimitConfig})
    assert repr(name) in warning
    assert "_config_model'" in warning


def test_a_model_that_is_in_use_may_stand_under_other_names(logs: Captured) -> None:
    assert warnings_of(logs, BackendConfig=LimitConfig, base_config_model=LimitConfig) == []


def test_a_misspelt_required_step_is_asked_about() -> None:
    kind = type("Lacks", (InferenceBackend,), {"excute": helper})
    with pytest.raises(InferenceBackendInitializationError, match=r"execute\(\)\. Is 'excute' meant"):
        kind()
    with pytest.raises(InferenceBackendInitializationError, match=r"execute\(\)\.$"):
        type("Lacks", (InferenceBackend,), {"predict": helper})()


# The model and the constructor --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["base_config_model", "backend_config_model"])
@pytest.mark.parametrize("declared", [None, "base_config_model", "backend_config_model"])
def test_a_model_may_be_assigned_later_under_either_name(name: str, declared: str | None) -> None:
    class OtherConfig(BackendConfig):
        pass

    kind = type("Later", (Echo,), {declared: OtherConfig} if declared else {})
    child = type("Child", (kind,), {})
    setattr(kind, name, LimitConfig)
    assert type(kind(verbose=False).config) is LimitConfig
    assert type(child(verbose=False).config) is LimitConfig
    assert type(Echo(verbose=False).config) is BackendConfig


@pytest.mark.parametrize("name", ["self", "cls"])
def test_no_name_of_a_setting_stands_in_the_way(name: str) -> None:
    with pytest.raises(InferenceBackendInitializationError, match=f"'{name}' is not a setting"):
        Echo(**{name: 1})

    class Takes(BackendConfig):
        model_config = {"extra": "allow"}

    kind = type("Taking", (Echo,), {"base_config_model": Takes})
    assert kind(**{name: 1}, verbose=False).config.model_extra == {name: 1}


def test_the_signature_is_that_of_the_constructor() -> None:
    class Client(Echo):
        def __init__(self, client: Any, **settings: Any) -> None:
            super().__init__(**settings)

    assert list(inspect.signature(InferenceBackend).parameters) == ["settings"]
    assert list(inspect.signature(Echo).parameters) == ["settings"]
    assert list(inspect.signature(Client).parameters) == ["client", "settings"]
    assert list(inspect.signature(Client(None, verbose=False)).parameters) == ["inputs"]
