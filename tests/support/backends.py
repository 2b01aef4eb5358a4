"""Small backends that several tests use; importable, so that other processes can unpickle them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from packflow import InferenceBackend


class Echo(InferenceBackend):
    """Gives back what it is given."""

    def execute(self, inputs: Any) -> Any:
        return inputs


def executing(execute: Callable[[Any], Any], **settings: Any) -> InferenceBackend:
    """Give a quiet backend whose ``execute`` is a function of the inputs."""
    return stepping(execute=execute)(verbose=False, **settings)


def stepping(**steps: Callable[[Any], Any]) -> type[InferenceBackend]:
    """Give a backend class whose steps are functions of the inputs."""
    steps.setdefault("execute", lambda inputs: inputs)
    return type("Stepping", (InferenceBackend,), {name: staticmethod(step) for name, step in steps.items()})
