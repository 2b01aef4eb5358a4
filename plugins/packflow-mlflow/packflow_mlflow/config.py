"""What the backend ``mlflow`` can be told."""

from __future__ import annotations

import os
from typing import Any, Literal

from pydantic import Field, field_validator

from packflow.backend.tensors import TensorConfig


class MlflowConfig(TensorConfig):
    """The settings of the backend ``mlflow``, beside those of every backend, and of every one of named tensors.

    Example:
        >>> MlflowConfig(model_path="iris").trusted
        False
    """

    model_path: str = Field(
        min_length=1,
        description="The model's directory, the one with the file MLmodel in it. Nothing is downloaded.",
        json_schema_extra={"format": "path"},  # in a packflow.yaml, it is relative to the project
    )
    trusted: bool = Field(
        default=False,
        description=(
            "Whether code from the directory may run. Pickles and code files RUN CODE as soon as they are loaded, so "
            "say True only where you trust whoever made the model. False: formats that run none are loaded, others "
            "refused."
        ),
    )
    trusted_types: list[str] = Field(
        default_factory=list,
        description=(
            "Types, by their full names, that a model saved with skops may hold beside those that skops itself trusts."
        ),
    )
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="Values for the parameters in the model's signature; the others have the signature's defaults.",
    )
    extra_columns: Literal["ignore", "error"] = Field(
        default="ignore",
        description="What fields are that the signature does not name: ignored, as MLflow does, or an error.",
    )
    prediction_field: str = Field(
        default="prediction", min_length=1, description="The key of results that have no name of their own."
    )
    output_names: list[str] | None = Field(
        default=None,
        min_length=1,
        description=(
            "What the columns of the result are called, in their order. None: the names that the result or the "
            "signature has, or the classes where the model gives probabilities."
        ),
    )

    @field_validator("model_path", mode="before")
    @classmethod
    def _read_paths(cls, value: Any) -> Any:
        return os.fspath(value) if isinstance(value, os.PathLike) else value

    @field_validator("output_names")
    @classmethod
    def _refuse_shared_names(cls, names: list[str] | None) -> list[str] | None:
        if names and len(set(names)) < len(names):
            raise ValueError(f"output_names names something twice: {names}")
        return names
