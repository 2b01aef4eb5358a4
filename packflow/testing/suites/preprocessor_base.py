"""What all checks of a preprocessor use: the suite's attributes, and calls that wait where a basic check fails."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, ClassVar

from packflow.backend.configuration import BackendConfig
from packflow.testing.judging.attempts import Attempt, attempt
from packflow.testing.judging.comparing import difference
from packflow.testing.suites.base import NOT_SET
from packflow.testing.suites.declared import PluginSuite

Record = dict[str, Any]


class PreprocessorBase(PluginSuite):
    """The attributes of :class:`PreprocessorSuite`, and how its checks call the preprocessor."""

    kind = "preprocessor"
    required: ClassVar[Mapping[str, str]] = {
        **PluginSuite.required,
        "records": "records = [{...}, {...}]  # two or more valid records that give different rows",
    }

    config: Any = MappingProxyType({})
    config_model: type[BackendConfig] = BackendConfig
    records: Any = NOT_SET
    expected: Any = None
    tolerance: float = 0.0
    deterministic: bool = True
    batch_invariant: bool = True

    def rows(self, result: Any) -> Any:
        """Give the rows of a result: something with a length and positions. Override it where the result has none."""
        return result

    def build_config(self, settings: Mapping[str, Any]) -> BackendConfig:
        """Give the configuration that the preprocessor is built with."""
        return self.config_model(**settings)

    def made(self, **changes: Any) -> Attempt:
        """Build the preprocessor and keep what comes of it."""
        found = self.target()
        return attempt(lambda: found(self.build_config({**self.declared("config"), **changes})))

    def preprocessor(self, **changes: Any) -> Any:
        """Give a new preprocessor, or wait for the check that says why there is none."""
        return self.given(self.made(**changes), "test_construction", "building it")

    def samples(self) -> list[Record]:
        """Give a copy of the sample records."""
        records = self.declared("records")
        if not isinstance(records, list) or len(records) < 2 or not all(isinstance(each, dict) for each in records):
            self.fail(f"`records` is {records!r}", "Set `records` in the suite to a list of two or more dicts.")
        copied: list[Record] = deepcopy(records)
        return copied

    def batch(self, preprocess: Any, records: list[Record]) -> Any:
        """Give the rows of the sample records, or wait for the check that says why there are none."""
        done = attempt(lambda: self.rows(preprocess(deepcopy(records))))
        rows = self.given(done, "test_many_records", "a batch")
        counted = attempt(len, rows)
        if counted.value != len(records):
            self.wait_for("test_many_records", f"{len(records)} records did not give as many rows")
        return rows

    def steady(self, preprocess: Any, records: list[Record]) -> Any:
        """Give the rows that the sample records give each time."""
        first = deepcopy(self.batch(preprocess, records))
        second = attempt(lambda: self.rows(preprocess(deepcopy(records))))
        if differs := self.differs(self.given(second, "test_same_call_twice", "a second call"), first):
            self.wait_for("test_same_call_twice", differs)
        return first

    def differs(self, found: Any, wanted: Any) -> str | None:
        """Say where rows differ; of what is declared not to be deterministic, only their number is compared."""
        if not self.deterministic:
            return None if len(found) == len(wanted) else f"{len(found)} rows came, not {len(wanted)}"
        # one by one, for an array's own type depends on what else is in it
        if len(found) != len(wanted):
            return f"{len(found)} rows came, not {len(wanted)}"
        pairs = enumerate(zip(found, wanted, strict=True))
        found_all = (difference(mine, other, tolerance=self.tolerance, at=f"row {n}") for n, (mine, other) in pairs)
        return next((each for each in found_all if each), None)
