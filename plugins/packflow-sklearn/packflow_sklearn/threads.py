"""How many OpenMP threads a model may use.

Many small batches are faster with one: a boosted model opens a parallel section for each of its trees, and on a busy
machine each section waits for its slowest thread.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any


def limit_threads(threads: int | None) -> AbstractContextManager[Any]:
    """Limit the OpenMP threads of what runs inside; None leaves the library's own number.

    Example:
        >>> with limit_threads(1):
        ...     pass

    The number belongs to the calling thread: others, in this process too, keep theirs.
    """
    return nullcontext() if threads is None else _controller().limit(limits=threads, user_api="openmp")


@lru_cache(maxsize=1)
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()  # it looks at every library that is loaded, which takes milliseconds: once
