"""What all checks of a backend use: the suite's attributes, and calls that wait where a more basic check fails."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, ClassVar

from packflow.loaders import ModuleLoader
from packflow.testing.judging.attempts import Attempt, attempt
from packflow.testing.judging.comparing import difference
from packflow.testing.suites.base import NOT_SET
from packflow.testing.suites.declared import PluginSuite

Record = dict[str, Any]


class BackendBase(PluginSuite):
    """The attributes of :class:`BackendSuite`, and how its checks call the backend."""

    kind = "backend"
    required: ClassVar[Mapping[str, str]] = {
        **PluginSuite.required,
        "records": "records = [{...}, {...}]  # two or more valid records that give different outputs",
    }

    config: Any = MappingProxyType({})
    records: Any = NOT_SET
    expected: Any = None
    tolerance: float = 0.0
    deterministic: bool = True

    def settings(self) -> dict[str, Any]:
        """Give the settings to construct with; the log lines of each call are of no use here."""
        return {"verbose": False, **self.declared("config")}

    def make(self, settings: Mapping[str, Any]) -> Any:
        """Construct a backend. Override it for one that takes more than settings, or that is costly to load."""
        given = self.declared("plugin")
        if isinstance(given, str):
            return ModuleLoader(given).load(**({} if self.is_instance() else settings))
        return given if self.is_instance() else given(**settings)

    def is_instance(self) -> bool:
        """Whether the plugin is a backend that is constructed already."""
        return not isinstance(self.target(), type)

    def made(self) -> Attempt:
        """Construct a backend and keep what comes of it; it is closed at the end of the check."""
        self.target()
        made = attempt(lambda: self.make(self.settings()))
        if made.error is None and hasattr(made.value, "close") and not self.is_instance():
            self._request.addfinalizer(lambda: attempt(made.value.close))
        return made

    def backend(self) -> Any:
        """Give a new backend, or wait for the check that says why there is none."""
        return self.given(self.made(), "test_construction", "constructing it")

    def samples(self) -> list[Record]:
        """Give a copy of the sample records."""
        records = self.declared("records")
        if not isinstance(records, list) or len(records) < 2 or not all(isinstance(each, dict) for each in records):
            self.fail(
                f"`records` is {records!r}",
                "Set `records` in the suite to a list of two or more dicts, which the backend takes.",
            )
        copied: list[Record] = deepcopy(records)
        return copied

    # Calls. Where one fails in a way that a more basic check reports, the check that makes it waits. ------------------

    def batch(self, backend: Any, records: list[Record]) -> list[Any]:
        """Give what the sample records give as one batch."""
        done = attempt(backend, deepcopy(records))
        rows = self.given(done, "test_many_records", "a batch")
        if problem := list_problem(rows, len(records)):
            self.wait_for("test_many_records", problem)
        return list(rows)

    def singles(self, backend: Any, records: list[Record]) -> list[Any]:
        """Give what each of the sample records gives in a list of its own."""
        rows = []
        for record in records:
            done = attempt(backend, [deepcopy(record)])
            found = self.given(done, "test_one_row", "a batch of one")
            if problem := list_problem(found, 1):
                self.wait_for("test_one_row", problem)
            rows.append(found[0])
        return rows

    def steady(self, backend: Any, records: list[Record]) -> list[Any]:
        """Give what the sample records give each time."""
        first, second = self.batch(backend, records), attempt(backend, deepcopy(records))
        if differs := self.differs(self.given(second, "test_same_call_twice", "a second call"), first):
            self.wait_for("test_same_call_twice", differs)
        return first

    def differs(self, found: Any, wanted: list[Any]) -> str | None:
        """Say where rows differ; of what is declared not to be deterministic, only their number is compared."""
        if not self.deterministic:
            return list_problem(found, len(wanted))
        return difference(found, wanted, tolerance=self.tolerance)


def list_problem(rows: Any, count: int) -> str | None:
    """Say why something is not a list of so many rows; None if it is."""
    if not isinstance(rows, list):
        return f"{count} record(s) gave a {type(rows).__name__}, not a list of rows"
    if len(rows) != count:
        return f"{count} record(s) gave {len(rows)} row(s)"
    return None
