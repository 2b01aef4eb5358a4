"""The features of a flight: what is known when it leaves the gate, as numbers. Pure functions on columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

from packflow_flights.codes import CARRIER_NUMBERS, DESTINATION_NUMBERS, ORIGIN_NUMBERS
from packflow_flights.columns import Column, Record, code_column, integer_column, number_column, refuse, text_column

Dates: TypeAlias = "npt.NDArray[np.datetime64]"

MINUTES_PER_DAY = 24 * 60

#: What is read of a flight's record, the flight's number among it.
FIELDS = (
    "year",
    "month",
    "day",
    "sched_dep_time",
    "sched_arr_time",
    "dep_delay",
    "carrier",
    "flight",
    "origin",
    "dest",
    "distance",
)

#: The columns of the matrix, in order. Times are minutes, distances miles, days count from Monday (0).
FEATURES = (
    "dep_delay",
    "sched_dep_minute",
    "sched_arr_minute",
    "sched_minutes",
    "sched_dep_sin",
    "sched_dep_cos",
    "month_sin",
    "month_cos",
    "weekday",
    "distance",
    "carrier",
    "origin",
    "dest",
)


def feature_matrix(records: Sequence[Record], dates: Dates) -> npt.NDArray[np.float64]:
    """Give the matrix of features, shape ``(records, len(FEATURES))``.

    ``dep_delay`` is NaN for a flight that has not left; carriers and airports that the models have not seen are NaN.

    Args:
        records: the flights.
        dates: their dates, as :func:`date_column` gives them.

    Raises:
        PreprocessorRuntimeError: a cell is missing or no possible value; the text names row and field.
    """
    departure = clock_column(records, "sched_dep_time")
    arrival = clock_column(records, "sched_arr_time")
    distance = number_column(records, "distance")
    refuse(distance <= 0, distance, "distance", "a distance in miles, greater than 0")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    columns = (
        number_column(records, "dep_delay", optional=True),
        departure,
        arrival,
        (arrival - departure) % MINUTES_PER_DAY,  # by the clocks of two places, which differ by the same for each route
        *cycle(departure, MINUTES_PER_DAY),
        *cycle(month, 12),
        (dates.astype(np.int64) + 3) % 7,  # day 0, the first of January 1970, was a Thursday
        distance,
        code_column(text_column(records, "carrier"), CARRIER_NUMBERS),
        code_column(text_column(records, "origin"), ORIGIN_NUMBERS),
        code_column(text_column(records, "dest"), DESTINATION_NUMBERS),
    )
    matrix = np.empty((len(records), len(FEATURES)), dtype=np.float64)
    for number, column in enumerate(columns):
        matrix[:, number] = column
    return matrix


def clock_column(records: Sequence[Record], field: str) -> Column:
    """Read a field of clock times, written HHMM as a number, in minutes after midnight.

    Example:
        >>> clock_column([{"t": 517}, {"t": 2359}, {"t": 5}], "t")
        array([ 317., 1439.,    5.])
    """
    clock = integer_column(records, field, 0, 2400)
    refuse(clock % 100 >= 60, clock, field, "a clock time HHMM, such as 517 for 5:17")
    return (clock // 100 * 60 + clock % 100).astype(np.float64)


def date_column(records: Sequence[Record]) -> Dates:
    """Read ``year``, ``month`` and ``day`` as dates.

    Example:
        >>> date_column([{"year": 2013, "month": 2, "day": 28}])
        array(['2013-02-28'], dtype='datetime64[D]')
    """
    year = integer_column(records, "year", 1900, 2200)
    month = integer_column(records, "month", 1, 12)
    day = integer_column(records, "day", 1, 31)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    refuse(dates.astype("datetime64[M]") != months, day, "day", "a day that its month has")
    return cast("Dates", dates)


def cycle(column: npt.NDArray[np.generic], period: float) -> tuple[Column, Column]:
    """Give sine and cosine of a column that comes round, so that its end lies beside its beginning.

    Example:
        >>> [float(round(part[0], 3)) for part in cycle(np.array([6.0]), 24)]
        [1.0, 0.0]
    """
    angle = 2 * np.pi / period * column.astype(np.float64)
    return np.sin(angle), np.cos(angle)
