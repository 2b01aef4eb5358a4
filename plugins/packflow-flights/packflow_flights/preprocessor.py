"""The preprocessor ``flights``: records of flights, as the CSV file or JSON has them, become a table of features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from packflow.backend.preprocessors import Preprocessor, get_preprocessor
from packflow.exceptions import PreprocessorInitError
from packflow_flights.columns import Record, check_records, name_column, refuse_missing
from packflow_flights.features import FIELDS, date_column, feature_matrix


@dataclass(frozen=True)
class FlightTable:
    """A batch of flights: who they are, and their features."""

    #: Carrier and number, such as ``UA1545``; None where a record has no number.
    flights: list[str | None]
    #: ISO dates.
    dates: list[str]
    origins: list[str]
    destinations: list[str]
    #: One row for each flight, the columns of :data:`packflow_flights.features.FEATURES`.
    matrix: npt.NDArray[np.float64]


class FlightsPreprocessor(Preprocessor):
    """Turns records of flights into a :class:`FlightTable`, a whole column at a time.

    Example:
        >>> from packflow import BackendConfig
        >>> preprocess = FlightsPreprocessor(BackendConfig())
        >>> table = preprocess([{"year": 2013, "month": 1, "day": 1, "sched_dep_time": 515, "sched_arr_time": 819,
        ...                      "dep_delay": 2, "carrier": "UA", "flight": 1545, "origin": "EWR", "dest": "IAH",
        ...                      "distance": 1400}])
        >>> table.flights, table.matrix[0, :4]
        (['UA1545'], array([  2., 315., 499., 184.]))

    A flight that has not left has no ``dep_delay`` (absent, None, empty or ``"NA"``); ``on_missing="error"`` refuses
    it. All other fields but ``flight`` must be there. ``rename_fields`` and flattening work as they do for records;
    ``feature_names`` is refused, as the features are the models'.
    """

    plugin_api_version = 1

    def prepare(self) -> None:
        """Compile what the configuration asks for before the fields are read."""
        if self.config.feature_names:
            raise PreprocessorInitError(
                "The preprocessor 'flights' reads the fields that its models were trained on; leave feature_names out. "
                "Where a record calls a field otherwise, use rename_fields."
            )
        self._rename = None
        if self.config.rename_fields or self.config.flatten_nested_inputs:
            self._rename = get_preprocessor(self.config.model_copy(update={"input_format": "records"}))

    def fields_read(self) -> tuple[tuple[str, ...], ...] | None:
        """Name the fields of a flight; where they are renamed or flattened, anything in a record may make them."""
        return None if self._rename is not None else tuple((name,) for name in FIELDS)

    def __call__(self, records: list[dict[str, Any]]) -> FlightTable:
        """Preprocess a batch."""
        check_records(records)
        if self._rename is not None:
            records = self._rename(records)
        dates = date_column(records)
        matrix = feature_matrix(records, dates)
        if self.config.on_missing == "error":
            refuse_missing(np.isnan(matrix[:, 0]), "dep_delay")
        return FlightTable(
            flights=flight_names(records),
            dates=np.datetime_as_string(dates).tolist(),
            origins=[record["origin"] for record in records],
            destinations=[record["dest"] for record in records],
            matrix=matrix,
        )


def flight_names(records: Sequence[Record]) -> list[str | None]:
    """Name each flight by its carrier and number."""
    return [
        None if number is None else f"{record['carrier']}{number}"
        for record, number in zip(records, name_column(records, "flight"), strict=True)
    ]
