"""What a person would write instead of ``packflow run flights``, for this file and these models alone.

``python flights_by_hand.py year.csv out.jsonl`` writes what packflow writes. It trusts the file: no cell is checked.
"""

from __future__ import annotations

import csv
import math
import sys
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import packflow_flights
import skops.io
from packflow_flights.codes import CARRIER_NUMBERS, DESTINATION_NUMBERS, ORIGIN_NUMBERS
from threadpoolctl import threadpool_limits

BATCH = 1000
MODELS = Path(packflow_flights.__file__).parent / "models"
TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"


def main(source: str, output: str) -> None:
    late_model = skops.io.load(MODELS / "late.skops", trusted=[TREES])
    delay_model = skops.io.load(MODELS / "arr_delay.skops", trusted=[TREES])
    encode = msgspec.json.Encoder().encode_lines
    nan = math.nan
    with Path(source).open(newline="") as lines, Path(output).open("wb") as sink, threadpool_limits(1):
        reader = csv.reader(lines)
        place = {name: number for number, name in enumerate(next(reader))}.__getitem__
        while rows := list(islice(reader, BATCH)):
            columns = list(zip(*rows, strict=True))

            def numbers(name: str, columns: list = columns) -> np.ndarray:
                return np.array([nan if cell == "NA" else float(cell) for cell in columns[place(name)]])

            carriers, origins, destinations = (columns[place(name)] for name in ("carrier", "origin", "dest"))
            delay = numbers("dep_delay")
            departure, arrival = numbers("sched_dep_time"), numbers("sched_arr_time")
            departure, arrival = (clock // 100 * 60 + clock % 100 for clock in (departure, arrival))
            dates = [
                f"{year}-{month:0>2}-{day:0>2}"
                for year, month, day in zip(
                    columns[place("year")], columns[place("month")], columns[place("day")], strict=True
                )
            ]
            days = np.array(dates, dtype="datetime64[D]")
            month = numbers("month") - 1
            matrix = np.column_stack(
                [
                    delay, departure, arrival, (arrival - departure) % 1440,
                    np.sin(2 * np.pi / 1440 * departure), np.cos(2 * np.pi / 1440 * departure),
                    np.sin(2 * np.pi / 12 * month), np.cos(2 * np.pi / 12 * month),
                    (days.astype(int) + 3) % 7, numbers("distance"),
                    [CARRIER_NUMBERS.get(code, nan) for code in carriers],
                    [ORIGIN_NUMBERS.get(code, nan) for code in origins],
                    [DESTINATION_NUMBERS.get(code, nan) for code in destinations],
                ]
            )  # fmt: skip
            left = ~np.isnan(delay)
            late, late_by = np.full(len(rows), nan), np.full(len(rows), nan)
            if left.any():
                late[left] = late_model.predict_proba(matrix[left])[:, 1]
                late_by[left] = delay_model.predict(matrix[left])
            results = zip(
                carriers,
                columns[place("flight")],
                dates,
                origins,
                destinations,
                late.tolist(),
                late_by.tolist(),
                strict=True,
            )
            sink.write(
                encode(
                    [
                        {
                            "flight": carrier + flight, "date": date, "origin": origin, "dest": destination,
                            "late": None if p != p else p >= 0.5,
                            "late_probability": p,  # msgspec writes NaN as null
                            "arr_delay_predicted": minutes,
                        }
                        for carrier, flight, date, origin, destination, p, minutes in results
                    ]
                )
            )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
