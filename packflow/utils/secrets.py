"""What may not be shown: which names look like secrets, and how values are written without them.

Every log line, repr and error that shows a configuration goes through :func:`redact`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

MASK = "**********"

_ANYWHERE = re.compile(
    r"passwo?r?d|passphrase|passwd|secret|credential|api_?key|access_?key|private_?key|auth_?key|signing_?key"
    r"|encryption_?key|bearer|connection_?string"
)
_WORDS = frozenset(
    {"pwd", "pass", "token", "tokens", "auth", "authorization", "cookie", "dsn", "jwt", "pat", "pin", "otp"}
)
_COUNTING = frozenset(
    {"max", "min", "num", "n", "count", "limit", "length", "size", "per", "budget", "type", "id", "ids"}
)


def looks_secret(name: str) -> bool:
    """Tell whether a field's name says that its value is a secret.

    Example:
        >>> looks_secret("api_key"), looks_secret("dbPassword"), looks_secret("max_tokens")
        (True, True, False)
    """
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").replace(" ", "_")
    if _ANYWHERE.search(snake):
        return True
    words = set(re.split(r"[^a-z0-9]+", snake))
    return bool(words & _WORDS) and not words & _COUNTING


def redact(value: Any, name: str = "") -> Any:
    """Give a copy of a configuration's value that can be shown: secrets in it are masked, however deep.

    Example:
        >>> redact({"url": "https://example.org", "token": "abc"})
        {'url': 'https://example.org', 'token': '**********'}
    """
    if isinstance(value, (SecretStr, SecretBytes)):
        return MASK
    if looks_secret(name) and value is not None:
        return MASK
    if isinstance(value, BaseModel):
        shown = ((key, redact(item, key)) for key, item in vars(value).items())
        return _Shown(f"{type(value).__name__}({', '.join(f'{key}={item!r}' for key, item in shown)})")
    if isinstance(value, Mapping):
        return {key: redact(item, key if isinstance(key, str) else "") for key, item in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(redact(item) for item in value)
    return value


class _Shown(str):
    """Text that is its own repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
