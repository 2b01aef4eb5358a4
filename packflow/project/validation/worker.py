"""What runs in the process made for a project: load its backend, run the samples, write down what was seen, and end.

The project's code is in here, so the parent trusts nothing of this process but what is sealed with its key, and judges
the outputs again itself. The parent's side is `running`.
"""

from __future__ import annotations

import atexit
import faulthandler
import sys
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packflow.project.validation.seeing import failure_of, plugins_used
from packflow.utils.causes import cause_text
from packflow.utils.processes.answering import ANSWER, BEGUN, ENDED, open_trace, printed_so_far, take_key, writer

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend
    from packflow.project import PackflowProject

#: How long the process may take to end once the samples are through, in seconds.
ENDING: Final = 30.0
#: How many samples that fail are told.
MOST_FAILURES: Final = 20

Tell = Callable[..., None]


def main(folder: str, path: str, with_samples: bool, timeout: float, loaded: frozenset[str]) -> None:
    """Run a project's samples, and let the process end as any program of the user's would.

    Args:
        folder: where the answer goes; it exists.
        path: the project's folder.
        with_samples: whether there are samples to run; otherwise the backend is loaded, and no more.
        timeout: how long the project's code may run, in seconds. The process then writes where it is, and ends.
        loaded: the modules that the interpreter has loaded by itself.
    """
    write = writer(folder, take_key())
    unheard: list[str] = []
    atexit.register(lambda: write(ENDED, {"unheard": unheard}))  # the first to be registered is the last to be run
    trace = open_trace(folder)
    answer: dict[str, Any] = {"complete": False, "stage": "packflow"}

    def tell(**seen: Any) -> None:
        answer.update(seen)
        write(ANSWER, answer)

    try:
        load_core()
        from packflow.project import PackflowProject

        project = PackflowProject(path)
        raw = project.samples_file.read_bytes() if with_samples else b""
    except BaseException as error:  # noqa: BLE001  # a broken distribution may break packflow's own requirements
        tell(complete=True, failure=failure_of(error, path))
        return
    write(BEGUN, {"sizes": printed_so_far()})
    faulthandler.dump_traceback_later(timeout, exit=True, file=trace)
    threads = set(threading.enumerate())
    run(project, raw, tell)
    plugins, listeners = plugins_used()
    tell(
        complete=True,
        threads=sorted({one.name for one in set(threading.enumerate()) - threads if not one.daemon}),
        modules=dict(_modules(loaded)),
        plugins=plugins,
        listeners=listeners,
    )
    sys.unraisablehook = _listening(unheard, sys.unraisablehook)
    faulthandler.dump_traceback_later(min(timeout, ENDING), exit=True, file=trace)


def _listening(unheard: list[str], before: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Give a hook that notes what exit handlers raise: Python prints it, and ends with status 0 all the same."""

    def note(raised: Any) -> None:
        if len(unheard) < MOST_FAILURES:
            unheard.append(cause_text(raised.exc_value))
        before(raised)

    return note


def load_core() -> None:
    """Import what packflow itself needs for any backend, before the project's code can stand in its way."""
    import packflow.backend.base
    import packflow.loaders
    import packflow.plugin.api
    import packflow.project.loading
    import packflow.runner.sources  # noqa: F401
    from packflow.utils.log import set_default_level

    set_default_level("WARNING")  # what packflow logs of each step is not what is looked for


def run(project: PackflowProject, raw: bytes, tell: Tell) -> None:
    """Load the backend, give it the samples, and close it; tell what came of each.

    Args:
        project: the project.
        raw: its samples, as they are in the file; empty if it is only to be loaded.
        tell: is told what was seen so far, by name.
    """
    from packflow.backend.config_errors import settings_given

    path = str(project.path)
    tell(stage="load")
    try:
        with settings_given("under 'backend_config' in packflow.yaml"):
            backend = project.load()
    except BaseException as error:  # noqa: BLE001  # whatever the project's code raises is its failure
        tell(failure=failure_of(error, path))
        return
    if raw:
        tell(stage="samples")
        _run_samples(backend, raw, path, tell)
    tell(stage="close")
    try:
        backend.close()
    except BaseException as error:  # noqa: BLE001  # as above
        tell(closing=failure_of(error, path))


def _run_samples(backend: InferenceBackend, raw: bytes, path: str, tell: Tell) -> None:
    samples = list(_samples(raw))
    try:
        tell(outputs=_validated(backend, [record for _, record in samples]))
    except BaseException as error:  # noqa: BLE001  # as above; what it gives may run code, too
        failure = failure_of(error, path)
    else:
        return
    line = samples[0][0] if len(samples) == 1 else None
    tell(outputs=None, failure=failure, failures=[{**failure, "line": line}])
    if len(samples) > 1:  # which of them is it?
        alone, tried = _run_alone(backend, raw, path)
        row = failure["row"]
        line = samples[row][0] if row is not None and 0 <= row < len(samples) else None
        tell(failures=alone or [{**failure, "line": line}], together=not alone, partly=tried < len(samples))


def _samples(raw: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the samples anew: a backend may have changed those that it was given."""
    from packflow.runner.sources import read_jsonl

    return read_jsonl(BytesIO(raw), "samples.jsonl")


def _validated(backend: InferenceBackend, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run records through the backend's ``validate()``, and check what it gives, as it may be the project's own."""
    from packflow.backend.validation import check_outputs

    outputs: Any = backend.validate(records)
    check_outputs(outputs, len(records))
    checked: list[dict[str, Any]] = outputs
    return checked


def _run_alone(backend: InferenceBackend, raw: bytes, path: str) -> tuple[list[dict[str, Any]], int]:
    """Give the samples that fail by themselves, the first of many, each with its line; and how many were tried."""
    failing: list[dict[str, Any]] = []
    for tried, (line, record) in enumerate(_samples(raw), start=1):
        try:
            _validated(backend, [record])
        except BaseException as error:  # noqa: BLE001  # as above
            failing.append({**failure_of(error, path), "line": line})
            if len(failing) == MOST_FAILURES or not isinstance(error, Exception):
                return failing, tried
    return failing, len(list(_samples(raw)))


def _modules(loaded: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    """Give the modules that were imported, with the file of each that has one."""
    for name, module in list(sys.modules.items()):
        if type(name) is str and name not in loaded:
            try:
                file = module.__file__
            except BaseException:  # noqa: BLE001  # anything may stand in a module's place
                file = None
            yield name, str(Path(file)) if type(file) is str else None
