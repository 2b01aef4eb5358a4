"""The backend ``sklearn``: its steps. What they do in detail stands in the modules beside this one."""

from __future__ import annotations

from typing import Any

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendRuntimeError
from packflow_sklearn.cells import kinds_held, odd_cell
from packflow_sklearn.config import Output, SklearnConfig
from packflow_sklearn.estimator import METHODS, describe
from packflow_sklearn.inputs import Feeder
from packflow_sklearn.model_files import load_model
from packflow_sklearn.outputs import RowMaker, choose_outputs
from packflow_sklearn.threads import limit_threads


class SklearnBackend(InferenceBackend):
    """Runs a fitted scikit-learn estimator or pipeline, loaded from a file.

    Example:
        >>> backend = SklearnBackend(model_path="iris.skops", verbose=False)  # doctest: +SKIP
        >>> backend({"sepal_length": 5.1, "sepal_width": 3.5})  # doctest: +SKIP
        {'prediction': 'setosa', 'probabilities': {'setosa': 0.98, 'versicolor': 0.02}}

    A model that was fitted on a DataFrame knows the names of its features and finds them in each record. One that was
    fitted on an array needs ``feature_names``: the fields of a record, in the order of the array's columns. Predictions
    and probabilities are the library's own, to the last bit.

    Args:
        **settings: the fields of :class:`SklearnConfig`.

    Raises:
        InferenceBackendInitializationError: the file cannot be loaded, holds no fitted estimator, or does not fit the
            configuration.
    """

    plugin_api_version = 1
    base_config_model = SklearnConfig
    config: SklearnConfig

    #: The estimator that was loaded.
    model: Any

    def initialize(self) -> None:
        """Load the model and settle what goes in and what comes out."""
        self.model = load_model(
            self.config.model_path,
            model_format=self.config.model_format,
            trusted_types=self.config.trusted_types,
        )
        description = describe(self.model, self.config.model_path)
        self._numbers = description.numbers
        self._outputs = choose_outputs(self.config, description)
        self._feed = Feeder(self.config, description)
        self._make_rows = RowMaker(self.config, description)

    def transform_inputs(self, inputs: Any) -> Any:
        """Lay out the features as the model takes them."""
        return self._feed(inputs)

    def execute(self, inputs: Any) -> dict[Output, Any]:
        """Call the model's methods; no rows need no call."""
        rows = inputs.shape[0] if hasattr(inputs, "shape") else len(inputs)
        if rows == 0:
            return {}
        try:
            with limit_threads(self.config.threads):
                return {output: getattr(self.model, METHODS[output])(inputs) for output in self._outputs}
        except (TypeError, ValueError) as error:
            raise self._explained(error, inputs) from error

    def _explained(self, error: Exception, inputs: Any) -> InferenceBackendRuntimeError:
        text = f"{type(self.model).__name__} failed: {type(error).__name__}: {error}."
        odd = odd_cell(inputs, self._numbers, self._feed.names)
        if odd is not None:
            text += f" The first cell that is no number: in row {odd[0]}, {odd[1]}."
        held = kinds_held(inputs, self._feed.names)
        if held:
            text += f" What the batch's columns held: {held}."
        if odd is not None or held:
            text += " Give each feature values of the kind that the model was fitted on."
        return InferenceBackendRuntimeError(text)

    def transform_outputs(self, inputs: dict[Output, Any]) -> list[dict[str, Any]]:
        """Make a record of each row."""
        return self._make_rows(inputs) if inputs else []
