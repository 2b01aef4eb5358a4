"""What a project has to have installed: read from its files, and compared with what is there.

`lines` takes one line of a ``requirements.txt`` apart, `reading` follows the files, and `judging` says which
requirements the environment does not meet. Nothing is installed, built or imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.project.requirements.judging import Installed, Unmet, judge_requirements, look_up
    from packflow.project.requirements.lines import Requirement
    from packflow.project.requirements.reading import Problem, Requirements, read_requirements

__all__ = [
    "Installed",
    "Problem",
    "Requirement",
    "Requirements",
    "Unmet",
    "judge_requirements",
    "look_up",
    "read_requirements",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        **dict.fromkeys(
            ("Installed", "Unmet", "judge_requirements", "look_up"), "packflow.project.requirements.judging"
        ),
        "Requirement": "packflow.project.requirements.lines",
        **dict.fromkeys(("Problem", "Requirements", "read_requirements"), "packflow.project.requirements.reading"),
    },
)
