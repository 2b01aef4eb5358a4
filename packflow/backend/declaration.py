"""What is read off a backend's class as its author wrote it: configuration model, signature, misspelt steps."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import partial, partialmethod
from types import FunctionType
from typing import Any

from packflow.backend.configuration import BackendConfig
from packflow.backend.steps import NOT_ASYNC
from packflow.exceptions import InferenceBackendInitializationError
from packflow.utils.errors import short
from packflow.utils.nearest import nearest

MODEL_NAMES = ("base_config_model", "backend_config_model")
STEPS = ("initialize", "transform_inputs", "execute", "transform_outputs", "shutdown")
#: The steps whose result no other step takes.
_NOT_ITERATED = ("initialize", "shutdown", "ready")
#: What gives a method, and runs nothing of the class's own to do so.
_METHODS = (FunctionType, staticmethod, classmethod, partial, partialmethod)
#: How alike a name must be to be a misspelt step; ordinary names of helpers are not.
_MISSPELT = 0.9


def set_model(cls: Any) -> None:
    """Give a class the model that it sets, or inherits, under both names."""
    for owner in cls.__mro__:  # the first class that sets the model decides, under whichever name; mixins count
        given = [vars(owner)[name] for name in MODEL_NAMES if name in vars(owner)]
        if given:
            break
    if any(model is not given[0] for model in given):
        raise InferenceBackendInitializationError(
            f"{owner.__qualname__} sets base_config_model and backend_config_model to different models; "
            "they are two names of one thing: set one of them."
        )
    if cls.base_config_model is not cls.backend_config_model:
        cls.base_config_model = cls.backend_config_model = given[0]
    cls._declared_config_model = given[0]


def chosen_model(cls: Any) -> type[BackendConfig]:
    """Give the model of a class: the one that it declares, or one that was assigned later under either name."""
    declared = cls._declared_config_model
    assigned = (getattr(cls, name) for name in MODEL_NAMES)
    model = next((model for model in assigned if model is not declared), declared)
    if not (isinstance(model, type) and issubclass(model, BackendConfig)):
        raise InferenceBackendInitializationError(
            f"base_config_model of {cls.__name__} is {short(model)}; expected a subclass of BackendConfig."
        )
    return model


def misspelt_steps(cls: type, base: type) -> Iterator[tuple[str, str]]:
    """Give the names that a class defines and that look like a step or the model's name, each with the one meant.

    What is already defined under its right name is not meant, and a longer name (``execute_all``) is a name of its own.
    """
    for owner in cls.__mro__[: cls.__mro__.index(base)]:
        for name, value in vars(owner).items():
            if name.startswith("_") or hasattr(base, name):
                continue
            if isinstance(value, type) and issubclass(value, BackendConfig):
                open_names = () if chosen_model(cls) is not BackendConfig else MODEL_NAMES
                meant = nearest(name, open_names)
            elif callable(getattr(value, "__func__", value)):
                absent = [step for step in STEPS if getattr(cls, step) is getattr(base, step) and step not in name]
                meant = nearest(name, absent, cutoff=_MISSPELT)
            else:
                continue
            if meant:
                yield name, meant


def refuse_missing_steps(cls: type) -> None:
    """Refuse a class that lacks a required step."""
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        near = nearest(missing[0], (name for name in vars(cls) if not name.startswith("_")), cutoff=0.8)
        raise InferenceBackendInitializationError(
            f"{cls.__qualname__} cannot be constructed: it does not define {', '.join(missing)}()."
            + (f" Is {near!r} meant to be it?" if near else "")
        )


def refuse_steps_that_wait(backend: Any) -> None:
    """Refuse a backend with a step that only gives something to be awaited, or to be iterated where nothing does so."""
    for name in (*STEPS, "ready"):
        found = inspect.getattr_static(type(backend), name)
        if hasattr(type(found), "__get__") and not isinstance(found, _METHODS):
            continue  # a property, say: what it gives may need what initialize() makes
        # Not by vars(), which would make attributes slower to read from then on; and Python 3.13 warns of partials.
        step = found if isinstance(found, partial) else getattr(backend, name)
        called = (step, getattr(type(step), "__call__", None))  # noqa: B004  # callable() does not give it
        if any(inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each) for each in called):
            problem = f"is async. {NOT_ASYNC}"
        elif name in _NOT_ITERATED and any(map(inspect.isgeneratorfunction, called)):
            problem = "is a generator, of which nothing would run. Write it without `yield`."
        else:
            continue
        raise InferenceBackendInitializationError(f"{name} of {type(backend).__name__} {problem}")


def refuse_steps_that_are_data(backend: Any) -> None:
    """Refuse a backend that has something else under the name of a step that every call runs."""
    for name in ("execute", "transform_inputs", "transform_outputs"):
        if not callable(getattr(backend, name)):
            raise InferenceBackendInitializationError(
                f"{name} of {type(backend).__name__} is {getattr(backend, name)!r}; expected something that can be "
                "called."
            )


class SettingsSignature:
    """The signature that ``help`` and editors show: that of the class's own ``__init__``, which ``__new__`` hides."""

    def __get__(self, instance: Any, owner: type) -> inspect.Signature:
        called: Any = owner
        function = inspect.signature(called.__init__ if instance is None else called.__call__)
        return function.replace(parameters=list(function.parameters.values())[1:])
