from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.backend.tensors import ModelTensor, TensorConfig, TensorWiring, name_outputs
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError

F = np.dtype("float32")
X = ModelTensor("x", F, ("n", 2))
Y = ModelTensor("y", F, ("n", 2))


class Named(NamedTuple):
    first: int
    second: int


def wired(*inputs: ModelTensor, outputs: Any = None, **settings: Any) -> TensorWiring:
    return TensorWiring(TensorConfig(**settings), inputs or [X], outputs)


def run(wiring: TensorWiring, data: Any, model: Any) -> list[dict[str, Any]]:
    """Run a model, a function of its inputs, over a batch."""
    return wiring.records(wiring.run(wiring.batch(data), lambda feed: model(**feed)))


@given(
    rows=st.integers(0, 9),
    fixed=st.sampled_from([None, 1, 2, 4]),
    most=st.sampled_from([None, 1, 3, 100]),
    axis=st.integers(0, 2),
)
def test_every_record_gets_its_own_row_however_the_model_is_fed(
    rows: int, fixed: int | None, most: int | None, axis: int
):
    shape: list[Any] = [3, 2]
    shape.insert(axis, fixed or "n")
    sizes = []

    def model(x: Any, step: Any) -> dict[str, Any]:
        sizes.append(x.shape[axis])
        return {"y": x + step}

    wiring = wired(
        ModelTensor("x", np.dtype("int64"), tuple(shape)),
        ModelTensor("step", np.dtype("int64"), ()),
        outputs=[ModelTensor("y", np.dtype("int64"), tuple(shape))],
        batch_axes={"x": axis, "y": axis},
        constants={"step": 10},
        max_batch_size=most,
    )
    values = np.arange(rows * 6).reshape(rows, 3, 2)
    results = run(wiring, [{"x": value.tolist()} for value in values], model)
    assert results == [{"y": value} for value in (values + 10).tolist()]
    if fixed:
        assert set(sizes) <= {fixed}
    elif most:
        assert all(size <= most for size in sizes)
    else:
        assert len(sizes) == bool(rows)


def test_an_array_feeds_a_models_only_input():
    assert run(wired(), np.array([[1, 2], [3, 4]]), lambda x: {"y": x}) == [{"y": [1.0, 2.0]}, {"y": [3.0, 4.0]}]
    with pytest.raises(InferenceBackendRuntimeError, match=r"shape \(1, 2\), and .* 'x'.*'z'.*input_format"):
        wired(X, ModelTensor("z", F, ("n",))).batch(np.array([[1, 2]]))
    with pytest.raises(InferenceBackendRuntimeError, match=r"row 1 does not fit.*its shape is 3") as caught:
        wired().batch(np.array([[1, 2], [1, 2, 3]], dtype=object))
    assert caught.value.row == 1


def test_a_model_that_says_nothing_of_shapes_takes_any():
    open_ended = ModelTensor("x", F, None)
    assert str(open_ended) == "'x' (float32, shape [any])"
    assert wired(open_ended).batch([{"x": [[1], [2]]}])["x"].shape == (1, 2, 1)
    assert wired(open_ended).batch([{"x": 1}, {"x": 2}])["x"].tolist() == [1.0, 2.0]
    assert wired(open_ended, feature_names=["a", "b"]).batch([{"a": 1, "b": 2}])["x"].tolist() == [[1.0, 2.0]]
    with pytest.raises(InferenceBackendRuntimeError, match="row 1 has shape"):
        wired(open_ended).batch([{"x": [1]}, {"x": [1, 2]}])


def test_outputs_are_chosen_ordered_and_named():
    results = {"a": np.array([1, 2]), "b": np.array([3, 4])}
    assert wired().records([(results, 2)]) == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]
    assert list(wired(outputs=None, max_batch_size=1).records([(results, 2)])[0]) == ["a", "b"]
    chosen = TensorWiring(TensorConfig(outputs={"b": "second", "a": "first"}), [X])
    assert chosen.outputs == ["b", "a"]
    assert [list(row.items()) for row in chosen.records([(results, 2)])] == [
        [("second", 3), ("first", 1)],
        [("second", 4), ("first", 2)],
    ]
    with pytest.raises(InferenceBackendRuntimeError, match=r"'aa', which the model did not give. Did you mean 'a'\?"):
        TensorWiring(TensorConfig(outputs=["aa"]), [X]).records([(results, 2)])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"inputs": {"z": "a"}},
            r"inputs names 'z', which .*It takes 'x' \(float32, shape 2 a record",
        ),
        ({"inputs": {"x": ["a"]}}, r"1 fields are to be the parts of the model's input 'x'.*It takes 2"),
        (
            {"outputs": ["z"]},
            r"outputs names 'z', which is no output .*'y' \(float32, shape \[n, 2\]\)",
        ),
        ({"outputs": {"y": "a", "x": "a"}}, "outputs names 'x'"),
        ({"constants": {"z": 1}}, "constants names 'z', which is no input"),
        ({"constants": {"x": [[1, "a"]]}}, r"constants\['x'\] does not fit the model's input 'x'.*not a number"),
        ({"constants": {"x": [[1, 2]]}}, "No input of the model is fed by records: constants names all of them"),
        ({"batch_axes": {"xx": 0}}, r"batch_axes names 'xx', which is no input or output.*Did you mean 'x'\?"),
        ({"batch_axes": {"x": 2}}, r"batch_axes gives 'x' the axis 2, but it is 'x' \(float32, shape \[n, 2\]\)"),
        ({"batch_axes": {"x": -1}}, "choose one of its axes, from 0"),
    ],
)
def test_a_configuration_that_does_not_fit_the_model_is_refused_with_what_it_has(settings: Any, said: str):
    with pytest.raises(InferenceBackendInitializationError, match=said):
        TensorWiring(TensorConfig(**settings), [X], [Y])


def test_one_key_for_two_outputs_is_refused():
    with pytest.raises(InferenceBackendInitializationError, match="one key to several outputs"):
        TensorWiring(TensorConfig(outputs={"y": "k", "z": "k"}), [X], [Y, ModelTensor("z", F, ("n",))])


def test_inputs_without_a_batch_and_models_without_inputs_are_refused():
    with pytest.raises(InferenceBackendInitializationError, match=r"no axis for the batch.*constants={'scale': …}"):
        wired(X, ModelTensor("scale", F, ()))
    with pytest.raises(InferenceBackendInitializationError, match="it has none"):
        TensorWiring(TensorConfig(), [])
    with pytest.raises(InferenceBackendInitializationError, match=r"different fixed lengths.*'a'.*'b'"):
        wired(ModelTensor("a", F, (2, 3)), ModelTensor("b", F, (3, 2)))


def test_what_a_model_fails_with_names_what_it_was_given():
    wiring = wired()
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        run(wiring, [{"x": [1, 2]}, {"x": [3, 4]}], lambda x: x / "2")
    said = str(caught.value)
    assert "It was given 'x' (float32, shape [2, 2]); it takes 'x' (float32, shape [n, 2])." in said
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize(
    ("result", "names", "named"),
    [
        (Named(1, 2), None, {"first": 1, "second": 2}),
        ([1], None, {"output_0": 1}),
        ({1: 2}, None, {"1": 2}),
        ({"a": 1, "b": 2}, ["x", "y"], {"x": 1, "y": 2}),
    ],
)
def test_outputs_are_named(result: Any, names: Any, named: Any):
    assert name_outputs(result, names) == named


def test_as_many_names_as_outputs():
    with pytest.raises(
        InferenceBackendRuntimeError, match=r"1 names \(x\), and the model gave 2 outputs \(output_0, output_1"
    ):
        name_outputs((1, 2), ["x"])


def test_a_frame_in_place_of_records_is_refused():
    wiring = TensorWiring(TensorConfig(), [ModelTensor("x", np.dtype("float32"), ("n",))])
    with pytest.raises(InferenceBackendRuntimeError, match="gave dict, where records or an array"):
        wiring.batch({"x": [1, 2]})
