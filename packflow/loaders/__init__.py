"""Get a backend from a script (:class:`LocalLoader`) or from an installed package (:class:`ModuleLoader`).

:class:`InferenceBackendLoader` does so as the ``packflow.yaml`` of a project says.

Example:
    >>> from packflow.loaders import LocalLoader, ModuleLoader
    >>> LocalLoader("inference:Backend")
    LocalLoader('inference:Backend')
    >>> ModuleLoader("myproject.backends:MyModelBackend")
    ModuleLoader('myproject.backends:MyModelBackend')

Nothing is imported before ``.load()`` or ``.resolve()`` is called. Whatever goes wrong then is an
:class:`packflow.exceptions.InferenceBackendLoadError` that names the target, the file or module, and the
cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.loaders.from_project import InferenceBackendLoader
    from packflow.loaders.local import LocalLoader
    from packflow.loaders.module import ModuleLoader

__all__ = ["InferenceBackendLoader", "LocalLoader", "ModuleLoader"]

__getattr__, __dir__ = lazy_names(
    __name__,
    globals(),
    {
        "InferenceBackendLoader": "packflow.loaders.from_project",
        "LocalLoader": "packflow.loaders.local",
        "ModuleLoader": "packflow.loaders.module",
    },
)
