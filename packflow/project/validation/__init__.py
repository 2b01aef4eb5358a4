"""Is a project fit to be handed on? Its files are read here, and its code is run in a process of its own.

>>> from packflow.project.validation import Check
>>> Check("license", "warning", "there is no LICENSE.txt").status
'warning'

`validating` has the one function, and puts together what the others find: `files` and `environment` look at what is
there, `running` starts the process, which is in `worker` and `seeing`, `judging` makes checks of how it ended, and
`usage` finds out what the samples ran with. What is said is in `report`.

An answer counts only if it is whole, sealed with a key that the process was given, and holds a record for each sample;
and the process has to end by itself, with status 0. Code that means harm can still deceive: it runs in the same process
as what seals the answer. Whoever does not trust a project's code must not run it outside of a sandbox at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.project.validation.report import CHECKS, Check, RanWith, SampleFailure, ValidationReport
    from packflow.project.validation.validating import validate_project

#: How long the samples may take, in seconds, with the import of the project's code and of all that it needs.
DEFAULT_TIMEOUT: Final = 300.0

__all__ = ["CHECKS", "DEFAULT_TIMEOUT", "Check", "RanWith", "SampleFailure", "ValidationReport", "validate_project"]

_RECORDS = ("CHECKS", "Check", "RanWith", "SampleFailure", "ValidationReport")

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        **dict.fromkeys(_RECORDS, "packflow.project.validation.report"),
        "validate_project": "packflow.project.validation.validating",
    },
)
