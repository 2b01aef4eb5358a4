"""Finds out what there is to know of a backend's steps and its preprocessor; nothing is run."""

from __future__ import annotations

import inspect
from enum import Enum
from functools import partial
from typing import Any

from packflow import plugin
from packflow.backend.base import InferenceBackend
from packflow.backend.explain.plan import PreprocessPlan, StepPlan
from packflow.backend.preprocessors.base import Preprocessor, promised_fields
from packflow.backend.preprocessors.description import description_of
from packflow.backend.preprocessors.passthrough import PassthroughPreprocessor
from packflow.exceptions import PluginError
from packflow.utils.module_names import plain_name

STEPS = ("transform_inputs", "execute", "transform_outputs")


def preprocess_plan(preprocessor: Preprocessor) -> PreprocessPlan:
    """Say what a preprocessor does, as far as it tells."""
    name = preprocessor.config.input_format
    name = str(name.value) if isinstance(name, Enum) else name
    kind = type(preprocessor)
    distribution, version, registered = _origin(name)
    replaced = kind is PassthroughPreprocessor and registered is not kind
    if not (replaced or registered is kind):
        distribution = version = None
    found = description_of(preprocessor)
    return PreprocessPlan(
        plugin=name,
        distribution=distribution,
        version=version,
        defined_by=class_name(kind),
        replaced=replaced,
        delimiter=preprocessor.config.nested_field_delimiter,
        reads=promised_fields(preprocessor),
        parts=found.parts if found else None,
        gives=found.gives if found else None,
        refuses=found.refuses if found else (),
        code=found.code if found else None,
        source=found.source if found else None,
    )


def _origin(name: str) -> tuple[str | None, str | None, Any]:
    """Give the distribution behind a preprocessor's name, its version, and the class that the name means now."""
    try:
        found = plugin.find("preprocessor", name)
        return found.distribution, found.version, plugin.load("preprocessor", name)
    except PluginError:  # what was there when the backend was made need not be there any more
        return None, None, None


def step_plans(backend: InferenceBackend) -> tuple[StepPlan, ...]:
    """Find the steps that a call runs, in order, and where each is defined."""
    return tuple(_step_plan(backend, name) for name in STEPS if _runs(backend, name))


def _runs(backend: InferenceBackend, name: str) -> bool:
    return getattr(backend, name) is not getattr(InferenceBackend, name)


def _step_plan(backend: InferenceBackend, name: str) -> StepPlan:
    kind = type(backend)
    on_instance = name in vars(backend)
    owner = kind if on_instance else next((each for each in kind.__mro__ if name in vars(each)), kind)
    step = vars(backend)[name] if on_instance else vars(owner).get(name)
    if isinstance(step, (staticmethod, classmethod)):
        step = step.__func__
    file, line = _place(step)
    return StepPlan(name, class_name(owner), _kind(step), on_instance, file, line)


def class_name(cls: type) -> str:
    """Give a class as ``module:Class``, the module as its own project spells it."""
    return f"{plain_name(f'{cls.__module__}.')[:-1]}:{cls.__qualname__}"


def _kind(step: Any) -> str:
    return "function" if inspect.isroutine(step) else class_name(type(step))


def _place(step: Any) -> tuple[str | None, int | None]:
    """Give the file and the line of what a step's author wrote, below any decorator that tells."""
    while isinstance(step, partial):
        step = step.func
    try:
        code = inspect.unwrap(step).__code__
    except (AttributeError, ValueError):  # no function, or wrapped in itself
        return None, None
    return code.co_filename, code.co_firstlineno
