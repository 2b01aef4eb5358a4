"""Work in a fresh process: a pickled plugin that runs there, and a module that is imported there first of all.

The child is a plain ``python -c``: not a fork, which would bring this process's state along, and without the main
module, which under pytest is pytest's own.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import lru_cache
from typing import Any

from packflow.testing.judging.attempts import Attempt

#: What the child runs: first it gets this process's ``sys.path``, so that it finds the modules that are found here.
_CHILD = (
    "import pickle, sys; path, job = pickle.load(sys.stdin.buffer); sys.path[:] = path; "
    "from packflow.testing.judging.child import main; main(job)"
)


class ChildError(Exception):
    """Something went wrong in the child; the text says what, in the child's words."""


def run_there(pickled: bytes, arguments: Any, timeout: float) -> Attempt:
    """Unpickle a callable in a fresh process and call it there with one argument.

    Args:
        pickled: the pickled callable.
        arguments: what it is called with.
        timeout: after how many seconds the child is given up.
    """
    return _child({"task": "call", "pickled": pickled, "arguments": arguments}, timeout)


@lru_cache(maxsize=256)
def import_there(module: str, libraries: tuple[str, ...], timeout: float) -> Attempt:
    """Import a module in a fresh process and tell what that did; remembered, for a module is imported only once.

    Args:
        module: the module's name.
        libraries: what is imported before, so that what these do is not taken for the module's work.
        timeout: after how many seconds the child is given up.

    Returns:
        A dict: ``missing`` (there is no such module), ``error``, ``printed``, ``imported`` and ``changed``.
    """
    start = sys.modules.get("packflow.testing.pytest_plugin")
    # What the plugin did to this process when it was imported here is not to be inherited.
    environment, folder = getattr(start, "ENVIRONMENT", None), getattr(start, "FOLDER", None)
    return _child({"task": "import", "module": module, "libraries": libraries}, timeout, environment, folder)


def _child(
    job: dict[str, Any], timeout: float, environment: dict[str, str] | None = None, folder: str | None = None
) -> Attempt:
    payload = pickle.dumps((sys.path, pickle.dumps(job)))
    command = [sys.executable, "-c", _CHILD]
    try:
        done = subprocess.run(  # noqa: S603 - this very Python
            command, input=payload, capture_output=True, timeout=timeout, check=False, env=environment, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return Attempt(error=ChildError(f"no answer within {timeout:g} s"))
    complaints = done.stderr.decode(errors="replace").strip()
    try:
        kind, value = pickle.loads(done.stdout)  # noqa: S301 - from the child that was just started
    except Exception:  # noqa: BLE001 - it died, or wrote something else there
        return Attempt(error=ChildError(f"it ended with status {done.returncode}: {complaints[-500:]}"))
    return Attempt(value) if kind == "value" else Attempt(error=ChildError(value))
