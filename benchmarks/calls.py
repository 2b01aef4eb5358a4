"""What a call costs that does nothing: one record, handed through by a backend, beside the bare function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness import Case, Function, Goal

from packflow import InferenceBackend


def bare(record: dict[str, Any]) -> dict[str, Any]:
    return record


class Echo(InferenceBackend):
    """Gives back what it gets."""

    def execute(self, inputs: Any) -> Any:  # noqa: D102  # a step of a benchmark's backend
        return inputs


def one_record(_: int) -> list[Any]:
    return [{"a": number, "b": 2, "c": 3.5, "d": "x", "e": None} for number in range(100)]


def ways(verbose: bool) -> Callable[[], dict[str, Function]]:
    return lambda: {"peer": Echo(verbose=verbose)}


def here(verbose: bool) -> Callable[[int], dict[str, Function]]:
    def make(_: int) -> dict[str, Function]:
        return {
            "ours": Echo(verbose=verbose),
            "bare": bare,
            **({"ours, not verbose": Echo(verbose=False)} if verbose else {}),
        }

    return make


TO_PEER = Goal("ours", "peer", 1.0, at_one=1.0)
CASES = [
    Case("calls", "verbose=False", "ns a call", one_record, here(verbose=False),
         (Goal("ours", "bare", 500, more=True), TO_PEER), ways(verbose=False), sizes=(1,)),
    Case("calls", "verbose=True, level off", "ns a call", one_record, here(verbose=True),
         (Goal("ours", "ours, not verbose", 200, more=True), TO_PEER), ways(verbose=True), sizes=(1,)),
    Case("calls", "verbose=True, logged", "ns a call", one_record, here(verbose=True),
         (Goal("ours", "ours, not verbose", None, more=True), Goal("ours", "peer", None)), ways(verbose=True),
         sizes=(1,), level="INFO"),
]  # fmt: skip
