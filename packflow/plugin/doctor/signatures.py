"""Can the methods of a plugin be called as packflow calls them? Signatures are read; nothing of the plugin's runs."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from packflow.plugin.kinds import describe


class Mistake(NamedTuple):
    """What is wrong with an object that has the right class."""

    code: str
    what: str
    #: The function, class or value that it is about, for file and line.
    about: Any = None


#: The methods that packflow calls, each with the names of the arguments that it gives them, by position.
CALLED: Final = MappingProxyType(
    {
        "backend": {
            "initialize": (),
            "ready": (),
            "shutdown": (),
            "transform_inputs": ("inputs",),
            "execute": ("inputs",),
            "transform_outputs": ("inputs",),
        },
        "preprocessor": {
            "__init__": ("config",),
            "prepare": (),
            "idle_settings": (),
            "__call__": ("records",),
        },
        "normalizer": {
            "__init__": (),
            "to_native": ("obj",),
            "rows": ("obj",),
            "converter": ("cls",),
        },
    }
)


def mistakes_of(kind: str, found: Any) -> Iterator[Mistake]:
    """Say what packflow could not call, or not construct.

    Example:
        >>> from packflow import InferenceBackend
        >>> class Model(InferenceBackend):
        ...     def execute(self, inputs, temperature):
        ...         return inputs
        >>> [mistake.what for mistake in mistakes_of("backend", Model)]
        ["execute(self, inputs, temperature) cannot be called with inputs: missing a required argument: 'temperature'"]

    Args:
        kind: the kind of plugin.
        found: the class or the instance that its entry point names.
    """
    cls = found if isinstance(found, type) else type(found)
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        yield Mistake("step-missing", f"{describe(cls)} does not define {', '.join(missing)}()", cls)
    for name, arguments in CALLED.get(kind, {}).items():
        if name == "__init__" and found is not cls:
            continue  # packflow constructs classes; an instance is there already
        if name not in missing:
            yield from _wrong_signature(found, cls, name, arguments)
    if kind == "backend":
        yield from _settings_mistakes(cls)


def _wrong_signature(found: Any, cls: type, name: str, arguments: tuple[str, ...]) -> Iterator[Mistake]:
    method, bound = _method(found, cls, name)
    if method is None:
        return
    if not callable(method):
        yield Mistake("wrong-signature", f"{name} is {describe(method)}, where something to call is expected", cls)
        return
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        yield Mistake("wrong-signature", f"{name} is a coroutine function; packflow does not await anything", method)
        return
    problem = _call_problem(method, name, arguments, bound)
    if problem:
        yield Mistake("wrong-signature", problem, method)


def _method(found: Any, cls: type, name: str) -> tuple[Any, bool]:
    """Give a method without running properties, and whether it is still to be bound to its object."""
    method = inspect.getattr_static(cls, name, None)
    if found is not cls:
        own = getattr(found, "__dict__", None)
        if isinstance(own, dict) and name in own:
            return own[name], False
    if isinstance(method, staticmethod):
        return method.__func__, False
    if isinstance(method, classmethod):
        return method.__func__, True
    if isinstance(method, (property, functools.partialmethod)) or inspect.isdatadescriptor(method):
        return None, False  # what it gives is known only when it is asked for
    return method, _binds(method)


def _binds(method: Any) -> bool:
    """Whether a class's attribute is given the object as its first argument."""
    if isinstance(method, functools.partial):  # Python 3.13 warns that it will; from 3.14 on it does
        return sys.version_info >= (3, 14)
    return hasattr(type(method), "__get__") and not isinstance(method, type)


def _call_problem(method: Callable[..., Any], name: str, arguments: tuple[str, ...], bound: bool) -> str | None:
    try:
        signature = inspect.signature(method)
    except Exception:  # noqa: BLE001  # many functions of C tell none, and a user's class may raise what it likes
        return None
    try:
        signature.bind(*([None] if bound else []), *arguments)
    except TypeError as error:
        given = f"with {', '.join(arguments)}" if arguments else "without arguments"
        return f"{name}{signature} cannot be called {given}: {error}"
    return None


def _settings_mistakes(cls: Any) -> Iterator[Mistake]:
    """Say what a backend's class gets wrong beside its methods' signatures."""
    from packflow.backend.base import InferenceBackend
    from packflow.backend.declaration import chosen_model, misspelt_steps
    from packflow.exceptions import InferenceBackendInitializationError

    if cls is InferenceBackend:
        return  # it has no model of its own, and lacks a step anyhow
    try:
        chosen_model(cls)
        for name, meant in misspelt_steps(cls, InferenceBackend):
            what = f"{describe(cls)} defines {name!r}, which packflow does not use; {meant!r} may be meant"
            yield Mistake("misspelt-step", what, cls)
    except InferenceBackendInitializationError as error:
        yield Mistake("config-model", str(error), cls)
