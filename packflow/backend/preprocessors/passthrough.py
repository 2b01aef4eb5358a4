"""The preprocessor that does nothing: the backend gets the caller's own objects."""

from __future__ import annotations

from typing import Any

from packflow.backend.preprocessors.base import Preprocessor
from packflow.backend.preprocessors.description import Description


class PassthroughPreprocessor(Preprocessor):
    """Hands the batch over as it came; every other preprocessing field of the configuration is ignored.

    Example:
        >>> from packflow import BackendConfig
        >>> records = [{"a": 1}]
        >>> PassthroughPreprocessor(BackendConfig(input_format="passthrough"))(records) is records
        True

    The records are the caller's own: a step that changes one changes what the caller holds.
    """

    plugin_api_version = 1
    changes_nothing = True

    def describe_plan(self) -> Description:
        """Say that nothing is done."""
        return Description(gives="the caller's own list of records", code="none")

    def __call__(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Give the batch itself."""
        return records
