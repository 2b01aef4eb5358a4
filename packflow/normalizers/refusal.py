"""How a value that has no JSON form is reported: where it stands, and why.

While data is walked, nobody keeps a path: that would cost time for each value. A `Refusal` collects the steps
on its way out instead, innermost first.
"""

from __future__ import annotations

import json

from packflow.exceptions import NormalizationError
from packflow.utils.module_names import plain_name

_LONGEST_SHOWN = 200
"""Paths into data that contains itself are long; the text shortens them, the exception's attribute does not."""


class Refusal(Exception):  # noqa: N818 - never leaves this package
    """A value has no JSON form; on its way up through the containers that hold the value.

    Attributes:
        reason: what the value was, what was expected, and what to do.
        steps: keys and positions from the value outwards.
        tail: a path inside the value, where the normalizer that refused it gave one.
        at_key: whether a key was refused, whose own container is then the place to name.
    """

    def __init__(self, reason: str, *, tail: str = "", at_key: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[int | str] = []
        self.tail = tail
        self.at_key = at_key

    def add(self, step: int | str) -> None:
        """Note that the value stands at `step` of the container that is being left."""
        if self.at_key:
            self.at_key = False
        else:
            self.steps.append(step)

    def as_error(self) -> NormalizationError:
        """Give the exception that users see."""
        path = path_text(self.steps[::-1])
        tail = self.tail if self.tail.startswith("[") or not (path and self.tail) else f".{self.tail}"
        path += tail
        shown = path if len(path) <= _LONGEST_SHOWN else f"{path[:80]} … {path[-80:]}"
        return NormalizationError(f"{shown}: {self.reason}" if path else self.reason, path=path)


def path_text(steps: list[int | str]) -> str:
    """Write a path as one would write it in Python, a dot for a key that is an identifier.

    Example:
        >>> path_text([3, "meta", "a b", "ts"])
        '[3].meta["a b"].ts'
    """
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def type_name(cls: type) -> str:
    """Give a type's name as the errors and the plugin names spell it: ``decimal.Decimal``, ``int``."""
    return _own(cls, "__qualname__") if _own(cls, "__module__") == "builtins" else plain_name(qualified_name(cls))


def qualified_name(cls: type) -> str:
    """Give the name under which a normalizer is registered for exactly this type: ``torch.Tensor``."""
    return f"{_own(cls, '__module__')}.{_own(cls, '__qualname__')}"


def library_name(cls: type) -> str:
    """Give the name of the library that a type comes from: its root module, as its own project spells that."""
    return plain_name(_own(cls, "__module__")).partition(".")[0]


def _own(cls: type, name: str) -> str:
    """Read a type's name past its metaclass, whose own code may fail."""
    return str(type.__getattribute__(cls, name))
