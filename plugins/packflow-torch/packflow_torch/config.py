"""What the backend ``torch`` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from packflow.backend.tensors import TensorConfig

ModelFormat = Literal["auto", "torchscript", "export", "weights"]


class TorchConfig(TensorConfig):
    """The settings of the backend ``torch``, beside those of every backend, and of every one of named tensors.

    Example:
        >>> TorchConfig(model_path="model.pt2").device
        'auto'
    """

    model_path: Path = Field(description="The model's file.")
    model_format: ModelFormat = Field(
        default="auto",
        description=(
            "torchscript: what torch.jit.save wrote. export: what torch.export.save wrote. weights: a state dict that "
            "torch.save wrote, for the architecture. auto: what the file shows itself to be."
        ),
    )
    architecture: str | None = Field(
        default=None,
        pattern=r"^\w[\w.]*:\w[\w.]*$",
        description="For weights: the torch.nn.Module class (or a function that makes one), as 'module:object'.",
    )
    architecture_args: dict[str, Any] = Field(
        default_factory=dict, description="The keyword arguments that the architecture is made with."
    )
    trusted: bool = Field(
        default=False,
        description=(
            "Open an export archive whatever is in it. Parts of such archives RUN CODE when they are opened or called; "
            "by default those that hold such parts are refused."
        ),
    )
    device: str = Field(
        default="auto",
        min_length=1,
        description="Where the model runs: cpu, cuda, cuda:1, mps, … auto: an accelerator if there is one.",
    )
    device_fallback: bool = Field(
        default=True,
        description="Run on the CPU, with a warning in the log, where the device is not available; otherwise an error.",
    )
    dtypes: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "PyTorch's dtype of an input, such as int64, where the file does not say: in TorchScript and weights. "
            "Without it, float32."
        ),
    )
    output_names: list[str] | None = Field(
        default=None,
        min_length=1,
        description=(
            "What the model's output, or the parts of a tuple of outputs, are called. None: output, or output_0, …"
        ),
    )
