"""What the child process of `elsewhere` does. It is imported there before anything is looked at, so it stays small."""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any

from packflow.testing.judging.watching import Watch


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
    report: dict[str, Any] = {"missing": False, "error": None}
    watch = Watch(job["libraries"])
    try:
        with watch:
            importlib.import_module(module)  # its packages too, so nothing may look for it before: that imports them
    except BaseException as error:  # noqa: BLE001 - the parent is told
        report["missing"] = _is_missing(module, error)
        report["error"] = None if report["missing"] else f"{type(error).__name__}: {error}"
    report.update(printed=watch.printed, imported=sorted(watch.imported), changed=watch.changed)
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
