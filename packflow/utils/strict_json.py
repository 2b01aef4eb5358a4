"""What Python's ``json`` reads although it is not JSON, refused."""

from __future__ import annotations

from typing import Any

from packflow.utils.errors import short


def refuse_constant(constant: str) -> None:
    """Refuse ``NaN``, ``Infinity`` and ``-Infinity``; for ``json.loads(…, parse_constant=refuse_constant)``.

    Example:
        >>> import json
        >>> json.loads('{"x": NaN}', parse_constant=refuse_constant)
        Traceback (most recent call last):
        ValueError: NaN is not JSON
    """
    raise ValueError(f"{constant} is not JSON")


def refuse_doubled_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs, and refuse a key that comes twice; for ``json.loads(…, object_pairs_hook=…)``.

    Example:
        >>> import json
        >>> json.loads('{"x": 1, "x": 2}', object_pairs_hook=refuse_doubled_keys)
        Traceback (most recent call last):
        ValueError: the key 'x' stands twice in one object
    """
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {short(key)} stands twice in one object")
        found[key] = value
    return found
