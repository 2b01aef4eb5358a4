"""The default preprocessor: records in, records out; renamed, flattened and filtered as configured."""

from __future__ import annotations

from typing import Any

from packflow.backend.preprocessors.base import Fields, Preprocessor, map_records
from packflow.backend.preprocessors.compiled import compile_records
from packflow.backend.preprocessors.description import Description, code_of, parts_of, refusals_of, stages_of
from packflow.backend.preprocessors.flat import Flattener, merged
from packflow.backend.preprocessors.nested import Step, compile_rename, compile_select, guard_walked_dicts
from packflow.backend.preprocessors.plan import Plan, compile_plan, idle_flattening
from packflow.backend.preprocessors.reading import fields_of_selection


class RecordsPreprocessor(Preprocessor):
    """Renames, flattens and selects the fields of each record. New dicts come out; the caller's are left alone.

    Example:
        >>> from packflow import BackendConfig
        >>> preprocess = RecordsPreprocessor(BackendConfig(feature_names=["a.b", "x"]))
        >>> preprocess([{"a": {"b": 10, "c": 11}, "x": 5, "y": 6}])
        [{'a': {'b': 10}, 'x': 5}]
    """

    plugin_api_version = 1

    def prepare(self) -> None:
        """Compile the configuration."""
        plan = compile_plan(self.config)
        self._plan = plan
        self.changes_nothing = plan.does_nothing
        self._steps = tuple(compile_flat(plan) if plan.flatten else compile_nested(plan))
        compiled = compile_records(plan, slow=lambda record: self.interpret([record])[0])
        self._run = compiled.run if compiled else self.interpret
        self._compiled = compiled

    def idle_settings(self) -> list[str]:
        """Name the settings of arrays, and those of a flattening that does not take place."""
        config, idle = self.config, idle_flattening(self.config)
        if config.numpy_dtype is not None:
            idle.append(f"numpy_dtype={config.numpy_dtype!r}")
        # A backend that sets another default reads this setting itself.
        if config.on_missing == "error" != type(config).model_fields["on_missing"].default:
            idle.append("on_missing='error'")
        return idle

    def fields_read(self) -> Fields | None:
        """Name the fields that are selected."""
        return fields_of_selection(compile_plan(self.config))

    def describe_plan(self) -> Description:
        """Say what is renamed, flattened and selected."""
        plan = self._plan
        return Description(
            parts=parts_of(plan),
            gives="a list of new records",
            refuses=refusals_of(plan, literal_only=False),
            code=code_of(self._compiled),
            source=self.source,
            stages=Flattener(plan).stages(merged) if plan.flatten else stages_of(plan, self._steps),
        )

    def __call__(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Preprocess a batch."""
        try:
            return self._run(records)
        except Exception:  # noqa: BLE001  # whatever it was, the interpreter says it by the row
            return self.interpret(records)

    @property
    def source(self) -> str | None:
        """The Python source that was generated for this configuration, for reading; None where none was."""
        return self._compiled.source if self._compiled else None

    def interpret(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Preprocess a batch without generated code, which must come to the same."""
        for step in self._steps:
            records = map_records(step, records)
        return records


def compile_flat(plan: Plan) -> list[Step]:
    """Give the steps of a plan that flattens."""
    flattener = Flattener(plan)
    return [flattener.select if plan.features else flattener.flatten]


def compile_nested(plan: Plan) -> list[Step]:
    """Give the steps of a plan that keeps records nested, each after the check that its paths are not in doubt."""
    steps: list[Step] = []
    rename = compile_rename(plan)
    if rename:
        moved = [path for move in plan.moves for path in move]
        steps.append(_checked(plan, moved, rename))
    if plan.features:
        steps.append(_checked(plan, list(plan.features), compile_select(plan)))
    return steps


def _checked(plan: Plan, paths: list[Any], step: Step) -> Step:
    if not plan.guarded:
        return step
    guard = guard_walked_dicts(plan.delimiter, paths)

    def checked(record: dict[str, Any]) -> dict[str, Any]:
        guard(record)
        return step(record)

    return checked
