"""What is warned of while a block runs, in any thread."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from packflow.utils.importing import inside_import

#: What `warnings` is told holds for all threads. Of two that tell it something for a while, the one that ends last
#: would bring back what the other has told it, for good.
_one_at_a_time = threading.RLock()


@contextmanager
def warnings_settled(settle: Callable[[], None], *, record: bool = False) -> Iterator[list[warnings.WarningMessage]]:
    """Let other filters of warnings hold for a block, in one thread at a time.

    Example:
        >>> with warnings_settled(lambda: warnings.simplefilter("always"), record=True) as caught:
        ...     warnings.warn("an old model", stacklevel=1)
        >>> [str(each.message) for each in caught]
        ['an old model']

    A thread that is in the middle of an import does not wait, as another one may be waiting for that: it runs the block
    under the filters that hold.

    Args:
        settle: sets the filters.
        record: whether warnings are kept in a list, which is given, instead of being shown.
    """
    if not _one_at_a_time.acquire(blocking=not inside_import()):
        yield []
        return
    try:
        with warnings.catch_warnings(record=record) as caught:
            settle()
            yield [] if caught is None else caught
    finally:
        _one_at_a_time.release()
