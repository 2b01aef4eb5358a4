"""What runs in the process made for one plugin: import it, look at it, write down what was seen, and end.

Whatever the plugin does is in here, so nothing here trusts the process. The answer goes into a file of its own, not to
standard output; what is needed for that is taken hold of before the plugin runs. The parent's side is `children`.
"""

from __future__ import annotations

import faulthandler
import inspect
import pkgutil
import sys
import threading
from importlib import import_module
from os import _exit, close, getpid  # held fast, see above
from time import perf_counter
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.plugin.heavy import HEAVY_LIBRARIES
from packflow.utils.causes import cause_text
from packflow.utils.errors import cut
from packflow.utils.processes.answering import ANSWER, BEGUN, open_trace, printed_so_far, writer
from packflow.utils.processes.frames import causes_of, frame_at, last_own_frame

if TYPE_CHECKING:
    from packflow.plugin.refs import PluginRef

_CORE = (
    "difflib",
    "packflow.backend.base",
    "packflow.backend.preprocessors",
    "packflow.normalizers.base",
    "packflow.plugin.doctor.signatures",
    "packflow.plugin.loader",
    "packflow.plugin.manager",
)


def main(folder: str, ref: tuple[str, ...], timeout: float) -> None:
    """Examine one plugin, and end the process.

    Args:
        folder: where the answer goes; it exists.
        ref: the fields of the plugin's reference.
        timeout: how long the plugin's own code may run, in seconds. The process then writes where it is, and ends.
    """
    me = getpid()
    write = writer(folder)
    trace = open_trace(folder)
    try:
        load_core()
        from packflow.plugin.refs import PluginRef

        plugin = PluginRef(*ref)
    except BaseException as error:  # noqa: BLE001  # a broken distribution may break packflow's own requirements
        answer = {"failure": failure_of("core-import", cause_text(error), error, "packflow")}
    else:
        write(BEGUN, {"sizes": printed_so_far()})
        faulthandler.dump_traceback_later(timeout, exit=True, file=trace)
        try:
            answer = observe(plugin)
        except BaseException as error:  # noqa: BLE001  # even looking at what a plugin made may run its code
            answer = {"failure": failure_of("import-failed", cause_text(error), error, plugin.value)}
    write(ANSWER, answer)
    if getpid() == me:  # a plugin may have forked
        close(trace)
    _exit(0)  # neither threads nor exit handlers that the plugin left are to hold the process up


def load_core() -> None:
    """Import what packflow itself needs for any plugin, so that it is not counted as the plugin's."""
    for name in _CORE:
        import_module(name)
    from packflow.plugin.index import scan

    scan()  # a plugin may ask for others, and what that imports is not the plugin's either


def observe(plugin: PluginRef) -> dict[str, Any]:
    """Import a plugin in this process, and say what was seen, as data for JSON."""
    from packflow.plugin.loader import Loader

    loader = Loader()
    modules, threads = set(sys.modules), set(threading.enumerate())
    seen: dict[str, Any] = {"failure": None, "mistakes": []}
    found = None
    started = perf_counter()
    try:
        found = loader.load(plugin)
    except BaseException as error:  # noqa: BLE001  # a KeyboardInterrupt of the plugin's own passes the loader
        spent = perf_counter() - started
        seen["failure"] = _why(plugin, error, loader.failure(plugin) or cause_text(error))
    else:
        spent = perf_counter() - started
    new = {name for name in list(sys.modules) if name.partition(".")[0] != "packflow"} - modules
    seen |= {
        "milliseconds": round(spent * 1000, 1),
        "modules": len(new),
        "heavy": sorted(HEAVY_LIBRARIES & {name.partition(".")[0] for name in new}),
    }
    if seen["failure"] is None:
        seen |= _look_at(plugin, found)
    seen["threads"] = sorted({thread.name for thread in set(threading.enumerate()) - threads})
    return seen


def _why(plugin: PluginRef, error: BaseException, reason: str) -> dict[str, Any]:
    """Put a failed import into words; what packflow raised is looked through to what the plugin did."""
    cause = error.__cause__ if isinstance(error, PluginError) else error
    if cause is None:  # the object is there, and is not what it should be
        return failure_of(_object_code(plugin), reason, error, plugin.value)
    module = plugin.value.partition(":")[0].strip()
    frame = last_own_frame(cause, module)
    if isinstance(cause, ModuleNotFoundError) and not frame and f"{module}.".startswith(f"{cause.name}."):
        what = f"there is no module {cause.name!r}{_nearest_module(str(cause.name))}"
        return failure_of("module-missing", what, cause, plugin.value)
    if isinstance(cause, AttributeError) and _raised_by(cause, "packflow.plugin.refs"):
        return failure_of("attribute-missing", cut(str(cause)), cause, plugin.value)
    code = "import-failed"
    if isinstance(cause, SyntaxError):
        code = "syntax-error"
    elif isinstance(cause, SystemExit):
        code = "exits"
    return failure_of(code, cut(reason.removeprefix("importing it failed with ")), cause, plugin.value)


def failure_of(code: str, what: str, error: BaseException, value: str) -> dict[str, Any]:
    """Give a failure as data: its code, what happened, where in the plugin, and what it came from."""
    frame = last_own_frame(error, value.partition(":")[0].strip())
    lacking = str(error.name or "") if isinstance(error, ModuleNotFoundError) else ""
    return {
        "code": code,
        "what": what,
        "where": frame.text() if frame else "",
        "causes": causes_of(error),
        "lacking": lacking,
    }


def _object_code(plugin: PluginRef) -> str:
    from packflow.plugin.kinds import object_problem
    from packflow.plugin.refs import import_value

    return "wrong-object" if object_problem(plugin.kind, import_value(plugin.value)) else "api-version"


def _raised_by(error: BaseException, module: str) -> bool:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and traceback.tb_frame.f_globals.get("__name__") == module


def _nearest_module(name: str) -> str:
    """Name the module that a misspelt one may have meant, among those beside it."""
    from packflow.utils.nearest import did_you_mean

    package, _, last = name.rpartition(".")
    path = getattr(sys.modules.get(package), "__path__", []) if package else None
    near = did_you_mean(last, [found.name for found in pkgutil.iter_modules(path)])
    return f"{' in ' + repr(package) if package else ''}.{near}" if near else ""


def _look_at(plugin: PluginRef, found: Any) -> dict[str, list[Any]]:
    """Look for what the loader does not refuse: hooks that cannot be registered, methods that cannot be called."""
    from packflow.plugin import apiversion

    seen = _hooks_seen(plugin, found) if plugin.kind == "hooks" else {"mistakes": _mistakes(plugin.kind, found)}
    warning = apiversion.verdict(found).warning
    if warning:
        seen["mistakes"].append({"code": "old-api-version", "what": warning, "where": ""})
    return seen


def _hooks_seen(plugin: PluginRef, found: Any) -> dict[str, list[Any]]:
    """Register a hooks plugin where nobody calls it, and look at what it registers in turn."""
    from packflow.plugin.manager import HookManager

    manager = HookManager()
    try:
        manager.add(found, plugin)
    except PluginError as error:
        what = (str(error).partition(" cannot be registered: ")[2] or str(error)).removesuffix(".")
        return {"mistakes": [failure_of("hook-mistake", what, error.__cause__ or error, plugin.value)]}
    seen: dict[str, list[Any]] = {"mistakes": [], "registered": []}
    for entry in manager.contributed.get(plugin.qualified, ()):
        if entry.lazy:  # to be imported in a process of its own
            seen["registered"].append((entry.kind, entry.name, entry.value))
        else:
            for mistake in _mistakes(entry.kind, entry.target):
                mistake["what"] = f"it registers the {entry.kind} {entry.name!r}: {mistake['what']}"
                seen["mistakes"].append(mistake)
    return seen


def _mistakes(kind: str, found: Any) -> list[dict[str, Any]]:
    from packflow.plugin.doctor.signatures import mistakes_of

    return [
        {"code": mistake.code, "what": mistake.what, "where": _place_of(mistake.about)}
        for mistake in mistakes_of(kind, found)
    ]


def _place_of(about: Any) -> str:
    """Say where a function or a class is defined; an empty text where that cannot be known."""
    try:
        file = inspect.getsourcefile(about)
        line = inspect.getsourcelines(about)[1]
    except Exception:  # noqa: BLE001  # partials, functions of C, objects that raise when they are asked
        return ""
    return frame_at(file, line, getattr(about, "__qualname__", "?")).text() if file else ""
