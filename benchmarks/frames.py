"""The same jobs as `records` has, done by pandas and pyarrow, as far as these two can do them.

Records of several layouts they cannot flatten without filling the gaps, which gives other records: there is nothing to
compare. pyarrow gets the best that it can be given, a schema of the fields that are wanted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Function
from layouts import PATHS, SWAP, TEN_DEEP, TEN_FLAT, deep, flat_names, nested

try:
    import pandas as pd
    import pyarrow as pa
except ImportError:  # the peer's environment has neither, and does not run these ways
    pd = pa = None

Records = list[dict[str, Any]]


def ways(case: str) -> dict[str, Function]:
    """Give the ways in which the two do what a case does."""
    return {"pandas": _PANDAS[case], "pyarrow": _PYARROW[case]} if case in _PANDAS and pd is not None else {}


def frame_of_paths(records: Records) -> Records:
    rows = pd.json_normalize(records)[PATHS].itertuples(index=False, name=None)
    return [{"a": {"x": x, "z": {"q": q}}, "d": {"k": k}} for x, q, k in rows]


def normalized(records: Records) -> Records:
    return pd.json_normalize(records).to_dict("records")  # type: ignore[no-any-return]


def normalized_some(names: list[str]) -> Function:
    return lambda records: pd.json_normalize(records)[names].to_dict("records")


def frame(names: list[str]) -> Function:
    return lambda records: pd.DataFrame(records, columns=names).to_numpy()


def normalized_array(names: list[str]) -> Function:
    return lambda records: pd.json_normalize(records)[names].to_numpy()


def struct(tree: dict[str, Any]) -> Any:
    return pa.struct([(name, struct(kind) if isinstance(kind, dict) else kind) for name, kind in tree.items()])


def schema_of(names: list[str], kinds: dict[str, Any] | None = None) -> Any:
    """Give a schema of paths; what has no kind of its own is a float."""
    tree: dict[str, Any] = {}
    for name in names:
        *above, last = name.split(".")
        node = tree
        for step in above:
            node = node.setdefault(step, {})
        node[last] = (kinds or {}).get(name) or pa.float64()
    return pa.schema(list(struct(tree)))


def flat_table(records: Records, schema: Any) -> Any:
    table = pa.Table.from_pylist(records, schema=schema)
    while any(pa.types.is_struct(kind) for kind in table.schema.types):
        table = table.flatten()
    return table


def columns(table: Any, names: list[str]) -> Any:
    return np.column_stack([table.column(name).to_numpy() for name in names])


def table(names: list[str]) -> Function:
    schema = schema_of(names)
    return lambda records: columns(flat_table(records, schema), names)


def table_records(schema: Any) -> Function:
    return lambda records: flat_table(records, schema).to_pylist()


def paths_table(records: Records) -> Records:
    found = pa.Table.from_pylist(records, schema=_PATHS_SCHEMA)
    return found.to_pylist()  # type: ignore[no-any-return]


def renamed_table(records: Records) -> Records:
    found = pa.Table.from_pylist(records, schema=_SMALL_SCHEMA)
    return found.rename_columns([SWAP.get(name, name) for name in "abcde"]).to_pylist()  # type: ignore[no-any-return]


_PANDAS: dict[str, Function] = {
    "filter 3 of 5": lambda records: pd.DataFrame(records, columns=["a", "b", "c"]).to_dict("records"),
    "rename 2 of 5": lambda records: pd.DataFrame(records).rename(columns=SWAP).to_dict("records"),
    "nested paths, 3": frame_of_paths,
    "flatten 7 leaves": normalized,
    "flatten 200 leaves": normalized,
    "flatten and filter 10 of 200": normalized_some(TEN_DEEP),
    "flatten and filter 10 of 600": normalized_some(TEN_DEEP),
    "NumPy, 2 of 5": frame(["a", "b"]),
    "NumPy, 10 of 200": frame(TEN_FLAT),
    "NumPy, 3 nested paths": normalized_array(PATHS),
    "NumPy, 10 nested of 200": normalized_array(TEN_DEEP),
    "NumPy, 10 of 200 flattened": normalized_array(TEN_DEEP),
    "NumPy, 10 of 600 flattened": normalized_array(TEN_DEEP),
}
if pa is not None:
    _KINDS = {"a": pa.int64(), "c": pa.string(), "d": pa.bool_(), "e": pa.int64()}
    _NESTED = {"a.x": pa.int64(), "a.y": pa.int64(), "a.z.r": pa.int64(), "b": pa.int64(), "c": pa.string()}
    _SMALL_SCHEMA = schema_of(list("abcde"), _KINDS)
    _PATHS_SCHEMA = schema_of(PATHS, _NESTED)
    _PYARROW: dict[str, Function] = {
        "filter 3 of 5": table_records(schema_of(list("abc"), _KINDS)),
        "rename 2 of 5": renamed_table,
        "nested paths, 3": paths_table,
        "flatten 7 leaves": table_records(schema_of(flat_names(nested(1)), _NESTED)),
        "flatten 200 leaves": table_records(schema_of(flat_names(deep(1)))),
        "flatten and filter 10 of 200": table_records(schema_of(TEN_DEEP)),
        "flatten and filter 10 of 600": table_records(schema_of(TEN_DEEP)),
        "NumPy, 2 of 5": table(["a", "b"]),
        "NumPy, 10 of 200": table(TEN_FLAT),
        "NumPy, 3 nested paths": table(PATHS),
        "NumPy, 10 nested of 200": table(TEN_DEEP),
        "NumPy, 10 of 200 flattened": table(TEN_DEEP),
        "NumPy, 10 of 600 flattened": table(TEN_DEEP),
    }
