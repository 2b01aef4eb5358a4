"""Times and durations in units, and of a length, that Python's own types do not hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

#: How many of each unit make a second.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def finer(moments: Iterable[datetime | time | None], nanoseconds: Iterable[int | None]) -> list[Any]:
    """Add what is left of nanoseconds to times in microseconds: as ISO 8601 text with nine digits, where there is any.

    Example:
        >>> finer([time(1, 2), time(1, 2), None], [0, 3_000_000_005, None])
        [datetime.time(1, 2), '01:02:00.000000005', None]
    """
    return [
        moment if moment is None or rest is None or not rest % 1000 else _text(moment, rest % 1000)
        for moment, rest in zip(moments, nanoseconds, strict=True)
    ]


def seconds(durations: Iterable[int | None], unit: str) -> list[float | None]:
    """Give durations in seconds: the nearest float to each, as `timedelta.total_seconds` does.

    Example:
        >>> seconds([1500, None], "ms")
        [1.5, None]
    """
    per_second = PER_SECOND[unit]
    return [None if duration is None else duration / per_second for duration in durations]


def _text(moment: datetime | time, rest: int) -> str:
    text = moment.isoformat(timespec="microseconds")
    end = text.index(".") + 7  # an offset may follow
    return f"{text[:end]}{rest:03}{text[end:]}"
