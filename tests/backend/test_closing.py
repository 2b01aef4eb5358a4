"""Closing a backend: once, with the user's shutdown(), told before, and refused calls afterwards."""

from __future__ import annotations

import copy
import pickle
import threading
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from packflow import InferenceBackend, plugin
from packflow.backend import closing
from packflow.exceptions import InferenceBackendRuntimeError, PluginError
from packflow.plugin import hookimpl
from tests.support.backends import Echo
from tests.support.logs import Captured
from tests.support.threads import ends, interrupted


class Connected(Echo):
    """Acquires something, and frees it."""

    def initialize(self) -> None:
        self.events: list[str] = ["open"]

    def shutdown(self) -> None:
        self.events.append("closed")


class Failing(Echo):
    """Cannot free what it has."""

    def shutdown(self) -> None:
        raise OSError("the line is dead")


def closing_hook(listener: Callable[..., Any]) -> Any:
    return plugin.register("hooks", "test-closing", types.SimpleNamespace(packflow_backend_closing=hookimpl(listener)))


# What closing does --------------------------------------------------------------------------------------------------


def test_closing_runs_shutdown_once() -> None:
    backend = Connected(verbose=False)
    assert backend({"a": 1}) == {"a": 1}
    for _ in range(3):
        backend.close()
    assert backend.events == ["open", "closed"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["shutdown", "close"])
def test_what_only_turns_out_to_be_async_has_not_closed(name: str) -> None:
    async def waiting() -> None: ...

    given = waiting()
    backend = type("Async", (Echo,), {name: lambda _: given})(verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match=f"it gave a coroutine.*step {name!r} of Async"), backend:
        pass
    with pytest.raises(RuntimeError, match="already"):
        given.send(None)  # it was closed


def test_a_backend_without_shutdown_closes() -> None:
    backend = Echo(verbose=False)
    backend.close()
    with pytest.raises(InferenceBackendRuntimeError, match="Echo is closed: its close"):
        backend({"a": 1})


@pytest.mark.parametrize("call", [lambda b: b({"a": 1}), lambda b: b([]), lambda b: b.validate([{"a": 1}])])
def test_a_call_after_closing_says_so(call: Callable[[Any], Any]) -> None:
    backend = Connected(verbose=False)
    backend.close()
    with pytest.raises(InferenceBackendRuntimeError, match="Connected is closed"):
        call(backend)


def test_what_was_measured_can_be_read_afterwards() -> None:
    backend = Connected(verbose=False)
    backend([{"a": 1}] * 3)
    backend.close()
    assert backend.get_metrics().batch_size == 3
    assert "verbose=False" in repr(backend)


def test_a_backend_that_was_never_set_up_has_nothing_to_close() -> None:
    class Forgetful(Connected):
        def __init__(self) -> None:
            self.events = []

    backend = Forgetful()
    backend.close()
    assert backend.events == []
    with pytest.raises(InferenceBackendRuntimeError, match="was not set up"):
        backend({"a": 1})
    with pytest.raises(InferenceBackendRuntimeError, match="was not set up"), backend:
        pass


SHUTDOWNS: dict[str, Callable[[list[str]], Any]] = {
    "static": lambda seen: staticmethod(lambda: seen.append("closed")),
    "class": lambda seen: classmethod(lambda cls: seen.append("closed")),
    "partial": lambda seen: staticmethod(partial(seen.append, "closed")),
    "defaults": lambda seen: lambda self, wait=True, *rest, **more: seen.append("closed"),
}


@pytest.mark.parametrize("form", SHUTDOWNS.values(), ids=list(SHUTDOWNS))
def test_shutdown_may_be_anything_that_can_be_called(form: Callable[[list[str]], Any]) -> None:
    seen: list[str] = []
    type("Formed", (Echo,), {"shutdown": form(seen)})(verbose=False).close()
    assert seen == ["closed"]


def test_shutdown_may_be_set_by_initialize() -> None:
    class Late(Echo):
        def initialize(self) -> None:
            self.seen: list[str] = []
            self.shutdown = partial(self.seen.append, "closed")  # type: ignore[method-assign]

    with Late(verbose=False) as backend:
        assert backend.seen == []
    assert backend.seen == ["closed"]


# The `with` block ---------------------------------------------------------------------------------------------------


def test_a_with_block_closes_at_its_end() -> None:
    with Connected(verbose=False) as backend:
        assert backend({"a": 1}) == {"a": 1}
        assert backend.events == ["open"]
    assert backend.events == ["open", "closed"]
    with pytest.raises(InferenceBackendRuntimeError, match="Connected is closed"), backend:
        pass


def test_a_with_block_that_fails_closes_too() -> None:
    with pytest.raises(ZeroDivisionError), Connected(verbose=False) as backend:
        1 / 0  # noqa: B018
    assert backend.events == ["open", "closed"]


def test_a_block_may_close_by_itself() -> None:
    with Connected(verbose=False) as backend:
        backend.close()
    assert backend.events == ["open", "closed"]


# Failures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("close", [Failing.close, partial(Failing.__exit__, kind=None, error=None, traceback=None)])
def test_a_failing_shutdown_is_a_failure_of_that_step_and_the_backend_is_closed(close: Callable[[Any], None]) -> None:
    backend = Failing(verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match=r"the line is dead \(OSError in step 'shutdown'") as caught:
        close(backend)
    assert caught.value.step == "shutdown"
    assert isinstance(caught.value.__cause__, OSError)
    backend.close()
    with pytest.raises(InferenceBackendRuntimeError, match="Failing is closed"):
        backend({"a": 1})


def test_a_shutdown_that_would_end_the_program_is_a_failure() -> None:
    backend = type("Exits", (Echo,), {"shutdown": lambda self: exit(3)})(verbose=False)
    with pytest.raises(InferenceBackendRuntimeError, match="SystemExit in step 'shutdown'"):
        backend.close()


def test_the_failure_of_a_block_comes_before_that_of_its_closing(logs: Captured) -> None:
    with pytest.raises(ZeroDivisionError), Failing(verbose=False):
        1 / 0  # noqa: B018
    (error,) = logs.texts("ERROR")
    assert "the line is dead" in error


def test_an_interrupt_passes_and_the_backend_is_closed() -> None:
    def interrupted(self: Any) -> None:
        raise KeyboardInterrupt

    backend = type("Slow", (Echo,), {"shutdown": interrupted})(verbose=False)
    with pytest.raises(KeyboardInterrupt):
        backend.close()
    with pytest.raises(InferenceBackendRuntimeError, match="is closed"):
        backend({"a": 1})


# Names that were a class's own ----------------------------------------------------------------------------------------


def test_a_shutdown_that_needs_arguments_is_told_when_it_is_to_run() -> None:
    class Pooled(Echo):
        def shutdown(self, wait: bool, timeout: float) -> None:  # type: ignore[override]
            raise AssertionError

    backend = Pooled(verbose=False)
    assert backend({"a": 1}) == {"a": 1}
    with pytest.raises(InferenceBackendRuntimeError, match=r"shutdown\(\) of Pooled needs wait, timeout, but"):
        backend.close()
    with pytest.raises(InferenceBackendRuntimeError, match="Pooled is closed"):
        backend({"a": 1})


@pytest.mark.parametrize("name", ["close", "shutdown"])
def test_data_of_those_names_is_left_alone(name: str) -> None:
    class Prices(Connected):
        def initialize(self) -> None:
            super().initialize()
            setattr(self, name, threading.Event())

    with Prices(verbose=False) as backend:
        assert backend({"a": 1}) == {"a": 1}
    assert backend.events == (["open", "closed"] if name == "close" else ["open"])
    with pytest.raises(InferenceBackendRuntimeError, match="Prices is closed"):
        backend({"a": 1})


def test_a_close_of_the_classs_own_is_called_by_a_block_and_packflows_part_is_done() -> None:
    class Owner(Connected):
        def close(self) -> None:
            self.events.append("own close")

    backend = Owner(verbose=False)
    backend.close()
    assert backend({"a": 1}) == {"a": 1}
    with backend:
        pass
    assert backend.events == ["open", "own close", "own close", "closed"]


def test_a_close_that_extends_packflows_own_runs_once() -> None:
    class Extending(Connected):
        def close(self) -> None:
            super().close()
            self.events.append("own close")

    with Extending(verbose=False) as backend:
        pass
    assert backend.events == ["open", "closed", "own close"]


def test_a_close_that_needs_arguments_is_not_called_for_them() -> None:
    class Account(Connected):
        def close(self, customer: str) -> str:  # type: ignore[override]
            return f"closed for {customer}"

    with Account(verbose=False) as backend:
        assert backend.close("Ada") == "closed for Ada"
        assert backend({"a": 1}) == {"a": 1}
    assert backend.events == ["open", "closed"]


def test_a_failing_close_of_the_classs_own_is_a_failure_of_it_and_shutdown_runs() -> None:
    class Owner(Connected):
        def close(self) -> None:
            raise OSError("jammed")

    with (
        pytest.raises(InferenceBackendRuntimeError, match=r"jammed \(OSError in step 'close'"),
        Owner(verbose=False) as backend,
    ):
        pass
    assert backend.events == ["open", "closed"]


# The hook -----------------------------------------------------------------------------------------------------------


def test_listeners_hear_of_it_once_while_the_backend_still_works() -> None:
    heard: list[Any] = []
    with closing_hook(lambda backend: heard.append((backend({"a": 1}), list(backend.events)))):
        backend = Connected(verbose=False)
        backend.close()
        backend.close()
    assert heard == [({"a": 1}, ["open"])]
    assert backend.events == ["open", "closed"]


def test_a_listener_may_close_it_too() -> None:
    with closing_hook(lambda backend: backend.close()):
        backend = Connected(verbose=False)
        backend.close()
    assert backend.events == ["open", "closed"]


def test_a_copy_that_a_listener_makes_is_open() -> None:
    copies: list[Connected] = []
    with closing_hook(lambda backend: copies.append(copy.deepcopy(backend))):
        Connected(verbose=False).close()
    (other,) = copies
    assert other({"a": 1}) == {"a": 1}
    other.close()
    assert other.events == ["open", "closed"]


def test_a_failing_listener_keeps_nothing_open(logs: Captured) -> None:
    def fail(backend: Any) -> None:
        raise ValueError("deaf")

    backend = Connected(verbose=False)
    with closing_hook(fail):
        backend.close()
    assert backend.events == ["open", "closed"]
    assert "failed in packflow_backend_closing: ValueError: deaf" in logs.texts("ERROR")[0]


def test_a_failing_listener_is_raised_in_strict_mode_and_keeps_nothing_open() -> None:
    def fail(backend: Any) -> None:
        raise ValueError("deaf")

    backend = Connected(verbose=False)
    plugin.configure(strict=True)
    try:
        with closing_hook(fail), pytest.raises(PluginError, match="ValueError: deaf"):
            backend.close()
    finally:
        plugin.configure(strict=None)
    assert backend.events == ["open", "closed"]


# Threads and copies -------------------------------------------------------------------------------------------------


def test_of_many_threads_one_closes_it() -> None:
    together = threading.Barrier(16)
    heard: list[Any] = []

    def close(backend: InferenceBackend) -> None:
        together.wait()
        backend.close()

    with closing_hook(lambda backend: heard.append(backend)), ThreadPoolExecutor(16) as threads:
        for _ in range(20):
            backend = Connected(verbose=False)
            list(threads.map(close, [backend] * 16))
            assert backend.events == ["open", "closed"]
    assert len(heard) == 20


def test_a_backend_may_be_closed_wherever_another_is_as_those_are_that_are_collected() -> None:
    others: list[Connected] = []

    def close_another() -> None:
        others.append(Connected(verbose=False))
        others[-1].close()

    def close() -> None:
        with interrupted(closing.closing_alone.__wrapped__.__code__, close_another):  # type: ignore[attr-defined]  # wraps() sets it
            backend.close()

    backend = Connected(verbose=False)
    assert ends(close)
    assert len(others) > 3
    assert [each.events for each in [backend, *others]] == [["open", "closed"]] * (len(others) + 1)


def test_a_signal_may_close_a_backend_that_is_being_closed() -> None:
    backend = Connected(verbose=False)

    def close() -> None:
        with interrupted(closing.closing_alone.__wrapped__.__code__, backend.close):  # type: ignore[attr-defined]  # wraps() sets it
            backend.close()

    assert ends(close)
    assert backend.events == ["open", "closed"]


def test_shutdown_may_wait_for_a_thread_that_closes_too() -> None:
    class Watched(Connected):
        def shutdown(self) -> None:
            watcher = threading.Thread(target=self.close, daemon=True)
            watcher.start()
            watcher.join(20)
            assert not watcher.is_alive()
            super().shutdown()

    backend = Watched(verbose=False)
    backend.close()
    assert backend.events == ["open", "closed"]


COPIES: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=list(COPIES))
def test_copies_of_a_closed_backend_are_closed(copied: Callable[[Any], Any]) -> None:
    backend = Connected(verbose=False)
    backend.close()
    other = copied(backend)
    with pytest.raises(InferenceBackendRuntimeError, match="Connected is closed"):
        other({"a": 1})
    other.close()
    assert other.events == ["open", "closed"]


@pytest.mark.parametrize("copied", COPIES.values(), ids=list(COPIES))
def test_closing_a_copy_leaves_the_original_open(copied: Callable[[Any], Any]) -> None:
    backend = Connected(verbose=False)
    copied(backend).close()
    assert backend({"a": 1}) == {"a": 1}


# Names near the step's ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["shut_down", "shutDown"])
def test_a_misspelt_shutdown_is_warned_of(name: str, logs: Captured) -> None:
    type("Spelt", (Echo,), {name: lambda self: None})(verbose=False)
    (warning,) = logs.texts("WARNING")
    assert "Did you mean 'shutdown'" in warning


@pytest.mark.parametrize("name", ["shutdown_pool", "teardown", "close_pool", "on_shutdown", "closed"])
def test_other_names_are_not(name: str, logs: Captured) -> None:
    type("Spelt", (Echo,), {name: lambda self: None})(verbose=False)
    assert logs.texts("WARNING") == []
