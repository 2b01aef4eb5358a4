"""Which fields of a model, and of all below it, are secret: by their type (``SecretStr`` and its like) or their names.

A setting comes as plain text before it is validated, and by a name that may say nothing: so what is secret, under
every spelling, is read off the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, NewType, get_args, get_origin, get_type_hints

from pydantic import BaseModel, RootModel, Secret, SecretBytes, SecretStr

from packflow.utils.fields import aliases_of
from packflow.utils.secrets import looks_secret

_SECRETS = (SecretStr, SecretBytes, Secret)


def secret_names(model: type[BaseModel]) -> frozenset[str]:
    """Give the names of a model's secret fields, and of those of the types below it, in all their spellings.

    A field is secret by its type, or if its name or any alias looks like a secret.

    Example:
        >>> class Login(BaseModel):
        ...     user: str
        ...     blob: SecretStr | None = None
        >>> secret_names(Login)
        frozenset({'blob'})
    """
    search = _Search()
    search.holds_secret(model)
    return frozenset(search.names)


class _Search:
    """A walk through types that may refer to each other in circles."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._seen: dict[int, tuple[Any, bool]] = {}  # the type is kept, so that its id stays its own

    def holds_secret(self, kind: Any) -> bool:
        """Tell whether values of a type are secret themselves; names of secret members below it are collected."""
        if id(kind) not in self._seen:
            self._seen[id(kind)] = (kind, False)  # the answer to a type that refers to itself
            self._seen[id(kind)] = (kind, self._look(kind))
        return self._seen[id(kind)][1]

    def _look(self, kind: Any) -> bool:
        origin = get_origin(kind) or kind
        secret = isinstance(origin, type) and issubclass(origin, _SECRETS)
        for name, spellings, member in _members(origin):
            typed = self.holds_secret(member)
            if typed or any(map(looks_secret, spellings)):
                self.names |= spellings
            secret |= typed and name == "root" and issubclass(origin, RootModel)  # it goes by its owner's name
        for part in (*get_args(kind), *_meant(origin)):
            secret |= self.holds_secret(part)
        return secret


def _meant(kind: Any) -> tuple[Any, ...]:
    """Give the type that stands behind another name: ``NewType``, and the ``type`` statement."""
    if isinstance(kind, NewType):
        return (kind.__supertype__,)
    return (kind.__value__,) if type(kind).__name__ == "TypeAliasType" else ()


def _members(kind: Any) -> Iterator[tuple[str, set[str], Any]]:
    """Give name, spellings and type of each named member of a model, dataclass, typed dict or named tuple."""
    if not isinstance(kind, type):
        return
    if issubclass(kind, BaseModel):
        kind.model_rebuild(raise_errors=False)  # it may name a class that was written after it
        for name, field in kind.model_fields.items():
            yield name, {name, *aliases_of(field)}, field.annotation
    elif is_dataclass(kind) or hasattr(kind, "__total__") or hasattr(kind, "_fields"):
        try:
            hints = get_type_hints(kind)
        except (NameError, AttributeError):  # a name that only a type checker knows; pydantic will have its say
            hints = dict(kind.__annotations__)
        for name, member in hints.items():
            yield name, {name}, member
