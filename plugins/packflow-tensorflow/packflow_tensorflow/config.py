"""What the backend ``tensorflow`` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from packflow.backend.tensors import TensorConfig

ModelFormat = Literal["auto", "keras", "savedmodel"]


class TensorflowConfig(TensorConfig):
    """The settings of the backend ``tensorflow``, beside those of every backend, and of every one of named tensors.

    Example:
        >>> TensorflowConfig(model_path="iris.keras").signature
        'serving_default'
    """

    model_path: Path = Field(description="A Keras file (.keras or .h5), or the folder of a SavedModel.")
    model_format: ModelFormat = Field(
        default="auto", description="keras or savedmodel. auto: a folder is a SavedModel, a file is Keras's."
    )
    signature: str = Field(
        default="serving_default", min_length=1, description="The signature of a SavedModel that is called."
    )
    custom_objects: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "For layers and functions of your own in a Keras file: the name in the file, and where it is, as "
            "'module:object'."
        ),
    )
    trusted: bool = Field(
        default=False,
        description=(
            "Open a Keras file whatever is in it (safe_mode=False). Lambda layers in it RUN CODE FROM THE FILE; by "
            "default they are refused."
        ),
    )
    output_names: list[str] | None = Field(
        default=None,
        min_length=1,
        description=(
            "What a Keras model's output, or the parts of a list of outputs, are called. None: output, or output_0, …"
        ),
    )
