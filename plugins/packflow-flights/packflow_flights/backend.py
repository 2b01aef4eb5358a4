"""The backend ``flights``: two models, one row for each flight."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from packflow_sklearn import limit_threads, load_model
from pydantic import Field

from packflow import BackendConfig, InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError, InferenceBackendRuntimeError
from packflow_flights.features import FEATURES
from packflow_flights.preprocessor import FlightTable

MODELS = Path(__file__).parent / "models"
TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"


class FlightsConfig(BackendConfig):
    """The settings of the backend ``flights``, beside those that every backend has.

    Example:
        >>> FlightsConfig().late_threshold
        0.5
    """

    input_format: str = Field(default="flights", description="The preprocessor; it has to give a FlightTable.")
    late_threshold: float = Field(default=0.5, ge=0, le=1, description="From which probability a flight is late.")
    late_model_path: Path = Field(
        default=MODELS / "late.skops", description="The classifier: does it arrive 15 minutes late, or later?"
    )
    delay_model_path: Path = Field(
        default=MODELS / "arr_delay.skops", description="The regressor: how many minutes late does it arrive?"
    )
    trusted_types: list[str] = Field(
        default_factory=lambda: [TREES],
        description="Types that the model files may hold beside those that skops trusts: the trees of ours.",
    )
    threads: int | None = Field(
        default=1,  # a batch is run in milliseconds; threads that wait for each other take many times that
        ge=1,
        description="How many OpenMP threads the models may use. None: as many as scikit-learn takes by itself.",
    )


class Predictions(NamedTuple):
    """What the models say of a batch; NaN for flights that have not left."""

    table: FlightTable
    late_probability: npt.NDArray[np.float64]
    arr_delay: npt.NDArray[np.float64]


class FlightsBackend(InferenceBackend):
    """Predicts, when a flight leaves the gate, whether it arrives 15 minutes late or later, and how late.

    Example:
        >>> backend = FlightsBackend(verbose=False)
        >>> row = backend({"year": 2013, "month": 12, "day": 24, "sched_dep_time": 1730, "sched_arr_time": 2045,
        ...                "dep_delay": 25, "carrier": "UA", "flight": 1545, "origin": "EWR", "dest": "IAH",
        ...                "distance": 1400})
        >>> row["flight"], row["late"]
        ('UA1545', True)

    Each row has ``flight``, ``date``, ``origin``, ``dest``, ``late``, ``late_probability`` and ``arr_delay_predicted``
    (minutes; negative is early). The last three are null for a flight that has not left: there is nothing to go by.

    Args:
        **settings: the fields of :class:`FlightsConfig`.
    """

    plugin_api_version = 1
    base_config_model = FlightsConfig
    config: FlightsConfig

    def initialize(self) -> None:
        """Load the two models."""
        self._late = self._load(self.config.late_model_path, "predict_proba")
        self._delay = self._load(self.config.delay_model_path, "predict")

    def _load(self, path: Path, method: str) -> Any:
        model = load_model(path, trusted_types=self.config.trusted_types)
        if not hasattr(model, method) or getattr(model, "n_features_in_", None) != len(FEATURES):
            raise InferenceBackendInitializationError(
                f"The model file {str(path)!r} does not fit: expected a model with {method} that was fitted on the "
                f"{len(FEATURES)} features of packflow_flights.features. Train one with packflow-flights-train."
            )
        return model

    def execute(self, inputs: Any) -> Predictions:
        """Run both models on the flights that have left."""
        if not isinstance(inputs, FlightTable):
            raise InferenceBackendRuntimeError(
                f"The backend 'flights' takes a FlightTable; input_format={self.config.input_format!r} gave a "
                f"{type(inputs).__name__}. Leave input_format at 'flights'."
            )
        left = ~np.isnan(inputs.matrix[:, 0])
        late = np.full(len(left), np.nan)
        delay = np.full(len(left), np.nan)
        if left.any():
            features = inputs.matrix[left]
            with limit_threads(self.config.threads):
                late[left] = self._late.predict_proba(features)[:, 1]
                delay[left] = self._delay.predict(features)
        return Predictions(inputs, late, delay)

    def transform_outputs(self, inputs: Predictions) -> list[dict[str, Any]]:
        """Make a record of each flight."""
        table = inputs.table
        threshold = self.config.late_threshold
        columns = (table.flights, table.dates, table.origins, table.destinations)
        numbers = (inputs.late_probability.tolist(), inputs.arr_delay.tolist())
        return [
            {
                "flight": flight,
                "date": date,
                "origin": origin,
                "dest": destination,
                "late": late >= threshold if late == late else None,  # NaN is the one number that is not itself
                "late_probability": late if late == late else None,
                "arr_delay_predicted": delay if delay == delay else None,
            }
            for flight, date, origin, destination, late, delay in zip(*columns, *numbers, strict=True)
        ]
