"""What ``validate()`` checks, and how it says what it expected and what it found."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import numpy as np
import pytest

from packflow.exceptions import InferenceBackendRuntimeError, InferenceBackendValidationError
from packflow.utils.normalize import ensure_native_types
from tests.support.backends import Echo, executing, stepping


def refusal(backend: Any, samples: Any) -> InferenceBackendValidationError:
    with pytest.raises(InferenceBackendValidationError) as caught:
        backend.validate(samples)
    return caught.value


@pytest.mark.parametrize("samples", [[{"a": 1}, {"a": 2}], [{"a": [1, {"b": None}]}], [{}], [], {"a": 1}])
def test_outputs_are_given_back(samples: Any) -> None:
    assert Echo(verbose=False).validate(samples) == samples


def test_the_backend_really_runs() -> None:
    ran: list[Any] = []
    backend = stepping(
        transform_inputs=lambda rows: ran.append("in") or rows,
        execute=lambda rows: ran.append("execute") or rows,
        transform_outputs=lambda rows: ran.append("out") or [{"n": row["n"] + 1} for row in rows],
    )(verbose=False)
    assert backend.validate([{"n": 1}]) == [{"n": 2}]
    assert ran == ["in", "execute", "out"]


@pytest.mark.parametrize(
    ("samples", "row", "found"),
    [
        ([{"a": 1}, 7], 1, "int"),
        ([None], 0, "NoneType"),
        ([{"a": 1}, {"a": 2}, [{"a": 3}]], 2, "list"),
        (["text"], 0, "str"),
    ],
)
def test_samples_must_be_records(samples: Any, row: int, found: str) -> None:
    ran: list[Any] = []
    error = refusal(executing(lambda rows: ran.append(rows) or rows), samples)
    text = str(error)
    assert f"row {row}" in text
    assert "dict" in text
    assert found in text
    assert error.row == row
    assert ran == []


@pytest.mark.parametrize(("samples", "found"), [("text", "str"), (None, "NoneType"), (({"a": 1},), "tuple")])
def test_samples_must_be_a_dict_or_a_list(samples: Any, found: str) -> None:
    assert found in str(refusal(Echo(verbose=False), samples))


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_as_many_rows_out_as_in(rows: int) -> None:
    text = str(refusal(executing(lambda _: [{"n": 1}] * rows), [{"a": 1}, {"a": 2}]))
    assert "expected 2" in text
    assert f"found {rows}" in text


def test_samples_that_the_backend_drops_are_missed() -> None:
    def execute(inputs: Any) -> Any:
        inputs.pop()
        return inputs

    text = str(refusal(executing(execute), [{"a": 1}, {"a": 2}]))
    assert "expected 2" in text
    assert "found 1" in text


@pytest.mark.parametrize("rows", [0, 2])
def test_one_sample_gives_one_row(rows: int) -> None:
    text = str(refusal(executing(lambda _: [{"n": 1}] * rows), {"a": 1}))
    assert str(rows) in text
    assert "one" in text.lower()


@pytest.mark.parametrize(("output", "found"), [(7, "int"), ("text", "str"), ([1], "list"), (None, "NoneType")])
@pytest.mark.parametrize("row", [0, 2])
def test_every_row_must_be_a_dict(output: Any, found: str, row: int) -> None:
    def execute(inputs: Any) -> Any:
        outputs: list[Any] = [{"n": n} for n in range(3)]
        outputs[row] = output
        return outputs

    error = refusal(executing(execute), [{"a": 1}] * 3)
    text = str(error)
    assert f"row {row}" in text
    assert found in text
    assert "dict" in text
    assert error.row == row


def test_one_samples_row_must_be_a_dict() -> None:
    assert "int" in str(refusal(executing(lambda _: [7]), {"a": 1}))
    assert "list" in str(refusal(executing(lambda _: [[{"a": 1}]]), {"a": 1}))


@pytest.mark.parametrize("result", [{"a": 1}, ({"a": 1},), np.ones((1, 2)), None])
def test_the_outputs_must_be_a_list(result: Any) -> None:
    text = str(refusal(executing(lambda _: result), [{"a": 1}]))
    assert "list" in text
    assert type(result).__name__ in text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.float32(1.5), "float32"),
        (np.int64(1), "int64"),
        (np.ones(2), "ndarray"),
        (datetime(2026, 1, 1, tzinfo=timezone.utc), "datetime"),
        ({1, 2}, "set"),
        (b"bytes", "bytes"),
        (object(), "object"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (1j, "complex"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_outputs_must_be_json(value: Any, found: str) -> None:
    error = refusal(executing(lambda rows: [{"ok": 1}, {"deep": [{"value": value}]}]), [{"a": 1}, {"a": 2}])
    text = str(error)
    assert "row 1" in text
    assert error.row == 1
    assert "JSON" in text
    assert found in text
    assert "deep" in text
    assert "value" in text


class Mute:
    """Cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Broken(dict[str, Any]):
    """Cannot be read."""

    def items(self) -> Any:
        raise RuntimeError("no items")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (10**5000, "['deep'][0]: "),
        (Mute(), "['deep'][0]: "),
        ([Mute()], "['deep'][0][0]: "),
        ({"k": Mute()}, "['deep'][0]['k']: "),
        ({Mute(): 1}, "['deep'][0]: "),
        ({10**5000: 1}, "['deep'][0]: "),
        ({Mute(): {1, 2}}, "['deep'][0]["),
        ("x" * 1_000_000 + "\ud800", None),
        ({"k" * 1_000_000: {1}}, "['deep'][0]['kkkk"),
        ({1, *range(100_000)}, "['deep'][0]: "),
    ],
    ids=["int", "mute", "list", "dict", "key", "int key", "mute key and set", "text", "long key", "set"],
)
def test_outputs_that_cannot_be_shown_are_refused_by_their_path(value: Any, place: str | None) -> None:
    backend = executing(lambda _: [{"ok": 1}, {"deep": [value]}])
    if place is None:
        assert backend.validate([{}, {}])[1] == {"deep": [value]}
        return
    error = refusal(backend, [{"a": 1}, {"a": 2}])
    assert error.row == 1
    assert f"row 1: {place}" in str(error)
    assert len(str(error)) < 1000


def test_outputs_whose_own_code_fails_are_refused() -> None:
    error = refusal(executing(lambda _: [{"deep": Broken(a=1)}]), {"a": 1})
    assert "no items" in str(error)


class Frame:
    """Looks like a table of another library."""

    columns = ("a",)


@pytest.mark.parametrize(
    ("inputs", "hint"),
    [
        (({"a": 1},), "list(inputs)"),
        (iter([{"a": 1}]), "list(inputs)"),
        (({"a": n} for n in range(2)), "list(inputs)"),
        (type("Pandas", (Frame,), {"to_dict": None})(), "df.to_dict('records')"),
        (type("Polars", (Frame,), {"to_dict": None, "to_dicts": None})(), "df.to_dicts()"),
        (type("Arrow", (Frame,), {"to_pylist": None})(), "df.to_pylist()"),
        ("text", None),
        (b"bytes", None),
        (3, None),
        (np.ones(2), None),
    ],
    ids=["tuple", "iterator", "generator", "pandas", "polars", "arrow", "text", "bytes", "number", "array"],
)
def test_inputs_of_another_form_are_told_how_to_be_records(inputs: Any, hint: str | None) -> None:
    for run in (Echo(verbose=False), Echo(verbose=False).validate):
        with pytest.raises(InferenceBackendValidationError) as caught:
            run(inputs)
        head, _, tail = str(caught.value).partition(" Pass ")
        assert type(inputs).__name__ in head
        assert tail.startswith(hint) if hint else not tail


@pytest.mark.parametrize("step", ["execute", "transform_outputs"])
def test_a_step_that_returns_nothing_is_asked_about_its_return(step: str) -> None:
    text = str(refusal(stepping(**{step: lambda _: None})(verbose=False), [{"a": 1}]))
    assert f"step {step!r}" in text
    assert "Did it forget `return`?" in text
    assert "ensure_valid_output" not in text


async def waiting(_: Any) -> Any:
    return []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("step", ["execute", "transform_outputs"])
def test_a_step_that_only_turns_out_to_be_async_is_told_so(step: str) -> None:
    given = waiting(None)
    text = str(refusal(stepping(**{step: lambda _: given})(verbose=False), [{"a": 1}]))
    assert f"step {step!r} of Stepping returned coroutine. packflow awaits nothing" in text
    assert "ensure_valid_output" not in text
    with pytest.raises(RuntimeError, match="already"):
        given.send(None)  # it was closed


def test_a_generator_of_rows_is_asked_for_a_list() -> None:
    text = str(refusal(executing(lambda rows: (row for row in rows)), [{"a": 1}]))
    assert "returned generator. Return a list of what it yields." in text


def test_outputs_that_contain_themselves_are_refused() -> None:
    row: dict[str, Any] = {}
    row["row"] = row
    assert "row 0" in str(refusal(executing(lambda _: [row]), [{"a": 1}]))


def test_outputs_that_are_nested_too_deeply_are_refused() -> None:
    row: dict[str, Any] = {}
    for _ in range(100_000):
        row = {"n": row}
    try:
        assert "row 0" in str(refusal(executing(lambda _: [row]), [{"a": 1}]))
    finally:
        while row:  # taken apart from the outside in: Python itself would go too deep
            row = row["n"]


def test_keys_that_are_no_json_are_refused() -> None:
    assert "row 0" in str(refusal(executing(lambda _: [{("a", 1): 2}]), [{"a": 1}]))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({1: "a", "1": "b"}, "row 1: the keys 1 and '1' would both become '1'; rename one of them"),
        ({"true": 1, True: 2}, "the keys True and 'true' would both become 'true'"),
        ({None: 1, "null": 2}, "the keys None and 'null' would"),
        ({1.0: 1, 2: 1, "1.0": 2}, "the keys 1.0 and '1.0' would"),
        ({"a": [({2: 0},), {"b": {"2": 1, 2: 1}}]}, "row 1: ['a'][1]['b']: the keys 2 and '2' would"),
        ({"a": {}, 7: [{"False": 0, "false": 0, False: 1}]}, "[7][0]: the keys False and 'false' would"),
    ],
)
def test_keys_that_become_one_are_refused(record: Any, said: str) -> None:
    error = refusal(executing(lambda _: [{"1": 1}, record]), [{"a": 1}, {"a": 2}])
    assert said in str(error)
    assert error.row == 1


@pytest.mark.parametrize("record", [{1: 1, 2.0: 2, None: 3, "1.0": 4}, {1: {"1": 0}}, {"a": [{0: 0.5}, ()]}])
def test_other_keys_that_are_no_text_pass(record: Any) -> None:
    assert executing(lambda _: [record]).validate([{}]) == [record]


def test_a_call_does_not_check_what_validate_does() -> None:
    outputs = [{"n": float("nan")}, 7, object()]
    assert executing(lambda _: outputs)([{"a": 1}]) == outputs


def test_converted_outputs_pass() -> None:
    backend = stepping(
        execute=lambda rows: [{"sum": np.float32(1.5), "all": np.arange(2)} for _ in rows],
        transform_outputs=ensure_native_types,
    )(verbose=False)
    assert backend.validate([{"a": 1}]) == [{"sum": 1.5, "all": [0, 1]}]


@pytest.mark.parametrize("step", ["transform_inputs", "execute", "transform_outputs"])
def test_a_failing_step_is_reported_as_that_steps_failure(step: str) -> None:
    def fail(inputs: Any) -> Any:
        raise ValueError("the weights are gone")

    with pytest.raises(InferenceBackendRuntimeError, match="the weights are gone") as caught:
        stepping(**{step: fail})(verbose=False).validate([{"a": 1}])
    assert step in str(caught.value)
    assert caught.value.step == step
    assert isinstance(caught.value.__cause__, ValueError)
    assert not isinstance(caught.value, InferenceBackendValidationError)


def test_a_failing_preprocessor_is_reported_with_its_row() -> None:
    backend = Echo(feature_names=["a.b"], verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match="preprocess") as caught:
        backend.validate([{"a": {"b": 1}}, {"x.y": 1}])
    assert caught.value.row == 1
    assert "row 1" in str(caught.value)
