"""What the child process of `elsewhere` does. It is imported there before anything is looked at, so it stays small."""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any


def main(packed: bytes) -> None:
    """Do a job and write what came of it, pickled, to what was the standard output when the process began."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the plugin prints is not to come in between
    try:
        job = pickle.loads(packed)  # noqa: S301 - from the parent process
        result = _import(job) if job["task"] == "import" else pickle.loads(job["pickled"])(job["arguments"])  # noqa: S301
        answer = pickle.dumps(("value", result))
    except BaseException as error:  # noqa: BLE001 - the parent is told, whatever it was
        answer = pickle.dumps(("error", f"{type(error).__name__}: {error}"))
    answers.write(answer)
    answers.close()
    sys.stdout.flush()
    os._exit(0)  # a thread that the plugin left running must not keep the parent waiting


def _import(job: dict[str, Any]) -> dict[str, Any]:
    """Import a module and tell what that did."""
    import importlib
    import importlib.util

    import_packflow()
    for library in job["libraries"]:
        if importlib.util.find_spec(library):
            importlib.import_module(library)
    module = job["module"]
    report: dict[str, Any] = {"missing": False, "error": None, "printed": "", "imported": [], "changed": {}}
    before, modules = state(), set(sys.modules)
    with _Printed() as printed:
        try:
            importlib.import_module(module)  # its packages too, so nothing may look for it before: that imports them
        except BaseException as error:  # noqa: BLE001 - the parent is told
            report["missing"] = _is_missing(module, error)
            report["error"] = None if report["missing"] else f"{type(error).__name__}: {error}"
    after = state()
    report["printed"] = printed.text
    report["imported"] = sorted({name.partition(".")[0] for name in set(sys.modules) - modules})
    report["changed"] = {what: (before[what], after[what]) for what in before if before[what] != after[what]}
    return report


def import_packflow() -> None:
    """Import what plugins are written with, so that what it does is not taken for theirs: NumPy adds filters, say."""
    import loguru
    import numpy  # noqa: F401

    import packflow.backend.base
    import packflow.backend.preprocessors
    import packflow.normalizers
    import packflow.plugin.manager
    import packflow.utils.normalize  # noqa: F401

    loguru.logger.remove()  # what is logged is not printed; a plugin that is an instance is constructed when imported


def _is_missing(module: str, error: BaseException) -> bool:
    """Whether an import failed because the module itself, or a package that it is in, is not there."""
    return isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}.")


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


class _Printed:
    """What is written to the two standard streams, by Python or by a library in C."""

    text = ""

    def __enter__(self) -> _Printed:
        import tempfile

        self._file = tempfile.TemporaryFile()
        self._kept = [os.dup(stream) for stream in (1, 2)]
        for stream in (1, 2):
            os.dup2(self._file.fileno(), stream)
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, kept in zip((1, 2), self._kept, strict=True):
            os.dup2(kept, stream)
            os.close(kept)
        self._file.seek(0)
        self.text = self._file.read().decode(errors="replace")
        self._file.close()
