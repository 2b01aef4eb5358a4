"""Where a model runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow import InferenceBackend
from packflow.exceptions import InferenceBackendInitializationError

if TYPE_CHECKING:
    import torch


def choose_device(wanted: str, *, fallback: bool) -> torch.device:
    """Give the device that was asked for, or the CPU, which is then said in the log.

    Example:
        >>> choose_device("cpu", fallback=False)
        device(type='cpu')

    Args:
        wanted: PyTorch's name of a device, or ``"auto"``.
        fallback: whether the CPU will do where that device is not available.

    Raises:
        InferenceBackendInitializationError: there is no such device, and no fallback is wanted.
    """
    import torch

    if wanted == "auto":
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        device = accelerator or torch.device("cpu")
        InferenceBackend.logger.info(f"The model runs on the device {str(device)!r}.")
        return device
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise InferenceBackendInitializationError(
            f"device={wanted!r} is no device of PyTorch. It is called as in 'cpu', 'cuda' or 'cuda:1'; 'auto' takes "
            "an accelerator where there is one."
        ) from error
    try:
        torch.empty(1, device=device).cpu()
    except Exception as error:  # a driver may fail in any way
        reason = str(error).strip().partition("\n")[0]
        if not fallback:
            raise InferenceBackendInitializationError(
                f"device={wanted!r} is not available here: {reason}. Choose another, or set device_fallback=True."
            ) from error
        InferenceBackend.logger.warning(
            f"device={wanted!r} is not available here ({reason}); the model runs on the CPU instead."
        )
        return torch.device("cpu")
    return device
