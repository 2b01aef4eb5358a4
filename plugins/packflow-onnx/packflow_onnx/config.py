"""What the backend ``onnx`` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from packflow.backend.tensors import TensorConfig


class OnnxConfig(TensorConfig):
    """The settings of the backend ``onnx``, beside those of every backend, and of every one of named tensors.

    Example:
        >>> OnnxConfig(model_path="iris.onnx").on_missing
        'error'
    """

    model_path: Path = Field(description="The model's file. Data beside it (external tensors) is found by the model.")
    providers: list[str | tuple[str, dict[str, Any]]] | None = Field(
        default=None,
        min_length=1,
        description=(
            "Execution providers in the order of preference, each a name or a pair of name and options. None: all that "
            "this ONNX Runtime has, in its own order."
        ),
    )
    session_options: dict[str, Any] = Field(
        default_factory=dict,
        description=(
            "Attributes of onnxruntime.SessionOptions by name, such as intra_op_num_threads; a key with a dot is a "
            "configuration entry, such as session.intra_op.allow_spinning."
        ),
    )
