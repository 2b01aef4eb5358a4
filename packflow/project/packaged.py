"""What a plugin that was made from a project uses when it runs: the project's settings, where nobody gives others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packflow.backend.base import InferenceBackend
from packflow.backend.config_file import merge
from packflow.backend.declaration import chosen_model
from packflow.project.paths import placed_in


def over_defaults(
    backend: type[InferenceBackend], defaults: Mapping[str, Any], folder: Path, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Lay settings over those that a project had, as ``PackflowProject.load`` lays them over ``backend_config``.

    Example:
        >>> from packflow import BackendConfig, InferenceBackend
        >>> class Config(BackendConfig):
        ...     model_path: Path
        ...     limits: dict[str, int] = {}
        >>> class Prices(InferenceBackend):
        ...     base_config_model = Config
        ...     def execute(self, inputs):
        ...         return inputs
        >>> defaults = {"model_path": "model.json", "limits": {"low": 1, "high": 9}}
        >>> over_defaults(Prices, defaults, Path("/installed/prices"), {"limits": {"high": 5}})
        {'model_path': '/installed/prices/model.json', 'limits': {'low': 1, 'high': 5}}

    Args:
        backend: the backend's class; its configuration model says which settings are paths.
        defaults: the settings of the project.
        folder: what the relative paths among the defaults are relative to, absolute.
        settings: the settings that were given. They go before the defaults; their paths are taken as they are.
    """
    return merge(placed_in(folder, defaults, chosen_model(backend)), settings)
