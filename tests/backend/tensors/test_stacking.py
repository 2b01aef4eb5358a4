from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow.backend.tensors import TensorSpec, bind_fields, split, stack
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError

NUMBERS = st.sampled_from(["float32", "float64", "float16", "int8", "int32", "int64", "uint8", "bool"])


def spec(dtype: str = "float32", *shape: int | None, name: str = "x") -> TensorSpec:
    return TensorSpec(name, np.dtype(dtype), shape)


def refusal(records: list[Any], wanted: TensorSpec, fields: Any = None, **options: Any) -> InferenceBackendRuntimeError:
    with pytest.raises(InferenceBackendRuntimeError) as caught:
        stack(records, wanted, fields, **options)
    return caught.value


# --- Which fields feed which input -----------------------------------------------------------------------------------


def test_an_input_is_fed_from_the_field_of_its_own_name():
    assert bind_fields([spec(name="a"), spec("int64", name="b")]) == {"a": "a", "b": "b"}


def test_inputs_chooses_fields_for_some_and_leaves_the_others():
    assert bind_fields([spec(name="a"), spec("int64", 2, name="b")], {"b": ["u", "v"]}) == {"a": "a", "b": ("u", "v")}


@pytest.mark.parametrize("inputs", [{"x": "whole"}, None])
def test_feature_names_are_the_parts_of_an_only_input_that_has_parts(inputs: Any):
    expected = "whole" if inputs else ("u", "v")
    assert bind_fields([spec("float32", 2)], inputs, ["u", "v"]) == {"x": expected}
    assert bind_fields([spec("float32")], inputs, ["u", "v"]) == {"x": "whole" if inputs else "x"}
    assert bind_fields([spec("float32", 2), spec(name="y")], inputs, ["u", "v"])["x"] == ("whole" if inputs else "x")


def test_an_unknown_input_is_refused_with_the_nearest_and_what_the_model_takes():
    with pytest.raises(
        InferenceBackendInitializationError, match=r"'imgae'.*'image'\?.*'image' \(float32, shape 3 x an"
    ):
        bind_fields([spec("float32", 3, None, name="image")], {"imgae": "picture"})


@pytest.mark.parametrize(("shape", "fields"), [((3,), ["u", "v"]), ((), ["u"])])
def test_a_wrong_number_of_parts_is_refused(shape: tuple[int, ...], fields: list[str]):
    with pytest.raises(InferenceBackendInitializationError, match=r"'u'.*It takes (3|one value): name as many fields"):
        bind_fields([spec("float32", *shape)], {"x": fields})


# --- The batch of an input --------------------------------------------------------------------------------------------


@given(dtype=NUMBERS, rows=st.integers(0, 5), shape=st.lists(st.integers(1, 3), max_size=2), data=st.data())
def test_values_come_through_exactly_or_are_refused(dtype: str, rows: int, shape: list[int], data: st.DataObject):
    cells = st.one_of(st.integers(-(2**70), 2**70), st.integers(-130, 260), st.booleans(), st.floats(width=16))
    size = int(np.prod(shape, dtype=int))
    flat = [data.draw(st.lists(cells, min_size=size, max_size=size)) for _ in range(rows)]
    records = [{"x": _nested(row, shape)} for row in flat]
    wanted = spec(dtype, *shape)
    try:
        array = stack(records, wanted)
    except InferenceBackendRuntimeError as error:
        row = error.row
        assert row is not None
        assert any(not _fits(cell, np.dtype(dtype)) for cell in flat[row])
        assert all(_fits(cell, np.dtype(dtype)) for earlier in flat[:row] for cell in earlier)
        return
    assert (array.dtype, array.shape) == (np.dtype(dtype), (rows, *shape))
    for held, cell in zip(array.ravel().tolist(), (cell for row in flat for cell in row), strict=True):
        assert held == cell or (held != held and cell != cell)


def _nested(cells: list[Any], shape: list[int]) -> Any:
    if not shape:
        return cells[0]
    step = len(cells) // shape[0]
    return [_nested(cells[start : start + step], shape[1:]) for start in range(0, len(cells), step)]


def _fits(cell: Any, dtype: np.dtype[Any]) -> bool:
    """Whether a dtype holds a number exactly, said by Python's own arithmetic."""
    if dtype.kind == "f":
        try:
            with np.errstate(over="ignore"):
                held = float(dtype.type(cell))
        except OverflowError:
            return False
        return held == cell or cell != cell
    low, high = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    return cell == cell and abs(cell) != float("inf") and int(cell) == cell and low <= cell <= high


@pytest.mark.parametrize("value", [[1, 2], (1, 2), np.array([1, 2]), np.array([1.0, 2.0], "float16")])
def test_a_value_may_be_a_list_a_tuple_or_an_array(value: Any):
    assert stack([{"x": value}], spec("int64", 2)).tolist() == [[1, 2]]


def test_floats_may_lose_digits_and_integers_may_not():
    assert stack([{"x": 0.1}], spec("float32"))[0] == np.float32(0.1)
    assert stack([{"x": 1e9 + 0.5}], spec("float32"))[0] == np.float32(1e9)
    assert "would be rounded" in str(refusal([{"x": 2**24 + 1}], spec("float32")))
    assert "would be rounded" in str(refusal([{"x": np.array([2**24 + 1])}], spec("float32", 1)))


def test_one_number_does_for_a_value_of_one():
    assert stack([{"x": 1}, {"x": 2}], spec("float32", 1)).tolist() == [[1.0], [2.0]]
    assert stack([{"x": "a"}, {"x": ["b"]}], TensorSpec("x", np.dtype(object), (1,))).tolist() == [["a"], ["b"]]


def test_parts_lie_along_the_first_axis():
    array = stack([{"u": [1, 2], "v": [3, 4]}], spec("float32", None, 2), ("u", "v"))
    assert array.tolist() == [[[1.0, 2.0], [3.0, 4.0]]]
    assert "'v' has values of shape (1,) and 'u' of shape (2,)" in str(
        refusal([{"u": [1, 2], "v": [3]}], spec("float32", None, None), ("u", "v"))
    )


def test_no_records_make_an_empty_batch():
    assert stack([], spec("int32", 2, None)).shape == (0, 2, 0)


@pytest.mark.parametrize(
    ("values", "row", "reason"),
    [
        ([[1, 2], [1, 2, 3]], 1, "its shape is 3, where 2 is expected"),
        ([[1, 2], [[1, 2]]], 1, "its shape is 1 x 2, where 2 is expected"),
        ([[1, 2], 5], 1, "its shape is one value, where 2 is expected"),
        ([[1, 2], [1, "b"]], 1, "it is not a number"),
        ([[1, None], [1, 2]], 0, "it holds None"),
        ([[1, 2], [1, [2]]], 1, "it is not a number"),
        ([[1, 2], {"a": 1}], 1, "its shape is one value"),
        ([[1, 2], "ab"], 1, "its shape is one value"),
        ([[1e300, 2]], 0, "out of range"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_row_and_field(values: list[Any], row: int, reason: str):
    error = refusal([{"x": value} for value in values], spec("float32", 2))
    assert error.row == row
    assert f"Field 'x' of row {row} does not fit the model's input 'x' (float32, shape 2 a record): " in str(error)
    assert reason in str(error)


def test_rows_of_unlike_shapes_are_refused_by_the_first_that_differs():
    error = refusal([{"x": [1, 2]}, {"x": [3, 4]}, {"x": [5]}], spec("float32", None))
    assert error.row == 2
    assert "row 2 has shape (1,), and of row 0 shape (2,)" in str(error)


def test_unequal_lists_within_a_value_are_refused():
    assert "unequal lengths" in str(refusal([{"x": [[1, 2], [3]]}], spec("float32", 2, 2)))


def test_text_is_no_number_and_a_number_no_text():
    text = TensorSpec("x", np.dtype(object), (2,))
    assert stack([{"x": ["a", "b"]}], text).tolist() == [["a", "b"]]
    assert "it holds int, where text is expected" in str(refusal([{"x": ["a", 1]}], text))
    assert "not a number" in str(refusal([{"x": "1"}], spec("float32")))


def test_a_missing_field_is_refused_with_the_nearest_or_read_as_nan():
    error = refusal([{"x": 1}, {"X1": 2}], spec(name="x1"), "x1")
    assert (error.row, "Field 'x1' of row 0 is missing" in str(error)) == (0, True)
    assert "Did you mean 'X1'?" in str(refusal([{"X1": 2}], spec(name="x1")))
    assert "is None" in str(refusal([{"x": None}], spec()))
    array = stack([{"x": 1}, {}, {"x": None}], spec(), on_missing="null")
    assert array[0] == 1
    assert np.isnan(array[1:]).all()
    assert np.isnan(stack([{"x": [None, 1]}], spec("float32", 2), on_missing="null")[0, 0])
    assert "needs it" in str(refusal([{}], spec("int32"), on_missing="null"))


def test_what_is_no_record_is_refused():
    assert "Row 1 is of type list" in str(refusal([{"x": 1}, [2]], spec()))


# --- Records of the outputs -------------------------------------------------------------------------------------------


def test_outputs_become_a_record_a_row_of_native_values():
    outputs = {
        "a": np.array([[1], [2]], "int8"),
        "b": np.array([[0.5, np.nan], [1, 2]]),
        "c": [{"cat": 0.5}, {"cat": 1}],
    }
    assert split(outputs, 2) == [
        {"a": 1, "b": [0.5, None], "c": {"cat": 0.5}},
        {"a": 2, "b": [1.0, 2.0], "c": {"cat": 1}},
    ]


def test_an_only_output_has_its_own_name():
    assert split({"score": np.array([0.5, 2])}, 2) == [{"score": 0.5}, {"score": 2.0}]


def test_no_outputs_and_no_rows():
    assert split({}, 2) == [{}, {}]
    assert split({"a": np.empty((0, 3))}, 0) == []


@pytest.mark.parametrize("output", [np.zeros((3, 2)), np.float32(1), [1, 2, 3], "text", {"a": 1}])
def test_an_output_without_a_row_for_each_record_is_refused_by_name(output: Any):
    with pytest.raises(InferenceBackendRuntimeError, match=r"output 'score' has .*one row for each of the 2 records"):
        split({"score": output}, 2)


def test_what_is_masked_is_missing():
    pair = TensorSpec("x", np.dtype("float32"), (2,))
    records = [{"x": [1, 2]}, {"x": np.ma.array([3.0, 4.0], mask=[False, True])}]
    with pytest.raises(InferenceBackendRuntimeError, match="row 1 does not fit"):
        stack(records, pair)
    made = stack(records, pair, on_missing="null")
    assert np.isnan(made[1, 1])
    assert made[1, 0] == 3
    whole = TensorSpec("x", np.dtype("int64"), ())
    with pytest.raises(InferenceBackendRuntimeError, match="row 0 does not fit"):
        stack([{"x": np.ma.masked}], whole)


def test_an_integer_beyond_all_floats_is_refused_by_row():
    spec = TensorSpec("x", np.dtype("float32"), ())
    with pytest.raises(InferenceBackendRuntimeError, match="Field 'x' of row 1 does not fit") as caught:
        stack([{"x": 0.5}, {"x": 10**400}], spec)
    assert caught.value.row == 1


def test_a_lone_name_of_a_feature_is_the_whole_value():
    vector = TensorSpec("x", np.dtype("float32"), (3,))
    assert bind_fields([vector], feature_names=["pixels"]) == {"x": "pixels"}
    assert bind_fields([TensorSpec("x", vector.dtype, ())], feature_names=["age"]) == {"x": "age"}
    assert bind_fields([TensorSpec("x", vector.dtype, (1,))], feature_names=["age"]) == {"x": ("age",)}
    assert bind_fields([TensorSpec("x", vector.dtype, (None,))], feature_names=["age"]) == {"x": ("age",)}


def test_a_shape_that_is_true_where_it_is_empty():
    class Shape(tuple[int, ...]):
        def __bool__(self) -> bool:  # as TensorFlow's
            return True

    class Scalar:
        shape = Shape()

    with pytest.raises(InferenceBackendRuntimeError, match=r"has shape \(\), where one row"):
        split({"y": Scalar()}, 2)
