"""What may not be shown: which names look like secrets, and how values are written without them.

Every log line, repr and error that shows a configuration goes through :func:`redact` or a :class:`Redactor`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from packflow.utils.errors import shown

MASK = "**********"

_ANYWHERE = re.compile(
    r"passwo?r?d|passphrase|passcode|passwd|secret|credential|bearer|connection_?string"
    r"|(api|access|private|auth|signing|encryption)_?key"
)
#: Whole words. Most keys are no secrets (primary_key, sort_key), so those that are go by what they belong to.
_WORDS = re.compile(
    r"pwd?|(user|db|admin|root|login|smtp|ftp|proxy|ssh)?pass|[a-z]*tokens?|auth|authorization|cookie|dsn|jwt|pat|pin|otp"
)
_KEY_OWNERS = (
    "openai|anthropic|azure|aws|gcp|google|gemini|hf|huggingface|cohere|mistral|groq|wandb|stripe|github|slack"
    "|account|aes|client|decryption|fernet|hmac|jwt|licen[cs]e|master|rsa|security|service|session|shared|signature"
    "|ssh|ssl|storage|subscription|symmetric|tls|vault|webhook"
)
_OWNED_KEY = re.compile(rf"(?<![a-z])({_KEY_OWNERS})_?keys?(?![a-z])")
_COUNTING = frozenset(
    {"max", "min", "num", "n", "count", "limit", "length", "size", "per", "budget", "type", "id", "ids"}
)


def looks_secret(name: str) -> bool:
    """Tell whether a field's name says that its value is a secret.

    Example:
        >>> looks_secret("api_key"), looks_secret("dbPassword"), looks_secret("max_tokens")
        (True, True, False)
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    snake = snake.replace("-", "_").replace(" ", "_")
    if _ANYWHERE.search(snake) or _OWNED_KEY.search(snake):
        return True
    words = set(re.split(r"[^a-z]+", snake))
    return any(map(_WORDS.fullmatch, words)) and not words & _COUNTING


def mask_passwords(text: str) -> str:
    """Give a text without the passwords of the URLs in it.

    Example:
        >>> mask_passwords("postgres://me:abc@db/prices")
        'postgres://me:**********@db/prices'
    """
    return _URL_PASSWORD.sub(rf"\1{MASK}@", text) if "://" in text else text


_URL_PASSWORD = re.compile(r"(://[^\s/?#:@]*:)[^\s/?#]+@")


def redact(value: Any, name: str = "") -> Any:
    """Give a copy of a configuration's value that can be shown: secrets in it are masked, however deep.

    Example:
        >>> redact({"url": "https://example.org", "token": "abc"})
        {'url': 'https://example.org', 'token': '**********'}
    """
    return Redactor().redact(value, name)


class Redactor:
    """Masks secrets, and remembers what it has masked, so that it can take the same out of other people's texts.

    Example:
        >>> redactor = Redactor(names={"blob"})
        >>> redactor.redact({"blob": "abc", "n": 1})
        {'blob': '**********', 'n': 1}
        >>> redactor.scrub("'abc' is too short")
        "'**********' is too short"

    Args:
        names: names of fields that are secret, though they do not look it.
    """

    def __init__(self, names: Set[str] = frozenset()) -> None:
        self._names = names
        self._masked: set[str] = set()

    def is_secret(self, name: str) -> bool:
        """Tell whether the value under a name must not be shown."""
        return name in self._names or looks_secret(name)

    def redact(self, value: Any, name: str = "") -> Any:
        """Give a copy of a value that can be shown, as :func:`redact` does."""
        if isinstance(value, (SecretStr, SecretBytes)) or (value is not None and self.is_secret(name)):
            self._masked.update(_texts(value))
            return MASK
        members = _members(value)
        if members is not None:
            shown = (f"{key}={self.redact(item, key)!r}" for key, item in members)
            return _Shown(f"{type(value).__name__}({', '.join(shown)})")
        if isinstance(value, Mapping):
            return {_leaf(key): self.redact(item, key if isinstance(key, str) else "") for key, item in value.items()}
        if type(value) in (list, tuple, set, frozenset):
            return type(value)(self.redact(item) for item in value)
        return _leaf(value)

    def show(self, value: Any) -> str:
        """Give the repr of what can be shown of a value, whatever its parts do when they are asked."""
        return shown(value, lambda each: repr(self.redact(each)))

    def scrub(self, text: str) -> str:
        """Give a text without the secrets that were masked before, and without the passwords of URLs."""
        for secret in sorted(self._masked, key=len, reverse=True):  # one may be part of another
            text = text.replace(secret, MASK)
        return mask_passwords(text)


def _leaf(value: Any) -> Any:
    if type(value) is str:
        return mask_passwords(value)
    if value is None or type(value) in (bool, float) or (type(value) is int and value.bit_length() < 1000):
        return value
    return _Leaf(value)


def _members(value: Any) -> Iterator[tuple[str, Any]] | None:
    """Give the named members of what has a repr with names: models, dataclasses, named tuples."""
    if isinstance(value, BaseModel):
        return iter(vars(value).items())
    if isinstance(value, type):
        return None
    if is_dataclass(value):
        return ((field.name, getattr(value, field.name, None)) for field in dataclass_fields(value) if field.repr)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return zip(value._fields, value, strict=True)
    return None


def _texts(value: Any) -> Iterator[str]:
    """Give the texts in which a secret could be written."""
    if isinstance(value, (SecretStr, SecretBytes)):
        yield from _texts(value.get_secret_value())
    elif isinstance(value, bytes):
        yield from _texts(value.decode(errors="replace"))
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield from {shown(value, str), shown(value).strip("'\"")} - {""}
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _texts(item)
    else:
        for _, item in _members(value) or ():
            yield from _texts(item)


class _Shown(str):
    """Text that is its own repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Leaf:
    """A value as it is shown when its repr is wanted: one that fails must not stop a backend from being constructed."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __repr__(self) -> str:
        return mask_passwords(shown(self._value))
