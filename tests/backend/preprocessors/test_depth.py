"""Records that are deep, or contain themselves: handled, or refused by an error of our own."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from packflow import BackendConfig, InferenceBackend
from packflow.backend.preprocessors import get_preprocessor
from packflow.backend.preprocessors.plan import MAX_DEPTH
from packflow.exceptions import PackflowError, PreprocessorRuntimeError
from tests.backend.preprocessors.support import one, preprocess, refusal

#: Every configuration that walks down a record as far as it goes.
WALKING = {
    "rename": {"rename_fields": {"x": "y"}},
    "rename the deep one": {"rename_fields": {"a": "y"}},
    "rename a path": {"rename_fields": {"x.z": "y"}},
    "select": {"feature_names": ["a"]},
    "select a path": {"feature_names": ["a.a"]},
    "flatten": {"flatten_nested_inputs": True},
    "flatten and select": {"flatten_nested_inputs": True, "feature_names": ["a"]},
}
WALKS = pytest.mark.parametrize("config", WALKING.values(), ids=WALKING)


def deep(levels: int, innermost: Any = 1) -> Any:
    """Nest dicts within dicts."""
    for _ in range(levels):
        innermost = {"a": innermost}
    return innermost


def depth_of(node: Any) -> int:
    """Count the levels of dicts, without recursion."""
    levels = 0
    while isinstance(node, dict):
        levels, node = levels + 1, next(iter(node.values()))
    return levels


@WALKS
def test_a_record_within_the_stated_depth_is_handled(config):
    record = deep(MAX_DEPTH)
    result = one({**record, "x": {"z": 1}} if "rename_fields" in config else record, **config)
    if config.get("flatten_nested_inputs"):
        assert result == {".".join(["a"] * MAX_DEPTH): 1}
    else:
        assert depth_of(result) == MAX_DEPTH


@WALKS
@pytest.mark.parametrize("levels", [MAX_DEPTH + 5, 5_000, 100_000])
def test_a_deeper_record_is_refused_by_its_row(config, levels):
    record = deep(levels)
    error = refusal([{"x": {"z": 1}}, {**record, "x": {"z": 1}}], **config)
    assert error.row == 1
    assert str(MAX_DEPTH) in str(error)


@WALKS
def test_a_record_that_contains_itself_is_refused(config):
    record: dict[str, Any] = {"x": {"z": 1}}
    record["a"] = record
    assert "contains itself" in str(refusal([record], **config))


def test_a_list_that_contains_itself_is_refused_when_lists_are_flattened():
    items: list[Any] = [1]
    items.append(items)
    assert "contains itself" in str(refusal([{"a": items}], flatten_nested_inputs=True, flatten_lists=True))
    assert one({"a": items}, flatten_nested_inputs=True)["a"] is items


def test_lists_count_as_levels_when_they_are_flattened():
    nested: Any = 1
    for _ in range(MAX_DEPTH + 5):
        nested = [nested]
    assert refusal([{"a": nested}], flatten_nested_inputs=True, flatten_lists=True).row == 0
    assert one({"a": nested}, flatten_nested_inputs=True) == {"a": nested}


def test_a_path_may_be_reached_in_a_record_of_any_depth():
    record = {"a": {"b": {"c": 1}, "deep": deep(100_000)}, "deep": deep(100_000)}
    assert one(record, feature_names=["a.b"]) == {"a": {"b": {"c": 1}}}
    assert preprocess([record], input_format="numpy", feature_names=["a.b.c"]).tolist() == [[1]]


def test_a_long_path_is_no_deep_recursion():
    name = ".".join(["a"] * 400)
    assert one(deep(400), rename_fields={name: "b"}) == {"b": 1}
    assert depth_of(one({"b": 1}, rename_fields={"b": name})) == 400
    assert preprocess([deep(400)], input_format="numpy", feature_names=[name]).tolist() == [[1]]


def test_the_error_for_a_deep_cell_is_our_own():
    nested: Any = 1
    for _ in range(100_000):
        nested = [nested]
    error = refusal([{"x": nested}], input_format="numpy", feature_names=["x"], numpy_dtype="int64")
    assert "'x'" in str(error)


def called_from_deep_inside(frames_left: int, function: Any) -> Any:
    """Call a function with only so many frames of Python's stack left."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back

    def descend(levels: int) -> Any:
        return function() if levels <= 0 else descend(levels - 1)

    return descend(sys.getrecursionlimit() - depth - frames_left)


@WALKS
def test_deep_inside_a_hosts_stack_it_is_still_an_error_of_our_own(config):
    run = get_preprocessor(BackendConfig(**config))
    record = {**deep(300), "x": {"z": 1}}
    assert run([record])  # here there is room
    with pytest.raises(PreprocessorRuntimeError, match=r"too deeply.*row 0") as caught:
        called_from_deep_inside(150, lambda: run([record]))
    assert caught.value.row == 0


def test_a_shallow_record_is_handled_deep_inside_a_hosts_stack():
    run = get_preprocessor(BackendConfig(flatten_nested_inputs=True))
    assert called_from_deep_inside(150, lambda: run([deep(20)])) == [{".".join(["a"] * 20): 1}]


def test_a_backend_reports_it_as_its_own_error_too():
    class Echo(InferenceBackend):
        def execute(self, inputs):
            return inputs

    backend = Echo(verbose=False, flatten_nested_inputs=True)
    with pytest.raises(PackflowError, match="too deeply"):
        called_from_deep_inside(200, lambda: backend([deep(300)]))
    assert backend([deep(3)]) == [{"a.a.a": 1}]
