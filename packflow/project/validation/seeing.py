"""What the process of a project can see once its code has run: what failed and where, and the plugins in use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from packflow.exceptions import PackflowError
from packflow.utils.causes import cause_text, frame_module, is_below
from packflow.utils.errors import cut, text_of
from packflow.utils.module_names import LOCAL_PROJECTS, plain_name
from packflow.utils.processes.frames import Frame, causes_of, last_frame

#: How much of an exception's message is kept, in characters.
_LONGEST = 2000


def failure_of(error: BaseException, folder: str) -> dict[str, Any]:
    """Give a failure as data: what the project's code raised, in which step, and where.

    Args:
        error: what was raised, by the project's code, or by packflow because of it.
        folder: the project's folder.
    """
    chain = list(_chain(error))
    raised = chain[-1]
    frame = last_frame(raised, lambda traceback: _is_in(traceback, folder)) or _last_called(raised)
    return {
        "step": next((step for each in chain if (step := _step_of(each))), None),
        "row": next((row for each in chain if type(row := getattr(each, "row", None)) is int), None),
        "exception": _type_name(raised),
        "message": cut(plain_name(text_of(raised)), _LONGEST),
        "where": frame.text() if frame else "",
        "installed": frame is not None and not is_project_file(frame.file, folder),
        "causes": [] if _is_told_better(raised) else list(causes_of(raised)),
        "told": cut(text_of(error) if isinstance(error, PackflowError) else cause_text(error), _LONGEST),
        "exits": isinstance(raised, (SystemExit, KeyboardInterrupt)),
        "own": not isinstance(raised, PackflowError),
        "lacking": _lacking(raised),
        "missing_file": _missing_file(raised),
    }


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give packflow's errors, and last what they tell of, which is what others have raised."""
    seen: set[int] = set()
    while id(error) not in seen:
        yield error
        seen.add(id(error))
        if not isinstance(error, PackflowError) or error.__cause__ is None or _is_told_whole(error):
            return
        error = error.__cause__


def _is_told_whole(error: BaseException) -> bool:
    """Whether one of packflow's errors is the one to tell: as the best of them, or as the backend raised it itself."""
    *_, last = (None, *_steps(error.__traceback__))
    return _is_told_better(error) or (last is not None and not _is_core(last))


def _is_told_better(error: BaseException) -> bool:
    """Whether packflow says it better than the cause: a setting, told with care; a file of the project's not there."""
    cause = error.__cause__
    if not isinstance(error, PackflowError) or cause is None:
        return False
    if _lacks_own_module(cause):
        return not any(is_below(frame_module(each), LOCAL_PROJECTS) for each in _steps(cause.__traceback__))
    return type(cause).__module__.startswith("pydantic")


def _lacks_own_module(error: BaseException) -> bool:
    return isinstance(error, ModuleNotFoundError) and is_below(str(error.name), LOCAL_PROJECTS)


def _lacking(error: BaseException) -> str:
    """Name the module that was not found, if it is one that can be installed."""
    return str(error.name or "") if isinstance(error, ModuleNotFoundError) and not _lacks_own_module(error) else ""


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _type_name(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__ == "builtins" or isinstance(error, PackflowError):
        return kind.__qualname__
    return f"{plain_name(str(kind.__module__))}.{kind.__qualname__}"


def _step_of(error: BaseException) -> str | None:
    """Say which step of the backend raised an exception; None if none did."""
    step = getattr(error, "step", None)
    if isinstance(error, PackflowError) and isinstance(step, str):
        return step
    traceback = error.__traceback__
    while traceback is not None:
        frame, called = traceback.tb_frame, traceback.tb_next
        if frame_module(traceback) == "packflow.backend.base" and called is not None and not _is_core(called):
            if frame.f_code.co_name == "_initialize":
                return "initialize"
            step = frame.f_locals.get("step")
            return step if isinstance(step, str) else None
        traceback = called
    return None


def _is_core(traceback: TracebackType) -> bool:
    name = frame_module(traceback)
    return is_below(name, "packflow") and not is_below(name, LOCAL_PROJECTS)


def _is_in(traceback: TracebackType, folder: str) -> bool:
    """Whether a traceback's first frame runs a file of the project itself, and not of an environment in its folder."""
    return is_project_file(traceback.tb_frame.f_code.co_filename, folder)


def is_project_file(file: str, folder: str) -> bool:
    """Whether a file is the project's own; what is installed into an environment in its folder is not.

    Example:
        >>> is_project_file("/iris/inference.py", "/iris"), is_project_file("/iris/.venv/site-packages/a.py", "/iris")
        (True, False)
    """
    return file.startswith(folder + os.sep) and "site-packages" not in file[len(folder) :]


def _last_called(error: BaseException) -> Frame | None:
    """Give the last place in the package that packflow has called, such as that of an installed backend."""
    traceback = error.__traceback__
    while traceback is not None and _is_core(traceback):
        traceback = traceback.tb_next
    if traceback is None:
        return None
    package = frame_module(traceback).partition(".")[0]
    return last_frame(error, lambda traceback: is_below(frame_module(traceback), package))


def _missing_file(error: BaseException) -> str:
    """Name the file that was not found, if it was named relative to wherever the program runs."""
    name = error.filename if isinstance(error, FileNotFoundError) else None
    return name if isinstance(name, str) and not os.path.isabs(name) else ""  # noqa: PTH117


def plugins_used() -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """Give kind, name and distribution of each installed plugin that was used in this process; then of what listened.

    A hooks plugin counts as used if it has registered a plugin that was. The others ran because they are installed, and
    had no part in the results.
    """
    from packflow import plugin

    try:
        records = plugin.plugins()
    except Exception:  # noqa: BLE001  # a setting may be wrong that nothing depended on
        return [], []
    loaded = [
        record
        for record in records
        if record.distribution is not None
        and (record.state == "loaded" or (record.state == "conflict" and _is_imported(record.value)))
    ]
    by_hooks = {record.distribution for record in loaded if record.location is None}  # not declared in metadata
    used: list[tuple[str, str, str]] = []
    listened: list[tuple[str, str, str]] = []
    for record in loaded:
        kept = listened if record.kind == "hooks" and record.distribution not in by_hooks else used
        kept.append((record.kind, record.name, record.distribution or ""))
    return used, listened


def _is_imported(value: str) -> bool:
    """Whether the module that a value names is imported: a name in conflict may be used as ``distribution/name``."""
    return value.partition(":")[0].strip() in sys.modules
