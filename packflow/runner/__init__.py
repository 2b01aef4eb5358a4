"""The one runner: a batch of records goes in; for each record a result or a failure comes out.

The runner knows nothing of files, streams or servers. ``sources`` and ``sinks`` stand round it, one way of getting
records in and results out each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packflow.utils.lazy import lazy_names

if TYPE_CHECKING:
    from packflow.runner.engine import BatchResult, Failure, Runner

__all__ = ["BatchResult", "Failure", "Runner"]

# Lazy, so that a sink or a source can be used without loading backends and what they need.
__getattr__, __dir__ = lazy_names(__name__, globals(), dict.fromkeys(__all__, "packflow.runner.engine"))
