"""Get a backend from a script (:class:`LocalLoader`) or from an installed package (:class:`ModuleLoader`).

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

if TYPE_CHECKING:
    from packflow.loaders.local import LocalLoader
    from packflow.loaders.module import ModuleLoader

__all__ = ["LocalLoader", "ModuleLoader"]

_HOMES = {
    "LocalLoader": "packflow.loaders.local",
    "ModuleLoader": "packflow.loaders.module",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'packflow.loaders' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
