"""Backends that fail on purpose, runners round them, and records to fail on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import settings

from packflow import InferenceBackend
from packflow.exceptions import RecordSourceError
from packflow.runner import Runner

#: Settings for every property.
rule = settings(max_examples=150)


class Picky(InferenceBackend):
    """Doubles ``x``; a batch fails as a whole if a record of it is bad. Remembers the batches that it was given."""

    def initialize(self):
        self.batches: list[list[int]] = []

    def execute(self, inputs):
        self.batches.append([row["x"] for row in inputs])
        bad = [row["x"] for row in inputs if row.get("bad")]
        if bad:
            raise ValueError(f"bad records: {bad}")
        return [{"y": 2 * row["x"]} for row in inputs]


def runner_of(execute: Any, **config: Any) -> Runner:
    """Make a runner round a backend with one step."""

    class Backend(InferenceBackend):
        def execute(self, inputs):
            return execute(inputs)

    return Runner(Backend(verbose=False, **config))


def records(size: int, *bad: int) -> list[dict[str, Any]]:
    return [{"x": number, **({"bad": True} if number in bad else {})} for number in range(size)]


def outcomes(given: Iterable[Any], look: Callable[[Any], Any]) -> list[Any]:
    """Give what is seen of each batch, and of the error that ends them."""
    seen: list[Any] = []
    try:
        seen.extend(map(look, given))
    except RecordSourceError as error:
        seen.append((str(error), error.line, error.source, type(error.__cause__)))
    return seen
