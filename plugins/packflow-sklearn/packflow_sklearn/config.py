"""What the backend ``sklearn`` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from packflow import BackendConfig

Output = Literal["prediction", "probabilities", "decision"]
Layout = Literal["auto", "matrix", "frame", "column", "records"]
ModelFormat = Literal["auto", "skops", "joblib"]


class SklearnConfig(BackendConfig):
    """The settings of the backend ``sklearn``, beside those that every backend has.

    Example:
        >>> SklearnConfig(model_path="iris.skops").model_format
        'auto'
    """

    model_path: Path = Field(description="The file with the fitted estimator or pipeline.")
    model_format: ModelFormat = Field(
        default="auto",
        description=(
            "How the file is read. auto: skops files, nothing else. joblib: pickles too; loading one RUNS CODE FROM "
            "THE FILE, so ask for it only where you trust whoever made it."
        ),
    )
    trusted_types: list[str] = Field(
        default_factory=list,
        description="Types, by their full names, that a skops file may hold beside those that skops itself trusts.",
    )
    outputs: list[Output] | None = Field(
        default=None,
        min_length=1,
        description=(
            "What goes into each row: prediction (predict), probabilities (predict_proba), decision "
            "(decision_function). None: the prediction, and probabilities where the model has them."
        ),
    )
    prediction_field: str = Field(default="prediction", min_length=1, description="The key of predictions.")
    probabilities_field: str = Field(default="probabilities", min_length=1, description="The key of probabilities.")
    decision_field: str = Field(default="decision", min_length=1, description="The key of decision values.")
    class_labels: list[str | bool | int | float] | None = Field(
        default=None,
        description="What the classes are called, in the order of the model's classes_. None: as they are.",
    )
    target_names: list[str] | None = Field(
        default=None, description="The names of a multi-output model's targets. None: their values come as a list."
    )
    layout: Layout = Field(
        default="auto",
        description=(
            "What the model is given. matrix: an array, a column for each feature. frame: a pandas DataFrame. column: "
            "the values of the one feature, as text vectorizers take them. records: the records. auto: what fits."
        ),
    )
    on_missing: Literal["null", "error"] = Field(
        default="error",
        description="What a missing or None feature is: an error, or null (NaN) for models that handle it.",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        description="How many OpenMP threads the model may use. None: as many as scikit-learn takes by itself.",
    )

    @model_validator(mode="after")
    def _refuse_shared_names(self) -> SklearnConfig:
        for name in ("outputs", "class_labels", "target_names"):
            values = getattr(self, name)
            if values and len({str(value) for value in values}) < len(values):
                raise ValueError(f"{name} names something twice: {values}")
        fields = [self.prediction_field, self.probabilities_field, self.decision_field]
        if len(set(fields)) < len(fields):
            raise ValueError(
                "prediction_field, probabilities_field and decision_field must be three different keys; "
                f"they are {fields}"
            )
        return self
