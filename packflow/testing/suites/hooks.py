"""The suite for hooks plugins: it is registered in an environment of its own, and a backend lives its life there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from packflow import InferenceBackend
from packflow.exceptions import PluginError
from packflow.testing.environment import PluginEnvironment
from packflow.testing.judging.attempts import Attempt, attempt
from packflow.testing.judging.comparing import difference
from packflow.testing.suites.base import unless
from packflow.testing.suites.declared import PluginSuite
from packflow.utils.errors import short

_TRIED_AS = "packflow-trial-hooks"
_RECORDS = [{"number": 1}, {"number": 2}]


class LivingBackend(InferenceBackend):
    """What the hooks hear of: it is constructed, called, made to fail, and closed."""

    def execute(self, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Double the number of each record."""
        return [{"doubled": 2 * record["number"]} for record in inputs]


class HooksSuite(PluginSuite):
    """The rules for a hooks plugin. Subclass it in a test module, and pytest runs them.

    Example:
        >>> from packflow.plugin import hookimpl
        >>> from packflow.testing import HooksSuite
        >>> class Counting:
        ...     calls = 0
        ...     @hookimpl
        ...     def packflow_call_finished(self, metrics):
        ...         self.calls += 1
        >>> class TestCounting(HooksSuite):
        ...     plugin = Counting()  # or its name, as it is installed; or the module

    Attributes:
        plugin: the plugin's name, ``distribution/name``, its module, or an instance. Required.
        quiet: the capability to hear of a backend without printing anything. Log lines are not looked at.

    Those that importing a plugin is judged by are described at :class:`~packflow.testing.suites.declared.PluginSuite`.
    """

    kind = "hooks"
    quiet: bool = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Have the plugin registered, alone, and what it raises raised."""
        found = self.target()
        with PluginEnvironment.entered() as environment:
            environment.registry.configure(strict=True)
            self.given(
                attempt(environment.register, "hooks", _TRIED_AS, found), "test_registration", "registering the plugin"
            )
            yield

    def life(self) -> Iterator[tuple[str, Attempt]]:
        """Let a backend live, and give what came of each part of its life."""
        made = attempt(LivingBackend, verbose=False)
        yield "a backend is constructed", made
        backend = made.value or object.__new__(LivingBackend)
        if made.error is None:
            yield "a call gives its results", attempt(backend, [dict(record) for record in _RECORDS])
            yield "a call fails", attempt(backend, [{}])
            if hasattr(backend, "close"):
                yield "a backend is closed", attempt(backend.close)

    def test_registration(self) -> None:
        """The plugin can be registered: its hooks exist, take what there is, and register what is in order."""
        found = self.target()
        with PluginEnvironment.entered() as environment:
            done = attempt(environment.register, "hooks", _TRIED_AS, found)
        if done.error is not None:
            self.fail(done.text, "The reference of the hooks has their names and arguments.")

    def test_hooks_do_not_raise(self) -> None:
        """No hook raises, whatever part of a backend's life it hears of."""
        with self.listening():
            for part, done in self.life():
                if isinstance(done.error, (PluginError, SystemExit)):
                    self.fail(
                        f"when {part}: {done.text}",
                        "Catch what can go wrong inside the hook; a call that is only listened to must not suffer.",
                    )

    @unless("quiet")
    def test_hooks_print_nothing(self) -> None:
        """No hook prints; standard output is for results."""
        printed = io.StringIO()
        with self.listening(), redirect_stdout(printed), redirect_stderr(printed):
            for _ in self.life():
                pass
        if printed.getvalue():
            self.fail(f"they printed {short(printed.getvalue(), 300)}", "Log it: backend.logger is there in each hook.")

    def test_results_are_the_same(self) -> None:
        """A call gives the same whether or not the plugin listens."""
        with PluginEnvironment.entered():
            wanted = LivingBackend(verbose=False)([dict(record) for record in _RECORDS])
        with self.listening():
            made = attempt(LivingBackend, verbose=False)
            backend = self.given(made, "test_hooks_do_not_raise", "constructing a backend")
            done = attempt(lambda: [backend([dict(record) for record in _RECORDS]) for _ in range(2)][-1])
        found = self.given(done, "test_hooks_do_not_raise", "a call")
        if differs := difference(found, wanted):
            self.fail(differs, "Read what a hook is given, and leave the backend as it is.")
