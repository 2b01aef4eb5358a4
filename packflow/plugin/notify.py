"""Telling the hooks plugins what happens to a backend. A caller pays one attribute read where nobody listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from packflow.exceptions import PluginError
from packflow.utils.causes import cause_text, line_outside
from packflow.utils.once import Once

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend
    from packflow.backend.metrics import ExecutionMetrics

#: Who listens to a hook: plugins' qualified names, each with a function that takes the hook's arguments by name.
Heard = tuple[tuple[str, Callable[..., Any]], ...]


class Listeners:
    """Who listens to what, and one method a hook to tell them.

    Example:
        >>> heard = Listeners()
        >>> if heard.call_finished:  # an empty tuple where nobody listens
        ...     heard.notify_call_finished(backend, metrics)

    There is one a registry, and it is kept up to date as plugins come and go. Pickling it gives the one of the process
    in which it is unpickled. For each hook ``packflow_x`` in the life of a backend there is an attribute ``x``, which
    has (plugin's qualified name, function) for each plugin that implements it, and a method ``notify_x``.

    Attributes:
        strict: whether a listener's exception is raised, once all have been told, instead of being logged.
    """

    backend_initialized: Heard
    call_finished: Heard
    call_failed: Heard
    backend_closing: Heard

    def __init__(self) -> None:
        self.strict = False
        self._told = Once()
        self.take_in(lambda _: ())

    def notify_backend_initialized(self, backend: InferenceBackend) -> None:
        """Tell that a backend has been constructed and initialized."""
        self._tell("backend_initialized", backend=backend)

    def notify_call_finished(self, backend: InferenceBackend, metrics: ExecutionMetrics) -> None:
        """Tell that a call has given its results."""
        self._tell("call_finished", backend=backend, metrics=metrics)

    def notify_call_failed(self, backend: InferenceBackend, step: str | None, error: BaseException) -> None:
        """Tell that a call has failed."""
        self._tell("call_failed", backend=backend, step=step, error=error)

    def notify_backend_closing(self, backend: InferenceBackend) -> None:
        """Tell that a backend is about to be closed."""
        self._tell("backend_closing", backend=backend)

    def take_in(self, listening: Callable[[str], Heard]) -> None:
        """Look up anew who listens.

        Args:
            listening: gives the listeners to a hook, by the hook's name.
        """
        for method in vars(Listeners):
            if method.startswith("notify_"):
                event = method.removeprefix("notify_")
                setattr(self, event, listening(f"packflow_{event}"))

    def _tell(self, event: str, **arguments: Any) -> None:
        hook = f"packflow_{event}"
        heard: Heard = getattr(self, event)
        failures: list[tuple[str, BaseException]] = []
        for plugin, function in heard:
            try:
                function(**arguments)
            except (KeyboardInterrupt, GeneratorExit):
                raise
            except BaseException as error:  # noqa: BLE001 - not even by sys.exit() may it break what it listens to
                failures.append((plugin, error))
        if failures and self.strict:
            plugin, failure = failures[0]
            raise PluginError(_failure_text(plugin, hook, failure), kind="hooks", name=plugin) from failure
        for plugin, failure in failures:
            self._log(plugin, hook, failure)

    def _log(self, plugin: str, hook: str, error: BaseException) -> None:
        from packflow.utils.log import logger

        # Text alone: a logged exception brings the variables of every frame along, records and secrets among them.
        text = _failure_text(plugin, hook, error)
        kind = (plugin, hook, type(error).__qualname__)
        if self._told(kind):
            logger.error(f"{text} packflow goes on. Further failures of this kind are logged at DEBUG.")
        else:  # one that fails once a call would fill the log
            logger.debug(text)

    def __reduce__(self) -> tuple[Any, ...]:
        from packflow.plugin.api import listeners

        return (listeners, ())


def _failure_text(plugin: str, hook: str, error: BaseException) -> str:
    line = line_outside(error.__traceback__, "packflow.plugin")
    place = f" ({line})" if line else ""
    return f"The hooks plugin {plugin!r} failed in {hook}: {cause_text(error)}{place}."
