"""Closing a backend: once, whichever threads ask for it, and whatever a class means by ``close`` and ``shutdown``.

Both names may have been a class's own before they meant something to packflow. What cannot be called is left alone; a
``close`` that needs arguments is the user's own affair; a ``shutdown`` that needs some is an error when it is to run.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from packflow.backend.steps import refuse_coroutine
from packflow.exceptions import InferenceBackendRuntimeError, PackflowError
from packflow.utils.errors import placed, text_of
from packflow.utils.log import logger

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend

#: The backends that are being closed, by id: kept in the backend, this would travel with a copy made meanwhile. No lock
#: is held: an object that is collected, or a signal's handler, may close a backend in the middle of another closing.
_under_way: dict[int, object] = {}


@contextmanager
def closing_alone(backend: InferenceBackend) -> Iterator[bool]:
    """Yield whether this is the only closing of a backend that is under way.

    One that is not does not wait for the other: it may come from a thread, or from a hook, which the other waits for.
    """
    key, mark = id(backend), object()
    alone = _under_way.setdefault(key, mark) is mark
    try:
        yield alone
    finally:
        if alone:
            del _under_way[key]


def run_shutdown(backend: InferenceBackend) -> None:
    """Run the step that frees what ``initialize()`` has acquired.

    Raises:
        InferenceBackendRuntimeError: it failed, or cannot be called without arguments.
    """
    lacking = _run("shutdown", backend)
    if lacking:
        raise InferenceBackendRuntimeError(
            f"shutdown() of {type(backend).__name__} needs {', '.join(lacking)}, but packflow calls it without "
            "arguments. Give them defaults; or rename it, if it does not free what initialize() has acquired.",
            step="shutdown",
        )


def close_at_end(backend: InferenceBackend, *, failing: bool) -> None:
    """Close a backend because a block has ended.

    A class's own ``close()`` is called if it needs no arguments; packflow's part is done in any case.

    Args:
        backend: the backend.
        failing: whether the block failed. Its exception is what the caller has to see, so that a failure of the
            closing is logged then.

    Raises:
        PackflowError: the closing failed.
    """
    from packflow.backend.base import InferenceBackend

    try:
        try:
            _run("close", backend)
        finally:
            InferenceBackend.close(backend)
    except PackflowError as error:
        if not failing:
            raise
        logger.error(f"{text_of(error)} The backend was being closed because of another failure.")


def _run(name: str, backend: InferenceBackend) -> list[str]:
    """Call a method if it is one and can be called without arguments; give the names of those that it needs."""
    try:
        method = getattr(backend, name)
        if not callable(method):
            return []
        lacking = _lacking(method)
        if not lacking:
            refuse_coroutine(method())
    except PackflowError:
        raise
    except (Exception, SystemExit) as error:  # to end the program is not a backend's to decide
        place = f"in step {name!r} of {type(backend).__name__}"
        raise InferenceBackendRuntimeError(placed(error, place), step=name) from error
    return lacking


def _lacking(function: Any) -> list[str]:
    """Name the arguments without which a function cannot be called."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # not every callable tells
        return []
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in starred]


def unusable(backend: InferenceBackend) -> InferenceBackendRuntimeError:
    """Say why a backend has no preprocessor: it is closed, or was never set up."""
    owner = type(backend).__name__
    if "_preprocessor" in vars(backend):
        text = f"{owner} is closed: its close() was called, or its `with` block has ended. Construct another one."
    else:
        text = f"{owner} was not set up: its __init__ must call super().__init__(**kwargs)."
    return InferenceBackendRuntimeError(text)
