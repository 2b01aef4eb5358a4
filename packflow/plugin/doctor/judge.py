"""What is made of how the process for a plugin ended: findings. Pure: data in, data out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import packflow
from packflow.plugin.doctor.report import Examination, Finding, finding
from packflow.plugin.kinds import GROUPS
from packflow.plugin.refs import PluginRef
from packflow.utils.errors import cut
from packflow.utils.processes.frames import blame, frame_at, read_trace
from packflow.utils.processes.watching import Ending
from packflow.utils.processes.words import ending_text, first_line, is_crash

_OWN_FOLDER = f"{Path(packflow.__file__).parent}/"

#: What to do about what the process itself has seen, by code.
_REMEDIES = {
    "import-failed": "Repair or upgrade {distribution}, or {deny}.",
    "syntax-error": "Repair or reinstall {distribution}; it may be written for another version of Python.",
    "exits": "Take the call that ends the program out of the module, or {deny}.",
    "module-missing": "Correct the entry point, or reinstall {distribution}: a module may be missing from its wheel.",
    "attribute-missing": "Correct the entry point, or define the object in the module.",
    "wrong-object": "Let the entry point name an object of the right kind, or move it to the group of its kind.",
    "api-version": "Install versions of packflow and {distribution} that fit each other.",
    "old-api-version": "Upgrade {distribution}.",
    "hook-mistake": "Correct the function, or the hooks are not called.",
    "step-missing": "Define the method.",
    "wrong-signature": "Let the method take what packflow gives it.",
    "misspelt-step": "Correct the name, or begin it with an underscore if it is not a step.",
    "config-model": "Let the model derive from packflow.BackendConfig.",
    "core-import": "Repair the environment first: packflow's own requirements cannot be imported.",
}


def examination(plugin: PluginRef, ending: Ending, timeout: float) -> Examination:
    """Say what is wrong with a plugin that was imported in a process of its own.

    Args:
        plugin: the plugin.
        ending: how its process ended.
        timeout: the time that it had, in seconds.
    """
    answer = ending.answer or {}
    found = [_unanswered(plugin, ending, timeout)] if ending.answer is None else list(_answered(plugin, answer))
    found += _traces_left(plugin, ending, answer)
    return _examined(
        plugin, "imported", found, answer.get("milliseconds"), answer.get("modules"), tuple(answer.get("heavy", ()))
    )


def registered_by(plugin: PluginRef, ending: Ending) -> list[PluginRef]:
    """Give the plugins that a hooks plugin registers by a text, as if its distribution declared them."""
    entries = (ending.answer or {}).get("registered", ())
    return [plugin._replace(kind=kind, name=name, value=value, problem=None) for kind, name, value in entries]


def unexamined(plugin: PluginRef, why: Finding, examined: str) -> Examination:
    """Say of a plugin why it was not imported."""
    return _examined(plugin, examined, [why])


def _examined(plugin: PluginRef, examined: str, found: list[Finding], *measured: Any) -> Examination:
    milliseconds, modules, heavy = measured or (None, None, ())
    return Examination(
        plugin.kind,
        plugin.name,
        plugin.distribution,
        plugin.version,
        plugin.value,
        examined,
        milliseconds,
        modules,
        heavy,
        tuple(found),
    )


def entry_point(plugin: PluginRef) -> str:
    """Say where a plugin is declared."""
    return f"{GROUPS[plugin.kind]}: {plugin.name} = {plugin.value}"


def _finding(plugin: PluginRef, code: str, what: str, remedy: str, where: str = "", *details: str) -> Finding:
    deny = f"leave the plugin out with PACKFLOW_DISABLE_PLUGINS={plugin.qualified}"
    return finding(
        code,
        what,
        remedy.replace("{distribution}", plugin.distribution).replace("{deny}", deny),
        where=where or entry_point(plugin),
        distribution=plugin.distribution,
        details=details,
    )


def _answered(plugin: PluginRef, answer: dict[str, Any]) -> list[Finding]:
    seen = [answer["failure"]] if answer["failure"] else []
    found = [
        _finding(
            plugin,
            each["code"],
            each["what"],
            _remedy(plugin, each),
            each["where"],
            *(f"caused by {cause}" for cause in each.get("causes", ())),
        )
        for each in (*seen, *answer.get("mistakes", ()))
    ]
    if answer.get("heavy"):
        what = f"importing it imports {', '.join(answer['heavy'])}"
        found.append(
            _finding(
                plugin,
                "heavy-import",
                what,
                "Import it where it is used first: in initialize(), prepare() or to_native().",
            )
        )
    return found


def _remedy(plugin: PluginRef, seen: dict[str, Any]) -> str:
    lacking = seen.get("lacking", "").partition(".")[0]
    if seen["code"] == "import-failed" and lacking and lacking != plugin.value.partition(".")[0]:
        return f"Install what has the module {lacking!r} (an extra of {{distribution}} may bring it), or {{deny}}."
    return _REMEDIES[seen["code"]]


def _unanswered(plugin: PluginRef, ending: Ending, timeout: float) -> Finding:
    """Say how a process ended that could not say so itself."""
    where = _last_frame(plugin, ending.trace)
    if ending.not_started:
        return _finding(plugin, "not-started", ending.not_started, "Free memory or processes, and try again.")
    if ending.timed_out and not ending.begun:
        return _finding(plugin, "core-import", "packflow's own modules were not loaded in time", "Try again.", where)
    if ending.timed_out:
        what = f"it was still being imported after {timeout:g} s, and was ended"
        remedy = "Find what it waits for, give it longer with --timeout, or {deny}."
        return _finding(plugin, "hang", what, remedy, where)
    status = ending.status or 0
    if is_crash(status):
        remedy = "Look for a library that does not fit this machine or another library; reinstall it, or {deny}."
        return _finding(plugin, "crash", f"it {ending_text(status)}", remedy, where)
    what = f"it ends the process with status {status} (os._exit, or from a library)"
    if not ending.begun:
        said = cut(ending.stderr.strip().rpartition("\n")[2])
        what = f"the interpreter ended with status {status} before packflow was loaded: {said}"
        return _finding(plugin, "core-import", what, _REMEDIES["core-import"])
    return _finding(plugin, "exits", what, _REMEDIES["exits"], where)


def _last_frame(plugin: PluginRef, trace: str) -> str:
    blamed = blame(read_trace(trace), plugin.value.partition(":")[0].strip(), _OWN_FOLDER)
    return frame_at(*blamed).text() if blamed else ""


def _traces_left(plugin: PluginRef, ending: Ending, answer: dict[str, Any]) -> list[Finding]:
    """Say what importing a plugin left behind: output, threads, processes."""
    found = []
    if ending.begun and ending.stdout.strip():
        what = f"it prints {first_line(ending.stdout)}"
        remedy = "Take the print out, or log instead: standard output is for results."
        found.append(_finding(plugin, "prints", what, remedy))
    if ending.begun and ending.stderr.strip():
        what = f"it writes {first_line(ending.stderr)}"
        found.append(_finding(plugin, "writes-to-stderr", what, "Nothing has to be done, if it is meant to."))
    if ending.left_processes and not ending.timed_out:  # what hangs has them for a reason
        what = "it leaves processes running, which were ended"
        found.append(_finding(plugin, "processes-left", what, "Start them in initialize()."))
    if answer.get("threads"):
        what = f"it leaves threads running: {', '.join(answer['threads'])}"
        remedy = "Start them in initialize(): a process that was forked with threads in it can deadlock."
        found.append(_finding(plugin, "threads-left", what, remedy))
    return found
