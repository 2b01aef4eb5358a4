"""Importing a module so that a failure leaves nothing half made behind."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ExtensionFileLoader
from types import ModuleType


def import_whole(name: str) -> ModuleType:
    """Import a module; if that fails, take what is left of its package out of ``sys.modules`` again.

    Example:
        >>> import_whole("collections.abc").__name__
        'collections.abc'

    Raises:
        BaseException: whatever the module raises while it is imported.
    """
    before = set(sys.modules)
    try:
        return import_module(name)
    except BaseException:
        _discard_orphans(name.partition(".")[0], before)
        raise


def _discard_orphans(top: str, before: set[str]) -> None:
    """Take out what a failed package left of itself.

    Python removes the module that failed, but not its submodules that were imported on the way; they hold objects of
    the failed module, and a second attempt would mix them with the new ones. Extension modules stay: many of them
    cannot be imported twice.
    """
    for name in sorted(set(sys.modules) - before):
        parent = name.rpartition(".")[0]
        if name.startswith(f"{top}.") and parent not in sys.modules:
            spec = getattr(sys.modules.get(name), "__spec__", None)
            if not isinstance(getattr(spec, "loader", None), ExtensionFileLoader):
                sys.modules.pop(name, None)  # another thread whose import failed, too, may have taken it out


def inside_import() -> bool:
    """Whether this thread is running the body of a module, and so holds that module's import lock."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to see it, documented for CPython and PyPy
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False
