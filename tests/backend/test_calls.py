"""What a call takes and gives, in which order steps run, and how what goes wrong in them is told."""

from __future__ import annotations

import functools
from collections import OrderedDict, UserDict, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from time import sleep
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packflow import InferenceBackend
from packflow.exceptions import (
    InferenceBackendInitializationError,
    InferenceBackendRuntimeError,
    PackflowError,
    PreprocessorRuntimeError,
)
from tests.support.backends import Echo, executing, stepping
from tests.support.logs import Captured

# Shapes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs", [{"a": 1}, {}, [{"a": 1}], [{"a": 1}, {"a": 2}], [{}], []])
def test_outputs_have_the_shape_of_inputs(inputs: Any) -> None:
    outputs = Echo(verbose=False)(inputs)
    assert outputs == inputs
    assert type(outputs) is type(inputs)


@pytest.mark.parametrize("kind", [OrderedDict, lambda record: defaultdict(list, record)])
def test_a_record_may_be_a_kind_of_dict(kind: Callable[[dict[str, int]], Any]) -> None:
    assert Echo(verbose=False)(kind({"a": 1})) == {"a": 1}


def test_steps_see_a_list_even_of_one_record() -> None:
    seen: list[Any] = []
    executing(lambda inputs: seen.append(inputs) or inputs)({"a": 1})
    assert seen == [[{"a": 1}]]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"input_format": "passthrough"},
        {"rename_fields": {"a": "b"}},
        {"feature_names": ["a.b"], "flatten_nested_inputs": True},
        {"input_format": "numpy", "feature_names": ["a"]},
    ],
)
def test_an_empty_list_runs_through_every_step(settings: dict[str, Any]) -> None:
    ran: list[int] = []
    backend = executing(lambda inputs: ran.append(len(inputs)) or [], **settings)
    assert backend([]) == []
    assert ran == [0]


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        (None, "NoneType"),
        ("text", "str"),
        (b"bytes", "bytes"),
        (3, "int"),
        (({"a": 1},), "tuple"),
        ({"a"}, "set"),
        (deque([{"a": 1}]), "deque"),
        (UserDict({"a": 1}), "UserDict"),
        (MappingProxyType({"a": 1}), "mappingproxy"),
        (({"a": 1} for _ in range(2)), "generator"),
        (np.array([1]), "ndarray"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_inputs_are_refused_by_type(inputs: Any, name: str) -> None:
    ran: list[Any] = []
    backend = executing(lambda records: ran.append(records) or [])
    with pytest.raises(PackflowError, match=rf"\b{name}\b"):
        backend(inputs)
    assert ran == []


@pytest.mark.parametrize("rows", [0, 2, 5])
def test_one_event_gives_one_row(rows: int) -> None:
    backend = executing(lambda _: [{"n": n} for n in range(rows)])
    with pytest.raises(PackflowError, match=rf"\b{rows}\b"):
        backend({"a": 1})


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_batch_may_give_another_number_of_rows(rows: int) -> None:
    outputs = executing(lambda _: [{"n": n} for n in range(rows)])([{"a": 1}, {"a": 2}])
    assert outputs == [{"n": n} for n in range(rows)]


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (None, "NoneType"),
        ({"a": 1}, "dict"),
        (({"a": 1},), "tuple"),
        ("text", "str"),
        (np.array([{"a": 1}]), "ndarray"),
        (iter([{"a": 1}]), "list_iterator"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("step", ["execute", "transform_outputs"])
@pytest.mark.parametrize("inputs", [{"a": 1}, [{"a": 1}]], ids=["dict", "list"])
def test_the_last_steps_result_must_be_a_list(step: str, result: Any, name: str, inputs: Any) -> None:
    backend = stepping(**{step: lambda _: result})(verbose=False)
    with pytest.raises(PackflowError) as caught:
        backend(inputs)
    assert step in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("between", [None, 7, "text", np.arange(3), object(), (n for n in range(3)), ValueError("x")])
def test_anything_may_flow_between_steps(between: Any) -> None:
    seen: list[Any] = []

    class Flow(InferenceBackend):
        def transform_inputs(self, inputs: Any) -> Any:
            return between

        def execute(self, inputs: Any) -> Any:
            seen.append(inputs)
            return between

        def transform_outputs(self, inputs: Any) -> Any:
            seen.append(inputs)
            return [{"done": True}]

    assert Flow(verbose=False)({"a": 1}) == {"done": True}
    assert all(value is between for value in seen)
    assert len(seen) == 2


# Steps of every kind ------------------------------------------------------------------------------------------------


def traced(step: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(step)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return step(*args, **kwargs)

    return wrapper


class Marks:
    """A callable object: marks every record as seen by it."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __call__(self, inputs: Any) -> Any:
        return mark(self.mark, inputs)


def mark(name: str, inputs: Any) -> Any:
    return [{**row, "marks": [*row.get("marks", []), name]} for row in inputs]


def mark_method(self: Any, name: str, inputs: Any) -> Any:
    assert isinstance(self, InferenceBackend)
    return mark(name, inputs)


STEPS: dict[str, Callable[[str], Any]] = {
    "function": lambda name: lambda self, inputs: mark_method(self, name, inputs),
    "decorated": lambda name: traced(lambda self, inputs: mark_method(self, name, inputs)),
    "static": lambda name: staticmethod(lambda inputs: mark(name, inputs)),
    "class": lambda name: classmethod(lambda cls, inputs: mark(name, inputs)),
    "partial of static": lambda name: staticmethod(functools.partial(mark, name)),
    "partialmethod": lambda name: functools.partialmethod(mark_method, name),
    "callable object": lambda name: Marks(name),
    "property": lambda name: property(lambda self: functools.partial(mark_method, self, name)),
}

NAMES = ["transform_inputs", "execute", "transform_outputs"]


@pytest.mark.parametrize("kind", STEPS)
def test_steps_on_the_class(kind: str) -> None:
    backend = type("Kind", (InferenceBackend,), {name: STEPS[kind](name) for name in NAMES})(verbose=False)
    assert backend({"a": 1}) == {"a": 1, "marks": NAMES}
    times = backend.get_metrics().execution_times
    assert None not in (times.transform_inputs, times.execute, times.transform_outputs)


@pytest.mark.parametrize("step", NAMES)
@pytest.mark.parametrize("kind", STEPS)
def test_a_step_of_any_kind_fails_under_its_own_name(kind: str, step: str) -> None:
    class Refuses(InferenceBackend):
        def execute(self, inputs: Any) -> Any:
            return inputs

    # ``mark`` cannot unpack a row that is no dict, so the step fails inside of whatever it is.
    backend = type("Kind", (Refuses,), {step: STEPS[kind](step)})(verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match=rf"\b{step}\b") as caught:
        backend([7])
    assert caught.value.step == step
    assert isinstance(caught.value.__cause__, TypeError)


INSTANCE_STEPS: dict[str, Callable[[str], Any]] = {
    "lambda": lambda name: lambda inputs: mark(name, inputs),
    "partial": lambda name: functools.partial(mark, name),
    "callable object": lambda name: Marks(name),
    "bound method of another": lambda name: Marks(name).__call__,
}


@pytest.mark.parametrize("kind", INSTANCE_STEPS)
@pytest.mark.parametrize("when", ["initialize", "after construction"])
def test_steps_on_the_instance(kind: str, when: str) -> None:
    def set_steps(backend: Any) -> None:
        for name in NAMES:
            setattr(backend, name, INSTANCE_STEPS[kind](name))

    body: dict[str, Any] = {"initialize": set_steps} if when == "initialize" else {}
    backend = type("Set", (Echo,), body)(verbose=False)
    if when != "initialize":
        set_steps(backend)
    assert backend([{"a": 1}]) == [{"a": 1, "marks": NAMES}]
    times = backend.get_metrics().execution_times
    assert None not in (times.transform_inputs, times.execute, times.transform_outputs)


def test_a_slow_partial_is_timed_under_its_own_step() -> None:
    def slowly(inputs: Any, *, seconds: float) -> Any:
        sleep(seconds)
        return inputs

    class Slow(Echo):
        transform_inputs = staticmethod(functools.partial(slowly, seconds=0.02))

    backend = Slow(verbose=False)
    backend({"a": 1})
    times = backend.get_metrics().execution_times
    assert times.transform_inputs >= 20
    assert times.transform_outputs is None


@pytest.mark.parametrize("order", ["before", "after"])
def test_steps_from_a_mixin(order: str) -> None:
    class Mixin:
        def transform_inputs(self, inputs: Any) -> Any:
            return mark("mixin", super().transform_inputs(inputs) if order == "before" else inputs)  # type: ignore[misc]

    bases = (Mixin, Echo) if order == "before" else (Echo, Mixin)
    backend: Any = type("Mixed", bases, {})(verbose=False)
    # After the backend in the order of resolution, the base's own (undefined) step comes first.
    assert backend({"a": 1}) == ({"a": 1, "marks": ["mixin"]} if order == "before" else {"a": 1})
    assert (backend.get_metrics().execution_times.transform_inputs is not None) == (order == "before")


def test_a_subclass_inherits_and_extends_steps() -> None:
    class Parent(Echo):
        def transform_outputs(self, inputs: Any) -> Any:
            return mark("parent", inputs)

    class Child(Parent):
        def transform_outputs(self, inputs: Any) -> Any:
            return mark("child", super().transform_outputs(inputs))

    class Grandchild(Child):
        pass

    assert Grandchild(verbose=False)({}) == {"marks": ["parent", "child"]}


def test_a_backend_needs_execute() -> None:
    class Nothing(InferenceBackend):
        def transform_inputs(self, inputs: Any) -> Any:
            return inputs

    with pytest.raises(PackflowError, match=r"Nothing.*execute"):
        Nothing()


def test_initialize_runs_once_with_the_configuration_at_hand() -> None:
    seen: list[Any] = []

    class Prepared(Echo):
        def initialize(self) -> None:
            seen.append(self.config.feature_names)

    backend = Prepared(feature_names=["a"], verbose=False)
    backend({"a": 1})
    backend({"a": 2})
    assert seen == [["a"]]


def test_initialize_may_call_the_backend(logs: Captured) -> None:
    """Models are warmed up before the first real call."""

    class Warm(Echo):
        def initialize(self) -> None:
            self.warmed = self([{"a": {"b": 0}}])
            with suppress(InferenceBackendRuntimeError):
                self([{"a.b": 0}])

    backend = Warm(feature_names=["a.b"])
    assert backend.warmed == [{"a": {"b": 0}}]
    assert backend.get_metrics().batch_size == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, 3, "execute"])
def test_steps_must_be_callable(name: str, value: Any) -> None:
    with pytest.raises(InferenceBackendInitializationError, match=rf"{name} of Odd"):
        type("Odd", (Echo,), {name: value})(verbose=False)


def test_a_backend_that_was_not_set_up_says_so() -> None:
    class Forgetful(Echo):
        def __init__(self) -> None:
            self.model = "model"

    with pytest.raises(PackflowError, match=r"super\(\).__init__"):
        Forgetful()({"a": 1})
    assert "Forgetful" in repr(Forgetful())
    with pytest.raises(PackflowError):
        Forgetful().get_metrics()


# Failing steps ------------------------------------------------------------------------------------------------------


class OddError(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def raising(error: BaseException) -> Callable[[Any], Any]:
    def step(inputs: Any) -> Any:
        raise error

    return step


@pytest.mark.parametrize("step", NAMES)
@pytest.mark.parametrize(
    "error",
    [
        ValueError("the weights are gone"),
        KeyError("field"),
        AssertionError(),
        StopIteration("the weights are gone"),
        RecursionError("the weights are gone"),
        MemoryError("the weights are gone"),
        InferenceBackendRuntimeError("the weights are gone", step="other", row=4),
        OSError(2, "the weights are gone", "weights.bin"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "the weights are gone"),
        OddError("the weights are gone"),
    ],
    ids=lambda error: type(error).__name__ if isinstance(error, Exception) else error,
)
def test_a_failing_step_is_named_and_chained(step: str, error: Exception) -> None:
    backend = stepping(**{step: raising(error)})(verbose=False)
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend([{"a": 1}])
    text = str(caught.value)
    assert step in text
    assert caught.value is not error
    assert caught.value.step == step
    assert caught.value.__cause__ is error
    if not isinstance(error, OddError):
        assert str(error) in text
    assert type(error).__name__ in text or isinstance(error, PackflowError)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_what_is_no_failure_passes_through(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        executing(raising(error))({"a": 1})
    assert caught.value is error


def test_a_failing_initialize_is_named_and_chained() -> None:
    cause = FileNotFoundError(2, "No such file", "weights.bin")

    class Unready(Echo):
        def initialize(self) -> None:
            raise cause

    with pytest.raises(InferenceBackendInitializationError, match=r"No such file.*initialize.*Unready") as caught:
        Unready(verbose=False)
    assert caught.value.__cause__ is cause


def test_a_failing_record_of_the_preprocessor_is_counted() -> None:
    backend = Echo(feature_names=["a.b"], verbose=False)
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        backend([{"a": {"b": 1}}, {"a": {"b": 2}}, {"x.y": 3, "a": {"b": 3}}])
    assert isinstance(caught.value, PreprocessorRuntimeError)
    assert "preprocess" in str(caught.value)
    assert "row 2" in str(caught.value)
    assert (caught.value.step, caught.value.row) == ("preprocess", 2)
    assert isinstance(caught.value.__cause__, PreprocessorRuntimeError)


def test_a_backend_works_on_after_a_failure() -> None:
    def execute(inputs: Any) -> Any:
        return [{"half": 1 / row["n"]} for row in inputs]

    backend = executing(execute)
    with pytest.raises(InferenceBackendRuntimeError, match="division by zero"):
        backend([{"n": 2}, {"n": 0}])
    assert backend({"n": 4}) == {"half": 0.25}


def test_a_backend_inside_a_backend_keeps_its_story() -> None:
    inner = executing(raising(ValueError("the weights are gone")))
    outer = stepping(transform_inputs=inner)(verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match="the weights are gone") as caught:
        outer([{"a": 1}])
    assert caught.value.step == "transform_inputs"
    assert isinstance(caught.value.__cause__, InferenceBackendRuntimeError)
    assert caught.value.__cause__.step == "execute"


@pytest.mark.parametrize(
    "name",
    [
        "InferenceBackendInitializationError",
        "InferenceBackendRuntimeError",
        "InferenceBackendValidationError",
        "InferenceBackendLoadError",
        "UnknownPreprocessorError",
        "PreprocessorInitError",
        "PreprocessorRuntimeError",
    ],
)
def test_every_exception_is_a_packflow_error(name: str) -> None:
    from packflow import exceptions

    assert issubclass(getattr(exceptions, name), PackflowError)


# The caller's records -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"input_format": "passthrough"}])
def test_untouched_records_are_the_callers_own(settings: dict[str, Any]) -> None:
    records = [{"a": [1]}, {"a": [2]}]
    seen: list[Any] = []
    executing(lambda inputs: seen.extend(inputs) or [], **settings)(records)
    assert [id(record) for record in seen] == [id(record) for record in records]


@pytest.mark.parametrize(
    "settings", [{"feature_names": ["a.b"]}, {"rename_fields": {"a.c": "x"}}, {"rename_fields": {"x": "a.y"}}]
)
def test_dicts_on_the_way_to_a_path_are_new(settings: dict[str, Any]) -> None:
    record = {"a": {"b": 1, "c": 2}, "x": 3}
    (output,) = executing(lambda inputs: inputs, **settings)([record])
    output["a"]["scribbled"] = True
    assert record == {"a": {"b": 1, "c": 2}, "x": 3}


NAME = st.sampled_from(["a", "b", "c", "a.b", "b.c", "a.b.c"])
KEY = st.sampled_from(["a", "b", "c"])
VALUE = st.recursive(
    st.none() | st.integers(-3, 3) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(KEY, VALUE, max_size=3), max_size=4)
SETTINGS = st.fixed_dictionaries(
    {
        "rename_fields": st.dictionaries(NAME, st.sampled_from(["a", "x", "x.y", "b.z"]), max_size=2).filter(
            lambda renames: len(set(renames.values())) == len(renames)
        ),
        "feature_names": st.lists(NAME, max_size=3, unique=True),
        "flatten_nested_inputs": st.booleans(),
        "flatten_lists": st.booleans(),
    }
)


@given(records=RECORDS, options=SETTINGS, input_format=st.sampled_from(["records", "numpy"]))
@settings(max_examples=200)
def test_records_are_never_modified(records: list[dict[str, Any]], options: dict[str, Any], input_format: str) -> None:
    before = deepcopy(records)
    try:
        backend = executing(lambda inputs: [], input_format=input_format, **options)
    except InferenceBackendInitializationError:
        return  # such renames or names are refused at once
    with suppress(PackflowError):  # a refused batch must be as untouched as any other
        backend(records)
    assert records == before
    assert [list(record) for record in records] == [list(record) for record in before]


@given(records=RECORDS, options=SETTINGS)
@settings(max_examples=200)
def test_what_a_preprocessor_builds_is_new(records: list[dict[str, Any]], options: dict[str, Any]) -> None:
    def execute(inputs: Any) -> Any:
        for row in inputs:
            row["scribbled"] = True
        return inputs

    if not (options["rename_fields"] or options["feature_names"] or options["flatten_nested_inputs"]):
        return  # nothing to do: the caller's own records are handed through
    before = deepcopy(records)
    try:
        executing(execute, **options)(records)
    except PackflowError:
        return
    assert records == before
