"""Runs code where another thread, a signal's handler or a collected object's could run it: deterministically."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any


def meanwhile(function: Callable[[], Any], *, within: float = 30) -> threading.Thread:
    """Run a function in another thread, and wait for its end as long as it may have to wait for this one."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(within)
    return thread


def ends(function: Callable[[], Any], *, within: float = 30) -> bool:
    """Tell whether a function comes to its end in another thread."""
    return not meanwhile(function, within=within).is_alive()


@contextmanager
def interrupted(code: CodeType, function: Callable[[], Any]) -> Iterator[None]:
    """Run a function before each line of another one's, as handlers of signals and of garbage are run.

    Args:
        code: the code of the other one.
        function: what is run.
    """
    before = sys.gettrace()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line":
            function()
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
