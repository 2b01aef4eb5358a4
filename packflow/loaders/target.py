"""What both loaders share: how a target is spelt, and how the object behind it becomes a backend."""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from packflow.exceptions import InferenceBackendLoadError, PackflowError
from packflow.loaders.failures import attribute, is_a
from packflow.utils.causes import cause_text
from packflow.utils.errors import short
from packflow.utils.nearest import did_you_mean

if TYPE_CHECKING:
    from packflow.backend.base import InferenceBackend

_MISSING = object()


@dataclass(frozen=True)
class Target:
    """A target taken apart: the place before the colon, and the object after it."""

    place: str
    object: str


def check_text(target: object, loader: str, example: str) -> str:
    """Refuse a target that is no text or an empty one."""
    if not isinstance(target, str):
        raise InferenceBackendLoadError(
            f"The target of {loader} is {short(target)}, of type {type(target).__name__}; "
            f"expected text such as {example!r}."
        )
    if not target.strip():
        raise InferenceBackendLoadError(
            f"The target of {loader} is empty ({target!r}); expected text such as {example!r}."
        )
    return target


def split_target(target: str, loader: str, example: str) -> Target:
    """Take ``"place:object"`` apart; the object may be dotted, and a file may have a drive.

    Example:
        >>> split_target("pkg.module:Outer.Inner", "ModuleLoader", "pkg.module:Object")
        Target(place='pkg.module', object='Outer.Inner')
    """
    drive, rest = os.path.splitdrive(target)
    place, colon, name = rest.partition(":")
    if not colon:
        problem = "has no colon"
    elif ":" in name:
        problem = f"has {rest.count(':')} colons"
    elif not place.strip():
        problem = "has nothing before its colon"
    elif not name.strip():
        problem = "has nothing after its colon"
    elif not _is_dotted_name(name):
        problem = f"names the object {name!r}, which is no Python name"
    else:
        return Target(drive + place, name)
    raise InferenceBackendLoadError(f"The target {target!r} of {loader} {problem}; expected the form {example!r}.")


def file_of(module: ModuleType) -> str | None:
    """Give a module's file; None where it has none, or has hidden it."""
    file = attribute(module, "__file__")
    return file if isinstance(file, str) else None


def check_module_name(name: str, target: str, loader: str, example: str) -> None:
    """Refuse a module name that could not stand in an import statement."""
    if not _is_dotted_name(name):
        raise InferenceBackendLoadError(
            f"The target {target!r} of {loader} names the module {name!r}, which is no Python name; "
            f"expected the form {example!r}."
        )


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def object_in(module: ModuleType, name: str, where: str) -> Any:
    """Give the object of a dotted name in a module.

    Raises:
        InferenceBackendLoadError: it is not there; the text gives the nearest backend of the module.
    """
    found: Any = module
    walked: list[str] = []
    for part in name.split("."):
        try:
            found = getattr(found, part, _MISSING)
        except Exception as error:  # a module or class may compute its attributes
            raise InferenceBackendLoadError(f"{where}: looking up {name!r} failed: {cause_text(error)}") from error
        if found is _MISSING:
            owner = f"{'.'.join(walked)!r} in it" if walked else "it"
            raise InferenceBackendLoadError(f"{where}: {owner} has no {part!r}.{_backends_text(module, part)}")
        walked.append(part)
    return found


def _backends_text(module: ModuleType, wanted: str) -> str:
    held = attribute(module, "__dict__") or {}  # a script may put any object in its module's place
    names = sorted(name for name, value in list(held.items()) if _refusal(value) is None)
    if not names:
        return " There is no InferenceBackend in that module."
    return did_you_mean(wanted, names) or f" The backends in that module: {', '.join(map(repr, names))}."


def check_backend(found: Any, where: str) -> type[InferenceBackend] | InferenceBackend:
    """Let a subclass or an instance of InferenceBackend through; refuse anything else by what it is."""
    refusal = _refusal(found)
    if refusal is not None:
        raise InferenceBackendLoadError(
            f"{where} is {refusal}; expected a subclass of packflow.InferenceBackend, or an instance of one."
        )
    checked: type[InferenceBackend] | InferenceBackend = found
    return checked


def _refusal(found: Any) -> str | None:
    """Say what an object is that is no backend."""
    from packflow.backend.base import InferenceBackend

    if found is InferenceBackend:
        return "InferenceBackend itself, which has no execute()"
    if is_a(found, InferenceBackend):
        return None
    if is_a(found, type):
        if issubclass(found, InferenceBackend):
            return None
        return f"the class {found.__qualname__}, which does not inherit from InferenceBackend"
    if is_a(found, ModuleType):
        return f"the module {found.__name__!r}"
    name = attribute(found, "__qualname__")
    if callable(found) and isinstance(name, str):
        return f"the function {name}()"
    return f"{short(found)}, of type {type(found).__name__}"


def as_backend(
    found: type[InferenceBackend] | InferenceBackend, config: dict[str, Any], where: str
) -> InferenceBackend:
    """Construct a class with the configuration; give an instance as it is.

    Raises:
        InferenceBackendLoadError: configuration was given for an instance, or the constructor failed.
        PackflowError: whatever the backend itself raises, unchanged.
    """
    if isinstance(found, type):
        try:
            return found(**config)
        except PackflowError:
            raise
        except Exception as error:
            raise InferenceBackendLoadError(f"{where} could not be constructed: {cause_text(error)}") from error
    if config:
        raise InferenceBackendLoadError(
            f"{where} is an instance of {type(found).__name__}, configured already; it cannot take "
            f"{', '.join(config)}. Load the class instead, or leave the configuration out."
        )
    return found
