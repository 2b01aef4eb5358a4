"""Checks of the settings that a preprocessor says it honours, by what they mean for the built-in ones.

Nothing is known of what a preprocessor makes. So each check gives it the same data in two forms, one of them through
the setting, and the results have to be the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from packflow.testing.judging.attempts import attempt
from packflow.testing.judging.changing import EXTRA_FIELD
from packflow.testing.suites.preprocessor_base import PreprocessorBase, Record

_OUTER, _INNER = "packflow_outer", "inner"


class HonourChecks(PreprocessorBase):
    """Whether the settings that are in ``honours`` do what they do elsewhere."""

    honours: frozenset[str] | set[str] = frozenset()

    def _only_if_honoured(self, setting: str) -> None:
        if setting not in self.honours:
            pytest.skip(f"declared away: {setting} is not in honours")

    def test_honours_rename_fields(self) -> None:
        """With rename_fields, records that call a field otherwise give what the samples give."""
        self._only_if_honoured("rename_fields")
        records = self.samples()
        plain = self.steady(self.preprocessor(), records)
        renames = dict(self.declared("config").get("rename_fields", {}))
        for field in records[0]:
            if field in renames or not all(field in record for record in records):
                continue
            other = f"packflow_old_{len(field)}_{field}".replace(".", "_")
            renamed = [{(other if key == field else key): record[key] for key in record} for record in records]
            self._same({"rename_fields": {**renames, other: field}}, renamed, plain, f"{other!r} renamed to {field!r}")

    def test_honours_feature_names(self) -> None:
        """With feature_names, what is not named makes no difference."""
        self._only_if_honoured("feature_names")
        records = self.samples()
        names = self.declared("config").get("feature_names") or list(records[0])
        preprocess = self.preprocessor(feature_names=names)
        plain = self.steady(preprocess, records)
        more = [{**record, EXTRA_FIELD: number} for number, record in enumerate(records)]
        self._same({"feature_names": names}, more, plain, f"feature_names={names!r}, and a field that is not named")

    def test_honours_flatten_nested_inputs(self) -> None:
        """With flatten_nested_inputs, a nested record gives what the flat one gives."""
        self._only_if_honoured("flatten_nested_inputs")
        records = self.samples()
        config = self.declared("config")
        flat_name = f"{_OUTER}{config.get('nested_field_delimiter', '.')}{_INNER}"
        changes: dict[str, Any] = {"flatten_nested_inputs": True}
        if config.get("feature_names"):
            changes["feature_names"] = [*config["feature_names"], flat_name]
        flat = [{**record, flat_name: number} for number, record in enumerate(records)]
        nested = [{**record, _OUTER: {_INNER: number}} for number, record in enumerate(records)]
        plain = self.steady(self.preprocessor(**changes), flat)
        self._same(changes, nested, plain, f"{_OUTER!r} with {_INNER!r} in it")

    def _same(self, changes: dict[str, Any], records: list[Record], wanted: Any, what: str) -> None:
        done = attempt(lambda: self.rows(self.preprocessor(**changes)(records)))
        differs = done.text if done.error is not None else self.differs(done.value, wanted)
        if differs:
            self.fail(
                f"{what}: {differs}",
                "Let the records preprocessor do it first: get_preprocessor(config.model_copy(update={'input_format': "
                "'records'})); or take the setting out of `honours`.",
            )
