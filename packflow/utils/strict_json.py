"""What Python's ``json`` reads although it is not JSON, refused."""

from __future__ import annotations


def refuse_constant(constant: str) -> None:
    """Refuse ``NaN``, ``Infinity`` and ``-Infinity``; for ``json.loads(…, parse_constant=refuse_constant)``.

    Example:
        >>> import json
        >>> json.loads('{"x": NaN}', parse_constant=refuse_constant)
        Traceback (most recent call last):
        ValueError: NaN is not JSON
    """
    raise ValueError(f"{constant} is not JSON")
