"""Is a project fit to be handed on? Its files are read here, and its code is run in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.project.validation.report import Check, RanWith, SampleFailure, ValidationReport

#: How long the samples may take, in seconds, with the import of the project's code and of all that it needs.
DEFAULT_TIMEOUT: Final = 300.0

__all__ = ["DEFAULT_TIMEOUT", "Check", "RanWith", "SampleFailure", "ValidationReport"]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    dict.fromkeys(("Check", "RanWith", "SampleFailure", "ValidationReport"), "packflow.project.validation.report"),
)
