"""What is made of how the project's process ended, and of its answer: checks. Pure: data in, data out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import packflow
from packflow.project.validation.report import Check, SampleFailure
from packflow.project.validation.seeing import is_project_file
from packflow.utils.errors import cut
from packflow.utils.processes.frames import frame_at, innermost, read_trace
from packflow.utils.processes.watching import Ending
from packflow.utils.processes.words import ending_text, first_line, is_crash

_OWN_FOLDER = f"{Path(packflow.__file__).parent}/"
_IN_CONFIG = re.compile(r"^.*packflow\.yaml(, line (?P<line>\d+))?: ")
#: How many of the last lines that a process printed are told, where it could not say what was wrong.
_LAST_LINES = 5

#: For each stage, the check that it belongs to, and what was going on.
_STAGES = {
    "load": ("backend", "the backend was still being loaded"),
    "samples": ("samples", "the samples were still running"),
    "close": ("ending", "the backend was still being closed"),
}
_NAMES = ("backend", "samples", "ending", "output")
_LOADED = Check("backend", "passed", "it can be imported and constructed")
_CRASHED = "Look for a library that does not fit this machine, or another library; reinstall it."
_EXITS = "Take the call that ends the program out of the code."
_HANGS = "Find what it waits for, or give it longer with --timeout."
_LEFT = "End in shutdown() whatever the backend has started."
_CORRECT = "Correct the code, or what packflow.yaml says of it."
#: Where the code is that of an installed package, which nobody should correct there.
_CORRECT_SETTINGS = "Correct what packflow.yaml says of it, or the file that it names."
_CORRECT_SAMPLES = "Correct the samples, or what packflow.yaml says of the backend."


class Judged(NamedTuple):
    """What came of loading the backend and running the samples."""

    #: The checks ``backend``, ``samples``, ``ending`` and ``output``, in this order.
    checks: list[Check]
    failures: tuple[SampleFailure, ...] = ()
    #: How many records ``validate()`` gave; None if the samples did not get through.
    outputs: int | None = None


def judge_run(ending: Ending, folder: str, samples: int, timeout: float) -> Judged:
    """Say what came of a run. Only a complete answer that fits the samples lets them pass.

    Args:
        ending: how the process ended, with its answer.
        folder: the project's folder.
        samples: how many samples there are; 0 if the backend was only to be loaded.
        timeout: the time that the process had, in seconds.
    """
    answer = ending.answer or {}
    if answer.get("stage") not in _STAGES:
        return Judged(_from(_not_begun(ending, answer)))
    if not answer.get("complete"):
        return _interrupted(ending, answer, folder, samples, timeout)
    backend = _LOADED
    if answer.get("failure") and "failures" not in answer:
        backend = Check("backend", "failed", *_failure_texts(answer["failure"], folder))
    ran, failures = _judge_samples(answer, backend, folder, samples)
    checks = [backend, ran, _judge_ending(ending, answer, folder), _judge_output(ending)]
    return Judged(checks, failures, samples if ran.status == "passed" else None)


def skipped_run(why: str) -> list[Check]:
    """Give the checks of a run that was not begun."""
    return [Check(name, "skipped", why) for name in _NAMES]


def _from(failed: Check) -> list[Check]:
    """Give the checks of a run, of which one failed and let none after it be made."""
    position = _NAMES.index(failed.name)
    before = [_LOADED, Check("samples", "passed", "")][:position]
    after = [Check(name, "skipped", f"{failed.name!r} failed") for name in _NAMES[position + 1 :]]
    return [*before, failed, *after]


def _not_begun(ending: Ending, answer: dict[str, Any]) -> Check:
    """Say why the process did not come to the project's code, or why nothing of what it says can be believed."""
    if ending.not_started:
        return Check("backend", "failed", ending.not_started, "Free memory or processes, and try again.")
    if answer.get("failure"):
        told = answer["failure"]["told"]
        remedy = "Repair the environment first: packflow's own requirements cannot be imported."
        return Check("backend", "failed", f"packflow cannot be loaded: {told}", remedy)
    if ending.begun:
        what = "what the process had to say was deleted or overwritten by the project's code"
        return Check("backend", "failed", what, "Take out of the code what reaches into packflow's files.")
    if ending.timed_out:
        return Check("backend", "failed", "packflow's own modules were not loaded in time", "Try again.")
    said = cut(ending.stderr.strip().rpartition("\n")[2])
    what = f"the interpreter ended with status {ending.status} before the project's code was loaded"
    return Check("backend", "failed", f"{what}: {said}" if said else what, "Repair the environment first.")


def _interrupted(ending: Ending, answer: dict[str, Any], folder: str, samples: int, timeout: float) -> Judged:
    """Say how a process ended that could not say so itself."""
    name, doing = _STAGES[answer["stage"]]
    if ending.timed_out:
        what, remedy = f"{doing} after {timeout:g} s, and the process was ended", _HANGS
    elif is_crash(ending.status or 0):
        what, remedy = f"the project's code {ending_text(ending.status or 0)}", _CRASHED
    else:
        what, remedy = f"the project's code ends the process with status {ending.status}, as os._exit does", _EXITS
    check = Check(name, "failed", what, remedy, _last_place(ending.trace, folder), _last_printed(ending))
    failures = tuple(_failures(answer, folder))
    if failures:
        check = check._replace(detail=f"{_count(failures, samples)}; then {what}")
    checks = [*_from(check)[:-1], _judge_output(ending)]
    if name == "ending":
        ran, failures = _judge_samples(answer, checks[0], folder, samples)
        checks[1] = ran
    return Judged(checks, failures)


def _judge_samples(
    answer: dict[str, Any], backend: Check, folder: str, samples: int
) -> tuple[Check, tuple[SampleFailure, ...]]:
    if backend.status == "failed":
        return Check("samples", "skipped", "the backend cannot be loaded"), ()
    if not samples:
        return Check("samples", "skipped", "there are no samples to run"), ()
    failures = tuple(_failures(answer, folder))
    if failures:
        _, remedy, _, _ = _failure_texts(answer["failures"][0], folder)
        lines = tuple(line for alike in _alike(failures) for line in _lines_of(alike))
        detail = ("at least " if answer.get("partly") else "") + _count(failures, samples)
        if answer.get("together"):
            detail = f"the {samples} samples fail together, though each of them passes alone"
        return Check("samples", "failed", detail, remedy, lines=lines), failures
    outputs = answer.get("outputs")
    if not isinstance(outputs, list) or len(outputs) != samples or not all(isinstance(row, dict) for row in outputs):
        what = f"what validate() gave are not {samples} records, though it let them pass"
        return Check("samples", "failed", what, "Take out of the code what changes packflow."), ()
    return Check("samples", "passed", f"{samples} of {samples} passed"), ()


def _count(failures: tuple[SampleFailure, ...], samples: int) -> str:
    known = sum(failure.line is not None for failure in failures)
    return f"{known} of {samples} samples fail" if known else "the samples fail"


def _failures(answer: dict[str, Any], folder: str) -> list[SampleFailure]:
    return [
        SampleFailure(
            each["line"],
            each["step"],
            each["exception"],
            each["message"],
            _relative(each["where"], folder),
            tuple(each["causes"]),
        )
        for each in answer.get("failures") or ()
    ]


def _alike(failures: Iterable[SampleFailure]) -> list[list[SampleFailure]]:
    """Put together the samples that fail for the same reason, in the order of the first of each."""
    found: dict[SampleFailure, list[SampleFailure]] = {}
    for failure in failures:
        found.setdefault(failure._replace(line=None), []).append(failure)
    return list(found.values())


def _lines_of(alike: list[SampleFailure]) -> list[str]:
    """Put samples that fail for the same reason into lines."""
    failure, *others = alike
    place = "all samples" if failure.line is None else f"samples.jsonl:{failure.line}"
    if others:
        place += f", and line{'s' * (len(others) > 1)} {', '.join(str(other.line) for other in others)} likewise"
    step = f" (in step {failure.step!r})" if failure.step else ""
    said = f"{failure.exception}: {failure.message}" if failure.message else failure.exception
    more = [f"at {failure.where}"] if failure.where else []
    return [f"{place}: {cut(said)}{step}", *(f"  {line}" for line in (*more, *_caused(failure.causes)))]


def _caused(causes: tuple[str, ...] | list[str]) -> list[str]:
    return [f"caused by {cause}" for cause in causes]


def _failure_texts(failure: dict[str, Any], folder: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Give what a failure was, what to do about it, where it was, and what it came from."""
    in_config = _IN_CONFIG.match(failure["told"])
    what = failure["told"][in_config.end() :] if in_config else failure["told"]
    if failure["step"]:
        said = f"{failure['exception']}: {failure['message']}" if failure["message"] else failure["exception"]
        what = f"{cut(said)} (in step {failure['step']!r})"
    elif failure["own"]:
        what = f"{failure['exception']}: {cut(failure['message'])}".removesuffix(": ")
    else:
        what = what.removeprefix("inference_backend: ")
    where = _relative(failure["where"], folder)
    if in_config and (not where or (failure["installed"] and not failure["own"])):  # raised to say so, not by mistake
        where = "packflow.yaml" + (f":{in_config['line']}" if in_config["line"] else "")
    if failure["exits"]:
        return f"the project's code would end the program: {what}", _EXITS, where, ()
    return what.rstrip("."), _remedy(failure, folder), where, tuple(_caused(failure["causes"]))


def _remedy(failure: dict[str, Any], folder: str) -> str:
    lacking, missing = failure["lacking"].partition(".")[0], failure["missing_file"]
    if lacking:
        return f"Install what has the module {lacking!r}, and add it to the project's requirements."
    if missing and Path(folder, missing).exists():
        return (
            f"{missing!r} is in the project, but a project may run in any folder: write Path(__file__).parent / "
            f"{missing!r}, or let a path of backend_config name it."
        )
    if failure["installed"]:
        return _CORRECT_SETTINGS if failure["step"] in (None, "initialize") else _CORRECT_SAMPLES
    return _CORRECT


def _judge_ending(ending: Ending, answer: dict[str, Any], folder: str) -> Check:
    """Say how the process ended after it had given its answer."""
    if answer.get("closing"):
        what, remedy, where, lines = _failure_texts(answer["closing"], folder)
        return Check("ending", "failed", f"closing the backend failed: {what}", remedy, where, lines)
    if ending.timed_out:
        threads = ", ".join(answer.get("threads") or ())
        by_whom = f"; threads that are left: {threads}" if threads else ""
        return Check("ending", "failed", f"the process did not end{by_whom}", _LEFT)
    status = ending.status or 0
    if is_crash(status):
        place, printed = _last_place(ending.trace, folder), _last_printed(ending)
        what = f"when all is done, the project's code {ending_text(status)}"
        return Check("ending", "failed", what, _CRASHED, place, printed)
    if status or ending.ended is None:
        what = f"when all is done, the project's code ends the process with status {status}, as os._exit does"
        remedy = "Look for what is registered with atexit, and for threads that end the process."
        return Check("ending", "failed", what, remedy, "", _last_printed(ending))
    if ending.left_processes:
        return Check("ending", "warning", "it leaves processes running, which were ended", _LEFT)
    if ending.ended.get("unheard"):
        what = f"an exception was raised when the process ended: {ending.ended['unheard'][0]}"
        return Check("ending", "warning", what, "Look for what is registered with atexit, and for __del__().")
    before = "" if answer["stage"] == "load" else "the backend was closed, and "
    return Check("ending", "passed", f"{before}the process ended by itself")


def _judge_output(ending: Ending) -> Check:
    if ending.stdout.strip():
        remedy = "Log instead: standard output is for results."
        return Check("output", "warning", f"it prints {first_line(ending.stdout)}", remedy)
    return Check("output", "passed", "nothing is printed to standard output")


def _last_place(trace: str, folder: str) -> str:
    blamed = innermost(read_trace(trace), lambda file: is_project_file(file, folder), _OWN_FOLDER)
    return _relative(frame_at(*blamed).text(), folder) if blamed else ""


def _relative(where: str, folder: str) -> str:
    """Name a place in the project as the project does."""
    return where.removeprefix(folder).lstrip("/\\") if where.startswith(folder) else where


def _last_printed(ending: Ending) -> tuple[str, ...]:
    """Give the last lines that were printed; standard error is where Python and most libraries write."""
    printed = [line for line in (ending.stderr or ending.stdout).splitlines() if line.strip()]
    return tuple(cut(line, 300) for line in printed[-_LAST_LINES:])
