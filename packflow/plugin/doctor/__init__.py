"""The doctor: what is wrong with the plugins that are installed, found without harm to the process that asks.

>>> from packflow.plugin.doctor import examine
>>> report = examine(["packflow/records"])
>>> [(plugin.name, plugin.status) for plugin in report.plugins]
[('records', 'ok')]

Metadata is read here, and judged by pure functions: `metadata`, `requirements` and `names`. Each plugin is imported in
a process of its own (`children`), which a crash, an exit or a hang ends without ending anything else; what that
process does is in `probe`, and what is made of its answer in `judge`. The findings have codes, listed in `codes`.

This process imports no plugin, and nothing that a broken distribution could break.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.plugin.doctor.codes import CODES
    from packflow.plugin.doctor.examining import examine
    from packflow.plugin.doctor.report import Examination, Finding, Report

#: How long importing one plugin may take, in seconds. It is enough for the heaviest library from a slow disk.
DEFAULT_TIMEOUT: Final = 60.0

__all__ = ["CODES", "DEFAULT_TIMEOUT", "Examination", "Finding", "Report", "examine"]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        "CODES": "packflow.plugin.doctor.codes",
        "Examination": "packflow.plugin.doctor.report",
        "Finding": "packflow.plugin.doctor.report",
        "Report": "packflow.plugin.doctor.report",
        "examine": "packflow.plugin.doctor.examining",
    },
)
