"""How the packaged models were made: ``packflow-flights-train`` makes them again, and says how good they are.

Trained on January to September, judged on October to December, months that the models have never seen. The features
are what is known when the plane leaves the gate; what is known later (``dep_time`` beyond the delay, ``air_time``,
``arr_time``) is not read at all.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from packflow import BackendConfig
from packflow_flights.backend import MODELS
from packflow_flights.columns import number_column
from packflow_flights.data import FIRST_HELD_OUT_MONTH, read_flights
from packflow_flights.metrics import LATE_MINUTES, score
from packflow_flights.preprocessor import FlightsPreprocessor

SETTINGS = {"max_iter": 100, "max_leaf_nodes": 31, "early_stopping": False, "random_state": 0}


class Flights(NamedTuple):
    """Features and truth, a row for each flight."""

    matrix: npt.NDArray[np.float64]
    arr_delay: npt.NDArray[np.float64]
    month: npt.NDArray[np.float64]

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Flights:
        """Give some of the rows."""
        return Flights(*(column[chosen] for column in self))


def load_flights(records: Iterable[dict[str, Any]], batch_size: int = 10_000) -> Flights:
    """Read records into arrays, batch by batch; flights that never arrived have no truth and are left out."""
    preprocess = FlightsPreprocessor(BackendConfig())
    parts: list[Flights] = []
    source = iter(records)
    while batch := list(islice(source, batch_size)):
        arr_delay = number_column(batch, "arr_delay", optional=True)
        part = Flights(preprocess(batch).matrix, arr_delay, number_column(batch, "month"))
        parts.append(part.rows(~np.isnan(arr_delay)))
    return Flights(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def fit(flights: Flights) -> tuple[Any, Any]:
    """Fit the classifier (late or not) and the regressor (the median delay)."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    late = HistGradientBoostingClassifier(**SETTINGS).fit(flights.matrix, flights.arr_delay >= LATE_MINUTES)
    delay = HistGradientBoostingRegressor(loss="absolute_error", **SETTINGS).fit(flights.matrix, flights.arr_delay)
    return late, delay


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, save and judge the models: ``packflow-flights-train [DIRECTORY]``."""
    parser = argparse.ArgumentParser(prog="packflow-flights-train", description="Train the models of packflow-flights.")
    parser.add_argument("directory", type=Path, nargs="?", default=MODELS, help="where the two model files go")
    directory: Path = parser.parse_args(arguments).directory
    import skops.io

    try:
        flights = load_flights(read_flights())
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"packflow-flights-train: {error}")
    held_out = flights.month >= FIRST_HELD_OUT_MONTH
    training, judging = flights.rows(~held_out), flights.rows(held_out)
    late, delay = fit(training)
    for model, name in ((late, "late.skops"), (delay, "arr_delay.skops")):
        skops.io.dump(model, directory / name, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
        sys.stdout.write(f"{directory / name}: {(directory / name).stat().st_size:,} bytes\n")
    for title, part in (("trained on", training), ("held out", judging)):
        scores = score(
            part.arr_delay,
            part.matrix[:, 0],
            late.predict_proba(part.matrix)[:, 1],
            delay.predict(part.matrix),
        )
        sys.stdout.write(f"{title}: {scores}\n")


if __name__ == "__main__":
    main()
