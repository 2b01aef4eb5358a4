"""A project: a folder with a ``packflow.yaml``, that is validated, exported, and run elsewhere.

Example:
    >>> from pathlib import Path
    >>> from packflow import PackflowProject
    >>> _ = Path("packflow.yaml").write_text("{name: doubler, version: 1.0, inference_backend: 'inference:Doubler'}")
    >>> _ = Path("inference.py").write_text('''
    ... from packflow import InferenceBackend
    ... class Doubler(InferenceBackend):
    ...     def execute(self, inputs):
    ...         return [{"doubled": 2 * row["number"]} for row in inputs]
    ... ''')
    >>> project = PackflowProject(".")
    >>> project.config.name, project.config.version
    ('doubler', '1.0')
    >>> project.load(verbose=False)({"number": 21})
    {'doubled': 42}

The way of a ``packflow.yaml``: its text becomes nodes with lines (:mod:`~packflow.project.yaml`), the nodes become
texts and values (``values``), these a :class:`ProjectConfig` (``config``), and :class:`PackflowProject` (``project``)
makes a backend of it (``loading``), having set its environment (``environment``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.project.config import ProjectConfig
    from packflow.project.project import PackflowProject

__all__ = ["PackflowProject", "ProjectConfig"]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        "PackflowProject": "packflow.project.project",
        "ProjectConfig": "packflow.project.config",
    },
)
