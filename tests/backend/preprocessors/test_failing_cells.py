"""Cells whose own code fails, and cells that are huge: the error names the row, and is short."""

from __future__ import annotations

from typing import Any

import pytest

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PreprocessorRuntimeError


class Failing(int):
    """A number that cannot be read."""

    def _fail(self) -> Any:
        raise self.kind("own")

    kind: type[Exception] = RuntimeError
    __float__ = __int__ = __index__ = _fail


class Exhausting(Failing):
    """One that takes all memory."""

    kind = MemoryError


class Mute:
    """Cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def refusal(cell: Any, dtype: str | None) -> PreprocessorRuntimeError:
    config = BackendConfig(input_format="numpy", feature_names=["a"], numpy_dtype=dtype)
    with pytest.raises(PreprocessorRuntimeError) as caught:
        get_preprocessor(config)([{"a": 1}, {"a": 0}, {"a": cell}])
    return caught.value


@pytest.mark.parametrize("dtype", [None, "float32", "int64"])
@pytest.mark.parametrize("cell", [Failing(3), Exhausting(3)], ids=["own", "memory"])
def test_a_cells_own_failure_names_the_row(cell: Failing, dtype: str | None) -> None:
    error = refusal(cell, dtype)
    assert error.row == 2
    assert "row 2" in str(error)
    assert "own" in str(error)
    assert type(error.__cause__) is cell.kind


@pytest.mark.parametrize("dtype", ["float32", "int64", "datetime64[s]", "bool", "complex128"])
@pytest.mark.parametrize(
    "cell",
    ["x" * 10_000_000, b"x" * 10_000_000, 10**5000, Mute(), [0] * 1_000_000],
    ids=lambda cell: type(cell).__name__,
)
def test_odd_and_huge_cells_give_short_messages(cell: Any, dtype: str) -> None:
    error = refusal(cell, dtype)
    assert error.row == 2
    assert "row 2" in str(error)
    assert "'a'" in str(error)
    assert type(cell).__name__ in str(error)
    assert len(str(error)) < 1000


def test_a_batch_that_fails_only_as_a_whole_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from packflow.backend.preprocessors import array

    loose = array.loose_array

    def whole(rows: Any, width: int) -> Any:
        if len(rows) > 1:
            raise MemoryError("no room")
        return loose(rows, width)

    monkeypatch.setattr(array, "loose_array", whole)
    error = refusal("three", None)
    assert error.row is None
    assert "3 rows" in str(error)
    assert isinstance(error.__cause__, MemoryError)
