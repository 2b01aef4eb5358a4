"""What the tests of preprocessors share: one way in, and strategies for records, names and delimiters."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PreprocessorRuntimeError

DELIMITERS = st.sampled_from([".", ":", "__", "::", "→", " "])
KEYS = st.sampled_from(["a", "b", "c", "", "a_", "_b", "é"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)

#: Settings for every property; no luck in drawing decides whether a test passes.
rule = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def preprocess(records: list[Any], **config: Any) -> Any:
    """Run records through the preprocessor that a configuration asks for."""
    return get_preprocessor(BackendConfig(**config))(records)


def one(record: Any, **config: Any) -> Any:
    """Run one record through."""
    (result,) = preprocess([record], **config)
    return result


def refusal(records: list[Any], **config: Any) -> PreprocessorRuntimeError:
    """Run records through and give the error that refuses them."""
    try:
        result = preprocess(records, **config)
    except PreprocessorRuntimeError as error:
        return error
    raise AssertionError(f"nothing was refused; the result is {result!r}")


def cells(*values: Any, **config: Any) -> Any:
    """Give the array that a column of cells becomes; ``...`` stands for a record without the feature."""
    records = [{} if value is ... else {"x": value} for value in values]
    return preprocess(records, input_format="numpy", feature_names=["x"], **config)


def records_of(keys: st.SearchStrategy[str] = KEYS, lists: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Make records a few levels deep, with empty dicts and lists among their values."""
    leaves = VALUES
    inside = st.recursive(
        leaves,
        lambda below: (
            st.dictionaries(keys, below, max_size=3) | (st.lists(below, max_size=2) if lists else st.nothing())
        ),
        max_leaves=6,
    )
    return st.dictionaries(keys, inside, max_size=4)


@st.composite
def names_with(draw: st.DrawFn, delimiter: str, keys: st.SearchStrategy[str] = KEYS) -> str:
    """Make a name of one to three steps."""
    return delimiter.join(draw(st.lists(keys, min_size=1, max_size=3)))


def renames_with(delimiter: str, keys: st.SearchStrategy[str] = KEYS) -> st.SearchStrategy[dict[str, str]]:
    """Make renames; no two have the same target."""
    pairs = st.tuples(names_with(delimiter, keys), names_with(delimiter, keys))
    unique = st.lists(pairs, max_size=3, unique_by=(lambda pair: pair[0], lambda pair: pair[1]))
    return unique.map(dict)
