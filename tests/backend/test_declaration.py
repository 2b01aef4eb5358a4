"""What is read off a backend's class: its model, its signature, and names that look like misspelt steps."""

from __future__ import annotations

import asyncio
import gc
import inspect
from functools import cached_property, partial, partialmethod, wraps
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


# Steps that would wait ----------------------------------------------------------------------------------------------


async def waiting(*_: Any) -> Any:
    return []


async def waiting_at_each(*_: Any) -> Any:
    yield []


def giving_each(*_: Any) -> Any:
    yield []


class Waiting:
    """Is called like a function."""

    async def __call__(self, *_: Any) -> Any:
        return []


def refusal(cls: type[InferenceBackend]) -> str:
    with pytest.raises(InferenceBackendInitializationError) as caught:
        cls(verbose=False)
    gc.collect()  # a coroutine left over would tell now that nobody awaited it
    return str(caught.value)


STEPS = ["initialize", "ready", "transform_inputs", "execute", "transform_outputs", "shutdown"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    "step",
    [waiting, staticmethod(waiting), partial(waiting), partialmethod(waiting), Waiting(), waiting_at_each],
    ids=["method", "static", "partial", "partial method", "object", "generator"],
)
def test_a_step_must_not_be_async(name: str, step: Any) -> None:
    text = refusal(type("Async", (Echo,), {name: step}))
    assert text.startswith(f"{name} of Async is async. ")
    assert "asyncio.run" in text


@pytest.mark.parametrize("name", ["initialize", "ready", "shutdown"])
def test_a_generator_is_refused_where_nothing_iterates(name: str) -> None:
    assert refusal(type("Lazy", (Echo,), {name: giving_each})).startswith(f"{name} of Lazy is a generator")


def test_a_generator_between_steps_is_fine() -> None:
    class Chained(Echo):
        def transform_inputs(self, inputs: Any) -> Any:
            yield from inputs

        def execute(self, inputs: Any) -> Any:
            yield from inputs

        def transform_outputs(self, inputs: Any) -> Any:
            return list(inputs)

    assert Chained(verbose=False)({"a": 1}) == {"a": 1}


@pytest.mark.filterwarnings("error")
def test_an_initialize_that_only_turns_out_to_be_async_is_refused() -> None:
    text = refusal(type("Async", (Echo,), {"initialize": lambda _: waiting()}))
    assert text.startswith("it gave a coroutine. ")
    assert "step 'initialize' of Async" in text


@pytest.mark.parametrize("kind", [property, cached_property])
@pytest.mark.parametrize("name", [step for step in STEPS if step != "initialize"])
def test_a_step_that_is_worked_out_is_not_asked_for_before_initialize(name: str, kind: Any) -> None:
    class Delegating(Echo):
        def initialize(self) -> None:
            self.model = {step: lambda inputs=True: inputs for step in STEPS}

        def __getattr__(self, name: str) -> Any:
            return getattr(self.model, name)

    cls = type("WorkedOut", (Delegating,), {name: kind(lambda self: self.model[name])})
    with cls(verbose=False) as backend:
        assert backend({"a": 1}) == {"a": 1}
        assert backend.ready()


def test_a_step_that_is_awaited_elsewhere_is_fine() -> None:
    def awaited(step: Any) -> Any:
        return wraps(step)(lambda *arguments: asyncio.run(step(*arguments)))

    assert type("Awaited", (Echo,), {"ready": awaited(waiting)})(verbose=False).ready() == []


def test_a_step_that_awaits_what_it_needs_is_fine() -> None:
    class Running(Echo):
        def execute(self, inputs: Any) -> Any:
            return [{"n": len(asyncio.run(waiting())) + row["n"]} for row in inputs]

    assert Running(verbose=False)({"n": 1}) == {"n": 1}
