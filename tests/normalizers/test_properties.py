"""Rules that hold for any data."""

from __future__ import annotations

import json
from datetime import timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packflow.exceptions import NormalizationError
from packflow.utils.normalize import ensure_native_types, ensure_valid_output
from tests.normalizers.support import check_native, native

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.datetimes(timezones=st.sampled_from([None, timezone.utc])),
    st.timedeltas(),
    st.uuids(),
    st.frozensets(st.integers()),
    hnp.from_dtype(np.dtype("f4")),
    hnp.from_dtype(np.dtype("f2")),
    hnp.from_dtype(np.dtype("i8")),
    hnp.from_dtype(np.dtype("u1")),
    hnp.from_dtype(np.dtype("?")),
    hnp.from_dtype(np.dtype("U3")),
    hnp.from_dtype(np.dtype("M8[us]")),
    hnp.from_dtype(np.dtype("m8[ms]")),
)
dtypes = st.sampled_from(["f8", "f4", "i8", "u2", "?", "U2", "S2", "M8[D]", "m8[s]", "i4,f8", "f4,(2,)M8[s]"]).map(
    np.dtype
)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))


def containers(children: Any) -> Any:
    return st.one_of(
        st.lists(children, max_size=4),
        st.tuples(children, children),
        st.dictionaries(st.text(max_size=3), children, max_size=4),
        hnp.arrays(object, st.integers(0, 3), elements=children, fill=st.nothing()),
    )


data = st.recursive(st.one_of(leaves, arrays), containers, max_leaves=12)


def leaves_of(obj: Any) -> list[Any]:
    if isinstance(obj, (list, dict)):
        return [leaf for child in (obj.values() if isinstance(obj, dict) else obj) for leaf in leaves_of(child)]
    return [obj]


@given(data)
def test_any_data_becomes_native_once_and_for_all(obj: Any) -> None:
    native(obj)


@given(data)
def test_refusing_nan_gives_the_same_data_or_an_error(obj: Any) -> None:
    lenient = ensure_native_types(obj)
    try:
        strict = ensure_native_types(obj, nan="error")
    except NormalizationError:
        with pytest.raises(NormalizationError, match='nan="null"'):
            ensure_native_types(obj, nan="error")
        assert None in leaves_of(lenient)
    else:
        assert strict == lenient


@given(st.lists(data, max_size=5), st.sampled_from([list, tuple, iter]))
def test_as_many_records_come_out_as_rows_went_in(rows: list[Any], kind: Any) -> None:
    records = ensure_valid_output(kind(rows), "key")
    check_native(records)
    json.dumps(records, allow_nan=False)
    assert len(records) == len(rows)
    assert all(type(record) is dict for record in records)


@given(arrays.filter(lambda array: array.ndim > 0))
def test_arrays_are_read_along_their_first_axis(array: Any) -> None:
    records = ensure_valid_output(array, "key")
    rows = ensure_native_types(array)
    if array.ndim > 1 and array.shape[1] == 1:
        rows = [row[0] for row in rows]
    assert records == [row if type(row) is dict else {"key": row} for row in rows]
    assert len(records) == len(array)


@given(st.lists(st.dictionaries(st.text(), leaves), max_size=5))
def test_records_are_converted_each_for_itself(rows: list[dict[str, Any]]) -> None:
    assert ensure_valid_output(rows) == [ensure_native_types(row) for row in rows]


keys = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())


@given(st.dictionaries(keys, st.integers()))
def test_keys_are_those_that_json_would_write(obj: dict[Any, int]) -> None:
    written = json.loads(json.dumps(obj))
    if len(written) == len(obj):
        assert ensure_native_types(obj) == written
    else:
        with pytest.raises(NormalizationError, match="two keys"):
            ensure_native_types(obj)
