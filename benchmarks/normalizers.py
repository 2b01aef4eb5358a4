"""What a model gives back, made records: arrays and tensors, and rows whose numbers are NumPy's.

*by hand* is ``tolist()`` with a comprehension for arrays, a loop over the fields for dicts; *strict* names each field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from frames import pa, pd
from harness import Case, Function, Goal

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]


def batches(make: Callable[[int, int], Any]) -> Callable[[int], list[Any]]:
    return lambda size: [make(turn, size) for turn in range(100 if size == 1 else 10)]


def vector(turn: int, size: int) -> Any:
    return np.random.default_rng(turn).random(size)


def tensor(turn: int, size: int) -> Any:
    return torch.from_numpy(np.random.default_rng(turn).random((size, 3), dtype=np.float32))


def dict_rows(turn: int, size: int) -> Any:
    numbers = np.random.default_rng(turn)
    return [
        {"label": f"class {number % 7}", "score": score, "index": index}
        for number, (score, index) in enumerate(
            zip(numbers.random(size, dtype=np.float32), numbers.integers(0, 1000, size), strict=True)
        )
    ]


def from_list(array: Any) -> Any:
    return [{"output": value} for value in array.tolist()]


def loop(rows: Any) -> Any:
    return [
        {key: value.item() if isinstance(value, np.generic) else value for key, value in row.items()} for row in rows
    ]


def strict(rows: Any) -> Any:
    return [{"label": row["label"], "score": row["score"].item(), "index": row["index"].item()} for row in rows]


def to_records(_: int = 0) -> Function:
    from packflow.utils.normalize import ensure_valid_output

    return ensure_valid_output  # type: ignore[no-any-return]


def case(name: str, make: Callable[[int, int], Any], goal: float, **ways: Function) -> Case:
    by_hand, *others = [way.replace("_", " ") for way in ways]
    functions = dict(zip([by_hand, *others], ways.values(), strict=True))
    return Case(
        "normalizers", name, "ns a row", batches(make), lambda _: {"ours": to_records(), **functions},
        (
            Goal("ours", "by hand", goal),
            *(Goal("ours", other, 1.0 if other in ("pandas", "pyarrow") else None, at_one=1.0) for other in others),
            Goal("ours", "peer", 1.0, at_one=1.0),
        ),
        elsewhere=lambda: {"peer": to_records()}, peer_gives=lambda batch: to_records()(batch),
    )  # fmt: skip


CASES = [
    case("vector of floats", vector, 1.3, by_hand=from_list,
         pandas=lambda array: pd.DataFrame({"output": array}).to_dict("records"),
         pyarrow=lambda array: pa.table({"output": array}).to_pylist()),
    *([case("torch, (n, 3)", tensor, 1.3, by_hand=from_list)] if torch else []),
    case("dicts with NumPy scalars", dict_rows, 1.2, by_hand=loop, strict=strict,
         pandas=lambda rows: pd.DataFrame(rows).to_dict("records"),
         pyarrow=lambda rows: pa.Table.from_pylist(rows).to_pylist()),
]  # fmt: skip
