"""What ``packflow run`` shows on standard error: a progress bar while it runs, the time of each step at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from packflow.runner.engine import Totals


class Advance(Protocol):
    """What a run tells its progress bar."""

    def advance(self, records: int, position: int) -> None:
        """Say that records are done, and how many bytes of the input are read."""


class _Bar:
    def __init__(self, progress: Progress, size: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=size or None, records=0, rate="")
        self._records = 0

    def advance(self, records: int, position: int) -> None:
        self._records += records
        elapsed = self._progress.tasks[0].elapsed or 0
        rate = f"{self._records / elapsed:,.0f} records/s" if elapsed else ""
        self._progress.update(self._task, completed=position, records=self._records, rate=rate)


@contextmanager
def progress_bar(size: int) -> Iterator[Advance | None]:
    """Show a bar on a terminal's standard error: how much of the input is read, records, records a second."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = [SpinnerColumn(), TextColumn("{task.fields[records]:,} records"), TextColumn("{task.fields[rate]}")]
    bar = [BarColumn(), TimeRemainingColumn()] if size else []
    with Progress(*columns, *bar, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress, size)


def show_times(totals: Totals, elapsed: float) -> None:
    """Show how long each step took, on standard error.

    Args:
        totals: what the runner added up, in milliseconds.
        elapsed: the whole run, in seconds, reading and writing included.
    """
    whole = elapsed * 1000
    rate = f", {totals.records / elapsed:,.0f} records/s" if elapsed else ""
    counts = f"records: {totals.records:,}, calls: {totals.calls:,}"
    table = Table(title=f"{counts}{rate}", title_justify="left")
    table.add_column("step")
    for heading in ("total ms", "µs/record", "share"):
        table.add_column(heading, justify="right")

    def add(step: str, spent: float) -> None:
        per_record = f"{1000 * spent / totals.records:,.2f}" if totals.records else ""
        table.add_row(step, f"{spent:,.1f}", per_record, f"{spent / whole:.1%}" if whole else "")

    for step, spent in totals.steps.items():
        add(step, spent)
    add("reading and writing", max(whole - sum(totals.steps.values()), 0.0))
    table.add_section()
    add("whole run", whole)
    Console(stderr=True).print(table)
