"""Turning what is known of a plugin into the object: once, with every failure caught, named and remembered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from packflow.exceptions import PluginLoadError
from packflow.plugin import apiversion, errors
from packflow.plugin.inflight import InFlight
from packflow.plugin.kinds import object_problem
from packflow.plugin.refs import PluginRef, import_value, is_being_imported
from packflow.plugin.registration import Plugin, Registration
from packflow.plugin.tracing import IMPORT, Trace
from packflow.utils.causes import cause_text


class _Outcome:
    """What came of loading a plugin: the object, or the reason why there is none."""

    __slots__ = ("advised", "cause", "found", "reason")

    def __init__(
        self,
        found: Any = None,
        reason: str | None = None,
        cause: BaseException | None = None,
        *,
        advised: bool = False,
    ) -> None:
        self.found = found
        self.reason = reason
        self.cause = cause
        self.advised = advised  # whether the reason ends in what to do


class Loader:
    """Loads plugins and remembers what came of each, success or failure, until :meth:`forget`.

    Args:
        trace: measures the imports; None if nobody wants to know.
    """

    def __init__(self, trace: Trace | None = None) -> None:
        self._outcomes: dict[Hashable, _Outcome] = {}
        self._in_flight = InFlight()
        self._trace = trace

    def load(self, plugin: Plugin) -> Any:
        """Give the object behind a plugin, importing that plugin alone.

        However many threads ask for it, it is imported once. A plugin may ask for others, or even for itself, while it
        is being imported.

        Raises:
            PluginLoadError: the import failed, or gave something of the wrong kind. The cause is chained.
        """
        if isinstance(plugin, Registration) and not plugin.lazy:
            return plugin.target
        outcome = self._outcomes.get(plugin) or self._attempt_once(plugin)
        if outcome.reason is None:
            return outcome.found
        failure = errors.load_failed(plugin, outcome.reason, outcome.cause, advised=outcome.advised)
        failure.half_made = plugin.value if is_being_imported(plugin.value) else None
        raise failure from outcome.cause

    def is_loaded(self, plugin: Plugin) -> bool:
        """Whether the object is there already."""
        if isinstance(plugin, Registration) and not plugin.lazy:
            return True
        outcome = self._outcomes.get(plugin)
        return outcome is not None and outcome.reason is None

    def failure(self, plugin: Plugin) -> str | None:
        """Say why an earlier attempt failed; None if there was none, or it did not."""
        outcome = self._outcomes.get(plugin)
        return outcome.reason if outcome else None

    def forget(self) -> None:
        """Forget what came of everything, so that the next request tries again."""
        self._outcomes = {}

    def _attempt_once(self, plugin: Plugin) -> _Outcome:
        outcomes = self._outcomes  # if forget() comes in between, the outcome goes with the old ones
        with self._in_flight.turn(plugin, done=lambda: plugin in outcomes) as alone:
            outcome = outcomes.get(plugin)
            if outcome is None:
                outcome = _attempt(plugin, self._trace)
                if alone and not (outcome.reason and _may_pass(plugin, outcome.cause)):
                    outcomes[plugin] = outcome
        return outcome


def _may_pass(plugin: Plugin, cause: BaseException | None) -> bool:
    """Whether a failure says nothing about the plugin, because it, or what it needs, is seen half made.

    That is so while the module that is asked for is still being imported, further up the stack or in another thread.
    """
    half_made: list[str] = [plugin.value]
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, PluginLoadError) and cause.half_made:
            half_made.append(cause.half_made)
        cause = cause.__cause__ or cause.__context__
    return any(map(is_being_imported, half_made))


def _attempt(plugin: Plugin, trace: Trace | None) -> _Outcome:
    if isinstance(plugin, PluginRef) and plugin.problem:
        return _Outcome(reason=plugin.problem)
    try:
        found = (trace.timed(plugin, IMPORT, import_value) if trace else import_value)(plugin.value)
        problem = object_problem(plugin.kind, found)
        outdated = None if problem else apiversion.check(found, plugin.qualified)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin that raises SystemExit must not end the program
        return _Outcome(reason=_reason(plugin, error), cause=error)
    return _Outcome(found=found, reason=problem or outdated, advised=outdated is not None)


def _reason(plugin: Plugin, error: BaseException) -> str:
    if isinstance(error, PluginLoadError):
        return f"another plugin that it needs failed: {error}"
    if is_being_imported(plugin.value):
        return f"it was asked for while its own module was being imported ({cause_text(error)})"
    return f"importing it failed with {cause_text(error)}"
