"""What importing does to the process, without what some libraries do there. It is imported first, so it stays small."""

from __future__ import annotations

import os
import sys
from typing import Any


class Watch:
    """Looks at what happens to the process, and looks away while a module of some libraries is being imported.

    A library may import its parts late, when they are asked for: that is its own doing as well, wherever it happens.

    Example:
        >>> with Watch({"decimal"}) as watch:
        ...     import decimal
        ...
        ...     written = os.write(1, b"ready")
        >>> watch.printed, watch.changed, watch.loud
        ('ready', {}, set())

    Attributes:
        printed: what was written to the two standard streams, by Python or by a library in C.
        imported: the top-level names of the modules that were imported.
        changed: what else was changed, as it was before and as it was then.
        loud: those of the libraries that printed something, or changed something.
    """

    def __init__(self, libraries: Any) -> None:
        self.printed = ""
        self.imported: set[str] = set()
        self.changed: dict[str, tuple[str, str]] = {}
        self.loud: set[str] = set()
        self._libraries = frozenset(libraries)
        self._away = False

    def __enter__(self) -> Watch:
        import tempfile

        self._file = tempfile.TemporaryFile(buffering=0)
        self._kept = [os.dup(stream) for stream in (1, 2)]
        for stream in (1, 2):
            os.dup2(self._file.fileno(), stream)
        self._state, self._modules = state(), set(sys.modules)
        sys.meta_path.insert(0, self)  # it finds what the others find
        return self

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)
        self._look()
        for stream, kept in zip((1, 2), self._kept, strict=True):
            os.dup2(kept, stream)
            os.close(kept)
        self._file.close()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a library's module as it is found without this, so that its loader tells when it runs."""
        library = name.partition(".")[0]
        if library not in self._libraries or self._away:
            return None
        finders = [getattr(finder, "find_spec", None) for finder in sys.meta_path if finder is not self]
        spec = next(filter(None, (find(name, path, target) for find in finders if find)), None)
        loader: Any = getattr(spec, "loader", None)
        if hasattr(loader, "__dict__") and not isinstance(loader, type):  # a type is for what Python itself brings

            def run(module: Any) -> None:
                vars(loader).pop("exec_module", None)
                self._run(library, loader, module)

            vars(loader)["exec_module"] = run
        return spec

    def _run(self, library: str, loader: Any, module: Any) -> None:
        """Let a library's module run, with all that it imports in turn."""
        if self._away:
            loader.exec_module(module)
            return
        self._look()
        self._away = True
        try:
            loader.exec_module(module)
        finally:
            self._away = False
            now, printed = state(), self._taken()
            if printed or now != self._state:
                self.loud.add(library)
            self._state, self._modules = now, set(sys.modules)

    def _look(self) -> None:
        """Note what has happened since the last time."""
        now, modules = state(), set(sys.modules)
        for what, text in now.items():
            if text != self._state[what]:
                before, _ = self.changed.pop(what, (self._state[what], ""))
                if text != before:
                    self.changed[what] = (before, text)
        self.imported.update(name.partition(".")[0] for name in modules - self._modules)
        self.printed += self._taken()
        self._state, self._modules = now, modules

    def _taken(self) -> str:
        """Give what was printed since the last time."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._file.seek(0)
        text = self._file.read().decode(errors="replace")
        self._file.seek(0)
        self._file.truncate()
        return text


def state() -> dict[str, str]:
    """Describe what an import has no business to change."""
    import logging
    import threading
    import warnings

    from loguru import logger

    return {
        "loguru's handlers": repr(logger),
        "logging's root handlers": repr(logging.getLogger().handlers),
        "sys.path": repr(sys.path),
        "the environment": repr(sorted(os.environ.items())),
        "the filters of warnings": repr(warnings.filters),
        "the working directory": os.getcwd(),  # noqa: PTH109 - as a text, to compare
        "the threads": repr(sorted(thread.name for thread in threading.enumerate())),
    }
