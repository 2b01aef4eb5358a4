"""Methods that packflow could not call are told before it calls them; those that it can call are left alone."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import BackendConfig, InferenceBackend
from packflow.backend.preprocessors import Preprocessor
from packflow.normalizers import Normalizer
from packflow.plugin.doctor.signatures import CALLED, mistakes_of


class Sound(InferenceBackend):
    def initialize(self) -> None: ...

    def execute(self, inputs: Any) -> Any:
        return inputs


class Callable_:
    def __call__(self, inputs: Any) -> Any:
        return inputs


def told(kind: str, found: Any) -> list[tuple[str, str]]:
    return [(mistake.code, mistake.what) for mistake in mistakes_of(kind, found)]


def execute(function: Any) -> type[InferenceBackend]:
    return type("Made", (InferenceBackend,), {"execute": function})


@pytest.mark.parametrize(
    "function",
    [
        lambda self, inputs: inputs,
        lambda self, *rows: rows,
        lambda self, rows, temperature=1: rows,
        staticmethod(lambda rows: rows),
        classmethod(lambda cls, rows: rows),
        Callable_(),
        functools.partial(lambda rows, temperature: rows, temperature=1),
        functools.partialmethod(lambda self, temperature, rows: rows, 1),
        property(lambda self: len),
        dict,
        len,
    ],
)
def test_whatever_takes_one_argument_can_be_a_step(function: Any) -> None:
    assert told("backend", execute(function)) == []


@pytest.mark.parametrize(
    "function",
    [
        lambda self: [],
        lambda self, rows, temperature: rows,
        lambda self, rows, *, temperature: rows,
        staticmethod(lambda: 1),
        staticmethod(lambda self, rows: rows),
        classmethod(lambda cls: []),
        functools.partial(lambda rows: rows, 1),
        3,
    ],
)
def test_whatever_does_not_cannot(function: Any) -> None:
    assert [code for code, _ in told("backend", execute(function))] == ["wrong-signature"]


@given(st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_a_step_is_right_exactly_if_python_can_call_it(required: int, optional: int, star: bool) -> None:
    names = [f"a{position}" for position in range(required)]
    names += [f"b{position}=0" for position in range(optional)] + ["*rest"] * star
    function = eval(f"lambda {', '.join(['self', *names])}: None")
    try:
        function(None, "inputs")
    except TypeError:
        assert told("backend", execute(function)) != []
    else:
        assert told("backend", execute(function)) == []


def test_a_step_that_would_have_to_be_awaited_is_refused() -> None:
    async def execute_(self: Any, inputs: Any) -> Any:
        return inputs

    assert "coroutine" in told("backend", execute(execute_))[0][1]


def test_an_instance_is_judged_by_its_own_attributes_first() -> None:
    backend = Sound(verbose=False)
    assert told("backend", backend) == []
    backend.execute = lambda: None  # type: ignore[method-assign]
    assert [code for code, _ in told("backend", backend)] == ["wrong-signature"]
    backend.execute = lambda rows: rows  # type: ignore[method-assign]
    assert told("backend", backend) == []


def test_a_step_that_is_lacking_is_told_once() -> None:
    class Idle(InferenceBackend):
        def excute(self, inputs: Any) -> Any:
            return inputs

    assert [code for code, _ in told("backend", Idle)] == ["step-missing", "misspelt-step"]


def test_steps_without_arguments_are_called_without() -> None:
    class Eager(Sound):
        def initialize(self, path: str) -> None: ...  # type: ignore[override]

    (mistake,) = mistakes_of("backend", Eager)
    assert mistake.what.startswith("initialize(self, path")
    assert "cannot be called without arguments" in mistake.what
    assert mistake.about is Eager.initialize


def test_a_model_that_is_none_is_told() -> None:
    class Modelled(Sound):
        base_config_model = dict  # type: ignore[assignment]

    (found,) = told("backend", Modelled)
    assert found[0] == "config-model"
    assert "expected a subclass of BackendConfig" in found[1]

    class Right(Sound):
        base_config_model = type("Settings", (BackendConfig,), {})

    assert told("backend", Right) == []


@pytest.mark.parametrize(
    ("kind", "base", "sound", "broken"),
    [
        ("preprocessor", Preprocessor, {"__call__": lambda self, records: records}, {"__init__": lambda self: None}),
        ("preprocessor", Preprocessor, {"__call__": lambda self, records: records}, {"__call__": lambda self: []}),
        ("preprocessor", Preprocessor, {"__call__": lambda self, records: records}, {"prepare": lambda self, x: x}),
        ("normalizer", Normalizer, {"to_native": lambda self, obj: 1}, {"__init__": lambda self, x: None}),
        ("normalizer", Normalizer, {"to_native": lambda self, obj: 1}, {"to_native": lambda self: 1}),
        ("normalizer", Normalizer, {"to_native": lambda self, obj: 1}, {"rows": lambda self: 1}),
        ("normalizer", Normalizer, {"to_native": lambda self, obj: 1}, {"converter": lambda self: 1}),
    ],
)
def test_every_kind_is_called_in_its_own_way(
    kind: str, base: type, sound: dict[str, Any], broken: dict[str, Any]
) -> None:
    assert told(kind, type("Sound", (base,), sound)) == []
    assert [code for code, _ in told(kind, type("Broken", (base,), sound | broken))] == ["wrong-signature"]


def test_an_instance_of_a_normalizer_needs_no_constructor() -> None:
    class Rounding(Normalizer):
        def __init__(self, digits: int) -> None: ...

        def to_native(self, obj: Any) -> Any:
            return obj

    assert told("normalizer", Rounding(2)) == []
    assert [code for code, _ in told("normalizer", Rounding)] == ["wrong-signature"]


def test_an_object_whose_signature_cannot_be_read_is_left_alone() -> None:
    class Strange:
        __signature__ = "no signature"

        def __call__(self, *args: Any) -> Any: ...

    assert told("backend", execute(Strange())) == []


def test_what_is_called_exists_on_the_classes() -> None:
    bases = {"backend": InferenceBackend, "preprocessor": Preprocessor, "normalizer": Normalizer}
    for kind, methods in CALLED.items():
        assert [name for name in methods if name != "shutdown" and not hasattr(bases[kind], name)] == []
        assert told(kind, bases[kind])[1:] == []  # they lack what is abstract, and are right otherwise
