"""``packflow-flights-summary flights.csv predictions.jsonl`` sets the predictions of a run beside the truth."""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from packflow_flights.data import FIRST_HELD_OUT_MONTH
from packflow_flights.metrics import Scores, score

NAN = float("nan")


class Outcomes(NamedTuple):
    """Truth and prediction, a row for each flight; NaN where there is none."""

    arr_delay: npt.NDArray[np.float64]
    dep_delay: npt.NDArray[np.float64]
    late_probability: npt.NDArray[np.float64]
    arr_delay_predicted: npt.NDArray[np.float64]
    month: npt.NDArray[np.float64]
    carrier: npt.NDArray[np.str_]

    def scores(self, chosen: npt.NDArray[np.bool_]) -> Scores:
        """Score some of the rows."""
        return score(
            self.arr_delay[chosen],
            self.dep_delay[chosen],
            self.late_probability[chosen],
            self.arr_delay_predicted[chosen],
        )


def read_outcomes(flights: Path, predictions: Path) -> Outcomes:
    """Read the two files side by side: line for line, they speak of the same flight.

    Raises:
        ValueError: they do not belong together; the text names the line.
    """
    rows: list[tuple[Any, ...]] = []
    with flights.open(encoding="utf-8", newline="") as truth, predictions.open(encoding="utf-8") as lines:
        for number, (flight, line) in enumerate(zip_longest(csv.DictReader(truth), lines), start=1):
            if flight is None or line is None:
                longer, shorter = (predictions, flights) if flight is None else (flights, predictions)
                raise ValueError(f"{longer} has more flights than {shorter}, which ends after {number - 1}.")
            prediction = _prediction(line, f"{predictions}, line {number}")
            name = f"{flight['carrier']}{flight['flight']}"
            if prediction["flight"] != name:
                raise ValueError(f"{predictions}, line {number} is about {prediction['flight']}; {flights} has {name}.")
            rows.append(
                (
                    _number(flight["arr_delay"]),
                    _number(flight["dep_delay"]),
                    _number(prediction["late_probability"]),
                    _number(prediction["arr_delay_predicted"]),
                    float(flight["month"]),
                    flight["carrier"],
                )
            )
    if not rows:
        raise ValueError(f"{flights} has no flights.")
    columns = list(zip(*rows, strict=True))
    return Outcomes(*(np.array(column) for column in columns))


def _prediction(line: str, place: str) -> dict[str, Any]:
    prediction = None
    with contextlib.suppress(ValueError):
        prediction = json.loads(line)
    if type(prediction) is not dict:
        raise ValueError(
            f"{place} is no JSON object: {line.rstrip()!r:.60}. Expected is the JSON Lines file that came out of the "
            "run, as 'packflow run flights flights.csv -o predictions.jsonl' writes it."
        )
    return prediction


def report(outcomes: Outcomes) -> Iterator[str]:
    """Give the lines of the report."""
    predicted = ~np.isnan(outcomes.late_probability)
    arrived = predicted & ~np.isnan(outcomes.arr_delay)
    held_out = arrived & (outcomes.month >= FIRST_HELD_OUT_MONTH)
    trained = arrived & ~held_out
    never_left = int((~predicted).sum())
    lost = int((predicted & ~arrived).sum())
    yield f"{len(predicted):,} flights: {never_left:,} never left and have no prediction, {lost:,} left and have no"
    yield f"arrival time; {int(arrived.sum()):,} predictions can be set beside the truth."
    yield ""
    yield "                      flights    late  accuracy (alone)    AUC (alone)    delay's error (alone)"
    for title, chosen in (("held out (Oct-Dec)", held_out), ("trained on (Jan-Sep)", trained)):
        if chosen.any():
            yield _line(title, outcomes.scores(chosen))
    carriers = sorted(set(outcomes.carrier[held_out].tolist()), key=lambda code: -(outcomes.carrier == code).sum())
    if carriers:
        yield ""
        yield "held out, by carrier"
        for code in carriers:
            yield _line(f"  {code}", outcomes.scores(held_out & (outcomes.carrier == code)))
    yield ""
    yield "late: 15 minutes or more after the scheduled arrival. AUC: 0.5 is guessing, 1 is perfect. delay's error:"
    yield "mean absolute error in minutes. (alone): what the delay at departure alone would give."


def _line(title: str, scores: Scores) -> str:
    return (
        f"{title:<21}{scores.flights:>8,}  {scores.late:>6.1%}    {scores.accuracy:>6.1%} ({scores.base_accuracy:.1%})"
        f"  {scores.auc:>5.3f} ({scores.base_auc:.3f})     {scores.mae:>6.1f} min ({scores.base_mae:.1f} min)"
    )


def _number(cell: Any) -> float:
    return NAN if cell is None or cell in ("NA", "") else float(cell)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the report: ``packflow-flights-summary flights.csv predictions.jsonl``."""
    parser = argparse.ArgumentParser(
        prog="packflow-flights-summary", description="Set the predictions of a run beside the truth."
    )
    parser.add_argument("flights", type=Path, help="the CSV file that was run")
    parser.add_argument("predictions", type=Path, help="the JSON Lines file that came out")
    given = parser.parse_args(arguments)
    try:
        lines = list(report(read_outcomes(given.flights, given.predictions)))
    except KeyError as error:
        sys.exit(f"packflow-flights-summary: a row has no field {error}; are these the right files?")
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"packflow-flights-summary: {error}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
