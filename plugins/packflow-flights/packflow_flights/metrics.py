"""How good predictions are, beside what the departure's delay alone would say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: A flight that arrives this many minutes after its time, or more, counts as late.
LATE_MINUTES = 15

Column = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """The figures of a set of flights. ``base`` figures take the delay at departure for the delay at arrival."""

    flights: int
    #: The share of flights that were late.
    late: float
    #: The share of flights of which it was rightly said whether they would be late.
    accuracy: float
    base_accuracy: float
    #: The chance that a late flight has a higher probability than one that is not; NaN where all are of one kind.
    auc: float
    base_auc: float
    #: The mean absolute error of the predicted delay, in minutes.
    mae: float
    base_mae: float

    def __str__(self) -> str:
        return (
            f"{self.flights:,} flights, {self.late:.1%} late; accuracy {self.accuracy:.1%} (by the departure's delay "
            f"alone {self.base_accuracy:.1%}), AUC {self.auc:.3f} ({self.base_auc:.3f}), "
            f"error of the delay {self.mae:.1f} min ({self.base_mae:.1f} min)"
        )


def score(
    arr_delay: Column, dep_delay: Column, late_probability: Column, arr_delay_predicted: Column, threshold: float = 0.5
) -> Scores:
    """Score predictions against the truth.

    Example:
        >>> print(score(*np.array([[30.0, 0.0], [20.0, 5.0], [0.9, 0.2], [25.0, -2.0]])).accuracy)
        1.0

    Args:
        arr_delay: how late each flight arrived, in minutes.
        dep_delay: how late it left, in minutes.
        late_probability: the predicted probability that it is late.
        arr_delay_predicted: the predicted delay, in minutes.
        threshold: from which probability a flight is said to be late.
    """
    late = arr_delay >= LATE_MINUTES
    return Scores(
        flights=len(late),
        late=float(late.mean()),
        accuracy=float((late == (late_probability >= threshold)).mean()),
        base_accuracy=float((late == (dep_delay >= LATE_MINUTES)).mean()),
        auc=auc(late, late_probability),
        base_auc=auc(late, dep_delay),
        mae=float(np.abs(arr_delay - arr_delay_predicted).mean()),
        base_mae=float(np.abs(arr_delay - dep_delay).mean()),
    )


def auc(truth: npt.NDArray[np.bool_], values: Column) -> float:
    """Give the area under the ROC curve, or NaN where there is only one kind of truth."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, values)) if truth.any() and not truth.all() else float("nan")
