"""Generated code and the interpreter of the same plan always agree: in values, types, orders and errors."""

from __future__ import annotations

import copy
import pickle
import threading
from collections import OrderedDict, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packflow import BackendConfig
from packflow.backend.preprocessors import Preprocessor, get_preprocessor
from packflow.backend.preprocessors.compiled import flattening
from packflow.exceptions import PreprocessorRuntimeError
from tests.backend.preprocessors.support import DELIMITERS, KEYS, VALUES, names_with, records_of, rule

PLAIN = st.sampled_from(["a", "b", "c", ""])
NUMBERS = st.integers(-(2**70), 2**70) | st.integers(2**53 - 2, 2**53 + 2) | st.floats() | st.booleans() | st.none()
ODD_CELLS = st.sampled_from([[1], [{}], (1, 2), b"x", np.float32(0.5), np.array(3), np.int64(2**60), 1j, object])
ODD_KEYS = st.sampled_from([1, None, True, ("a",), b"a", "a", "b", "x.y"])


@st.composite
def odd_records(draw: st.DrawFn, keys: st.SearchStrategy[str]) -> Any:
    """Make a record, or something that looks a little like one."""
    record: Any = draw(records_of(keys) | st.dictionaries(keys, VALUES | NUMBERS | ODD_CELLS, max_size=4))
    match draw(st.integers(0, 11)):
        case 0:
            return OrderedDict(record)
        case 1:
            return defaultdict(dict, record)
        case 2:
            return {key: OrderedDict(value) if isinstance(value, dict) else value for key, value in record.items()}
        case 3:
            return {**record, draw(ODD_KEYS): draw(VALUES)}
        case 4:
            return {
                key: defaultdict(dict, value) if isinstance(value, dict) else value for key, value in record.items()
            }
        case 5:
            return draw(VALUES | st.lists(VALUES, max_size=2))
        case 6:
            return {
                key: {**value, draw(ODD_KEYS): 1} if isinstance(value, dict) else value for key, value in record.items()
            }
    return record


@st.composite
def renames(draw: st.DrawFn, names: st.SearchStrategy[str]) -> dict[str, str]:
    pairs = st.lists(st.tuples(names, names), max_size=3, unique_by=(lambda pair: pair[0], lambda pair: pair[1]))
    return dict(draw(pairs))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Any], dict[str, Any]]:
    """Make a batch and settings: layouts come again and again, for functions are made of those that do."""
    delimiter = draw(DELIMITERS)
    keys = draw(st.sampled_from([PLAIN, KEYS, names_with(delimiter)]))
    distinct = draw(st.lists(records_of(keys), min_size=1, max_size=3))
    odd = draw(st.lists(odd_records(keys), max_size=2))
    names = draw(st.sampled_from([PLAIN, names_with(delimiter)]))
    config = {
        "rename_fields": draw(renames(draw(st.sampled_from([PLAIN, names])))),
        "feature_names": draw(st.lists(names, max_size=4, unique=draw(st.booleans()))),
        "nested_field_delimiter": delimiter,
        "flatten_nested_inputs": draw(st.booleans()),
        "flatten_lists": draw(st.booleans()),
        "ignore_delimiter_collisions": draw(st.booleans()),
    }
    return draw(st.permutations(distinct * draw(st.sampled_from([1, 9])) + odd)), config


def likeness(value: Any) -> Any:
    """Give what two equal outcomes have in common: values with their types, and the order of keys."""
    if isinstance(value, dict):
        return (type(value), [(likeness(key), likeness(inner)) for key, inner in value.items()])
    if isinstance(value, (list, tuple)):
        return (type(value), [likeness(item) for item in value])
    if isinstance(value, np.ndarray):
        return (value.dtype, value.shape, [likeness(item) for item in value.ravel()])
    return (type(value), repr(value))


def outcome(run: Any, records: list[Any]) -> Any:
    try:
        return likeness(run(records))
    except PreprocessorRuntimeError as error:
        return (str(error), error.row, type(error.__cause__), str(error.__cause__))


def agree(config: dict[str, Any], records: list[Any]) -> Preprocessor:
    preprocessor: Any = get_preprocessor(BackendConfig(**config))
    before = likeness(records)
    if preprocessor.changes_nothing:
        return preprocessor
    interpreted = outcome(get_preprocessor(BackendConfig(**config)).interpret, records)  # type: ignore[attr-defined]
    assert outcome(preprocessor, records) == interpreted
    assert outcome(preprocessor, records) == interpreted  # now with the functions that the first call was worth
    assert likeness(records) == before
    return preprocessor


@rule
@given(cases())
def test_records(case):
    records, config = case
    agree(config, records)


@rule
@given(cases(), st.sampled_from([None, "float64", "float32", "int8", "object", "str"]), st.booleans())
def test_arrays_of_any_records(case, dtype, refuse):
    records, config = case
    config |= {"feature_names": config["feature_names"] or ["a"], "input_format": "numpy", "numpy_dtype": dtype}
    agree({**config, "on_missing": "error" if refuse else "null"}, records)


@rule
@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), NUMBERS | ODD_CELLS, max_size=2), max_size=3)
    | st.lists(st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS}), max_size=40),
    st.sampled_from([None, "float64", "float32", "int64", "int8", "uint64", "bool", "complex128", "object"]),
    st.booleans(),
)
def test_arrays_of_any_numbers(records, dtype, refuse):
    config = {"input_format": "numpy", "feature_names": ["a", "b"], "numpy_dtype": dtype}
    agree({**config, "on_missing": "error" if refuse else "null"}, records)


GENERATED = {
    "filter": {"feature_names": ["a", "c"]},
    "rename": {"rename_fields": {"a": "x"}},
    "rename and filter": {"rename_fields": {"a": "x"}, "feature_names": ["x", "c"]},
    "paths": {"feature_names": ["a.b", "c"]},
    "flatten": {"flatten_nested_inputs": True},
    "cells": {"input_format": "numpy", "feature_names": ["a.b", "c"]},
}


@pytest.mark.parametrize("config", GENERATED.values(), ids=GENERATED)
def test_the_source_that_was_generated_can_be_read(config: dict[str, Any]) -> None:
    preprocessor: Any = get_preprocessor(BackendConfig(**config))
    preprocessor([{"a": {"b": 1}, "c": 2}] * 20)
    compile(preprocessor.source, "source", "exec")
    assert "'a'" in preprocessor.source or "'a.b'" in preprocessor.source


@pytest.mark.parametrize("config", GENERATED.values(), ids=GENERATED)
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))], ids=["copy", "pickle"]
)
def test_a_copy_generates_its_own(config: dict[str, Any], copied: Any) -> None:
    preprocessor: Any = get_preprocessor(BackendConfig(**config))
    records = [{"a": {"b": 1}, "c": number} for number in range(5)]
    expected = likeness(preprocessor(records))
    assert likeness(copied(preprocessor)(records)) == expected


@pytest.mark.parametrize("config", GENERATED.values(), ids=GENERATED)
def test_where_nothing_is_odd_the_interpreter_is_not_asked(config: dict[str, Any], monkeypatch: Any) -> None:
    preprocessor: Any = get_preprocessor(BackendConfig(**config))
    records = [{"a": {"b": number}, "c": number} for number in range(20)]
    expected = preprocessor(records)  # by now, the layout is known
    monkeypatch.setattr(type(preprocessor), "interpret", None)
    assert likeness(preprocessor(records)) == likeness(expected)


def test_layouts_without_end_are_not_kept_without_end() -> None:
    preprocessor: Any = get_preprocessor(BackendConfig(rename_fields={"a": "x"}))
    for number in range(300):
        records = [{"a": 1, f"b{number}": 2}] * 5
        assert preprocessor(records) == [{"x": 1, f"b{number}": 2}] * 5


@pytest.mark.parametrize("config", [GENERATED["flatten"], GENERATED["rename"], GENERATED["paths"]], ids=str)
def test_many_threads_learn_layouts_at_once(config: dict[str, Any]) -> None:
    preprocessor: Any = get_preprocessor(BackendConfig(**config))
    batches = [
        [{"a": {f"k{(number + batch) % 7}": 1, "b": batch}, f"l{number % 5}": number, "c": 3} for number in range(60)]
        for batch in range(40)
    ]
    interpreted = [likeness(preprocessor.interpret(records)) for records in batches]
    with ThreadPoolExecutor(8) as pool:
        assert [likeness(rows) for rows in pool.map(preprocessor, batches)] == interpreted


def test_a_function_is_that_of_its_own_layout_whatever_another_thread_makes_meanwhile(monkeypatch: Any) -> None:
    preprocessor: Any = get_preprocessor(BackendConfig(flatten_nested_inputs=True))
    place = flattening.place
    others: list[Any] = []

    def place_while_another_is_made(*arguments: Any) -> Any:
        if not others:  # a function for the first layout has been written, and is not loaded yet
            batch = [{"a": {"x": 1}, "other": 2}] * 20
            other = threading.Thread(target=lambda: others.extend(preprocessor(batch)))
            others.append("begun")
            other.start()
            other.join()
        return place(*arguments)

    monkeypatch.setattr(flattening, "place", place_while_another_is_made)

    assert preprocessor([{"a": {"x": 1}, "own": 2}] * 20) == [{"a.x": 1, "own": 2}] * 20
    assert others[1:] == [{"a.x": 1, "other": 2}] * 20
