"""The plan of a call, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from packflow.backend.explain.text import plan_text
from packflow.backend.explain.times import StepTime, Times
from packflow.backend.preprocessors.base import Fields
from packflow.backend.preprocessors.description import Part


@dataclass(frozen=True)
class PreprocessPlan:
    """What the first step of a call does, before any step of the backend's own.

    Attributes:
        plugin: the name of the preprocessor, as ``input_format`` has it.
        distribution: the distribution that brings it, and its version; None where it was registered by the program, or
            the name means another one by now.
        version: that distribution's version.
        defined_by: the class, as ``module:Class``.
        replaced: whether the passthrough preprocessor took its place because the settings ask for nothing.
        delimiter: what paths are joined with in ``parts``.
        reads: the paths that are read, where nothing else in a record makes a difference; None: the whole record may.
        parts: what is done to each record, in order; None where the preprocessor does not say.
        gives: what the backend's next step gets, in words; None where the preprocessor does not say.
        refuses: what makes it refuse a record, in words.
        code: ``"generated"``; ``"learning"``, where code is generated for layouts of records that come up often, and
            has not been yet; ``"interpreted"``; ``"none"``, where nothing is done; None where that is not said.
        source: the Python source that was generated, or the latest where there is one for each layout; else None.
    """

    plugin: str
    distribution: str | None
    version: str | None
    defined_by: str
    replaced: bool
    delimiter: str
    reads: Fields | None
    parts: tuple[Part, ...] | None
    gives: str | None
    refuses: tuple[str, ...]
    code: str | None
    source: str | None


@dataclass(frozen=True)
class StepPlan:
    """A step that the backend defines.

    Attributes:
        name: ``"transform_inputs"``, ``"execute"`` or ``"transform_outputs"``.
        defined_by: the class that defines it, as ``module:Class``; for one that was set on the instance, its class.
        kind: what it is: ``"function"``, or the type of another callable.
        on_instance: whether it was set on the instance, which goes before the class.
        file: the file that it is in, where that can be told.
        line: the number of its first line there.
    """

    name: str
    defined_by: str
    kind: str
    on_instance: bool
    file: str | None
    line: int | None


@dataclass(frozen=True, repr=False)
class CallPlan:
    """What a call of a backend does. ``str()`` and ``repr()`` give it as a text, 80 columns wide.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Score(InferenceBackend):
        ...     def execute(self, inputs):
        ...         return [{"score": row["x"]} for row in inputs]
        >>> plan = Score(verbose=False, rename_fields={"id": "x"}, feature_names=["x"]).explain()
        >>> print(plan.source, end="")  # doctest: +ELLIPSIS
        def run(records, type=type, dict=dict):
            rows = []
        ...
        >>> plan.as_json()["preprocess"]["parts"][0]
        {'name': 'rename', 'lines': ['id -> x']}

    Attributes:
        backend: the backend's class, as ``module:Class``.
        preprocess: the first step.
        steps: the steps that the backend defines, in order.
        own_call: whether the class has a ``__call__`` of its own, which decides what becomes of all this.
        times: how long the steps take; None where no call has been completed yet.
    """

    backend: str
    preprocess: PreprocessPlan
    steps: tuple[StepPlan, ...]
    own_call: bool
    times: Times | None

    @property
    def source(self) -> str | None:
        """The Python source that was generated for preprocessing; None where there is none, or none yet."""
        return self.preprocess.source

    def as_json(self) -> dict[str, Any]:
        """Give the plan in JSON's own types; times are milliseconds."""
        plan: dict[str, Any] = _native(asdict(self))
        if self.times:
            for name in ("steps", "stages"):
                found: dict[str, StepTime] = getattr(self.times, name)
                plan["times"][name] = {step: time._asdict() for step, time in found.items()}
        plan["preprocess"]["parts"] = (
            None
            if self.preprocess.parts is None
            else [{"name": part.name, "lines": list(part.lines)} for part in self.preprocess.parts]
        )
        return plan

    def __str__(self) -> str:
        return plan_text(self)

    __repr__ = __str__


def _native(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _native(item) for key, item in value.items()}
    return [_native(item) for item in value] if isinstance(value, (list, tuple)) else value
