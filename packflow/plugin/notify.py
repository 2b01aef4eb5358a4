"""Telling the hooks plugins what happens to a backend. A caller pays one attribute read where nobody listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.utils.causes import cause_text, line_outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from packflow.backend.base import InferenceBackend
    from packflow.backend.metrics import ExecutionMetrics

    Heard = tuple[tuple[str, Callable[..., Any]], ...]


class Listeners:
    """Who listens to what, and one method a hook to tell them.

    Example:
        >>> heard = Listeners()
        >>> if heard.call_finished:  # an empty tuple where nobody listens
        ...     heard.notify_call_finished(backend, metrics)

    There is one a registry, and it is kept up to date as plugins come and go. Pickling it gives the one of the process
    in which it is unpickled.

    Attributes:
        backend_initialized: (plugin's qualified name, function) for each plugin that implements the hook
            ``packflow_backend_initialized``; empty where nobody does.
        call_finished: the same for ``packflow_call_finished``.
        call_failed: the same for ``packflow_call_failed``.
        strict: whether a listener's exception is raised, once all have been told, instead of being logged.
    """

    __slots__ = ("_told", "backend_initialized", "call_failed", "call_finished", "strict")

    def __init__(self) -> None:
        self.backend_initialized: Heard = ()
        self.call_finished: Heard = ()
        self.call_failed: Heard = ()
        self.strict = False
        self._told: set[tuple[str, str, str]] = set()

    def notify_backend_initialized(self, backend: InferenceBackend) -> None:
        """Tell that a backend has been constructed and initialized."""
        self._tell("packflow_backend_initialized", self.backend_initialized, backend=backend)

    def notify_call_finished(self, backend: InferenceBackend, metrics: ExecutionMetrics) -> None:
        """Tell that a call has given its results."""
        self._tell("packflow_call_finished", self.call_finished, backend=backend, metrics=metrics)

    def notify_call_failed(self, backend: InferenceBackend, step: str | None, error: BaseException) -> None:
        """Tell that a call has failed."""
        self._tell("packflow_call_failed", self.call_failed, backend=backend, step=step, error=error)

    def _tell(self, hook: str, heard: Heard, **arguments: Any) -> None:
        failures: list[tuple[str, Exception]] = []
        for plugin, function in heard:
            try:
                function(**arguments)
            except Exception as error:  # noqa: BLE001 - a listener must not break the call it listens to
                failures.append((plugin, error))
        if failures and self.strict:
            plugin, failure = failures[0]
            raise PluginError(_failure_text(plugin, hook, failure), kind="hooks", name=plugin) from failure
        for plugin, failure in failures:
            self._log(plugin, hook, failure)

    def _log(self, plugin: str, hook: str, error: Exception) -> None:
        from packflow.utils.log import logger

        # Text alone: a logged exception brings the variables of every frame along, records and secrets among them.
        text = _failure_text(plugin, hook, error)
        kind = (plugin, hook, type(error).__qualname__)
        if kind in self._told:  # one that fails once a call would fill the log
            logger.debug(text)
        else:
            self._told.add(kind)
            logger.error(f"{text} The call itself goes on. Further failures of this kind are logged at DEBUG.")

    def __reduce__(self) -> tuple[Any, ...]:
        from packflow.plugin.api import listeners

        return (listeners, ())


def _failure_text(plugin: str, hook: str, error: BaseException) -> str:
    line = line_outside(error.__traceback__, "packflow.plugin")
    place = f" ({line})" if line else ""
    return f"The hooks plugin {plugin!r} failed in {hook}: {cause_text(error)}{place}."
