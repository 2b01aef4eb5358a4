"""Trying something that may fail, alone or in many threads at once, and keeping what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from packflow.utils.causes import cause_text, line_outside


class Attempt(NamedTuple):
    """What came of a call: a value, or an error."""

    value: Any = None
    error: BaseException | None = None

    @property
    def text(self) -> str:
        """The error in words, with the line of the plugin's own code where there is one; what it gave otherwise."""
        if self.error is None:
            return f"the result {self.value!r}"
        line = line_outside(self.error.__traceback__, "packflow")
        return f"{cause_text(self.error)}{f' ({line})' if line else ''}"


def attempt(function: Callable[..., Any], *arguments: Any, **named: Any) -> Attempt:
    """Call a function and keep what comes of it.

    Example:
        >>> attempt(int, "3").value, attempt(int, "three").text
        (3, "ValueError: invalid literal for int() with base 10: 'three'")
    """
    try:
        return Attempt(function(*arguments, **named))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises is what is judged
        return Attempt(error=error)


def attempts_at_once(
    function: Callable[[Any], Any], inputs: Sequence[Any], rounds: int, timeout: float = 120.0
) -> list[list[Attempt]]:
    """Call a function from one thread for each of the inputs, all at once, several times each.

    Example:
        >>> [[each.value for each in mine] for mine in attempts_at_once(abs, [-1, -2], rounds=2)]
        [[1, 1], [2, 2]]

    Args:
        function: what is called.
        inputs: what each thread calls it with.
        rounds: how often each thread calls it.
        timeout: after how many seconds a thread is given up; two that wait for each other would wait for ever.

    Returns:
        For each of the inputs, what came of each of its calls.
    """
    ends = time.monotonic() + timeout
    results: list[list[Attempt]] = [[] for _ in inputs]
    together = threading.Barrier(len(inputs))

    def work(number: int) -> None:
        for _ in range(rounds):
            try:
                together.wait(timeout)
            except threading.BrokenBarrierError:
                return  # another one is given up
            results[number].append(attempt(function, inputs[number]))

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(inputs))]
    for thread in threads:
        thread.start()
    return [_came_by(ends, thread, mine, timeout) for thread, mine in zip(threads, results, strict=True)]


def _came_by(ends: float, thread: threading.Thread, attempts: list[Attempt], timeout: float) -> list[Attempt]:
    """Tell what came of a thread's calls until its time was over, in a list that a thread given up cannot add to."""
    thread.join(max(0.0, ends - time.monotonic()))
    late = thread.is_alive()  # asked before: a thread that ends in between has all of its attempts in the list
    in_time = list(attempts)
    if late:
        in_time.append(Attempt(error=TimeoutError(f"no answer within {timeout:g} s")))
    return in_time
