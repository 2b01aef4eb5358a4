"""The two public functions: what they promise, and which arguments they refuse."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest

from packflow.exceptions import NormalizationError, PackflowError
from packflow.normalizers import base, refusal
from packflow.utils import normalize
from packflow.utils.normalize import ensure_native_types, ensure_valid_output


def test_a_column_of_results_becomes_one_record_a_row() -> None:
    doubled = np.array([[1], [2]]) * 2
    assert ensure_valid_output(doubled, parent_key="doubled") == [{"doubled": 2}, {"doubled": 4}]


def test_the_parent_key_is_output_unless_another_is_given() -> None:
    assert ensure_valid_output([1]) == [{"output": 1}]
    assert ensure_valid_output([1], "score") == [{"score": 1}]
    (record,) = ensure_valid_output([1], np.str_("score"))
    assert type(next(iter(record))) is str


@pytest.mark.parametrize("key", [None, 1, b"key", ("a",)])
def test_a_parent_key_that_is_no_text_is_refused(key: Any) -> None:
    with pytest.raises(NormalizationError, match=f"parent_key is of type '{type(key).__name__}'"):
        ensure_valid_output([1], key)


@pytest.mark.parametrize("nan", ["x", "NULL", None, True, ["null"]])
def test_an_unknown_nan_is_refused_even_where_there_is_none(nan: Any) -> None:
    with pytest.raises(NormalizationError, match="expected 'null' or 'error'"):
        ensure_native_types([], nan=nan)
    with pytest.raises(NormalizationError, match="expected 'null' or 'error'"):
        ensure_valid_output([], nan=nan)


def test_refusals_are_packflow_errors_that_carry_the_path() -> None:
    with pytest.raises(PackflowError) as caught:
        ensure_native_types([0, 0, 0, {"meta": {"ts": object()}}])
    assert getattr(caught.value, "path", None) == "[3].meta.ts"
    assert str(caught.value).startswith("[3].meta.ts: ")


@pytest.mark.parametrize("module", [normalize, base, refusal])
def test_the_examples_of_the_docstrings(module: Any) -> None:
    result = doctest.testmod(module, extraglobs={"Normalizer": base.Normalizer})
    assert result.attempted > 0
    assert result.failed == 0
