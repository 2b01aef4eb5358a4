"""What plugins cost: calls, errors and time of each plugin and hook, where ``PACKFLOW_TRACE=1`` asks for it.

Functions of plugins are wrapped when they are taken in use, so that nothing is measured, and nothing asked, where the
variable is not set. A process prints its table when it ends, each worker its own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any, Final, NamedTuple

from packflow.plugin.registration import Plugin
from packflow.plugin.settings import read_flag

VARIABLE: Final = "PACKFLOW_TRACE"

#: What stands in place of a hook for the import of a plugin.
IMPORT: Final = "import"

_COLUMNS = ("plugin", "version", "hook", "calls", "errors", "total ms", "max ms")


class TraceRow(NamedTuple):
    """What one hook of one plugin, or its import, has cost so far.

    Example:
        >>> row = TraceRow("acme/watch", "acme", "1.2", "packflow_call_finished", 4, 0, 2.0, 1.25)
        >>> row.total_ms / row.calls
        0.5
    """

    #: The plugin's qualified name, ``distribution/name``; the name alone where it was registered directly.
    plugin: str
    #: The distribution that the plugin is from; None where it was registered directly.
    distribution: str | None
    #: That distribution's version.
    version: str | None
    #: The hook; ``"import"`` for the import of the plugin.
    hook: str
    #: How often it was called.
    calls: int
    #: How many of these calls raised an exception.
    errors: int
    #: The time of all calls, in milliseconds, with whatever they called in their turn.
    total_ms: float
    #: The time of the longest call, in milliseconds.
    max_ms: float


class Trace:
    """Measures what plugins cost, in any number of threads.

    Example:
        >>> from packflow.plugin.refs import PluginRef
        >>> trace = Trace()
        >>> listener = trace.timed(PluginRef("hooks", "watch", "acme", "acme", "1.2"), "packflow_call_finished", print)
        >>> listener("heard")
        heard
        >>> [(row.plugin, row.hook, row.calls) for row in trace.rows()]
        [('acme/watch', 'packflow_call_finished', 1)]
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what was measured; the lock too, which another thread may have held when this process was forked."""
        # An object that is collected, or a signal's handler, may close a backend in the middle of what holds it.
        self._lock = threading.RLock()
        #: Calls, errors, the time of all calls and that of the longest, by what a row begins with.
        self._sums: dict[tuple[str, str | None, str | None, str], list[Any]] = {}

    def timed(self, plugin: Plugin, hook: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that does what another does, and is measured."""
        key = (plugin.qualified, plugin.distribution, plugin.version, hook)

        def measured(*args: Any, **given: Any) -> Any:
            failed = 1
            started = perf_counter_ns()
            try:
                result = function(*args, **given)
                failed = 0
            finally:
                self._add(key, failed, (perf_counter_ns() - started) / 1e6)
            return result

        return measured

    def _add(self, key: tuple[str, str | None, str | None, str], failed: int, spent: float) -> None:
        with self._lock:
            sums = self._sums.setdefault(key, [0, 0, 0.0, 0.0])
            sums[0] += 1
            sums[1] += failed
            sums[2] += spent
            if spent > sums[3]:
                sums[3] = spent

    def rows(self) -> list[TraceRow]:
        """Give what was measured so far, what took longest first."""
        with self._lock:
            rows = [TraceRow(*key, *sums) for key, sums in list(self._sums.items())]
        return sorted(rows, key=lambda row: (-row.total_ms, row.plugin, row.hook))

    def report(self) -> None:
        """Print what was measured on standard error, and forget it; where nothing was, print nothing."""
        import os

        rows = self.rows()
        if rows:
            self.restart()
            text = f"{VARIABLE}: what plugins cost in process {os.getpid()}\n{table(rows)}"
            try:
                sys.stderr.write(text)
                sys.stderr.flush()
            except (AttributeError, OSError, ValueError):  # it is closed, or there is none
                pass


def begin(environ: Mapping[str, str]) -> Trace | None:
    """Begin to measure if the environment asks for it.

    Raises:
        PluginError: the variable is neither on nor off.
    """
    text = environ.get(VARIABLE, "")
    return Trace() if text.strip() and read_flag(text, VARIABLE) else None


def table(rows: list[TraceRow]) -> str:
    """Put rows into a table of lines, which is fit for a terminal.

    Example:
        >>> print(table([TraceRow("watch", None, None, "import", 1, 0, 12.5, 12.5)]), end="")
        plugin  version  hook    calls  errors  total ms  max ms
        watch   -        import      1       0     12.50   12.50
    """
    from packflow.utils.printable import printable

    lines: list[tuple[str, ...]] = [_COLUMNS]
    for row in rows:
        texts = (row.plugin, row.version or "-", row.hook)
        numbers = (str(row.calls), str(row.errors), f"{row.total_ms:.2f}", f"{row.max_ms:.2f}")
        lines.append((*(printable(text).replace("\n", " ") for text in texts), *numbers))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.ljust(width) if position < 3 else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )


def report_at_exit(trace: Trace) -> None:
    """Let this process, and every process that is forked from it, print its table when it ends."""
    import atexit
    import os
    from multiprocessing import util

    atexit.register(trace.report)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=trace.restart)  # what the parent has measured is the parent's to print
    util.register_after_fork(trace, _report_at_exit_of_worker)


def _report_at_exit_of_worker(trace: Trace) -> None:
    """Let a process print its table that multiprocessing has forked, and that leaves without running `atexit`."""
    from multiprocessing import util

    util.Finalize(None, trace.report, exitpriority=0)
