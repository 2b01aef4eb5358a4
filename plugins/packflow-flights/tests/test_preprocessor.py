"""Records of flights become features; whatever is wrong is named with its row and field."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packflow_flights import FlightsPreprocessor
from packflow_flights.columns import number_column
from packflow_flights.features import FEATURES, clock_column, date_column

from packflow import BackendConfig
from packflow.backend.preprocessors import get_preprocessor
from packflow.exceptions import PreprocessorInitError, PreprocessorRuntimeError


def preprocess(records: list[Any], **settings: Any) -> Any:
    return FlightsPreprocessor(BackendConfig(**settings))(records)


def test_the_features_of_a_known_flight(flight: Any) -> None:
    table = get_preprocessor(BackendConfig(input_format="flights"))([flight()])  # by its installed name

    assert (table.flights, table.dates, table.origins, table.destinations) == (
        ["UA1545"], ["2013-01-01"], ["EWR"], ["IAH"],
    )  # fmt: skip
    row = dict(zip(FEATURES, table.matrix[0].tolist(), strict=True))
    angle = 2 * math.pi * 315 / 1440
    assert row == pytest.approx(
        {
            "dep_delay": 2, "sched_dep_minute": 315, "sched_arr_minute": 499, "sched_minutes": 184,
            "sched_dep_sin": math.sin(angle), "sched_dep_cos": math.cos(angle), "month_sin": 0, "month_cos": 1,
            "weekday": 1, "distance": 1400, "carrier": 11, "origin": 0, "dest": 43,
        }
    )  # fmt: skip


def test_what_is_known_only_later_is_not_read(flight: Any) -> None:
    later = {"arr_time": ..., "arr_delay": ..., "air_time": ..., "dep_time": ..., "tailnum": ..., "time_hour": ...}
    assert preprocess([flight(**later)]).matrix.tolist() == preprocess([flight()]).matrix.tolist()


def test_arrival_after_midnight(flight: Any) -> None:
    matrix = preprocess([flight(sched_dep_time=2350, sched_arr_time=145)]).matrix
    assert matrix[0, FEATURES.index("sched_minutes")] == 115


@pytest.mark.parametrize("nothing", ["NA", None, "", float("nan"), ...])
def test_a_flight_that_has_not_left(nothing: Any, flight: Any) -> None:
    records = [flight(), flight(dep_delay=nothing)]
    assert np.isnan(preprocess(records).matrix[:, 0]).tolist() == [False, True]
    with pytest.raises(PreprocessorRuntimeError, match=r"'dep_delay' is missing \(row 1\)"):
        preprocess(records, on_missing="error")


def test_codes_that_the_models_have_not_seen(flight: Any) -> None:
    matrix = preprocess([flight(carrier="ZZ", dest="???", origin="SFO")]).matrix
    assert np.isnan(matrix[0, -3:]).tolist() == [True, True, True]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("dep_delay", "soon", "a number"),
        ("dep_delay", True, "a number"),
        ("dep_delay", math.inf, "a finite number"),
        ("dep_delay", 10**400, "a number of a size that occurs"),
        ("flight", [1], "a number or a text"),
        ("flight", True, "a number or a text"),
        ("sched_dep_time", 560, "a clock time HHMM"),
        ("sched_dep_time", 2401, "an integer from 0 to 2400"),
        ("sched_arr_time", -5, "an integer from 0 to 2400"),
        ("sched_arr_time", "5:15", "a number"),
        ("month", 13, "an integer from 1 to 12"),
        ("day", 32, "an integer from 1 to 31"),
        ("year", 2013.5, "an integer"),
        ("distance", 0, "a distance in miles, greater than 0"),
        ("distance", [1], "a number"),
        ("carrier", 9, "a text"),
        ("dest", ["IAH"], "a text"),
    ],
)
def test_a_bad_cell_is_named(field: str, value: Any, expected: str, flight: Any) -> None:
    with pytest.raises(PreprocessorRuntimeError) as caught:
        preprocess([flight(), flight(), flight(**{field: value})])
    assert f"'{field}' is {value!r:.100}" in str(caught.value)
    assert "(row 2)" in str(caught.value)
    assert f"expected {expected}" in str(caught.value)
    assert caught.value.row == 2


@pytest.mark.parametrize("field", ["dep_delay", "flight", "distance"])
def test_a_cell_that_python_refuses_to_write_is_named_all_the_same(field: str, flight: Any) -> None:
    with pytest.raises(PreprocessorRuntimeError, match=rf"'{field}' is a giant integer \(row 1\)") as caught:
        preprocess([flight(), flight(**{field: -(10**5000)})])
    assert caught.value.row == 1


def test_a_day_that_its_month_does_not_have(flight: Any) -> None:
    with pytest.raises(PreprocessorRuntimeError, match=r"'day' is 29 \(row 0\); expected a day that its month has"):
        preprocess([flight(month=2, day=29)])


@pytest.mark.parametrize("field", ["year", "month", "day", "sched_dep_time", "sched_arr_time", "distance", "carrier"])
@pytest.mark.parametrize("nothing", ["NA", None, "", ...])
def test_a_field_that_must_be_there(field: str, nothing: Any, flight: Any) -> None:
    with pytest.raises(PreprocessorRuntimeError, match=rf"'{field}' is missing \(row 1\)") as caught:
        preprocess([flight(), flight(**{field: nothing})])
    assert caught.value.row == 1


def test_what_is_no_record(flight: Any) -> None:
    with pytest.raises(PreprocessorRuntimeError, match=r"found int \(row 1\)"):
        preprocess([flight(), 5])


def test_renaming_and_flattening_come_first(flight: Any) -> None:
    other = flight(dest=..., to={"airport": "IAH"})
    expected = preprocess([flight()]).matrix.tolist()
    assert preprocess([other], rename_fields={"to.airport": "dest"}).matrix.tolist() == expected
    with pytest.raises(PreprocessorInitError, match="leave feature_names out"):
        preprocess([], feature_names=["dest"])


def test_no_flights_make_an_empty_table() -> None:
    assert preprocess([]).matrix.shape == (0, len(FEATURES))


def test_a_batch_is_its_rows_and_stays_as_it_was(first_flights: Any) -> None:
    records = first_flights[:300]
    before = copy.deepcopy(records)
    table = preprocess(records)
    assert records == before
    rows = [preprocess([record]).matrix[0] for record in records]
    np.testing.assert_array_equal(table.matrix, np.array(rows))


def test_the_preprocessor_pickles(flight: Any) -> None:
    other = pickle.loads(pickle.dumps(FlightsPreprocessor(BackendConfig(rename_fields={"to": "dest"}))))
    assert other([flight(dest=..., to="IAH")]).destinations == ["IAH"]


@given(st.integers(0, 23), st.integers(0, 59))
def test_clock_times_are_minutes(hour: int, minute: int) -> None:
    assert clock_column([{"t": 100 * hour + minute}], "t").tolist() == [60 * hour + minute]


@given(st.lists(st.dates(date(1900, 1, 1), date(2200, 12, 31)), max_size=5))
def test_dates_are_dates(days: list[date]) -> None:
    records = [{"year": day.year, "month": day.month, "day": day.day} for day in days]
    assert date_column(records).tolist() == days


@given(st.lists(st.one_of(st.none(), st.just("NA"), st.integers(-99, 99), st.floats(-9, 9)), min_size=1))
def test_numbers_are_as_they_were(cells: list[Any]) -> None:
    column = number_column([{"n": cell} for cell in cells], "n", optional=True).tolist()
    assert [None if value != value else value for value in column] == [
        None if cell in (None, "NA") else cell for cell in cells
    ]
