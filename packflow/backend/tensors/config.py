"""The settings that every backend of named tensors has."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from packflow.backend.configuration import BackendConfig


class TensorConfig(BackendConfig):
    """The settings of a backend that feeds a model with named tensors, beside those that every backend has.

    Example:
        >>> TensorConfig(inputs={"x": ["width", "height"]}).inputs
        {'x': ['width', 'height']}
    """

    inputs: dict[str, str | list[str]] = Field(
        default_factory=dict,
        description=(
            "For an input of the model, the field of a record that holds its value, or the list of fields that are its "
            "parts. One that is not named is fed from the field of its own name; a model's only input also from "
            "feature_names."
        ),
    )
    constants: dict[str, Any] = Field(
        default_factory=dict,
        description="Values of inputs that are the same for every record and have no batch axis, as a sample rate.",
    )
    outputs: list[str] | dict[str, str] | None = Field(
        default=None,
        min_length=1,
        description=(
            "The outputs that go into a row, in order; an object maps each to its key in the row. None: all outputs."
        ),
    )
    batch_axes: dict[str, int] = Field(
        default_factory=dict,
        description="For an input or output whose batch does not lie along its first axis (0), the axis where it does.",
    )
    max_batch_size: int | None = Field(
        default=None,
        ge=1,
        description=(
            "The model is given at most so many records at once. None: all that the backend is given. A model with a "
            "fixed batch is always given that many."
        ),
    )
    on_missing: Literal["null", "error"] = Field(
        default="error", description="What a missing or None number is: an error, or null (NaN)."
    )
