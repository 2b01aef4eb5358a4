"""Write a model's inference once as a class; run it on records anywhere.

Example:
    >>> from packflow import InferenceBackend
    >>> class Doubler(InferenceBackend):
    ...     def execute(self, inputs):
    ...         return [{"doubled": row["number"] * 2} for row in inputs]
    >>> Doubler(verbose=False)({"number": 21})
    {'doubled': 42}

The public names are imported when they are first asked for, so ``import packflow`` itself costs next to nothing
and the command line can answer without loading what it does not use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend
    from packflow.backend.configuration import BackendConfig
    from packflow.project.project import PackflowProject

__version__ = "1.0.0"

__all__ = ["BackendConfig", "InferenceBackend", "PackflowProject", "__version__"]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        "BackendConfig": "packflow.backend.configuration",
        "InferenceBackend": "packflow.backend.base",
        "PackflowProject": "packflow.project.project",
    },
)
