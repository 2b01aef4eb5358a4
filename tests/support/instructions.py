"""What ``test_instructions`` runs under callgrind: packflow's ways and those by hand, each a few times and many times.

A call of ``getppid`` ends what is counted together, for callgrind is told to write down its counts there.
"""

from __future__ import annotations

import os
from time import perf_counter_ns
from typing import Any

import numpy as np

from packflow import BackendConfig, InferenceBackend
from packflow.backend.preprocessors import get_preprocessor

FEW, MANY = 2, 12
RECORDS = 50

PLAIN = [{"a": n, "b": n * 1.5, "c": str(n), "d": n % 2 == 0, "e": n + 1} for n in range(RECORDS)]
NESTED = [
    {"a": {"x": n, "y": n + 1, "z": {"q": n * 0.5, "r": n}}, "b": n, "c": str(n), "d": {"k": n * 2.5}}
    for n in range(RECORDS)
]
SWAP = {"a": "x", "b": "y"}


class Echo(InferenceBackend):
    def execute(self, inputs):
        return inputs


class ByHand:
    """A call as somebody would write it who wants checked records and the time of the step."""

    def __init__(self) -> None:
        self.last = 0

    def execute(self, inputs):
        return inputs

    def __call__(self, record: Any) -> Any:
        if not isinstance(record, dict):
            raise TypeError
        started = perf_counter_ns()
        rows = self.execute([record])
        self.last = perf_counter_ns() - started
        if not isinstance(rows, list) or len(rows) != 1:
            raise TypeError
        return rows[0]


def flattened(record, prefix="", row=None):
    row = {} if row is None else row
    for key, value in record.items():
        if isinstance(value, dict):
            flattened(value, f"{prefix}{key}.", row)
        else:
            row[prefix + key] = value
    return row


def preprocessor(**settings: Any) -> Any:
    return get_preprocessor(BackendConfig(**settings))


def each(function):
    return lambda records: [function(record) for record in records]


def ways() -> dict[str, tuple[Any, Any, list[Any]]]:
    """Give what is done: the way of packflow, the way by hand, and the records that both get."""
    return {
        "filter": (
            preprocessor(feature_names=["a", "b", "c"]),
            lambda records: [{"a": r["a"], "b": r["b"], "c": r["c"]} for r in records],
            PLAIN,
        ),
        "rename": (
            preprocessor(rename_fields=SWAP),
            lambda records: [{SWAP.get(key, key): value for key, value in r.items()} for r in records],
            PLAIN,
        ),
        "nested paths": (
            preprocessor(feature_names=["a.x", "a.z.q", "d.k"]),
            lambda records: [
                {"a": {"x": r["a"]["x"], "z": {"q": r["a"]["z"]["q"]}}, "d": {"k": r["d"]["k"]}} for r in records
            ],
            NESTED,
        ),
        "flatten": (preprocessor(flatten_nested_inputs=True), each(flattened), NESTED),
        "NumPy": (
            preprocessor(input_format="numpy", feature_names=["a", "b"]),
            lambda records: np.array([(r["a"], r["b"]) for r in records]),
            PLAIN,
        ),
        "NumPy from nested paths": (
            preprocessor(input_format="numpy", feature_names=["a.x", "a.z.q", "d.k"]),
            lambda records: np.array([(r["a"]["x"], r["a"]["z"]["q"], r["d"]["k"]) for r in records]),
            NESTED,
        ),
        "a call": (each(Echo(verbose=False)), each(ByHand()), PLAIN),
    }


def main() -> None:
    measured = ways().values()
    print(*ways(), sep="\n")
    for ours, by_hand, records in measured:
        assert np.array_equal(ours(records), by_hand(records))
        for function in (ours, by_hand):
            for _ in range(10):  # layouts are learned, and the interpreter has seen the code
                function(records)
    os.getppid()
    for ours, by_hand, records in measured:
        for function in (ours, by_hand):
            for calls in (FEW, MANY):
                for _ in range(calls):
                    function(records)
                os.getppid()


if __name__ == "__main__":
    main()
