"""What is said of a configuration that is not valid: each problem in a line, with its place, and without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType

from packflow.backend.config_file import CONFIG_FILE_VARIABLE, CONFIGS_KEY
from packflow.utils.errors import cut, placed, short, text_of
from packflow.utils.nearest import did_you_mean
from packflow.utils.secrets import MASK, Redactor

#: The problems that pydantic puts into words itself, without the value.
_PYDANTICS_OWN = frozenset(get_args(ErrorType)) - {"value_error", "assertion_error"}

_IN_PYTHON = f"as a keyword argument, or under {CONFIGS_KEY!r} in the file that {CONFIG_FILE_VARIABLE} names"
_how_to_give = ContextVar("_how_to_give", default=_IN_PYTHON)


@contextmanager
def settings_given(how: str) -> Iterator[None]:
    """Have the error say how a setting is given that is missing, where it is not given in Python.

    Example:
        >>> from packflow import BackendConfig
        >>> from packflow.backend.configuration import load_backend_configuration
        >>> class Config(BackendConfig):
        ...     model_path: str
        >>> with settings_given("with --set {key}=..."):
        ...     load_backend_configuration(Config, {}, "Model")
        Traceback (most recent call last):
        packflow.exceptions.InferenceBackendInitializationError: The configuration of Model is not valid:
          model_path: Field required. Give it with --set model_path=....

    Args:
        how: what comes after "Give it"; ``{key}`` stands for the setting's key.
    """
    token = _how_to_give.set(how)
    try:
        yield
    finally:
        _how_to_give.reset(token)


def how_to_give() -> str:
    """Give those words to the backend that is configured first: one that it constructs itself is Python's."""
    how = _how_to_give.get()
    _how_to_give.set(_IN_PYTHON)
    return how


def unknown_settings(owner: str, keys: list[Any], known: set[str]) -> PydanticCustomError:
    """Say that keys are no fields of a model, and what was meant; ``keys`` stay with the error."""
    told = (f"{short(key)} is not a setting of {owner}.{_meant(key, known)}" for key in keys)
    text = f"{' '.join(told)} The settings are: {', '.join(sorted(known))}."
    return PydanticCustomError("unknown_settings", "{text}", {"text": text, "keys": keys})


def _meant(key: Any, known: set[str]) -> str:
    return did_you_mean(key, known) if isinstance(key, str) else ""


def invalid(
    error: ValidationError, owner: str, redactor: Redactor, origins: Mapping[str, str], how: str
) -> tuple[str, ValidationError | None]:
    """Say what is wrong with a configuration; the error comes along as the cause, unless its own words hold a secret.

    Args:
        error: what pydantic says.
        owner: the backend's name.
        redactor: what knows the secrets; it has seen the settings.
        origins: the file that a setting came from, by the setting's key.
        how: how a setting is given, from :func:`how_to_give`.
    """
    lines = [f"The configuration of {owner} is not valid:"]
    told_secret = False
    for problem in error.errors(include_url=False):
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] not in _PYDANTICS_OWN:  # a validator of the user's may put the value into its words
            reason = redactor.scrub(reason)
            told_secret |= reason not in problem["msg"]
        lines.append(f"  {_line(problem, reason, redactor, how)}{_origin(problem, origins)}")
    return "\n".join(lines), None if told_secret else error


def failed(error: Exception, owner: str, redactor: Redactor) -> tuple[str, Exception | None]:
    """Say that code of the model's own failed: a validator, a default, ``model_post_init``; and give the cause."""
    said = text_of(error)
    told_secret = redactor.scrub(said) != said
    text = redactor.scrub(placed(error, f"in code of the configuration's model, for {owner}"))
    return f"The configuration of {owner} is not valid: {cut(text)}", None if told_secret else error


def _line(problem: Any, reason: str, redactor: Redactor, how: str) -> str:
    steps = [str(step) for step in problem["loc"]]
    if not steps:
        return reason
    place = ".".join(steps)
    if problem["type"] == "missing":
        return f"{place}: {reason}" + (f". Give it {how.format(key=place)}." if len(steps) == 1 else "")
    # a key that is no field may be a secret's, mistyped
    secret = problem["type"] == "extra_forbidden" or any(map(redactor.is_secret, steps))
    return f"{place}: {reason} (got {MASK if secret else cut(redactor.show(problem['input']), 200)})"


def _origin(problem: Any, origins: Mapping[str, str]) -> str:
    """Name the file that the setting came from."""
    keys = problem["loc"][:1] or problem.get("ctx", {}).get("keys", ())
    files = sorted({origins[key] for key in keys if key in origins})
    return f" (from {', '.join(files)})" if files else ""
