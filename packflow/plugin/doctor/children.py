"""The processes in which plugins are examined, several at once, each watched until it has ended.

What the process does is in `probe`; what is made of it in `judge`.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from packflow.plugin.refs import PluginRef
from packflow.utils.processes.holding import signals_held
from packflow.utils.processes.watching import Ending, Watched, program_text

_PAUSE = 0.02


def probe_all(plugins: list[PluginRef], *, timeout: float, jobs: int) -> Generator[tuple[PluginRef, Ending]]:
    """Import each plugin in a process of its own, and give how that ended, as they end.

    Closing the iterator ends the processes that still run.

    Args:
        plugins: what to import, in this order; others may be added to the list while this goes on.
        timeout: how long each may take, in seconds, from when packflow's own modules are loaded.
        jobs: how many processes may run at once.
    """
    running: list[tuple[PluginRef, Watched]] = []
    with TemporaryDirectory(prefix="packflow-doctor-", ignore_cleanup_errors=True) as folder:
        try:  # no loop in here: where a signal arrives at the jump to its beginning, Python 3.13 passes the handlers by
            yield from _probe_in_turn(plugins, running, Path(folder), timeout, jobs)
        finally:
            for _, child in running:
                child.end()


def _probe_in_turn(
    plugins: list[PluginRef], running: list[tuple[PluginRef, Watched]], folder: Path, timeout: float, jobs: int
) -> Generator[tuple[PluginRef, Ending]]:
    begun = 0
    while begun < len(plugins) or running:
        while begun < len(plugins) and len(running) < jobs:
            plugin = plugins[begun]
            begun += 1
            try:
                with signals_held():
                    running.append((plugin, _started(plugin, folder / str(begun), timeout)))
            except OSError as error:
                yield plugin, Ending(None, not_started=str(error))
        ended = [(one, ending) for one in running if (ending := one[1].poll())]
        for one, ending in ended:
            running.remove(one)
            yield one[0], ending
        if not ended:
            sleep(_PAUSE)


def _started(plugin: PluginRef, folder: Path, timeout: float) -> Watched:
    program = program_text("packflow.plugin.doctor.probe", str(folder), tuple(plugin), timeout)
    return Watched(program, folder, timeout)
