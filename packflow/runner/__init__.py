"""The one runner: a batch of records goes in; for each record a result or a failure comes out.

The runner knows nothing of files, streams or servers. ``sources`` and ``sinks`` stand round it, one way of getting
records in and results out each.
"""

from __future__ import annotations

from packflow.runner.engine import BatchResult, Failure, Runner

__all__ = ["BatchResult", "Failure", "Runner"]
