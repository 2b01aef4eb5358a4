"""What a call needs to know of a backend's steps: whether one was left out, and how to say that one failed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from packflow.exceptions import InferenceBackendRuntimeError, PreprocessorRuntimeError
from packflow.utils.errors import placed, text_of

F = TypeVar("F", bound=Callable[..., Any])

NOT_ASYNC = "packflow awaits nothing: write a plain `def`, and in it asyncio.run(...) for what is to be awaited."


class LeftOut:
    """Stands in a base class for the method that subclasses, or single objects, may define.

    Example:
        >>> class Base:
        ...     @optional
        ...     def step(self, inputs):
        ...         return inputs
        >>> class Doing(Base):
        ...     def step(self, inputs):
        ...         return [super().step(inputs)]
        >>> Base().step is Base.step, Doing().step is Base.step
        (True, False)
        >>> Doing().step(1), Base().step(1), Base.step(Base(), 1)
        ([1], 1, 1)

    It is no descriptor: one look at an object's attribute finds it, or what was put in its place in a class or in the
    object itself. To look at both, class and object, would cost a call without such steps a fifth of its time.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        update_wrapper(self, function)
        signature = inspect.signature(function)
        self.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Do what the method says; the object that it is called on makes no difference, and may be left out."""
        unbound = () if len(arguments) + len(named) > 1 else (None,)
        return self._function(*unbound, *arguments, **named)

    def __repr__(self) -> str:
        return f"<optional step {self._function.__qualname__}>"

    def __reduce__(self) -> str:
        return self._function.__qualname__  # pickles as the global that it is


def optional(method: F) -> F:
    """Mark a method of a base class as one that need not be defined; to type checkers it is a method like any other."""
    return cast("F", LeftOut(method))


def refuse_coroutine(result: Any) -> None:
    """Refuse what only promises that something will have run.

    Example:
        >>> async def initialize(): ...
        >>> refuse_coroutine(initialize())  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        TypeError: it gave a coroutine. packflow awaits nothing: ...
    """
    if inspect.iscoroutine(result):
        result.close()  # or else Python warns that it was never awaited
        raise TypeError(f"it gave a coroutine. {NOT_ASYNC}")


def step_message(error: Exception, step: str, owner: str, row: int | None = None) -> str:
    """Put a failed step into words.

    Example:
        >>> step_message(ValueError("no weights"), "execute", "Model")
        "no weights (ValueError in step 'execute' of Model)"
    """
    known = row is not None and f"row {row}" not in text_of(error)
    return placed(error, f"in step {step!r} of {owner}{f', row {row}' if known else ''}")


def step_failure(error: Exception, step: str, owner: str) -> InferenceBackendRuntimeError:
    """Give the error that says which step failed, and at which row where that is known."""
    row = error.row if isinstance(error, InferenceBackendRuntimeError) else None
    kind = PreprocessorRuntimeError if step == "preprocess" else InferenceBackendRuntimeError
    return kind(step_message(error, step, owner, row), step=step, row=row)
